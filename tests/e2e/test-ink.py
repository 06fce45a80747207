"""Ink over views and text: placed from the keyboard, undone, kept through a kill, carried by a moment."""
import glob
import os
import shutil
import tempfile

import board
from board import Board, Failure, wait_for

PROGRAM = """import torch
w = torch.ones(2, 3, requires_grad=True)
for i in range(2):
    h = w.exp()
    loss = h.sum()
    loss.backward()
    w.grad = None
print("done")
"""


def start(program, path):
    window = Board(program, path)
    wait_for("the text", lambda: "w.exp" in window.text_of("Program text"))
    return window


def marks(window, n):
    return window.wait("push button", name="Marks: %d" % n)


def run(window):
    window.press("Run")
    window.says("Ended")
    wait_for("the output", lambda: "done" in window.text_of("Output of the program"))


def is_kept_through_a_kill(program):
    folder = tempfile.mkdtemp()
    path = os.path.join(folder, "net.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write(PROGRAM)
    window = start(program, path)
    try:
        run(window)
        # Words and a ring at the pinned node, words at a line of the text: all by keys.
        window.key("alt+1", "Home", "Right", "ctrl+4", "ctrl+shift+Return")
        window.wait("text", name="Words at this place")
        window.type("why exp?")
        window.key("Return")
        marks(window, 1)
        window.key("alt+1", "ctrl+1", "ctrl+shift+Return")
        marks(window, 2)
        window.key("ctrl+z")
        marks(window, 1)
        window.key("ctrl+shift+z")
        marks(window, 2)
        window.key("alt+e", "ctrl+Home", "Down", "Down", "Down", "ctrl+4", "ctrl+shift+Return")
        window.wait("text", name="Words at this place")
        window.type("here")
        window.key("Return")
        marks(window, 3)
        # Escape puts the ink away and gives the keys back; a line above moves the mark along.
        window.key("Escape")
        wait_for("the strip to go", lambda: not window.find("push button", name="Marks: 3"))
        window.key("alt+e", "ctrl+Home", "Return")
        wait_for("the line to be kept", lambda: any('"line":5' in open(name, encoding="utf-8").read()
                                                   for name in glob.glob(os.environ["XDG_STATE_HOME"] + "/**/*.ink", recursive=True)))
        window.key("ctrl+s", "ctrl+shift+d")
        window.says("The moment is kept")
        window.process.kill()
        window.process.wait()
        window = start(program, path)
        run(window)
        window.key("ctrl+i")
        marks(window, 3)
        # They are rows of the view's list, too.
        window.key("alt+1", "Escape", "alt+1", "l")
        wait_for("the ink in the list", lambda: any(text.startswith("Ink: Words “why exp?” at") for text in window.labels()))
        window.close()
        # Elsewhere, where nothing is kept, the moment brings its ink.
        shutil.rmtree(os.environ["XDG_STATE_HOME"])
        moment = wait_for("the moment", lambda: glob.glob(os.environ["HOME"] + "/.local/share/Gradboard/*.moment"))[0]
        window = start(program, moment)
        window.says("Ended")
        window.key("ctrl+i")
        marks(window, 3)
        window.press("Clear")
        marks(window, 0)
    finally:
        window.close()


board.run([is_kept_through_a_kill])
