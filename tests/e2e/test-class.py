#!/usr/bin/python3
"""A lesson through its windows: what a projector gets, what the class sees and what only the presenter has."""
import json
import os
import socket
import subprocess
import tempfile
import threading
import urllib.request

from board import Board, Failure, run, wait_for

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "data")
PROGRAM = "import torch\nx = torch.ones(2, 3)\nprint('two rows')\n"


def settings():
    path = os.path.join(os.environ["XDG_CONFIG_HOME"], "gradboard", "settings.ini")
    return open(path, encoding="utf-8").read() if os.path.exists(path) else ""


def picture(name):
    """For who looks at the test: a picture of the display, where $E2E_PICTURES says."""
    if "E2E_PICTURES" in os.environ:
        subprocess.run(["import", "-window", "root", os.path.join(os.environ["E2E_PICTURES"], name + ".png")], check=True)


def prefer(line):
    folder = os.path.join(os.environ["XDG_CONFIG_HOME"], "gradboard")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "settings.ini"), "w", encoding="utf-8") as file:
        file.write("[board]\n%s\n" % line)


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

    def board_key(self, key):
        found = subprocess.run(["xdotool", "search", "--onlyvisible", "--name", "Board for the class"], check=True, capture_output=True,
                               text=True).stdout.split()[-1]
        subprocess.run(["xdotool", "windowfocus", "--sync", found, "key", "--delay", "100", key], check=True)

    def answer_nothing(self):
        wait_for("a way on", lambda: next(node for node in self.walk(self.board)
                                          if node.role == "push button" and node.name == "Just show").act())

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
        # On one screen the board is before the projector, and the keys of a presenter go to it.
        window.press("Projector")
        wait_for("the board before a projector", lambda: "+ View" not in window.on_board())
        window.board_key("Next")
        wait_for("the answer", lambda: words[0][:20] in window.on_board())
        window.board_key("Prior")
        wait_for("the answer gone again", lambda: words[0][:20] not in window.on_board())
        window.board_key("Escape")
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
        window.press("Show programs part by part")
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
        window.press("Show programs part by part")
        wait_for("the whole program", lambda: "print('told')" in window.on_board())
    finally:
        window.close()


def covered_from_the_start(program):
    """Chosen once, it holds for every program from when that is opened: no hidden line comes to the board or to who follows."""
    prefer("class-parts=true")
    window = Lesson(program, write(ASKS))
    try:
        wait_for("the text", lambda: "told" in window.text_of("Program text"))
        window.begin()
        window.press("Let the class follow")
        link = wait_for("the link", lambda: next(node.name for node in window.walk(window.presenter) if node.name.startswith("http://127")))
        first = Follower(link)
        wait_for("the steps", lambda: "Program to line 3" in window.on_presenter())
        picture("class-covered")
        # One that is opened later: the board looks at it from the first moment on.
        seen, second = [], write("import torch\nhidden = torch.ones(3)\n\nlast_line = 1\n", "second.py")
        other = write("one = 1\n\ntwo = 2\n", "third.py")
        for path, first_steps in ((second, "Program to line 3"), (other, "Program to line 2")):
            window.board_key("ctrl+o")
            wait_for("the dialog", lambda: [frame for frame in window.app.get_children() if frame.get_name() == "Open"])
            subprocess.run(["xdotool", "search", "--sync", "--onlyvisible", "--name", "^Open$", "windowfocus", "--sync",
                            "type", "--delay", "30", path], check=True)
            for _ in range(4):
                if not [frame for frame in window.app.get_children() if frame.get_name() == "Open"]:
                    break
                subprocess.run(["xdotool", "key", "Return"], check=True)
                for _ in range(8):
                    seen.append(window.on_board())
            wait_for("its name on the board", lambda: os.path.basename(path) in window.on_board())
            wait_for("its steps", lambda: first_steps in window.on_presenter())
            seen.append(window.on_board())
        wait_for("its name in the browser", lambda: first.state.get("title") == "third.py")
        seen += [first.fetch("text.json"), first.fetch("board.svg")] + first.everything
        for line in ("torch.ones", "hidden", "last_line", "two = 2", "print('told')"):
            if line in "\n".join(seen):
                raise Failure("%r came to the class before its step" % line)
        window.press("Next step")
        wait_for("the first part", lambda: "one = 1" in window.on_board())
        if "two = 2" in window.on_board():
            raise Failure("the second part came with the first")
        window.press("Show programs part by part")
        wait_for("the whole program", lambda: "two = 2" in window.on_board())
    finally:
        window.close()
    if "class-parts=false" not in settings() and "class-parts" in settings():
        raise Failure("the choice is not kept: %s" % settings())
    drafts = [os.path.join(folder, name) for folder, _, names in os.walk(os.environ["XDG_STATE_HOME"]) for name in names]
    for path in drafts:
        with open(path, "rb") as file:
            if b"one = 1" in file.read() and "journal" in path:
                raise Failure("a part that was shown is kept as an edit: %s" % path)


