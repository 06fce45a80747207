"""An interview through its two windows: planned, begun, scored, noted, finished, killed, gone on with, reported; and the board
window searched for anything that the candidate must not see."""
import json
import os
import shutil
import signal
import subprocess

import board
from board import Board, Failure, wait_for
from interviews import SHELF, events, kinds, leaks, picture, secrets, stay_in_the_room, windows


def look_for_leaks(window):
    _, boards = windows(window)
    if not boards:
        raise Failure("there is no board window")
    whole, window.app = window.app, boards[0]
    window.press("Note")  # what stands behind tabs and buttons is looked for too
    wait_for("the note", lambda: [node for node in window.walk() if node.name == "Note" and node.role == "text"])
    for node in [node for node in window.walk() if node.name == "Show an answer"]:
        node.act()
    picture("interview-leak")
    window.app = whole
    found = leaks(window, boards)
    if found:
        raise Failure("the board holds what is private: %s" % found[:3])


MOST_INTERACTIONS = 12  # from the first start to an interview that runs, for who never saw the program


class Counted(Board):
    """Counts what its person does: a button, a key with those that are held, a name that is typed."""
    interactions = 0

    def press(self, name, seconds=20.0):
        self.interactions += 1
        super().press(name, seconds)

    def key(self, *keys):
        self.interactions += len(keys)
        super().key(*keys)

    def type(self, text):
        self.interactions += 1
        super().type(text)


def first_start(program):
    """Nobody has used the program here: the tour stands in the way; by the menu, as who knows no key."""
    if os.path.exists(os.path.join(os.environ["XDG_CONFIG_HOME"], "gradboard")):
        raise Failure("it is no first start")
    window = Counted(program)
    try:
        window.press("Skip the tour")
        window.press("Menu")
        window.press("Interviews")
        planned_and_begun(window, by_key=False)
        print("# interactions: %d" % window.interactions)
        if window.interactions > MOST_INTERACTIONS:
            raise Failure("%d interactions lead to an interview that runs" % window.interactions)
    finally:
        window.close()
    shutil.rmtree(SHELF)


def planned_and_begun(window, by_key=True):
    """Four things to do from the board to an interview that runs."""
    if by_key:
        window.key("ctrl+shift+i")
    window.wait("push button", "Plan the interview")
    window.type("Han Meimei")
    window.key("Return")
    window.wait("push button", "Begin")
    picture("interview-plan")
    window.press("Begin")
    wait_for("the first question", lambda: kinds("ask"))


def asked_and_scored(window):
    window.press("Send to board")
    wait_for("the question on the board", lambda: kinds("reveal"))
    wait_for("its scene there", lambda: [body for body in kinds("text") if body["file"].endswith(".py") and len(body["text"]) > 400])
    picture("interview-board")
    look_for_leaks(window)
    stay_in_the_room(window)
    first = kinds("ask")[0]["item"]
    dimension = next(item["dimension"] for part in kinds("plan")[-1]["parts"] for item in part["items"] if item["id"] == first)
    name = {"basics": "Fundamentals", "practice": "Experience", "optimise": "Optimisation", "innovate": "Innovation"}[dimension]
    window.press(name + ": 3 of 4")
    wait_for("the score", lambda: [body for body in kinds("score") if body["score"] == 3])
    window.press("Undo")
    wait_for("the score taken back", lambda: kinds("score")[-1]["score"] is None)
    window.press(name + ": 4 of 4")
    wait_for("the other score", lambda: kinds("score")[-1]["score"] == 4)
    window.press("Next")
    wait_for("the second question", lambda: len(kinds("ask")) == 2)
    return first, dimension


def interview(program):
    window = Board(program)
    try:
        planned_and_begun(window)
        first, dimension = asked_and_scored(window)
        picture("interview-ask")
        window.process.send_signal(signal.SIGKILL)
        window.process.wait(10)
        path, before = events()
        # It goes on where it was: paused, with all that was told.
        window = Board(program, path)
        window.wait("push button", "Go on")
        after = events()[1]
        assert after[:len(before)] == before and after[len(before)][0] == "pause", after[len(before):]
        window.press("Go on")
        window.press("Finish")
        wait_for("the end", lambda: kinds("finish"))
        picture("interview-end")
    finally:
        window.close()
    report(program, path, first, dimension)


def report(program, path, first, dimension):
    """Its numbers worked out again from the events."""
    out = os.path.join(os.environ["HOME"], "report.json")
    subprocess.run([program, "report", "Meimei", "-o", out], check=True, capture_output=True)
    with open(out, encoding="utf-8") as file:
        found = json.load(file)
    assert found["dimensions"][dimension]["mean"] == 4 and found["points"] == 100, found["dimensions"]
    assert len(found["items"]) == 2 and found["items"][0]["scores"] == {dimension: 4}
    text = os.path.join(os.environ["HOME"], "report.html")
    subprocess.run([program, "report", path, "--candidate", "--lang", "zh", "-o", text], check=True, capture_output=True)
    with open(text, encoding="utf-8") as file:
        shown = file.read()
    assert "候选人" in shown and not [where for secret, where in secrets().items() if secret in shown]


board.run([first_start, interview])
