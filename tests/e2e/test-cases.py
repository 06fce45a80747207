"""Every case and exercise failed and solved on purpose, through the window: a wrong fix is put into the text and the check
says what does not hold; a right one, and it is solved.  Three of them, or all with `all` as the last word."""
import os
import re
import subprocess
import sys
from pathlib import Path

import board
from board import Board, wait_for

DATA = Path(__file__).resolve().parents[2] / "data"
FEW = ["B01", "B29", "C01"]
PROGRAMS = Path(os.environ["XDG_STATE_HOME"]) / "gradboard" / "lab" / "programs"


def folder_of(case):
    return DATA / ("exercises" if case[0] == "C" else "cases") / case


def solution(case, kind):
    """The first whole program, or given program with an edit, of a kind ("right", "wrong")."""
    folder = folder_of(case)
    path = sorted(folder.glob("*s/%s-*" % kind))[0]
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        return path.name, text
    program = (folder / ("start.py" if case[0] == "C" else "program.py")).read_text(encoding="utf-8")
    for old, new in re.findall(r"^<<<<\n(.*?)^====\n(.*?)^>>>>$", text, re.S | re.M):
        assert ("\n" + program).count("\n" + old) == 1, path
        program = ("\n" + program).replace("\n" + old, "\n" + new)[1:]
    return path.name, program


def write(window, case, kind):
    """As another editor would: the text in front is read again."""
    name, text = solution(case, kind)
    (PROGRAMS / (case + ".py")).write_text(text, encoding="utf-8")
    wait_for("%s %s in the editor" % (case, name), lambda: window.text_of("Program text").strip() == text.strip(), 30)


def open_case(window, case):
    window.key("ctrl+k")
    window.says("Notes, questions, scenes, cases and exercises")
    window.type(case)
    window.says(("exercise" if case[0] == "C" else "case") + " · ")
    window.key("Return")
    wait_for(case + " in front", lambda: (PROGRAMS / (case + ".py")).exists() and window.find("label", case + ".py"))


def checked(window, prefix):
    """What the check says, once it has come to its end and says that."""
    window.press("Check")

    def ended():
        labels = window.labels()
        return window.find("push button", "Check") and any(text.startswith(prefix) for text in labels) and labels
    return wait_for("a check that says %r" % prefix, ended, 120)


def failed_and_solved(case):
    def test(program):
        window = Board(program)
        try:
            window.wait("push button", "Run")
            open_case(window, case)
            write(window, case, "wrong")
            said = checked(window, "✕ ")
            demands = [text for text in said if text.startswith("✕ ")]
            assert demands and not any(text.startswith("Solved") for text in said), said
            shown = [text for text in said if re.match(r"given:|expected:|got:|line \d+: |\w*Error", text)]
            print("# %s: %s%s" % (case, demands[0], " | " + shown[0][:60] if shown else ""))
            assert shown, said
            write(window, case, "right")
            checked(window, "Solved")
        finally:
            window.close()
    test.__name__ = "%s_failed_and_solved" % case
    return test


CASES = sorted(path.name for kind in ("cases", "exercises") for path in (DATA / kind).iterdir() if path.is_dir())
CHOSEN = CASES if sys.argv[-1] == "all" else [case for case in CASES if case in FEW or case in sys.argv[2:]]
board.run([failed_and_solved(case) for case in CHOSEN])
