#!/usr/bin/python3
"""test_errors.py GRADBOARD GROUP: every program of the group fails, is taught as its kind with the offending dimension, and an
edit that is offered makes its statement succeed when the edited program is run.  Prints TAP."""
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from errors import HOSTILE, OTHERS, PROGRAMS, START

GRADBOARD, GROUP = sys.argv[1], sys.argv[2]
FOLDER = tempfile.mkdtemp()
FAULTS = []


def explain(text, name="p.py"):
    path = os.path.join(FOLDER, name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    done = subprocess.run([GRADBOARD, "explain", "--json", "--lang", "en", path], capture_output=True, text=True, timeout=60)
    try:
        return json.loads(done.stdout)["lesson"]
    except ValueError:
        return {"kind": "unreadable: " + done.stdout + done.stderr}


def edited(text, fix):
    raw = text.encode()
    lines = raw.splitlines(keepends=True)

    def at(line, column):
        return sum(map(len, lines[:line - 1])) + column
    return (raw[:at(fix["line"], fix["column"])] + fix["text"].encode()
            + raw[at(fix["end_line"], fix["end_column"]):]).decode()


def still_fails(text, line):
    """Runs the edited program: does the same statement raise again?"""
    path = os.path.join(FOLDER, "edited.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    done = subprocess.run([GRADBOARD, "run", path], capture_output=True, text=True, timeout=60)
    places = re.findall(r'File "%s", line (\d+)' % re.escape(path), done.stderr)
    return bool(places) and int(places[-1]) == line, done.stderr


def check_program(kind, marked, piece, body):
    text = START + body
    lesson = explain(text)
    if not lesson or lesson["kind"] != kind:
        return "taught as %s" % (lesson and lesson["kind"])
    dims = {row["marked"] for row in lesson["operands"] if "marked" in row}
    if marked is not None and marked not in dims:
        return "marked are %s in %s" % (sorted(dims), lesson["operands"])
    offered = [fix["edited"] for fix in lesson["fixes"]]
    if piece is None:
        return "offers %s" % offered if offered else None
    if not any(piece in line for line in offered):
        return "offers only %s" % offered
    for fix in lesson["fixes"]:
        fails, stderr = still_fails(edited(text, fix), lesson["line"])
        if fails:
            return "%r does not help: %s" % (fix["edited"], stderr)
    return None


def check_other(body):
    lesson = explain(START + body)
    return "taught as %s" % lesson["kind"] if lesson else None


def check_hostile(kind, piece, body, printed):
    path = os.path.join(FOLDER, "hostile.py")
    out = tempfile.mkdtemp()
    with open(path, "w", encoding="utf-8") as file:
        file.write(START + body)
    done = subprocess.run([GRADBOARD, "run", "--teach", "--out", out, path], capture_output=True, text=True, timeout=60)
    if done.returncode != 1 or done.stdout != printed:
        return "ended with %d and printed %r: %s" % (done.returncode, done.stdout, done.stderr)
    for name in os.listdir(out):
        with open(os.path.join(out, name)) as file:
            if file.read() != "once\n":
                return "%s was written by a trial" % name
    lesson = explain(START + body)
    offered = [fix["edited"] for fix in lesson["fixes"]]
    if lesson["kind"] != kind or (piece and not any(piece in line for line in offered)):
        return "%s offers %s" % (lesson["kind"], offered)
    return None


if GROUP == "others":
    cases = [(body.strip().splitlines()[-1], check_other, (body,)) for body in OTHERS]
elif GROUP == "hostile":
    cases = [(case[0], check_hostile, case) for case in HOSTILE]
else:
    cases = [(case[0] + ": " + case[3].strip().splitlines()[-1], check_program, case) for case in PROGRAMS[GROUP]]
print("1..%d" % len(cases))
for number, (name, check, arguments) in enumerate(cases, 1):
    fault = check(*arguments)
    print("%s %d - %s" % ("not ok" if fault else "ok", number, name.replace("#", "")))
    if fault:
        FAULTS.append(fault)
        print("\n".join("# " + line for line in str(fault).splitlines()))
    sys.stdout.flush()
sys.exit(1 if FAULTS else 0)
