"""Text that is composed before it is written: the signs on their way stand where they will be, are in no text and no file yet, and
come in when they are chosen, in the editor and in an interviewer's notes; wide signs take the room of two.

The toolkit's own way of composing is used, Ctrl+Shift+U and a sign's number: input methods come by the same way, as a preedit."""
import os
import subprocess
import tempfile

from board import Board, run, wait_for
from interviews import begun, kinds, picture


def shown(window):
    """What the display looks like, without a caret that blinks."""
    window.settle()
    return subprocess.run(["import", "-window", "root", "rgb:-"], check=True, capture_output=True).stdout


def compose(window, sign):
    window.key("ctrl+shift+u", *"%x" % ord(sign))


def in_the_editor(program):
    path = os.path.join(tempfile.mkdtemp(), "program.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write("# \nx = 1\n")
    window = Board(program, path)

    def text():
        return window.text_of("Program text").strip()

    try:
        wait_for("the text", lambda: text() == "# \nx = 1")
        window.key("Escape")
        window.key("alt+e", "ctrl+Home", "End")
        before = shown(window)
        compose(window, "你")
        picture("input-preedit")
        assert shown(window) != before, "what is composed is not shown"
        assert text() == "# \nx = 1", text()
        window.key("Escape")  # thrown away
        assert text() == "# \nx = 1", text()
        for sign in "你好":
            compose(window, sign)
            window.key("Return")
        wait_for("both signs", lambda: text() == "# 你好\nx = 1")
        picture("input-commit")
        # One step of undo takes back a sign and not half of it.
        window.key("ctrl+z")
        wait_for("one step back", lambda: text() in ("# 你\nx = 1", "# \nx = 1"))
        window.key("ctrl+shift+z", "ctrl+s")
        wait_for("the file", lambda: open(path, encoding="utf-8").read().startswith("# 你好\n"))
    finally:
        window.close()


def right_ends(window, n):
    """Where the text of the first n lines of the editor ends, in pixels: bands of dark pixels above each other."""
    window.settle()
    picture("input-columns")
    width, left, right = 1280, 60, 440
    raw = subprocess.run(["import", "-window", "root", "gray:-"], check=True, capture_output=True).stdout
    ends, band = [], -1
    for y in range(95, 400):
        row = raw[y * width + left:y * width + right]
        last = max((x for x, grey in enumerate(row) if grey < 140), default=-1)
        if last < 0 and band >= 0:
            ends.append(band)
            band = -1
        elif last >= 0:
            band = max(band, last)
    return ends[:n]


def wide_signs_take_two_columns(program):
    path = os.path.join(tempfile.mkdtemp(), "program.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write("#%s|\n#%s|\n\n\n" % ("ab" * 14, "你好" * 7))
    window = Board(program, path)
    try:
        wait_for("the text", lambda: "你好" in window.text_of("Program text"))
        window.key("Escape")
        window.key("alt+e", "ctrl+End")
        ends = right_ends(window, 2)
        assert len(ends) == 2 and abs(ends[0] - ends[1]) <= 1, ends
        window.key("ctrl+plus")  # larger letters, the same columns
        window.settle()
        ends = right_ends(window, 2)
        assert len(ends) == 2 and abs(ends[0] - ends[1]) <= 1, ends
    finally:
        window.close()


def in_notes(program):
    window = begun(program)
    try:
        window.front(window.ROOM)
        window.key("ctrl+n")
        compose(window, "好")
        picture("input-note")
        assert not kinds("note")
        window.key("space")
        window.type("!")
        window.key("Return")
        wait_for("the note", lambda: [body for body in kinds("note") if body["text"] == "好!"])
    finally:
        window.close()


run([in_the_editor, wide_signs_take_two_columns, in_notes])
