"""Under way: examination mode on both sides, a pause, a plan that is made to fit; and whatever can be copied from the board that the
candidate sees is searched for what is private."""
import base64
import re
import time
import zlib

import board
from board import wait_for
from clipboard import paste, texts_of
from interviews import begun, kinds, leaks, picture, secrets

WEIGHTS = {"basics": 25, "practice": 30, "optimise": 25, "innovate": 20}


def examination(program):
    window = begun(program)
    try:
        window.key("ctrl+e")
        wait_for("the event", lambda: kinds("exam") == [{"on": True}])
        window.wait("label", "Exam")
        window.front(window.SHARED)
        window.wait("label", "Exam: no explanations")
        assert not window.find("push button", "Skip the tour")
        window.key("ctrl+t")
        window.type_lines("import torch\ntorch.ones(2) + torch.ones(3)\n")
        window.key("F5")
        wait_for("the run", lambda: kinds("run"))
        # PyTorch's own words, and nothing that explains them.
        window.says("RuntimeError: The size of tensor a (2) must match")
        assert not [label for label in window.labels() if label.startswith(("These shapes meet", "Ways out", "Alt+Enter writes"))], window.labels()
        picture("exam-board")
        window.press("Menu")  # nobody on the board can switch them on again
        item = window.wait("menu item", "Explanations")
        assert not item.is_sensitive
        window.key("Escape")
        # The clipboard has what was copied on the board, and nothing else.
        window.front(window.SHARED)
        window.key("alt+e", "ctrl+a", "ctrl+c")
        copied = paste("text/plain;charset=utf-8").decode()
        assert "torch.ones" in copied and len(copied) < 100, copied
        found = leaks(window, [window.app])
        assert not found, found[:3]
        window.front(window.ROOM)
        picture("exam-room")
        window.key("ctrl+e")
        wait_for("its end", lambda: kinds("exam")[-1] == {"on": False})
        window.front(window.SHARED)
        wait_for("the badge to go", lambda: not window.find("label", "Exam: no explanations"))
        window.says("These shapes meet")  # what was held back comes
    finally:
        window.close()


def clock(window):
    return next(label for label in window.labels() if re.match(r"\d+:\d\d / ", label))


def distance(items):
    """How far the minutes of items are from the weights."""
    total = sum(item["minutes"] for item in items)
    return sum((sum(item["minutes"] for item in items if item["dimension"] == name) / total - weight / 100) ** 2
               for name, weight in WEIGHTS.items())


def items_of_plan():
    return [item for part in kinds("plan")[-1]["parts"] for item in part["items"]]


def paused_and_made_to_fit(program):
    window = begun(program)
    try:
        window.front(window.ROOM)
        window.press("Pause")
        wait_for("the pause", lambda: kinds("pause"))
        window.settle()
        before = clock(window)
        time.sleep(2.5)
        assert clock(window) == before, (before, clock(window))
        window.press("Go on")
        wait_for("the end of the pause", lambda: kinds("resume"))
        wait_for("the clock to go", lambda: clock(window) != before)
        # Harder questions take longer: the plan is too long, is told so, and is made to fit.
        assert not window.find("label", prefix="What is to come takes")
        for _ in range(3):
            if not window.find("label", prefix="What is to come takes"):
                window.press("All that is to come: harder")
                window.settle()
        told = window.says("What is to come takes ")
        picture("room-short")
        window.press("Make it fit by the weights")
        wait_for("what is passed over", lambda: kinds("pass"))
        wait_for("enough time", lambda: not window.find("label", prefix="What is to come takes"))
        picture("room-fits")
        # Worked out again: it fits, nothing that was passed over would fit too, and the weights are kept at least as well as by
        # leaving out what comes last.
        items, asked = items_of_plan(), {body["item"] for body in kinds("ask")}
        gone = {body["item"] for body in kinds("pass")}
        short = int(re.search(r"takes (\d+) min", told).group(1))
        kept = [item for item in items if item["id"] not in gone]
        to_come = [item for item in items if item["id"] not in asked]
        freed = sum(item["minutes"] for item in items if item["id"] in gone)
        assert not gone & asked and freed >= short - 1, (gone, asked, freed, short)
        last = list(to_come)
        while sum(item["minutes"] for item in to_come) - sum(item["minutes"] for item in last) < short:
            last.pop()
        in_order = [item for item in items if item["id"] in asked] + last
        assert distance(kept) <= distance(in_order) + 1e-9, (distance(kept), distance(in_order))
        window.press("Undo")
        wait_for("one of them back", lambda: kinds("back"))
    finally:
        window.close()


def unpacked(moment):
    """A moment as text has a program and what it read, packed."""
    packed = moment[len("moment:"):]
    return zlib.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), -15).decode()


def private_in(text):
    return [where for secret, where in secrets().items() if secret in text]


def copied(program):
    """By every way in which the candidate's board gives something away."""
    window = begun(program)
    taken = {}
    try:
        window.front(window.SHARED)
        wait_for("the scene", lambda: any(len(text) > 400 for text in window.texts_of("Program text")))
        window.key("F5")
        for _ in range(6):  # what it asks is passed by
            if window.find("push button", "Just show"):
                window.press("Just show")
            time.sleep(0.5)
        window.key("alt+e", "ctrl+a", "ctrl+c")
        taken["program"] = paste("text/plain;charset=utf-8").decode()
        window.key("ctrl+alt+d")
        window.says("The moment is on the clipboard")
        taken["moment"] = unpacked(paste("text/plain;charset=utf-8").decode())
        window.press("Menu")
        window.press("Picture of the board")
        window.press("Copy the picture")
        taken["board"] = "\n".join(wait_for("the board's picture", lambda: texts_of(paste("image/svg+xml"))))
        # A menu button holds the button that acts.
        menus = [node for node in window.walk() if node.name == "What this view can do" and node.get_parent().get_name() == node.name]
        assert menus
        for nth, menu in enumerate(menus):
            for item, kind in (("Copy the picture", "image/svg+xml"), ("Copy as text", "text/plain;charset=utf-8"),
                               ("Copy as CSV (C)", "text/plain;charset=utf-8")):
                menu.act()
                time.sleep(0.4)
                button = window.find("menu item", item) or window.find("push button", item)
                if not button or not button.is_sensitive:
                    window.key("Escape")
                    continue
                button.act()
                time.sleep(0.4)
                taken["view %d, %s" % (nth, item)] = paste(kind).decode()
        picture("exam-copied")
    finally:
        window.close()
    assert "import torch" in taken["program"] and "import torch" in taken["moment"], taken["moment"][:200]
    assert len(taken) > 4, taken.keys()
    found = {name: private_in(text) for name, text in taken.items()}
    assert not any(found.values()), found
    # The search finds what is there: a text with one of them in it.
    assert private_in("x " + next(iter(secrets())) + " y")


board.run([examination, paused_and_made_to_fit, copied])
