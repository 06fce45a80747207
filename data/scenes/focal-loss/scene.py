"""A loss of one's own: focal loss on data of 97 to 3, against cross-entropy and weights.

It has to stay inside the graph, be finite where probabilities end, and be cross-entropy
again when its knob stands at 0.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb


def focal_loss(logits, target, gamma=2.0, alpha=None):
    """Mean of -(1 - p)^gamma log p, p the probability of the right class.

    logits (N,), target (N,) of 0 and 1; alpha weighs the positives, 1 - alpha the rest.
    """
    log_p = -F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    loss = -(1 - log_p.exp()) ** gamma * log_p
    if alpha is not None:
        loss = loss * torch.where(target == 1, alpha, 1 - alpha)
    return loss.mean()


def weights():
    """What a sample counts, by how sure and right the model already is."""
    gb.ask("weight-at-9")
    gb.ask("gamma-0")
    for gamma in (0.0, 1.0, 2.0, 5.0):
        for percent in range(1, 100):
            p = torch.tensor(percent / 100)
            gb.log(f"gamma {gamma:g}", (1 - p) ** gamma, percent / 100, "probability of the right class")
    at = (1 - torch.tensor(0.9)) ** 2
    print(f"gamma 2: weight at p=0.9 {at.item():.4f}, at p=0.5 {0.5 ** 2:.4f}, at p=0.1 {0.9 ** 2:.4f}")
    torch.manual_seed(0)
    logits, target = torch.randn(64) * 3, torch.randint(0, 2, (64,)).float()
    gap = (focal_loss(logits, target, gamma=0.0) - F.binary_cross_entropy_with_logits(logits, target)).abs()
    print(f"gamma 0 against cross-entropy: {gap.item():.1e}")
    gb.tell("weight-at-9", at)
    gb.tell("gamma-0", "equal" if gap < 1e-6 else "different")
    gb.check("gamma 0 is cross-entropy", gap < 1e-6)


def data(n, seed):
    """Points (n, 2), 3 % of them positive, in a cloud that overlaps the other."""
    generator = torch.Generator().manual_seed(seed)
    target = (torch.rand(n, generator=generator) < 0.03).float()
    points = torch.randn(n, 2, generator=generator)
    points[target == 1] = 0.6 * points[target == 1] + torch.tensor([1.7, 1.3])
    return points, target


def measure(model, points, target, threshold=0.5):
    with torch.no_grad():
        said = model(points).squeeze(1).sigmoid() >= threshold
    truth = target == 1
    tp = (said & truth).sum().item()
    return tp / max(1, said.sum().item()), tp / truth.sum().item()


def train(steps=250):
    """The same net and data under three losses, judged at the threshold 0.5."""
    gamma = gb.knob("gamma", 2.0, 0.0, 5.0)
    points, target = data(3000, seed=1)
    held, held_target = data(3000, seed=2)
    gb.ask("most-recall")
    losses = {
        "cross-entropy": F.binary_cross_entropy_with_logits,
        "focal": lambda out, y: focal_loss(out, y, gamma),
        "weighted": lambda out, y: F.binary_cross_entropy_with_logits(out, y, pos_weight=torch.tensor(32.0)),
    }
    found = {}
    for name, loss in losses.items():
        torch.manual_seed(0)
        model = nn.Sequential(nn.Linear(2, 16), nn.Tanh(), nn.Linear(16, 1))
        optimizer = torch.optim.Adam(model.parameters(), lr=0.02)
        for step in range(steps):
            optimizer.zero_grad()
            value = loss(model(points).squeeze(1), target)
            value.backward()
            optimizer.step()
            if step % 10 == 0:
                gb.log(f"recall, {name}", measure(model, held, held_target)[1], step, "step")
        found[name] = measure(model, held, held_target)
        gb.show(torch.cat([held, held_target[:, None]], dim=1), view="plane")
        print(f"{name:<14} precision {found[name][0]:.3f}, recall {found[name][1]:.3f}")
    gb.tell("most-recall", max(found, key=lambda name: found[name][1]))
    gb.check("every loss found some", min(recall for _, recall in found.values()) > 0)


def in_the_graph():
    """Two ways to lose the gradient, and one to lose the value."""
    logits = torch.tensor([0.5, -1.0], requires_grad=True)
    target = torch.tensor([1.0, 0.0])
    gb.ask("item")
    loss = torch.tensor(focal_loss(logits, target).item(), requires_grad=True)      # a new leaf
    loss.backward()
    print("through .item(): logits.grad is", logits.grad)
    gb.tell("item", "None" if logits.grad is None else "a gradient")
    gb.check("a number has no history", logits.grad is None)

    gb.ask("naive")
    sure = torch.tensor([200.0], requires_grad=True)
    p = sure.sigmoid()
    naive = (-(1 - p) ** 2 * p.log()).mean() + 0 * (1 - p).log().mean()             # both classes written out
    naive.backward()
    safe = torch.tensor([200.0], requires_grad=True)
    focal_loss(safe, torch.ones(1)).backward()
    print("from probabilities:", naive.item(), sure.grad.tolist(), "  from logits:", focal_loss(safe, torch.ones(1)).item(), safe.grad.tolist())
    gb.tell("naive", "nan" if not sure.grad.isfinite().all() else "fine")
    gb.check("from logits it is finite", safe.grad.isfinite().all())
    worst = torch.tensor([-200.0], requires_grad=True)
    focal_loss(worst, torch.ones(1)).backward()
    print("sure and wrong, from logits: gradient", worst.grad.tolist())
    double = torch.randn(6, dtype=torch.float64, requires_grad=True)
    ok = torch.autograd.gradcheck(lambda x: focal_loss(x, torch.tensor([1.0, 0, 1, 0, 1, 0], dtype=torch.float64)), double)
    print("gradcheck:", ok)


if __name__ == "__main__":
    for tab in (weights, train, in_the_graph):
        tab()
        print()
