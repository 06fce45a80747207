# Somebody walks to the goal, and the value of what he did comes back.
import torch
import gradboard as gb

cells = torch.tensor([[0, 0, 0], [0, 1, 0], [0, 0, 2]])
q = torch.zeros(3, 3, 4)
gb.show(cells, view="env")
for episode in range(3):
    row = column = 0
    while (row, column) != (2, 2):
        action = 2 if row < 2 else 1
        gb.log("env", -0.1, row=row, column=column, action=action, done=False)
        q[row, column, action] += 0.5 * (1 - q[row, column, action])
        row, column = (row + 1, column) if action == 2 else (row, column + 1)
    gb.log("env", 1.0, row=row, column=column, action=action, done=True)
gb.show(q, view="env", labels=["up", "right", "down", "left"])
