"""Errors that teach: the card of a failing program shows what met what and ways out that were tried; a key puts one into
the text, the program then runs, and undo takes it back."""
import os
import subprocess
import tempfile

import board
from board import Board, wait_for

PROGRAM = """import torch
x = torch.arange(12).reshape(3, 4)
y = x.t()
v = y.view(12)
print("read", v.tolist())
"""


def picture(name):
    """For who looks at the test: a picture of the display, where $E2E_PICTURES says."""
    if "E2E_PICTURES" in os.environ:
        subprocess.run(["import", "-window", "root", os.path.join(os.environ["E2E_PICTURES"], name + ".png")], check=True)


def start(program, text=PROGRAM, **environment):
    path = os.path.join(tempfile.mkdtemp(), "lesson.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    window = Board(program, path, **environment)
    window.PRUNED = tuple(name for name in Board.PRUNED if name != "GtkTextViewChild")  # the card hangs in the text
    return window


def teaches(program):
    window = start(program)
    try:
        wait_for("the text", lambda: "view" in window.text_of("Program text"))
        window.press("Run")
        window.says("view() needs memory that is read in one run")
        window.wait("push button", "Way out 1: v = y.reshape(12)")
        window.wait("push button", "Way out 2: v = y.contiguous().view(12)")
        picture("error-card")
        # One key puts the smallest into the text, the next time the other one.
        window.key("alt+Return")
        wait_for("the first way out", lambda: "v = y.reshape(12)" in window.text_of("Program text"))
        window.key("alt+Return")
        wait_for("the second way out", lambda: "v = y.contiguous().view(12)" in window.text_of("Program text"))
        window.press("Run")
        wait_for("the program to go through", lambda: "read [0, 4, 8, 1" in window.text_of("Output of the program"))
        picture("error-gone")
        window.key("alt+e", "ctrl+z")
        wait_for("what was there", lambda: "v = y.view(12)" in window.text_of("Program text"))
    finally:
        window.close()


def shapes_in_chinese(program):
    window = start(program, "import torch\na = torch.ones(3, 4)\nb = torch.ones(4, 3)\nc = a + b\n", LANGUAGE="zh_CN",
                   ADW_DEBUG_COLOR_SCHEME="prefer-dark")
    try:
        wait_for("the text", lambda: "ones" in window.text_of("程序文本"))
        window.press("运行")
        window.says("第 1 维对不上：一个是 4，一个是 3，都不是 1。")
        window.wait("push button", "改法 1：c = a + b.t()")
        picture("error-card-zh")
        window.press("改法 1：c = a + b.t()")
        wait_for("the way out", lambda: "c = a + b.t()" in window.text_of("程序文本"))
    finally:
        window.close()


board.run([teaches, shapes_in_chinese])
