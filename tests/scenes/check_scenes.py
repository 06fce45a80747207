"""Runs every scene with the torch that is in the path, as a plain Python program.

    /usr/bin/python3 tests/scenes/check_scenes.py [NAME...]
    ... --expect tests/scenes/expected.json      compare with recorded PyTorch
    ... --record tests/scenes/expected.json      record (on real PyTorch only)

Without NAME it runs all that are recorded, or all there are, each as `python3 scene.py` and then the tabs that do not
run by default.  One line per item, then the count; the exit status is 1 if
anything failed.  What stands beside the programs is checked by `gradboard check`.
"""

import argparse
import importlib.util
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCENES = ROOT / "data" / "scenes"
LIMIT = 1200 if "libasan" in os.environ.get("LD_PRELOAD", "") else 300  # seconds for one program


def run(arguments, folder):
    """(exit status, output, seconds) of a Python program under this interpreter."""
    started = time.monotonic()
    try:
        done = subprocess.run([sys.executable, *arguments], cwd=folder, text=True, timeout=LIMIT,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        status, output = done.returncode, done.stdout
    except subprocess.TimeoutExpired:
        status, output = 124, f"stopped after {LIMIT} s"
    return status, output, time.monotonic() - started


def first_numbers(output):
    """The printed losses of the first twenty steps."""
    return re.findall(r"^step +\d+ +loss (\S+)", output, re.MULTILINE)[:20]


def compare_with(expected, name, output):
    """Seeded training: the first losses to four digits, the last number with tolerance."""
    want = expected.get(name)
    if want is None:
        return []
    problems = []
    if first_numbers(output) != want["losses"]:
        pairs = zip(want["losses"], first_numbers(output))
        step = next((i for i, (a, b) in enumerate(pairs, 1) if a != b), len(first_numbers(output)) + 1)
        problems.append(f"the losses part from PyTorch's at step {step}")
    if "output" in want and want["output"] != output:
        problems.append("the printed text is not PyTorch's")
    if "last" in want:
        number = float(output.split()[-1])
        if abs(number - want["last"]) > want["tolerance"]:
            problems.append(f"ends with {number}, PyTorch with {want['last']}")
    return problems


class Report:
    def __init__(self):
        self.passed = self.failed = 0

    def add(self, name, problems, detail=""):
        self.passed += not problems
        self.failed += bool(problems)
        print(f"{'fail' if problems else 'ok  '} {name:<34} {detail}")
        for problem in problems:
            print("       " + problem)
        sys.stdout.flush()


def check_scene(name, report, expected, recorded):
    folder = SCENES / name
    with tempfile.TemporaryDirectory() as scratch:
        status, output, seconds = run(["-W", "error::DeprecationWarning", str(folder / "scene.py")], scratch)
        lines = output.strip().splitlines() or [""]
        problems = [f"exit status {status}"] + lines[-3:] if status else compare_with(expected, name, output)
        report.add(f"run {name}", problems, f"{seconds:6.1f} s  {lines[-1][:60]}")
        losses = first_numbers(output)
        recorded[name] = ({"losses": losses, "last": float(lines[-1].split()[-1]), "tolerance": 0.03}
                          if losses and not status else {"losses": [], "output": output})

        for tab in json.loads((folder / "scene.json").read_text("utf-8"))["tabs"]:
            if not tab["default"]:
                code = f"import sys; sys.path.insert(0, {str(folder)!r}); import scene; scene.{tab['function']}()"
                status, output, seconds = run(["-c", code], scratch)
                lines = output.strip().splitlines() or [""]
                report.add(f"run {name}:{tab['function']}", lines[-3:] if status else [], f"{seconds:6.1f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("names", nargs="*", help="scene ids; all when none is given")
    parser.add_argument("--expect", type=Path)
    parser.add_argument("--record", type=Path)
    parser.add_argument("--on-pytorch", action="store_true", help="status 77 where python3-torch is not installed")
    options = parser.parse_args()

    if options.on_pytorch and importlib.util.find_spec("torch") is None:
        print("PyTorch is not installed (python3-torch)")
        return 77
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("PYTHONIOENCODING", "utf-8")
    path = [entry for entry in os.environ.get("PYTHONPATH", "").split(os.pathsep) if entry]
    os.environ["PYTHONPATH"] = os.pathsep.join([os.path.abspath(entry) for entry in path]
                                               + [str(ROOT / "data" / "python")])
    expected = json.loads(options.expect.read_text("utf-8")) if options.expect else {}
    recorded, report = {}, Report()
    names = sorted(expected) or sorted(path.parent.name for path in SCENES.glob("*/scene.py"))
    for name in options.names or names:
        check_scene(name, report, expected, recorded)

    if options.record:
        options.record.write_text(json.dumps(recorded, ensure_ascii=False, indent=1) + "\n", "utf-8")
    print(f"{report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
