"""Several interviews in the window: named, searched, copied, thrown away and put back, erased; and
what is killed below an interview: its window, the broker, the interpreter."""
import contextlib
import os
import random
import shutil
import signal
import subprocess
import sys
import time

import board
from board import wait_for
from interviews import SHELF, begun, events, kinds, open_room, picture, plan

ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 9


def answer(window, words):
    """A button of a dialog has its words in a label of its own."""
    window.title = None
    label = wait_for("%r in the dialog" % words, lambda: window.find("label", words))
    label.get_parent().act()


def several(program):
    shutil.rmtree(SHELF, ignore_errors=True)
    window = open_room(program)
    try:
        plan(window, "Li Lei")
        window.press("All interviews")
        plan(window, "Han Meimei")
        window.press("All interviews")
        wait_for("both", lambda: {"Li Lei", "Han Meimei"} <= set(window.labels()))
        picture("shelf")
        window.press("Name, candidate, consent…")
        window.app = window.whole  # the dialog is a window of its own
        window.title = None
        wait_for("the dialog", lambda: window.find("label", "This interview"))
        window.type("Backend team")
        window.key("Return")
        window.front(window.ROOM)
        wait_for("the new name", lambda: [label for label in window.labels() if label.startswith("Backend team · ")])
        window.press("Throw away")
        answer(window, "Put back")
        window.front(window.ROOM)
        wait_for("both again", lambda: len([label for label in window.labels() if "Li Lei" in label or "Han Meimei" in label]) == 2)
        window.press("Erase all…")
        window.app = window.whole
        answer(window, "Erase all")
        wait_for("nothing", lambda: not os.listdir(SHELF))
        picture("shelf-erased")
    finally:
        window.close()


def children(parent, name):
    found = subprocess.run(["ps", "-eo", "pid,ppid,comm"], capture_output=True, text=True, check=True).stdout.splitlines()[1:]
    rows = [line.split(None, 2) for line in found]
    below, grown = {parent}, True
    while grown:
        more = {int(pid) for pid, of, _ in rows if int(of) in below} - below
        grown = bool(more)
        below |= more
    return [int(pid) for pid, _, comm in rows if int(pid) in below and comm.startswith(name)]


def killed(program):
    """At random moments while a candidate types and runs: the interview goes on where it was."""
    chance = random.Random(7)
    window = begun(program)
    window.front(window.SHARED)
    window.key("ctrl+t")
    wait_for("the new text", lambda: kinds("front")[-1]["file"] == "untitled.py")
    try:
        for nth in range(ROUNDS):
            victim = ("window", "gradboard-kerne", "gradboard-pytho")[nth % 3]
            window.front(window.SHARED)
            window.key("alt+e", "ctrl+End")
            window.type_lines("x%d = %d\n" % (nth, nth))
            window.key("ctrl+F5")
            wait_for("what was typed", lambda: "x%d" % nth in typed_text())
            time.sleep(chance.uniform(0, 0.6))
            before = events()[1]
            if victim == "window":
                window.process.send_signal(signal.SIGKILL)
                window.process.wait(10)
                path, kept = events()
                assert kept[:len(before)] == before
                window = open_room(program, path)
                window.press("Go on")
                window.press("Board")
                window.front(window.SHARED)
                wait_for("the candidate's text", lambda: any("x%d = %d" % (nth, nth) in text for text in window.texts_of("Program text")))
            else:
                for pid in children(window.process.pid, victim):
                    with contextlib.suppress(ProcessLookupError):  # its parent's end was its own
                        os.kill(pid, signal.SIGKILL)
        window.front(window.ROOM)
        window.press("Finish")
        wait_for("the end", lambda: kinds("finish"))
        assert events()[1][:len(before)] == before
        for nth in range(ROUNDS):
            assert "x%d = %d" % (nth, nth) in typed_text(), typed_text()
    finally:
        window.close()


def typed_text():
    """As the events make it."""
    text = ""
    for kind, body in events()[1]:
        if body.get("file") != "untitled.py":
            continue
        if kind == "text":
            text = body["text"]
        elif kind == "type":
            at = body["offset"]
            text = text[:at] + body["inserted"] + text[at + body["removed"]:]
    return text


board.run([killed] if len(sys.argv) > 2 else [several, killed])
