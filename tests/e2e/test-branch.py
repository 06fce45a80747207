"""Branches in the window: a training is taken back, takes another knob and goes on; both futures stand side by side."""
import os
import tempfile

import board
from board import Board, Failure, wait_for

PROGRAM = """import torch, gradboard as gb
import torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)
x = torch.randn(64, 8); y = (x[:, 0] > 0).long()
model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
for i in range(40):
    optimizer.param_groups[0]["lr"] = gb.knob("lr", 0.05, 0.0, 1.0)
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
    gb.log("loss", loss.item())
print("done")
"""


def start(program):
    path = os.path.join(tempfile.mkdtemp(), "training.py")
    with open(path, "w", encoding="utf-8") as file:
        file.write(PROGRAM)
    window = Board(program, path)
    wait_for("the text", lambda: "gb.knob" in window.text_of("Program text"))
    return window


def timeline(window):
    return next(node for node in window.walk() if node.name == "Timeline").get_description() or ""


def go_back(window, n):
    window.key(*["shift+F7"] * n, "ctrl+F7")
    window.says("Paused")


def compares_looks_and_goes_on(window):
    window.key("F5")
    window.says("Ended")
    go_back(window, 4)
    wait_for("the branch", lambda: "1 branch; branch 1 parts in iteration" in timeline(window) and "has 40" in timeline(window))
    knob = wait_for("the knob", lambda: next((n for n in window.walk() if n.role in ("slider", "spin button")
                                              and "lr" in n.name), None))
    knob.set_value(0.5)
    window.key("F5")
    window.says("Ended")
    window.key("ctrl+b")
    said = window.says("B's loss is higher over the last")
    if "The graphs are the same" not in said or "4 of 4 parameters differ, first at iteration" not in said:
        raise Failure("the verdict says: " + said)
    # The branch can be looked at, is said to be over, and is gone on from.
    window.key("alt+t", "shift+Down")
    window.says("Looking at branch 1")
    wait_for("the branch's place", lambda: "branch 1 · read only" in timeline(window))
    window.key("shift+Up")
    window.says("Ended")
    window.key("shift+Down")
    window.says("Looking at branch 1")
    go_back(window, 2)
    wait_for("both", lambda: "2 branches; branch 2" in timeline(window) and "branch 1 parts in" in timeline(window)
             and "read only" not in timeline(window))
    window.key("F5")
    window.says("Ended")


def runs_changed_code_again(window):
    window.key(*["shift+F7"] * 3, "alt+e", "ctrl+End", "Return")
    window.type("print(123456)")
    window.key("ctrl+F7")
    window.says("The code was changed: it runs again from its start. What the old code did is branch 3.")
    wait_for("the new code's output", lambda: "123456" in window.text_of("Output of the program"))
    wait_for("the old run", lambda: "3 branches; branch 3 parts in iteration 0 and has 40" in timeline(window))


def branches(program):
    window = start(program)
    try:
        compares_looks_and_goes_on(window)
        runs_changed_code_again(window)
    finally:
        window.close()


board.run([branches])
