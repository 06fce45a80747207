"""An interview through its two windows: planned, begun, scored, noted, finished, killed, gone on with, reported; and the board
window searched for anything that the candidate must not see."""
import glob
import json
import os
import signal
import sqlite3
import subprocess

import board
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
    frames = [window.app.get_child_at_index(i) for i in range(window.app.get_child_count())]
    room = next(i for i, frame in enumerate(frames) if any(node.get_name() == "Notes and evidence" for node in window.walk(frame)))
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
            text = node.get_text_iface()
            if text:
                texts.append(text.get_text(0, text.get_character_count()))
            waiting += [child for child in (node.get_child_at_index(i) for i in range(min(node.get_child_count(), 2000))) if child]
        except Exception:  # it went while it was looked at
            continue
    return "\n".join(texts)


def look_for_leaks(window):
    _, boards = windows(window)
    if not boards:
        raise Failure("there is no board window")
    whole, window.app = window.app, boards[0]
    window.press("Note")  # what stands behind tabs and buttons is looked for too
    wait_for("the note", lambda: [node for node in window.walk() if node.get_name() == "Note" and node.get_role_name() == "text"])
    for node in [node for node in window.walk() if node.get_name() == "Show an answer"]:
        node.get_action_iface().do_action(0)
    picture("interview-leak")
    window.app = whole
    texts = "\n".join(everything(window, frame) for frame in boards)
    leaks = [where for text, where in secrets().items() if text in texts]
    if leaks:
        raise Failure("the board holds what is private: %s" % leaks[:3])
    if len(texts) < 500:
        raise Failure("the board was not read: %r" % texts)


def events():
    """What is on the disk, of the one interview there is."""
    path, = glob.glob(os.path.join(SHELF, "*.interview"))
    with sqlite3.connect("file:%s?mode=ro" % path, uri=True) as store:
        return path, [(kind, json.loads(body)) for kind, body in store.execute("SELECT kind, body FROM event ORDER BY seq")]


def kinds(kind):
    return [body for name, body in events()[1] if name == kind]


def planned_and_begun(window):
    """Four things to do from the board to an interview that runs."""
    window.key("ctrl+shift+i")
    window.wait("push button", "Plan the interview")
    window.type("Han Meimei")
    window.key("Return")
    window.wait("push button", "Begin")
    picture("interview-plan")
    window.press("Begin")
    wait_for("the first question", lambda: kinds("ask"))


def asked_and_scored(window):
    window.press("Send to board")
    wait_for("the question on the board", lambda: kinds("reveal"))
    wait_for("its scene there", lambda: [body for body in kinds("text") if body["file"].endswith(".py") and len(body["text"]) > 400])
    picture("interview-board")
    look_for_leaks(window)
    stay_in_the_room(window)
    first = kinds("ask")[0]["item"]
    dimension = next(item["dimension"] for part in kinds("plan")[-1]["parts"] for item in part["items"] if item["id"] == first)
    name = {"basics": "Fundamentals", "practice": "Experience", "optimise": "Optimisation", "innovate": "Innovation"}[dimension]
    window.press(name + ": 3 of 4")
    wait_for("the score", lambda: [body for body in kinds("score") if body["score"] == 3])
    window.press("Undo")
    wait_for("the score taken back", lambda: kinds("score")[-1]["score"] is None)
    window.press(name + ": 4 of 4")
    wait_for("the other score", lambda: kinds("score")[-1]["score"] == 4)
    window.press("Next")
    wait_for("the second question", lambda: len(kinds("ask")) == 2)
    return first, dimension


def interview(program):
    window = Board(program)
    try:
        planned_and_begun(window)
        first, dimension = asked_and_scored(window)
        picture("interview-ask")
        window.process.send_signal(signal.SIGKILL)
        window.process.wait(10)
        path, before = events()
        # It goes on where it was: paused, with all that was told.
        window = Board(program, path)
        window.wait("push button", "Go on")
        after = events()[1]
        assert after[:len(before)] == before and after[len(before)][0] == "pause", after[len(before):]
        window.press("Go on")
        window.press("Finish")
        wait_for("the end", lambda: kinds("finish"))
        picture("interview-end")
    finally:
        window.close()
    report(program, path, first, dimension)


def report(program, path, first, dimension):
    """Its numbers worked out again from the events."""
    out = os.path.join(os.environ["HOME"], "report.json")
    subprocess.run([program, "report", "Meimei", "-o", out], check=True, capture_output=True)
    with open(out, encoding="utf-8") as file:
        found = json.load(file)
    assert found["dimensions"][dimension]["mean"] == 4 and found["points"] == 100, found["dimensions"]
    assert len(found["items"]) == 2 and found["items"][0]["scores"] == {dimension: 4}
    text = os.path.join(os.environ["HOME"], "report.html")
    subprocess.run([program, "report", path, "--candidate", "--lang", "zh", "-o", text], check=True, capture_output=True)
    with open(text, encoding="utf-8") as file:
        shown = file.read()
    assert "候选人" in shown and not [where for secret, where in secrets().items() if secret in shown]


board.run([interview])