class Follower:
    """Somebody who follows by the link alone: hears the events, fetches what is new, may answer.  Keeps all that it was sent."""

    def __init__(self, link):
        self.link, self.you, self.state, self.is_over, self.everything = link, "", {}, False, []
        self.versions = {}
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()
        wait_for("a name", lambda: self.you)

    def _listen(self):
        event = ""
        with urllib.request.urlopen(self.link + "events", timeout=60) as stream:
            for raw in stream:
                line = raw.decode("utf-8").rstrip("\n")
                self.everything.append(line)
                if line.startswith("event: "):
                    event = line[7:]
                elif line.startswith("data: "):
                    data = line[6:]
                    if event == "you":
                        self.you = data
                    elif event == "state":
                        self.state = json.loads(data)
                    elif event == "over":
                        self.is_over = True
                        return
                    else:
                        self.versions[event] = int(data)

    def fetch(self, name):
        with urllib.request.urlopen("%s%s?you=%s" % (self.link, name, self.you), timeout=10) as answer:
            self.everything.append(answer.read().decode("utf-8"))
        return self.everything[-1]

    def answer(self, what):
        body = json.dumps({"you": self.you, "id": self.state["ask"]["id"], "answer": what}).encode()
        request = urllib.request.Request(self.link + "answer", data=body, headers={"Content-Type": "application/json"})
        return urllib.request.urlopen(request, timeout=10).status


def answers_at(link):
    try:
        urllib.request.urlopen(link, timeout=5)
    except OSError:
        return False
    return True


def follows(program):
    """Three follow; their predictions are counted, shown when the presenter wants it; nothing that is private goes out."""
    window = Lesson(program, "tensor.backward")
    try:
        wait_for("the text", lambda: "tanh" in window.text_of("Program text"))
        window.begin()
        window.press("Let the class follow")
        link = wait_for("the link", lambda: next(node.name for node in window.walk(window.presenter) if node.name.startswith("http://127")))
        class_ = [Follower(link) for _ in range(3)]
        first = class_[0]
        window.says("3 follow.")
        wait_for("the scene's name", lambda: first.state.get("title") == "backprop-step")
        wait_for("the program", lambda: "torch.tanh" in json.loads(first.fetch("text.json"))["program"])
        wait_for("the picture", lambda: "backprop-step" in first.fetch("board.svg"))
        window.press("Next step")
        wait_for("the question", lambda: all(one.state.get("ask") for one in class_))
        words = [word[:12] for word in private_words()]
        for one, what in zip(class_, ("0.84", "0.840", "2")):
            if one.answer(what) != 204:
                raise Failure("the answer was not taken")
        window.says("3 answers")
        if first.state.get("answers"):
            raise Failure("the answers are known before they are shown")
        window.press("Next step")
        wait_for("the answers", lambda: first.state.get("answers") == [{"label": "0.84", "n": 2, "right": False}, {"label": "2", "n": 1, "right": False}])
        wait_for("the answers on the board", lambda: "3 answers" in window.on_board())
        picture = first.versions["picture"]
        wait_for("the answers in the picture", lambda: "3 answers" in first.fetch("board.svg"))
        for _ in range(3):
            window.press("Next step")
        wait_for("the end", lambda: not first.state.get("ask") and "Ended" in first.state["sentence"])
        wait_for("a new picture", lambda: first.versions["picture"] > picture)
        sent = "\n".join(first.everything)
        for word in words:
            if word in sent:
                raise Failure("%r was sent before it was shown" % word)
        window.press("Next step")
        window.press("Next step")
        wait_for("the answer", lambda: words[0] in first.state["question"])
        window.press("End the lesson")
        wait_for("the end of the lesson", lambda: all(one.is_over for one in class_))
        wait_for("nobody at the link", lambda: not answers_at(link))
    finally:
        window.close()


