"""Several interviews in the window: named, searched, copied, thrown away and put back, erased; examination mode on both sides; and
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
from interviews import SHELF, Interview, events, kinds, leaks, picture

ROUNDS = int(sys.argv[2]) if len(sys.argv) > 2 else 9


def plan(window, name):
    window.front(window.ROOM)
    window.wait("push button", "Plan the interview")
    window.type(name)
    window.key("Return")
    window.wait("push button", "Begin")


def open_room(program, *arguments):
    window = Interview(program, *arguments)
    if not arguments:
        window.key("ctrl+shift+i")
    window.front(window.ROOM)
    return window


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


def begun(program):
    shutil.rmtree(SHELF, ignore_errors=True)
    window = open_room(program)
    plan(window, "Han Meimei")
    window.press("Begin")
    wait_for("the first question", lambda: kinds("ask"))
    window.key("ctrl+shift+r")
    wait_for("the question on the board", lambda: kinds("reveal"))
    return window


CLIPBOARD = """
import gi
gi.require_version("Gtk", "4.0")
from gi.repository import Gdk, GLib, Gtk
Gtk.init()
loop = GLib.MainLoop()
clipboard = Gdk.Display.get_default().get_clipboard()
def told(source, result):
    print(clipboard.read_text_finish(result) or "", end="")
    loop.quit()
clipboard.read_text_async(None, told)
GLib.timeout_add_seconds(10, loop.quit)
loop.run()
"""


def clipboard():
    """What another program would paste."""
    return subprocess.run(["/usr/bin/python3", "-c", CLIPBOARD], capture_output=True, text=True, check=True).stdout


def examination(program):
    window = begun(program)
    try:
        window.key("ctrl+e")
        wait_for("the event", lambda: kinds("exam") == [{"on": True}])
        window.wait("label", "Exam")
        window.front(window.SHARED)
        window.wait("label", "Exam: no explanations")
        window.key("ctrl+t")
        window.type_lines("import torch\ntorch.ones(2) + torch.ones(3)\n")
        window.key("F5")
        wait_for("the run", lambda: kinds("run"))
        window.says("These shapes meet")
        picture("exam-board")
        window.press("Menu")  # nobody on the board can switch them on again
        item = window.wait("menu item", "Explanations")
        assert not item.is_sensitive
        window.key("Escape")
        # The clipboard has what was copied on the board, and nothing else.
        window.front(window.SHARED)
        window.key("alt+e", "ctrl+a", "ctrl+c")
        copied = clipboard()
        assert "torch.ones" in copied and len(copied) < 100, copied
        found = leaks(window, [window.app])
        assert not found, found[:3]
        window.front(window.ROOM)
        picture("exam-room")
        window.key("ctrl+e")
        wait_for("its end", lambda: kinds("exam")[-1] == {"on": False})
        window.front(window.SHARED)
        wait_for("the badge to go", lambda: not window.find("label", "Exam: no explanations"))
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


board.run([killed] if len(sys.argv) > 2 else [several, examination, killed])
