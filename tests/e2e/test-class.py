#!/usr/bin/python3
"""A lesson through its windows: what a projector gets, what the class sees and what only the presenter has."""
import json
import os
import tempfile

from board import Board, Failure, run, wait_for

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "data")
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


ASKS = """import torch
import gradboard as gb

x = torch.ones(2, 3)


def ask():
    gb.ask('rows')
    gb.tell('rows', x.shape[0])


ask()
print('told')
"""


def private_words():
    """Words of the answers of a topic, which the class must not meet before they are revealed."""
    with open(os.path.join(os.environ.get("GRADBOARD_DATADIR", DATA), "topics", "tensor", "backward", "topic.json"), encoding="utf-8") as file:
        return [question["answer"]["en"][:40] for question in json.load(file)["questions"]]


class Lesson(Board):
    """The presenter's window and the board that the class sees, told apart by their titles."""

    def frame(self, title):
        return wait_for("the window %r" % title,
                        lambda: next((node for node in self.app.get_children() if node.get_name() == title), None))

    def begin(self):
        self.wait("push button", "Topics")
        self.key("ctrl+shift+t")
        self.says("What the class sees")
        self.presenter = self.frame("Presenter (the class does not see this)")
        self.board = self.frame("Board for the class")

    def on_board(self):
        """Everything that assistive technology is told of the board."""
        return "\n".join("%s %s" % (node.name, node.get_text() or "") for node in self.walk(self.board))

    def on_presenter(self):
        return "\n".join("%s %s" % (node.name, node.get_text() or "") for node in self.walk(self.presenter))


def presenter(program):
    """A topic is taught: its answers stand in the presenter's window and nowhere on the board until they are shown."""
    window = Lesson(program, "tensor.backward")
    try:
        wait_for("the text", lambda: "tanh" in window.text_of("Program text"))
        window.begin()
        words = private_words()
        wait_for("the notes", lambda: all(word[:20] in window.on_presenter() for word in words))
        wait_for("the scene", lambda: "tanh" in window.on_board())
        for word in words:
            if word[:20] in window.on_board():
                raise Failure("the board has %r before it is shown" % word)
        window.press("Next step")  # the program runs until it asks
        wait_for("the question", lambda: "waits for your prediction" in window.on_board())
        window.press("Next step")
        wait_for("the class's answers", lambda: "No answer yet" in window.on_board())
        window.press("Next step")
        wait_for("the second question", lambda: "And dz/dx" in window.on_board())
        window.press("Next step")
        window.press("Next step")
        wait_for("the truth", lambda: "It is 0." in window.on_board())
        if words[0][:20] in window.on_board():
            raise Failure("the board has the answer before it is shown")
        wait_for("the end", lambda: "Ended" in window.on_board())
        window.press("Next step")
        wait_for("the topic's question", lambda: "After z.backward()" in window.on_board())
        if words[0][:20] in window.on_board():
            raise Failure("the board has the answer with its question")
        window.press("Next step")
        wait_for("the answer", lambda: words[0][:20] in window.on_board())
        window.press("Back")
        wait_for("the answer gone", lambda: words[0][:20] not in window.on_board())
        window.press("End the lesson")
        wait_for("both windows gone", lambda: len(window.app.get_children()) == 1)
    finally:
        window.close()


def part_by_part(program):
    """Of a program that is shown part by part the board has no line that was not shown; what is shown runs."""
    window = Lesson(program, write(ASKS))
    try:
        wait_for("the text", lambda: "told" in window.text_of("Program text"))
        window.begin()
        wait_for("the program", lambda: "print('told')" in window.on_board())
        window.press("Show the program part by part")
        wait_for("an empty text", lambda: "torch" not in window.on_board())
        window.press("Next step")
        wait_for("the first part", lambda: "import torch" in window.on_board())
        if "torch.ones" in window.on_board():
            raise Failure("the board has the second part before it is shown")
        window.press("One line")
        wait_for("the second part", lambda: "torch.ones" in window.on_board())
        if "def ask" in window.on_board():
            raise Failure("one line brought more than its part")
        window.press("Next step")
        window.press("Next step")
        window.press("Next step")
        wait_for("all of it", lambda: "print('told')" in window.on_board())
        window.press("Back")
        wait_for("the last part covered again", lambda: "print('told')" not in window.on_board())
        window.press("Show the program part by part")
        wait_for("the whole program", lambda: "print('told')" in window.on_board())
    finally:
        window.close()


if __name__ == "__main__":
    run([projector, presenter, part_by_part])
