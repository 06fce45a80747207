#!/usr/bin/python3
"""The comfort of an editor through the window: names are completed and explained, preferences hold at once and come back."""
import os
import signal
import subprocess
import tempfile

from board import Board, run, wait_for

PROGRAM = "import torch.nn as nn\nlayer = nn.Linear(3, 2)\n"


def picture(name):
    """For who looks at the test: a picture of the display, where $E2E_PICTURES says."""
    if "E2E_PICTURES" in os.environ:
        subprocess.run(["import", "-window", "root", os.path.join(os.environ["E2E_PICTURES"], name + ".png")], check=True)


def start(program, text=PROGRAM):
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "program.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    window = Board(program, path)
    wait_for("the text", lambda: "import" in window.text_of("Program text"))
    window.key("alt+e")
    return window


def completes_names(program):
    window = start(program)
    try:
        window.key("ctrl+End")
        window.type("pool = nn.AdaptiveAvgP")
        window.key("ctrl+space", "Down")
        window.key("Return")
        wait_for("the name", lambda: "pool = nn.AdaptiveAvgPool" in window.text_of("Program text"))
        window.key("ctrl+s")
        window.says("saved")
    finally:
        window.close()


def runs_nothing(program):
    """Without a program a run says what to do; a file whose text was erased here runs empty, and not as it is on the disk."""
    window = Board(program)
    try:
        window.wait("push button", "Topics")
        window.key("F5")
        window.says("There is nothing to run yet: ")
        assert not window.find("label", prefix="There is no such file")
    finally:
        window.close()
    window = start(program, "import torch\nprint('from', 'the disk')\n")
    try:
        window.key("ctrl+a")
        window.key("Delete")
        wait_for("an empty text", lambda: "import" not in window.text_of("Program text"))
        window.key("F5")
        window.says("Ended", seconds=60)
        assert "from the disk" not in window.text_of("Output of the program")
    finally:
        window.close()


def tells_what_a_name_does(program):
    window = start(program)
    try:
        window.key("ctrl+Home", "Down", "End", "Left", "Left", "Left", "Left", "Left", "Left", "Left")
        window.key("F1")
        window.says("torch.nn.Linear(in_features, out_features")
    finally:
        window.close()


def preferences_hold(program):
    """What is chosen holds at once, is on the disk, and is there again when the program starts anew."""
    path = os.path.join(os.environ["XDG_CONFIG_HOME"], "gradboard", "settings.ini")

    def kept():
        return open(path, encoding="utf-8").read() if os.path.exists(path) else ""

    window = start(program)
    try:
        window.key("ctrl+comma")
        window.says("Less motion")
        window.press("Close")
        window.key("alt+e", "ctrl+plus")
        wait_for("the size on the disk", lambda: "scale=125" in kept())
        window.key("ctrl+shift+g")
        window.says("还没运行")
        wait_for("the language on the disk", lambda: "language='zh'" in kept())
    finally:
        window.close()
    window = Board(program)
    try:
        window.says("还没运行")
    finally:
        window.close()


def tells_of_a_crash(program):
    window = start(program)
    os.kill(window.process.pid, signal.SIGSEGV)
    window.process.wait(20)
    window = start(program)
    try:
        window.says("Gradboard crashed last time.")
        window.press("Show the report")
        wait_for("the report", lambda: "fatal signal: SIGSEGV" in window.text_of("Text of the report"))
        picture("crash")
    finally:
        window.close()


run([runs_nothing, completes_names, tells_what_a_name_does, preferences_hold, tells_of_a_crash])
