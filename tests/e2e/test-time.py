"""The window's way back: a run that has ended goes back to where the playhead stands, takes another knob, and goes on."""
import os
import sys
import tempfile

import board
from board import Board, Failure, wait_for

PROGRAM = """import torch, gradboard as gb
torch.manual_seed(0)
w = torch.ones(3, requires_grad=True)
optimizer = torch.optim.SGD([w], 0.1)
for i in range(%d):
    loss = (w * w).sum() * gb.knob("k", 1.0, 0.0, 2.0)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if i %% %d == 0: print("at", i, "%%.6f" %% loss.item())
print("done", "%%.8f" %% w.sum().item())
"""


def start(program, n, every):
    path = os.path.join(tempfile.mkdtemp(), "descent.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write(PROGRAM % (n, every))
    window = Board(program, path)
    wait_for("the text", lambda: "descent" in window.text_of("Program text") or "gb.knob" in window.text_of("Program text"))
    return window


def output(window):
    return window.text_of("Output of the program")


def goes_back_and_on(program):
    window = start(program, 6, 1)
    try:
        window.press("Run")
        window.says("Ended")
        wait_for("the output", lambda: "done" in output(window))
        first = output(window)
        for _ in range(3):
            window.press("Iteration before")
        bookmark(window, "here")
        window.press("Iteration before")
        bookmark(window, "before")
        window.press("Next iteration")
        window.press("Go on from here")
        window.says("Paused")
        # What came after is gone, what came before stands.
        wait_for("the shorter output", lambda: "at 1" in output(window) and "done" not in output(window) and "at 5" not in output(window))
        window.press("Continue")
        wait_for("the same end", lambda: output(window) == first)
        window.says("Ended")
        timeline = next(node for node in window.walk() if node.name == "Timeline")
        wait_for("both bookmarks", lambda: "here" in (timeline.get_description() or "") and "before" in timeline.get_description())
    finally:
        window.close()


def runs_again_for_want_of_a_snapshot(program):
    window = start(program, 6, 1)
    try:
        window.press("Run")
        window.says("Ended")
        first = output(window)
        for _ in range(3):
            window.press("Iteration before")
        window.says("iteration 4 of 6")
        # A part that is run in what the program left behind takes its snapshots away.
        window.type("\n")
        window.key("ctrl+z")
        window.key("ctrl+Return")
        window.says("Ended")
        window.press("To the start")
        window.press("Go on from here")
        window.says("Paused")
        wait_for("the beginning", lambda: "at" not in output(window))
        window.press("Continue")
        wait_for("the same end", lambda: output(window) == first)
    finally:
        window.close()


def stops_a_run_and_goes_back(program):
    window = start(program, 100000000, 2000)
    try:
        window.press("Run")
        wait_for("a while", lambda: "at 2000 " in output(window), 60)
        window.press("Pause")
        window.says("Paused")
        interpreters = len(window.interpreters())
        window.press("To the start")
        window.press("Go on from here")
        window.says("Paused")
        wait_for("the beginning", lambda: "at" not in output(window))
        window.press("Step")
        window.says("Paused")
        window.press("Stop")
        window.says("Stopped")
        if interpreters < 2:
            raise Failure("a training left no snapshot behind")
    finally:
        window.close()
    wait_for("the end of all interpreters", lambda: not window.interpreters())


def stops_on_a_condition(program):
    window = start(program, 400, 1)
    try:
        window.type("\n")  # the caret stands in the text
        window.key("ctrl+z")
        window.key("ctrl+Home")
        for _ in range(6):
            window.key("Down")
        window.key("shift+F9")
        window.type("i == 123")
        window.key("Return")
        window.press("Run")
        window.says("Paused at line 7")
        if not any(line.startswith("at 122 ") for line in output(window).splitlines()) or "at 123 " in output(window):
            raise Failure("it stopped elsewhere: " + output(window)[-80:])
        window.key("shift+F9")
        window.key("ctrl+a")
        window.type("nowhere > 3")
        window.key("Return")
        window.press("Continue")
        window.says("Paused: the breakpoint's condition failed: NameError")
        window.key("F9")
        window.press("Continue")
        window.says("Ended")
    finally:
        window.close()


# What each suggested condition waits for happens once: in steps 31, 41, 51, 61 and 100.
CONDITIONS = """import torch
model = torch.nn.Sequential(torch.nn.Linear(1, 1, bias=False))
torch.nn.init.constant_(model[0].weight, 1.0)
for step in range(1, 121):
    x = torch.ones(1 if step < 31 else 2, 1)
    if step == 41: x.add_(1)
    loss = model(x).sum() * (100 if step == 51 else 1) / (step != 61)
    model.zero_grad()
    loss.backward()
    print("at", step)
"""


def stops_on_what_is_suggested(program):
    path = os.path.join(tempfile.mkdtemp(), "conditions.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write(CONDITIONS)
    window = Board(program, path)
    try:
        wait_for("the text", lambda: "zero_grad" in window.text_of("Program text"))
        window.type("\n")
        window.key("ctrl+z", "ctrl+Home", *["Down"] * 9)
        go_on = "Run"
        for suggestion, step in (("a shape changes", 31), ("something writes into a tensor", 41), ("a layer's gradient is large", 51),
                                 ("the loss is not finite", 61), ("every hundredth step", 100)):
            window.key("shift+F9")
            window.press(suggestion)
            window.key("Return")
            window.press(go_on)
            go_on = "Continue"
            wait_for("the step before %d" % step, lambda: output(window).endswith("at %d\n" % (step - 1)))
            window.says("Paused at line 10")
        window.key("F9")
        window.press("Continue")
        window.says("Ended")
        assert output(window).endswith("at 120\n"), output(window)[-40:]
    finally:
        window.close()


def keeps_a_moment(program):
    window = start(program, 300, 50)
    try:
        window.press("Run")
        window.says("Ended")
        for _ in range(3):
            window.press("Iteration before")
        window.says("iteration 298 of 300")
        window.key("ctrl+shift+d")
        said = wait_for("the file's name", lambda: next((l for l in window.labels() if l.startswith("The moment is kept")), None))
    finally:
        window.close()
    path = os.path.expanduser(said.split(": ")[1].strip())
    window = Board(program, path)
    try:
        window.says("Paused")
        window.says("iteration 298 of")
        wait_for("what was printed until there", lambda: "at 250 " in output(window) and "done" not in output(window))
        window.press("Continue")
        window.says("Ended")
        wait_for("the rest", lambda: "done" in output(window))
    finally:
        window.close()
    with open(path, "w", encoding="utf-8") as file:
        file.write("{}")
    window = Board(program, path)
    try:
        window.says(os.path.basename(path) + " is no moment")
    finally:
        window.close()


def bookmark(window, note):
    window.key("ctrl+d")
    window.type(note)
    window.key("Return")
    timeline = next(node for node in window.walk() if node.name == "Timeline")
    wait_for("the bookmark", lambda: "bookmark: " + note in (timeline.get_description() or ""))


def bookmarks_stay_in_recordings(program):
    """One that is set while the run is recorded, one when it has ended, one in the opened file."""
    window = start(program, 12, 4)
    try:
        window.key("ctrl+r", "F7")
        window.says("Paused")
        bookmark(window, "early")
        window.press("Continue")
        window.says("Ended")
        for _ in range(3):
            window.press("Iteration before")
        bookmark(window, "late")
        said = wait_for("the file's name", lambda: next((l for l in window.labels() if "Recorded: " in l), None))
    finally:
        window.close()
    path = os.path.expanduser(said.split("Recorded: ")[1].strip())
    for notes in (["early", "late"], ["early", "late", "third"]):
        window = Board(program, path)
        try:
            timeline = wait_for("the timeline", lambda: next((node for node in window.walk() if node.name == "Timeline"), None))
            wait_for("the bookmarks", lambda: all("bookmark: " + note in (timeline.get_description() or "") for note in notes))
            window.key("alt+t", "p")
            window.says("late")
            if "third" not in notes:
                window.press("To the start")
                bookmark(window, "third")
        finally:
            window.close()


PLAIN = """import torch
x = torch.ones(2)
found = []
for n in range(9):
    x.add_(n)
    found.append(n * n)
print("done", sum(found))
"""


def cells(window):
    """The rows of variables that are made: lists of texts."""
    rows = [node for node in window.walk() if node.role == "table row"]
    return [[cell.name for child in row.get_children() for cell in window.walk(child) if cell.role == "label"] for row in rows]


def walks_to_values(program):
    path = os.path.join(tempfile.mkdtemp(), "plain.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write(PLAIN)
    window = Board(program, path)
    try:
        wait_for("the text", lambda: "found" in window.text_of("Program text"))
        window.press("Variables")
        # A breakpoint at any line: the third write into x.
        window.type("\n")
        window.key("ctrl+z", "ctrl+Home", "shift+F9")
        window.type("changed(x._version) and n == 2")
        window.key("Tab", "space", "shift+Tab", "Return", "F5")
        window.says("Paused at line 6")
        bookmark(window, "third")
        window.key("ctrl+l")
        window.type("n = 1")
        window.key("Return")
        wait_for("the list as it was", lambda: any("[0]" in row for row in cells(window)))
        window.key("ctrl+l")
        window.type("n = 77")
        window.key("Return")
        window.says("No moment is recorded at which that holds.")
        window.key("alt+t", "n")
        window.says("third")
        wait_for("the list at the bookmark", lambda: any("[0, 1]" in row for row in cells(window)))
        window.key("ctrl+alt+d")
        window.says("The moment is on the clipboard")
        window.press("Menu")
        window.press("Open the moment on the clipboard")
        window.says("Paused at line 6")
        wait_for("the same list", lambda: any("[0, 1]" in row for row in cells(window)))
    finally:
        window.close()


MARKED = """import torch, gradboard as gb
w = torch.ones(2, requires_grad=True)
optimizer = torch.optim.SGD([w], 0.1)
for i in range(6):
    loss = (w * w).sum() * gb.knob("k", 1.0, 0.0, 2.0)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    gb.log("loss", loss.item())
    if i == 2: gb.mark("halfway")
    if i == 3: gb.check("small", loss.item() < 0.0)
w.sum() + torch.ones(5, 5, 5)[7]
"""


def timeline(window):
    return next(node for node in window.walk() if node.name == "Timeline")


def focused(window):
    return next((node for node in window.walk() if node.is_focused and node.role not in ("frame", "window")), None)


def walks_by_keys_alone(program):
    """Marks, bookmarks, branches and moments, without the pointer; the timeline says where it stands."""
    path = os.path.join(tempfile.mkdtemp(), "marked.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write(MARKED)
    window = Board(program, path)
    try:
        wait_for("the text", lambda: "halfway" in window.text_of("Program text"))
        window.key("F5")
        window.says("Index 7 at dimension 0")
        wait_for("the marks", lambda: "3 marks" in (timeline(window).get_description() or ""))
        # Backwards from the end, and forwards again; each says what it is.
        window.key("alt+t")
        wait_for("the focus", lambda: focused(window).name == "Timeline")
        window.key("Home", "m")
        window.says("Mark: halfway")
        wait_for("its iteration", lambda: "iteration 4 of 6" in window.labels() or "iteration 3 of 6" in window.labels())
        window.key("m")
        window.says("Does not hold: small")
        window.key("m")
        window.says("Exception: IndexError")
        window.key("m")
        window.says("There is no mark behind this moment.")
        window.key("shift+m", "shift+m")
        window.says("Mark: halfway")
        window.key("shift+m")
        window.says("There is no mark before this moment.")
        # A bookmark there; the focus comes back to the timeline.
        window.key("ctrl+d")
        window.type("remember")
        window.key("Return")
        wait_for("the bookmark", lambda: "bookmark: remember" in (timeline(window).get_description() or ""))
        wait_for("the focus", lambda: focused(window).name == "Timeline")
        window.key("Home", "n")
        window.says("remember")
        # Kept as text, found again from the start.
        window.key("ctrl+alt+d")
        window.says("The moment is on the clipboard")
        window.key("alt+t", "Home", "ctrl+alt+o")
        window.says("Paused")
        wait_for("the way back", lambda: "iteration 3 of" in " | ".join(window.labels()) or "iteration 4 of" in " | ".join(window.labels()))
        # A branch, gone to and come back from.
        window.key("F5")
        window.says("Index 7 at dimension 0")
        window.key(*["shift+F7"] * 3, "ctrl+F7")
        window.says("Paused")
        wait_for("a branch", lambda: "branch 1 parts in iteration" in (timeline(window).get_description() or ""))
        window.key("alt+t", "shift+Down")
        window.says("Looking at branch")
        window.key("shift+Up")
        wait_for("the run", lambda: "read only" not in (timeline(window).get_description() or ""))
        # Every stop of the keyboard has a name, and the timeline is one of them.
        names, unnamed = [], []
        while "Timeline" not in names and len(names) < 60:
            window.key("ctrl+Tab" if names and names[-1] == "Program text" else "Tab")  # Tab is a key of its own there
            try:
                at = wait_for("a focus", lambda: focused(window), 3)
            except Failure:
                at = None  # in a list's row, which the walk leaves out
            names.append(at.name if at else "a row")
            if at and not at.name:
                unnamed.append(at.role)
        if "Timeline" not in names:
            raise Failure("Tab did not come back to the timeline: " + ", ".join(names))
        if unnamed:
            raise Failure("stops without a name: " + ", ".join(unnamed))
    finally:
        window.close()


board.run([walks_by_keys_alone, bookmarks_stay_in_recordings, walks_to_values, keeps_a_moment, stops_on_a_condition, stops_on_what_is_suggested, goes_back_and_on, runs_again_for_want_of_a_snapshot, stops_a_run_and_goes_back])
