"""Writing a topic with the board open: note, question, scene and program are there a moment after they were written, and what is
wrong with one is told by file, line and field where it would be read."""
import os
import shutil
import tempfile

import board
from board import Board, Failure, wait_for

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../data")
TOPIC = "topics/tensor/broadcasting"


class Material:
    """A copy of the data folder that may be written to."""

    def __init__(self):
        self.place = tempfile.mkdtemp(prefix="gradboard-authoring-")
        self.data = os.path.join(self.place, "data")
        shutil.copytree(SOURCE, self.data, ignore=shutil.ignore_patterns("screenshots"))

    def change(self, name, old, new):
        """As an editor does that writes beside the file and renames."""
        path = os.path.join(self.data, name)
        with open(path, encoding="utf-8") as file:
            text = file.read()
        if old not in text:
            raise Failure("%s has no %r" % (name, old))
        with open(path + ".new", "w", encoding="utf-8") as file:
            file.write(text.replace(old, new, 1))
        os.rename(path + ".new", path)

    def close(self):
        shutil.rmtree(self.place)


def note_of(window):
    """The tab above it has the same name."""
    return window.find("text", "Note").get_text()


def shows_what_is_written(program):
    material = Material()
    window = Board(program, "tensor.broadcasting", GRADBOARD_DATADIR=material.data)
    try:
        wait_for("the note", lambda: "how two shapes meet" in note_of(window))
        material.change(TOPIC + "/note.en.md", "how two shapes meet", "how two forms greet")
        wait_for("the new note", lambda: "how two forms greet" in note_of(window))

        material.change(TOPIC + "/topic.json", '"question": {', '"question": {"en": "Was this reread?", "zh": "重读了吗？"}, "was": {')
        window.says("junior · Was this reread?")

        material.change("scenes/broadcast/scene.json", '"en": "Two shapes meet"', '"en": "Two forms greet"')
        window.says("Two forms greet")

        material.change("scenes/broadcast/scene.py", "import torch", "import torch  # read again")
        wait_for("the new program", lambda: "# read again" in window.text_of("Program text"))
    finally:
        window.close()
        material.close()


def tells_what_is_wrong(program):
    material = Material()
    window = Board(program, "tensor.broadcasting", GRADBOARD_DATADIR=material.data)
    try:
        wait_for("the note", lambda: "how two shapes meet" in note_of(window))
        material.change(TOPIC + "/topic.json", '"level": "junior",', '"level": "junior"')
        wait_for("the fault of the topic", lambda: "topic.json:" in note_of(window))
        material.change(TOPIC + "/topic.json", '"level": "junior"', '"level": "junior",')
        wait_for("the topic again", lambda: "topic.json:" not in note_of(window))

        material.change("scenes/broadcast/scene.json", '"tabs":', '"tabs"')
        wait_for("the fault of the scene", lambda: "scene.json:" in note_of(window))
        material.change("scenes/broadcast/scene.json", '"tabs"', '"tabs":')
        wait_for("the scene again", lambda: "scene.json:" not in note_of(window))
    finally:
        window.close()
        material.close()


if __name__ == "__main__":
    board.run([shows_what_is_written, tells_what_is_wrong])
