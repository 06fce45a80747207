"""Study through the window: a prediction with how sure one is, a question that was missed, the map, what is due on a later
day, calibration, taking back and erasing; and all of it there after the window was killed."""
import os
import signal
import sqlite3
import subprocess

import board
from board import Board, wait_for

PROGRESS = os.path.join(os.environ["XDG_STATE_HOME"], "gradboard", "progress.db")
TOPIC = "tensor.broadcasting"


def picture(name):
    """For who looks at the test: a picture of the display, where $E2E_PICTURES says."""
    if "E2E_PICTURES" in os.environ:
        subprocess.run(["import", "-window", "root", os.path.join(os.environ["E2E_PICTURES"], name + ".png")], check=True)


def kept():
    with sqlite3.connect(PROGRESS) as store:
        return store.execute("SELECT item, rating, confidence FROM answers ORDER BY id").fetchall()


def on_the_map(window, prefix):
    """A leaf of the map, which is long and looked at only when it is asked for."""
    window.PRUNED = tuple(name for name in Board.PRUNED if name != "GbOutlineMap")
    found = window.wait("push button", prefix=prefix)
    del window.PRUNED
    return found


def answered_and_killed(program):
    window = Board(program, TOPIC)
    try:
        window.wait("push button", "Show an answer")
        window.press("75 % sure")
        window.press("Show an answer")
        picture("study-question")
        window.press("Missed it")
        window.says("Kept. It comes back tomorrow.")
        window.press("Take back")
        wait_for("nothing", lambda: kept() == [])
        window.press("In part")
        window.says("Kept. It comes back tomorrow.")
        window.press("Run")
        window.says("Your turn: ", seconds=60)
        window.press("95 % sure")
        picture("study-prediction")
        window.key("ctrl+j")
        window.type("7, 7")
        window.key("Return")
        window.says("It is (", seconds=30)
        wait_for("the second answer", lambda: len(kept()) == 2)
        window.process.send_signal(signal.SIGKILL)
        window.process.wait(10)
    finally:
        window.close()
    assert kept() == [("question:%s/expert" % TOPIC, 2, 75), ("prediction:broadcast/expand-stride", 1, 95)], kept()


def back_when_due(program):
    with sqlite3.connect(PROGRESS) as store:
        store.execute("UPDATE answers SET at = at - 86400")
    window = Board(program, TOPIC)
    try:
        window.wait("push button", "Show an answer")
        window.key("alt+s")
        window.says("2 are due.")
        picture("study-due")
        window.press("Map")
        on_the_map(window, "Rules and applications of broadcasting: due, 0 of ")
        picture("study-map")
        window.press("How sure")
        window.says("2 answers so far; from about 20 on")
        picture("study-sure")
        window.press("Due")
        window.press("Open: Two shapes meet · What is the stride of ones(3, 1).expand(3, 4)?")
    finally:
        window.close()


def note_from_the_map(program):
    """A leaf of the map leads to its note, whichever tab is in front: the scene is open, or another one is."""
    for shown in (TOPIC, "tensor.backward"):
        window = Board(program, shown)
        try:
            window.wait("push button", "Show an answer")
            window.press("Console")
            wait_for("the note behind", lambda: window.find("push button", "Console").is_pressed())
            assert not window.find("push button", "Note").is_pressed()
            window.key("alt+m")
            on_the_map(window, "Rules and applications of broadcasting: ").act()
            wait_for("the note in front", lambda: window.find("push button", "Note").is_pressed())
            wait_for("its scene", lambda: [node for node in window.walk() if node.name == "Program text" and "expand" in (node.get_text() or "")])
        finally:
            window.close()


def erased_in_chinese(program):
    window = Board(program, TOPIC, LANGUAGE="zh_CN", ADW_DEBUG_COLOR_SCHEME="prefer-dark")
    try:
        window.wait("push button", "看一种答法")
        window.key("alt+m")
        on_the_map(window, "广播机制（Broadcasting）的规则和应用: 该回顾")
        picture("study-map-zh")
        window.press("把握")
        picture("study-sure-zh")
        window.press("撤回或清除")
        window.press("清除本主题的进度…")
        picture("study-erase-zh")
        # The dialog's buttons have their names in labels of their own.
        window.wait("label", "清除").get_parent().act()
        wait_for("nothing", lambda: kept() == [])
        window.press("该回顾")
        window.says("没有该回顾的。")
        picture("study-empty-zh")
    finally:
        window.close()


def found_and_opened(program):
    window = Board(program)
    try:
        window.wait("push button", "Run")
        window.key("ctrl+k")
        window.says("Notes, questions, scenes, cases and exercises")
        window.type("softplus backward")
        window.says("case · The backward that breaks over a one")
        picture("search")
        window.key("Return")
        wait_for("the program", lambda: "y.add_(1)" in window.text_of("Program text"))
    finally:
        window.close()


def assessment_is_found(program):
    """Who never saw it finds what assesses and how: in the map, in the tree of topics, by a word; each opens its scene and note."""
    window = Board(program)
    try:
        window.wait("push button", "Run")
        window.key("alt+m")
        on_the_map(window, "Progress step by step: start from basic concepts")
        picture("study-map-assessment")
        on_the_map(window, "Completeness and complexity of projects developed: not written yet")
        on_the_map(window, "Evidence of problem-solving ability: ").act()
        wait_for("the scene", lambda: "Three sealed bugs, each harder" in window.text_of("Program text"))
        window.press("Note")
        wait_for("the note", lambda: any("From symptom to cause" in text for text in window.labels()
                                         + [node.get_text() or "" for node in window.walk() if node.name == "Note"]))
        window.key("ctrl+k")
        window.says("Notes, questions, scenes, cases and exercises")
        window.type("quotient hand derivative")
        window.says("topic · Soundness of the theoretical grounding")
        window.key("Return")
        wait_for("the other scene", lambda: any("five derivatives by hand" in (node.get_text() or "")
                                                for node in window.walk() if node.name == "Program text"))
        window.press("Topics")
        window.PRUNED = tuple(name for name in Board.PRUNED if name != "GbOutlineSidebar")
        task = window.wait("list item", prefix="Basic implementation: hand-write a simple Linear layer")
        picture("study-tree-assessment")
        assert task.name
        names = [node.name for node in window.walk() if node.name]
        for root in ("Assessment of technical ability", "Focus for candidates of different levels", "Advice on interview strategy"):
            assert root in names, [name for name in names if "ssess" in name]
    finally:
        window.close()


if __name__ == "__main__":
    board.run([answered_and_killed, back_when_due, note_from_the_map, erased_in_chinese, found_and_opened, assessment_is_found])
