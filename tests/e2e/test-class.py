#!/usr/bin/python3
"""A lesson through the window: what a projector gets, and the way back."""
import os
import tempfile

from board import Board, Failure, run, wait_for

PROGRAM = "import torch\nx = torch.ones(2, 3)\nprint('two rows')\n"


def settings():
    path = os.path.join(os.environ["XDG_CONFIG_HOME"], "gradboard", "settings.ini")
    return open(path, encoding="utf-8").read() if os.path.exists(path) else ""


def write(text, name="program.py"):
    path = os.path.join(tempfile.mkdtemp(), name)
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


def projector(program):
    """The bars go, the program still runs by keys, Escape brings all back; it outlives the window."""
    path = write(PROGRAM)
    window = Board(program, path)
    try:
        window.wait("push button", "Topics")
        window.key("ctrl+shift+p")
        window.says("Projector: Esc")
        wait_for("the bar gone", lambda: not window.find("push button", "Topics"))
        window.key("F5")
        wait_for("the output", lambda: "two rows" in window.text_of("Output of the program"))
        wait_for("the setting", lambda: "projector=true" in settings())
    finally:
        window.close()
    window = Board(program, path)
    try:
        window.says("Projector: Esc")
        if window.find("push button", "Topics"):
            raise Failure("the bar is there in a window that begins before a projector")
        wait_for("the text", lambda: "import" in window.text_of("Program text"))
        window.key("Escape")
        window.wait("push button", "Topics")
        wait_for("the setting", lambda: "projector=true" not in settings())
    finally:
        window.close()


if __name__ == "__main__":
    run([projector])
