"""A ladder of levels: two right answers in a row lead one up, two wrong ones lead one down.

The paths of junior and mid level are four small measured tasks each.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

LEVELS = ["junior", "mid", "senior", "expert"]


def next_level(level, answers):
    """The rule: what came before the last change of level does not count."""
    if answers[-2:] == [True, True]:
        return min(level + 1, len(LEVELS) - 1)
    if answers[-2:] == [False, False]:
        return max(level - 1, 0)
    return level


def told(asked, level):
    """As the view `board` reads an interview."""
    return {"candidate": "", "level": LEVELS[level], "minutes": 30, "elapsed": 3 * len(asked),
            "sections": [{"title": "questions", "minutes": 30, "spent": 3 * len(asked), "state": "now"}],
            "questions": [{"title": f"question {i + 1}", "level": LEVELS[at], "dimension": "basics", "state": "done",
                           "score": 4 if right else 0} for i, (at, right) in enumerate(asked)]}


def adaptive():
    """Somebody who answers with a chance that falls with the level."""
    ability = gb.knob("ability", 1.5, 0.0, 3.0)
    generator = torch.Generator().manual_seed(3)
    gb.ask("after-two-right")
    level, answers, asked = 0, [], []
    for nth in range(10):
        chance = torch.sigmoid(torch.tensor(2.0 * (ability - level)))
        right = bool(torch.rand(1, generator=generator) < chance)
        asked.append((level, right))
        answers.append(right)
        gb.log("level", level, nth + 1, "question")
        gb.log("interview", 0, session=told(asked, level))
        after = next_level(level, answers)
        if after != level:
            answers = []
        level = after
    print(f"ability {ability:.1f}, levels:", " ".join(f"{LEVELS[at]}{'+' if right else '-'}" for at, right in asked))
    gb.tell("after-two-right", LEVELS[next_level(0, [True, True])])
    gb.check("the level moves one step at a time", all(abs(a[0] - b[0]) <= 1 for a, b in zip(asked, asked[1:])))
    gb.check("one right answer moves nothing", next_level(1, [False, True]) == 1)


def junior():
    """Tensor, autograd, Linear, training loop."""
    gb.ask("same-storage")
    x = torch.arange(6).reshape(2, 3)
    gb.tell("same-storage", "yes" if x.t().data_ptr() == x.data_ptr() else "no")
    gb.ask("slope-at-three")
    w = torch.tensor(3.0, requires_grad=True)
    (w * w).backward()
    gb.tell("slope-at-three", w.grad.item())
    gb.ask("linear-numbers")
    gb.tell("linear-numbers", sum(p.numel() for p in nn.Linear(8, 3).parameters()))
    gb.ask("forgotten-zero")
    torch.manual_seed(0)
    data = torch.randn(64, 1)
    ends = []
    for zeroed in (True, False):
        model = nn.Linear(1, 1)
        with torch.no_grad():
            model.weight.fill_(0.0)
            model.bias.fill_(0.0)
        optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
        for step in range(40):
            if zeroed:
                optimizer.zero_grad()
            loss = F.mse_loss(model(data), 2 * data + 1)
            loss.backward()
            optimizer.step()
            gb.log("with zero_grad" if zeroed else "without", loss.item(), step + 1, "step")
        ends.append(loss.item())
    gb.tell("forgotten-zero", "worse" if ends[1] > ends[0] else "better")
    print(f"after 40 steps: {ends[0]:.4f} with zero_grad, {ends[1]:.4f} without")
    gb.check("zeroed gradients end lower", ends[0] < ends[1])


def mid():
    """Schedules, depth, padding, evaluation."""
    gb.ask("rate-at-25")
    model = nn.Linear(2, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    schedule = torch.optim.lr_scheduler.StepLR(optimizer, step_size=10, gamma=0.5)
    for _ in range(25):
        optimizer.step()
        schedule.step()
    gb.tell("rate-at-25", optimizer.param_groups[0]["lr"])
    gb.ask("shortcut")
    torch.manual_seed(0)
    norms = []
    for residual in (False, True):
        layers = nn.ModuleList([nn.Linear(16, 16) for _ in range(30)])
        h = torch.randn(8, 16)
        for layer in layers:
            h = h + torch.tanh(layer(h)) if residual else torch.tanh(layer(h))
        h.sum().backward()
        norms.append(layers[0].weight.grad.norm().item())
    gb.tell("shortcut", "larger" if norms[1] > norms[0] else "smaller")
    print(f"gradient of the first of 30 layers: {norms[0]:.2e} plain, {norms[1]:.2e} with shortcuts")
    gb.ask("padded-mean")
    lengths = torch.tensor([2, 4])
    values = torch.tensor([[1.0, 3.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]])
    mask = torch.arange(4) < lengths[:, None]
    gb.tell("padded-mean", ((values * mask).sum(1) / mask.sum(1))[0].item())
    gb.ask("dropout-at-eval")
    drop = nn.Dropout(0.5).eval()
    gb.tell("dropout-at-eval", drop(torch.ones(4)).sum().item())
    gb.check("the shortcut keeps the gradient", norms[1] > 100 * norms[0])


if __name__ == "__main__":
    adaptive()
    junior()
    mid()
