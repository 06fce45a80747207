"""Somebody without a mouse, and somebody who hears the window: keys alone open, run, look, read and leave; everything that can
have the focus says what it is, in both languages."""
import os
import tempfile

import board
from board import Board, Failure, wait_for

PROGRAM = """import torch
net = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.Tanh(), torch.nn.Linear(3, 1))
for step in range(3):
    loss = net(torch.ones(4, 2)).square().mean()
    loss.backward()
    print('step', step)
"""


def write(text):
    path = os.path.join(tempfile.mkdtemp(), "program.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    return path


# A button is called what its label says; a list and what scrolls are called by what is in them.
NAMED = ("push button", "toggle button", "menu item", "image", "text", "entry", "check box", "combo box", "slider", "spin button",
         "page tab")


def unnamed(window):
    """Whatever can have the focus and is shown, and does not say what it is."""
    return ["%s in %s" % (node.role, node.get_parent().get_name() or "something without a name")
            for node in window.walk() if node.is_focusable and node.role in NAMED and not node.name.strip()]


def expect_names(window, where):
    left = unnamed(window)
    if left:
        raise Failure("%s: without a name: %s" % (where, "; ".join(left)))


def focused(window):
    """Role and name of what has the focus."""
    return next(((node.role, node.name) for node in window.walk() if node.is_focused), (None, None))


def keys_alone(program):
    window = Board(program, write(PROGRAM))
    try:
        wait_for("the text", lambda: "Tanh" in window.text_of("Program text"))
        expect_names(window, "before a run")
        window.key("F5")
        window.says("Ended")
        wait_for("the output", lambda: "step 2" in window.text_of("Output of the program"))
        expect_names(window, "after a run")
        window.key("alt+1")
        role, name = wait_for("focus on a picture", lambda: (lambda f: f if f[0] == "image" else None)(focused(window)))
        first = name
        window.key("Home", "Right", "l")  # into the list that says the same
        window.wait("list", "The same picture in words")
        wait_for("focus in the list", lambda: focused(window)[0] not in ("image", None))
        expect_names(window, "with a list")
        window.key("Escape")
        wait_for("focus on the picture again", lambda: focused(window) == ("image", first))
        window.key("Escape", "Escape", "Menu")
        window.wait("menu item", "List in words (L)")
        window.key("Escape")
        wait_for("the menu gone", lambda: not window.find("menu item", "List in words (L)"))
        window.key("alt+2")
        wait_for("another picture", lambda: focused(window)[0] == "image" and focused(window)[1] != first)
        # Nothing holds the focus: tabulators come round.
        seen = set()
        for _ in range(12):
            window.key("Tab")
            seen.add(focused(window))
        if len(seen) < 5:
            raise Failure("Tab went to %s only" % seen)
        window.key("alt+e")
        wait_for("the editor", lambda: focused(window)[1] == "Program text")
        window.key("ctrl+shift+g")
        window.says("跑完了")
        expect_names(window, "in Chinese")
    finally:
        window.close()


def large_letters(program):
    """Where letters are so large that the views have no room side by side, they are pages; the keys go to each."""
    window = Board(program, write(PROGRAM))
    try:
        wait_for("the text", lambda: "Tanh" in window.text_of("Program text"))
        window.key("F5")
        window.says("Ended")
        views = lambda: list(dict.fromkeys(node.name[6:] for node in window.walk() if node.name.startswith("View: ")))
        tabs = lambda: [node.name for node in window.walk() if node.role == "push button" and node.name in shown]
        shown = wait_for("the views that fit the run", lambda: (lambda names: names if "Numbers" in names else None)(views()))
        if tabs():
            raise Failure("tabs although there is room: %s" % tabs())
        for _ in range(6):
            window.key("ctrl+plus")
        wait_for("one view and tabs for all", lambda: len(views()) == 1 and tabs() == shown)
        for nth, name in enumerate(shown, 1):
            window.key("alt+%d" % nth)
            wait_for("the view %s alone" % name, lambda: views() == [name])
            wait_for("focus in it", lambda: focused(window)[0] == "image")
        expect_names(window, "with tabs")
        window.key("ctrl+0")
        try:
            wait_for("all of them", lambda: views() == shown and not tabs())
        except Failure:
            raise Failure("small again: shown are %s of %s, tabs %s" % (views(), shown, tabs()))
    finally:
        window.close()


board.run([keys_alone, large_letters])