def recorded(program):
    """A lesson is recorded; a student without the program's file sees its text, the run, and the steps as bookmarks."""
    path = write(ASKS)
    window = Lesson(program, path)
    try:
        wait_for("the text", lambda: "told" in window.text_of("Program text"))
        window.begin()
        wait_for("the program", lambda: "print('told')" in window.on_board())
        window.press("Save the lesson…")
        window.says("No run is recorded to its end yet")
        window.press("Record the lesson")
        window.press("Next step")
        wait_for("the question", lambda: "waits for your prediction" in window.on_board())
        window.press("One line")  # nothing to show: it does no harm
        window.answer_nothing()
        wait_for("the recording", lambda: "Recorded: " in window.on_board())
        copy = os.path.join(tempfile.mkdtemp(), "lesson.gbt")
        window.press("Save the lesson…")
        window.wait("text", name="Name:")
        picture("class-save")
        window.key("ctrl+a")
        window.type(copy)
        window.key("Return")
        window.says("Saved to " + copy)
    finally:
        window.close()
    files = [os.path.join(folder, name) for folder, _, names in os.walk(os.environ["HOME"]) for name in names if name.endswith(".gbt")]
    if len(files) != 1:
        raise Failure("recordings: %s" % files)
    with open(files[0], "rb") as file, open(copy, "rb") as other:
        if file.read() != other.read():
            raise Failure("the copy is another file")
    os.remove(path)
    window = Board(program, copy)
    try:
        wait_for("the program's text", lambda: "gb.ask('rows')" in window.text_of("Program text"))
        wait_for("the output", lambda: "told" in window.text_of("Output of the program"))
    finally:
        window.close()


def everybody(program):
    """Whoever is in the network: the link names an address of this computer that answers, and so does the loop."""
    with subprocess.Popen([program, "class", write(PROGRAM), "--host", "0.0.0.0"], stdout=subprocess.PIPE, text=True) as process:
        try:
            link = process.stdout.readline().strip()
            host = link.split("/")[2].rsplit(":", 1)[0]
            for address in (link, link.replace(host, "127.0.0.1")):
                if not answers_at(address):
                    raise Failure("nothing answers at %s" % address)
            if host == "0.0.0.0" or answers_at(link[:-2] + "/"):
                raise Failure("%s is no link, or another one leads there too" % link)
        finally:
            process.terminate()


def busy_port(program):
    """A port that is taken is told of where it was chosen."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        prefer("class-port=%d" % port)
        window = Lesson(program, write(PROGRAM))
        try:
            window.begin()
            window.press("Let the class follow")
            window.says("Port %d is taken by another program." % port)
        finally:
            window.close()


if __name__ == "__main__":
    run([projector, presenter, part_by_part, covered_from_the_start, follows, recorded, everybody, busy_port])
