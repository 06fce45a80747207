"""plt.show(): the figure is a picture in the console, opens large and is copied; by keyboard too, in both languages."""
import importlib.util
import os
import subprocess
import sys
import tempfile

import board
from board import Board, wait_for

PROGRAM = """import matplotlib.pyplot as plt
print("drawing")
plt.figure(3, figsize=(5, 3))
plt.plot([0, 1, 2, 3], [0, 1, 4, 9], label="squares")
plt.legend()
plt.show()
print("shown")
"""


def write(text):
    path = os.path.join(tempfile.mkdtemp(), "plot.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def picture(name):
    """For who looks at the test: a picture of the display, where $E2E_PICTURES says."""
    if "E2E_PICTURES" in os.environ:
        subprocess.run(["import", "-window", "root", os.path.join(os.environ["E2E_PICTURES"], name + ".png")], check=True)


def shows_a_figure(program):
    window = Board(program, write(PROGRAM))
    try:
        wait_for("the text", lambda: "squares" in window.text_of("Program text"))
        window.press("Run")
        window.says("Figure 3 · 500 × 300", seconds=60)
        wait_for("the output", lambda: "shown" in window.text_of("Output of the program"))
        picture("figure")
        window.press("Copy the figure")
        window.press("Open the figure large")
        wait_for("a window of its own", lambda: window.find("frame", "Figure 3") or window.find("window", "Figure 3"))
        picture("figure-large")
    finally:
        window.close()


def speaks_chinese(program):
    window = Board(program, write(PROGRAM), LANGUAGE="zh_CN")
    try:
        wait_for("the text", lambda: "squares" in window.text_of("程序文本"))
        window.press("运行")
        window.says("图 3 · 500 × 300", seconds=60)
        for name in ("放大看这幅图", "复制这幅图", "保存这幅图"):
            window.wait("push button", name)
        picture("figure-zh")
    finally:
        window.close()


if importlib.util.find_spec("matplotlib") is None:
    print("python3-matplotlib is not installed")
    sys.exit(77)
board.run([shows_a_figure, speaks_chinese])
