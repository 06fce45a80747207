"""What tests of interviews share: the windows, what is on the disk, what nobody else may see."""
import glob
import json
import os
import shutil
import sqlite3
import subprocess

from board import Board, Failure, wait_for

DATA = os.environ.get("GRADBOARD_DATADIR") or os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../data")
SHELF = os.path.join(os.environ["XDG_STATE_HOME"], "gradboard", "interviews")


def picture(name):
    """For who looks at the test: a picture of the display, where $E2E_PICTURES says."""
    if "E2E_PICTURES" in os.environ:
        subprocess.run(["import", "-window", "root", os.path.join(os.environ["E2E_PICTURES"], name + ".png")], check=True)


def secrets():
    """Every text of the material that only the interviewer may have: text -> where it stands."""
    found = {}

    def take(text, where):
        for language in ("zh", "en"):
            if len(text.get(language, "")) > 12:
                found[text[language]] = where
    for path in glob.glob(os.path.join(DATA, "topics/*/*/topic.json")):
        with open(path, encoding="utf-8") as file:
            for question in json.load(file)["questions"]:
                for field in ("answer", "follow_up", "wrong", "reveals"):
                    take(question[field], path)
                for anchors in question["anchors"]:
                    for points in ("0", "2", "4"):
                        take(anchors[points], path)
    for path in glob.glob(os.path.join(DATA, "cases/*/case.json")) + glob.glob(os.path.join(DATA, "exercises/*/exercise.json")):
        with open(path, encoding="utf-8") as file:
            case = json.load(file)
        for hint in case.get("hints", []):
            take(hint["text"], path)
        take(case.get("explanation", {}), path)
        for lead in case.get("false_leads", []):
            take(lead["why_not"], path)
    return found


def windows(window):
    """The interviewer's frame, and the board that came after it; the one before both is the interviewer's own."""
    frames = window.app.get_children()
    room = next(i for i, frame in enumerate(frames) if any(node.name == "Notes and evidence" for node in window.walk(frame)))
    return frames[room], frames[room + 1:]


def stay_in_the_room(window):
    """What is looked for from now on is looked for in the interviewer's window."""
    window.app, whole = windows(window)[0], window.app
    return whole


def everything(window, root):
    """All names, descriptions and texts below a frame, what is not visible too."""
    waiting, texts = [root], []
    while waiting:
        node = waiting.pop()
        try:
            texts += [node.get_name() or "", node.get_description() or ""]
            texts.append(node.get_text() or "")
            waiting += node.get_children()
        except Exception:  # it went while it was looked at
            continue
    return "\n".join(texts)


def leaks(window, frames):
    """Where the private texts come from that stand in one of the frames."""
    texts = "\n".join(everything(window, frame) for frame in frames)
    if len(texts) < 500:
        raise Failure("the board was not read: %r" % texts)
    return [where for text, where in secrets().items() if text in texts]


class Interview(Board):
    """The program with an interview: keys go to a window by its title, looking is done in one of them."""
    ROOM, SHARED, REPLAY = "interviewer only", "Board for the candidate", "Replay of the board"
    ZH = {ROOM: "仅面试官可见", SHARED: "候选人白板", REPLAY: "白板回放"}
    title = None  # of the window that gets the keys; None: the last one

    def __init__(self, program, *arguments, **environment):
        self.is_zh = environment.get("LANGUAGE", "").startswith("zh")
        super().__init__(program, *arguments, **environment)
        self.whole = self.app

    def say(self, en, zh):
        return zh if self.is_zh else en

    def _window(self):
        title = self.say(self.title, self.ZH[self.title])
        return wait_for("the window %r" % title, lambda: subprocess.run(
            ["xdotool", "search", "--onlyvisible", "--name", title], capture_output=True, text=True, check=False).stdout.split())[-1]

    def _keyboard(self, *what):
        if self.title is None:
            return super()._keyboard(*what)
        window = self._window()
        subprocess.run(["xdotool", "windowraise", window, "windowfocus", "--sync", window, *what], check=True)
        return None

    def front(self, title):
        """Keys go to that window from now on, and what is looked for is looked for in it."""
        self.title = title
        words = self.say(title, self.ZH[title])
        self.app = wait_for("the window %r" % words, lambda: next(
            (frame for frame in self.frames() if words in (frame.get_name() or "")), None))
        self._keyboard()

    def type_lines(self, text):
        for line in text.splitlines():
            self.type(line)
            self.key("Return")

    def texts_of(self, name):
        """Of all that have the name: each tab has one."""
        texts = [node.get_text() for node in self.walk() if node.name == name]
        return [text.strip() for text in texts if text is not None]

    def frames(self):
        return self.whole.get_children()


def events():
    """What is on the disk, of the one interview there is."""
    path, = glob.glob(os.path.join(SHELF, "*.interview"))
    with sqlite3.connect("file:%s?mode=ro" % path, uri=True) as store:
        return path, [(kind, json.loads(body)) for kind, body in store.execute("SELECT kind, body FROM event ORDER BY seq")]


def kinds(kind):
    return [body for name, body in events()[1] if name == kind]


def plan(window, name):
    window.front(window.ROOM)
    window.wait("push button", "Plan the interview")
    window.type(name)
    window.key("Return")
    window.wait("push button", "Begin")


def open_room(program, *arguments):
    window = Interview(program, *arguments)
    if not arguments:
        window.key("ctrl+shift+i")
    window.front(window.ROOM)
    return window


def begun(program):
    shutil.rmtree(SHELF, ignore_errors=True)
    window = open_room(program)
    plan(window, "Han Meimei")
    window.press("Begin")
    wait_for("the first question", lambda: kinds("ask"))
    window.key("ctrl+shift+r")
    wait_for("the question on the board", lambda: kinds("reveal"))
    return window
