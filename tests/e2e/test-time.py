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
        window.press("Go on from here")
        window.says("Paused")
        # What came after is gone, what came before stands.
        wait_for("the shorter output", lambda: "at 1" in output(window) and "done" not in output(window) and "at 5" not in output(window))
        window.press("Continue")
        wait_for("the same end", lambda: output(window) == first)
        window.says("Ended")
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


board.run([keeps_a_moment, stops_on_a_condition, goes_back_and_on, runs_again_for_want_of_a_snapshot, stops_a_run_and_goes_back])
