"""What can be taken out of a view and of the board: copied, saved, printed, as numbers; all by name and by key."""
import glob
import os
import subprocess
import tempfile

import board
from board import Board, Failure, wait_for
from clipboard import paste, texts_of

PROGRAM = """import torch
权重 = torch.tensor([[1., 0.25], [0., -4.]], requires_grad=True)
for i in range(3):
    h = (权重 * 2).exp()
    loss = h.sum()
    loss.backward()
    权重.grad = None
print("done")
"""

def open_program(program, **environment):
    path = os.path.join(tempfile.mkdtemp(), "net.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write(PROGRAM)
    window = Board(program, path, **environment)
    wait_for("the text", lambda: "* 2" in window.text_of("Program text"))
    window.press("Run")
    window.says("Ended")
    return window


def one_view(window, name):
    """Puts the view alone into the window, with the keyboard in it."""
    window.press("+ View")
    window.press(name)
    window.key("alt+1", "ctrl+m")


def do(window, item, menu="What this view can do"):
    window.press(menu)
    window.press(item)


def answer(window, path, title="Save the picture"):
    """Types a path into the file dialog of that title and accepts it."""
    window.wait("filler", name=title)
    if os.path.isdir(path):
        window.type(path)  # the first slash opens the line for it
    else:
        window.wait("text", name="Name:")
        window.key("ctrl+a")
        window.type(path)
    picture("dialog")
    for _ in range(4):  # a completion that came late takes the first one
        window.key("Return")
        try:
            return wait_for("the dialog to go", lambda: not window.find("filler", name=title), 6)
        except Failure:
            continue
    raise Failure("the dialog %r stays" % title)


def picture(name):
    """For who looks at the test: a picture of the display, where $E2E_PICTURES says."""
    if "E2E_PICTURES" in os.environ:
        subprocess.run(["import", "-window", "root", os.path.join(os.environ["E2E_PICTURES"], name + ".png")], check=True)


def wait_file(path):
    return wait_for("the file " + path, lambda: os.path.exists(path) and os.path.getsize(path) > 100 and path)


def copies_pictures(program):
    window = open_program(program)
    try:
        do(window, "Copy the picture")
        window.says("The picture is copied")
        assert paste("image/png").startswith(b"\x89PNG")
        assert texts_of(paste("image/svg+xml")), "no text in the picture"
        # The whole board, with the program in it.
        window.press("Menu")
        window.press("Picture of the board")
        window.press("Copy the picture")
        texts = wait_for("the board's text", lambda: texts_of(paste("image/svg+xml")))
        assert "权重 = " in texts and "Predict" in texts, texts
    finally:
        window.close()


def saves_pictures(program):
    folder = tempfile.mkdtemp()
    window = open_program(program)
    try:
        one_view(window, "Graph")
        for ending, begin in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("pdf", b"%PDF")):
            path = os.path.join(folder, "graph." + ending)
            do(window, "Save the picture…")
            answer(window, path)
            window.says("Saved to " + path)
            with open(path, "rb") as file:
                assert file.read().startswith(begin), path
        with open(os.path.join(folder, "graph.svg"), encoding="utf-8") as file:
            texts = texts_of(file.read())
        assert "exp" in texts and any("权重" in text for text in texts), texts
        do(window, "Save the whole picture…")
        answer(window, os.path.join(folder, "whole.png"))
        wait_file(os.path.join(folder, "whole.png"))
        # A picture of each iteration.
        do(window, "Save every iteration…")
        answer(window, folder, "A picture of every iteration, into a folder")
        window.says("3 pictures are in")
        assert len(glob.glob(folder + "/graph-*.png")) == 3
        window.press("Menu")
        window.press("Picture of the board")
        window.press("Save the picture…")
        answer(window, os.path.join(folder, "board.svg"))
        with open(wait_file(os.path.join(folder, "board.svg")), encoding="utf-8") as file:
            assert "权重 = " in texts_of(file.read())
    finally:
        window.close()


def prints(program):
    os.chdir(tempfile.mkdtemp())  # where the file is put
    window = open_program(program)
    try:
        one_view(window, "Graph")
        do(window, "Print…")
        window.wait("spin button", name="Copies:")
        window.key("Tab", "Down")  # the one printer here is a file
        picture("print")
        window.key("alt+p")
        window.says("Sent to the printer")
        with open(wait_file("graph.pdf"), "rb") as file:
            assert file.read().startswith(b"%PDF")
    finally:
        window.close()


def takes_numbers(program):
    folder = tempfile.mkdtemp()
    window = open_program(program)
    try:
        one_view(window, "Numbers")
        do(window, "Copy as Python")
        window.says("The numbers of")
        text = paste("text/plain;charset=utf-8").decode()
        assert text.startswith("import torch") and "torch.tensor(" in text, text
        do(window, "Save as CSV…")
        answer(window, os.path.join(folder, "x.csv"), "Save the numbers")
        window.says("Saved to")
        with open(os.path.join(folder, "x.csv"), encoding="utf-8") as file:
            assert float(file.read()) > 7, "no numbers"
    finally:
        window.close()


board.run([copies_pictures, saves_pictures, prints, takes_numbers])
