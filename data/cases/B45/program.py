"""Eighty patients, two thousand markers in their blood: who will answer to the treatment?"""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

MARKERS = 2000
KEPT = 20
SHARE = 0.25


def make_patients(n, seed):
    """Markers (n, MARKERS) and who answered (n,); six of the markers have a little to do with it."""
    g = torch.Generator().manual_seed(seed)
    answered = torch.arange(n) % 2
    x = torch.randn(n, MARKERS, generator=g)
    x[:, :6] += 0.25 * (2 * answered[:, None] - 1)
    return 10 + 3 * x, answered


def prepare(x, answered, seed):
    """Who trains, who validates, and which markers are used how.

    A dict: "fit" and "held", numbers of patients, about SHARE of them held; "chosen", the KEPT markers that differ most
    between the groups; "mean" and "std" of these.
    """
    mean, std = x.mean(dim=0), x.std(dim=0)
    difference = (x[answered == 1].mean(dim=0) - x[answered == 0].mean(dim=0)) / std
    chosen = difference.abs().topk(KEPT).indices
    order = torch.randperm(len(x), generator=torch.Generator().manual_seed(seed))
    n = int(SHARE * len(x))
    return {"fit": order[n:], "held": order[:n], "chosen": chosen, "mean": mean[chosen], "std": std[chosen]}


def features(x, prepared):
    """What the model sees of markers (n, MARKERS)."""
    return (x[:, prepared["chosen"]] - prepared["mean"]) / prepared["std"]


@torch.no_grad()
def accuracy(model, x, answered):
    return (model(x).argmax(dim=1) == answered).float().mean().item()


def train(x, answered, prepared, steps=120, lr=0.02):
    """A linear model, and its accuracies step by step: of the patients it fits, and of those held."""
    model = nn.Linear(KEPT, 2)
    seen = features(x, prepared)
    fit, held = prepared["fit"], prepared["held"]
    optimizer = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.1)
    history = []
    for step in range(steps):
        loss = F.cross_entropy(model(seen[fit]), answered[fit])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        history.append((accuracy(model, seen[fit], answered[fit]), accuracy(model, seen[held], answered[held])))
    return model, history


def main():
    torch.manual_seed(0)
    x, answered = make_patients(80, seed=1)
    prepared = prepare(x, answered, seed=2)
    model, history = train(x, answered, prepared)
    gb.watch(model)
    for step, (fit, held) in enumerate(history):
        gb.log("accuracy, training", fit, step, "step")
        gb.log("accuracy, validation", held, step, "step")
    print(f"training {history[-1][0]:.3f}  validation {history[-1][1]:.3f}")
    new = make_patients(400, seed=3)
    print(f"400 new patients: {accuracy(model, features(new[0], prepared), new[1]):.3f}")
    print(f"of the six that matter, chosen: {sorted(i for i in prepared['chosen'].tolist() if i < 6)}")

    rows = []
    for people, groups in ((x[prepared["fit"]], answered[prepared["fit"]]), (x[prepared["held"]], answered[prepared["held"]]), new):
        seen = features(people, prepared)
        rows.append(seen[groups == 1].mean(dim=0) - seen[groups == 0].mean(dim=0))
    gb.show(torch.stack(rows), "grid")
    print("difference of the groups, mean size: " + ", ".join(f"{name} {row.abs().mean():.2f}" for name, row in zip(("fit", "held", "new"), rows)))


if __name__ == "__main__":
    main()
