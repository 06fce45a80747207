"""The view of explanations: a program that fails is explained in the window, Enter goes to the line, the list says the
same in words, and the switch takes it all away."""
import os
import subprocess
import tempfile

import board
from board import Board, wait_for

PROGRAM = """import torch
x = torch.randn(3, requires_grad=True)
y = torch.exp(x)
y += 1
loss = y.sum()
loss.backward()
"""


def picture(name):
    """For who looks at the test: a picture of the display, where $E2E_PICTURES says."""
    if "E2E_PICTURES" in os.environ:
        subprocess.run(["import", "-window", "root", os.path.join(os.environ["E2E_PICTURES"], name + ".png")], check=True)


def start(program, **environment):
    path = os.path.join(tempfile.mkdtemp(), "stale.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write(PROGRAM)
    return Board(program, path, **environment)


def show_why(window, graph, why):
    window.press(graph)
    window.press(why)


def explains(program):
    window = start(program)
    try:
        wait_for("the text", lambda: "exp" in window.text_of("Program text"))
        window.press("Run")
        window.says("A tensor that the graph had saved was changed in place")
        show_why(window, "View: Graph", "Why")
        window.says("A saved tensor was changed in place: 3 lines of evidence.")
        picture("why")
        # The second line is where it was changed: Enter goes there, and what was explained stays.
        window.key("alt+1", "Down", "Down", "Return")
        window.says("forward · op 3 of 5 · add_")
        window.says("A saved tensor was changed in place: 3 lines of evidence.")
        picture("why-visited")
        window.key("l")
        window.says("Line 4: add_ changed y in place here: version 0 became 1.")
        # An examination takes it all away.
        window.press("Menu")
        window.press("Explanations")
        window.says("Explanations are switched off.")
        picture("why-off")
    finally:
        window.close()


def speaks_chinese(program):
    window = start(program, LANGUAGE="zh_CN", ADW_DEBUG_COLOR_SCHEME="prefer-dark")
    try:
        wait_for("the text", lambda: "exp" in window.text_of("程序文本"))
        window.press("运行")
        window.says("计算图保存的一个张量")  # what the menu offers is of the moment in which it opens
        show_why(window, "视图：计算图", "为什么")
        window.says("保存的张量被原地改动了：3 条证据。")
        picture("why-zh")
    finally:
        window.close()


board.run([explains, speaks_chinese])
