"""Cross entropy taken apart.

cross_entropy takes logits, any real numbers.  log-softmax turns them into logarithms
of probabilities, NLL picks the one of the true class and flips its sign.  The gradient
is as plain as can be: the probabilities, minus 1 at the true class.
"""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb


def steps():
    logits = torch.tensor([[2.0, 1.0, 0.0], [0.0, 0.0, 0.0], [-1.0, 3.0, 0.5], [4.0, 0.0, 4.0]])
    labels = torch.tensor([0, 1, 1, 2])
    gb.ask("equal-logits")
    gb.mark("logits to log-probabilities")
    largest = logits.max(dim=1, keepdim=True).values
    shifted = logits - largest                            # exp cannot overflow any more
    log_p = shifted - shifted.exp().sum(dim=1, keepdim=True).log()
    gb.show(logits, view="grid")
    gb.show(log_p, view="grid")
    gb.mark("the true class")
    picked = log_p[torch.arange(4), labels]
    loss = -picked.mean()
    print("logits               probabilities            class  -log p")
    for row, p, label, value in zip(logits.tolist(), log_p.exp().tolist(), labels.tolist(), picked.tolist()):
        print(f"{str(row):<20} {' '.join(f'{v:.4f}' for v in p):<24} {label:>5}  {-value:.4f}")
    print(f"mean {loss.item():.4f}, F.cross_entropy {F.cross_entropy(logits, labels).item():.4f}")
    gb.tell("equal-logits", -picked[1])
    gb.check("log-softmax and NLL are cross_entropy", torch.allclose(loss, F.cross_entropy(logits, labels)))
    gb.check("a constant added to the logits changes nothing",
             torch.allclose(F.cross_entropy(logits + 100, labels), loss, atol=1e-4))
    gb.check("equal logits cost log 3", abs(picked[1].item() + math.log(3)) < 1e-6)


def gradient():
    first = gb.knob("true logit", 2.0, -6.0, 8.0)
    logits = torch.tensor([[first, 1.0, 0.0]], requires_grad=True)
    gb.ask("true-gradient")
    loss = F.cross_entropy(logits, torch.tensor([0]))
    gb.watch(loss)
    loss.backward()
    with torch.no_grad():
        p = torch.softmax(logits, dim=1)
        one_hot = F.one_hot(torch.tensor([0]), 3)
        table = torch.cat([p, one_hot, p - one_hot, logits.grad])
    gb.show(table, view="grid")
    for name, row in zip(("p", "one-hot", "p - one-hot", "logits.grad"), table.tolist()):
        print(f"{name:<12} {' '.join(f'{v:8.4f}' for v in row)}")
    print(f"loss {loss.item():.4f}; the gradient sums to {abs(logits.grad.sum().item()):.4f}")
    gb.tell("true-gradient", logits.grad[0, 0])
    gb.check("the gradient is p minus one-hot", torch.allclose(table[2], table[3], atol=1e-6))


def twice(count=150):
    """The mistake: softmax in forward, and cross_entropy applies it again."""
    inputs, labels = torch.eye(10).repeat(8, 1), torch.arange(10).repeat(8)
    gb.ask("floor")
    perfect = F.cross_entropy(torch.eye(10), torch.arange(10))     # probabilities of 1, taken for logits
    gb.tell("floor", perfect)
    models, optimizers = {}, {}
    for name in ("logits", "softmax first"):
        torch.manual_seed(0)
        models[name] = gb.watch(nn.Linear(10, 10))
        optimizers[name] = torch.optim.SGD(models[name].parameters(), lr=gb.knob("lr", 5.0, 0.1, 20.0, log=True))
    print("step   " + "".join(f"{name:>16}" for name in models) + "   largest gradient, both")
    for step in range(1, count + 1):
        losses, largest = {}, {}
        for name, model in models.items():
            out = model(inputs)
            if name == "softmax first":
                out = torch.softmax(out, dim=1)
            loss = F.cross_entropy(out, labels)
            optimizers[name].zero_grad()
            loss.backward()
            optimizers[name].step()
            losses[name], largest[name] = loss.item(), model.weight.grad.abs().max().item()
        for name, value in losses.items():
            gb.log(f"loss, {name}", value)
        if step in (1, 10, 50, 100, count):
            print(f"{step:>4}   " + "".join(f"{v:>16.4f}" for v in losses.values())
                  + "   " + " ".join(f"{v:.4f}" for v in largest.values()))
    print(f"log(1 + 9/e) = {perfect.item():.4f} is the floor with softmax first")
    gb.check("never below the floor", losses["softmax first"] >= perfect.item())
    gb.check("with logits the loss falls far below it", losses["logits"] < 0.5)


def options():
    logits = torch.tensor([[2.0, 1.0, 0.0], [2.0, 1.0, 0.0]])
    labels = torch.tensor([0, 1])
    each = F.cross_entropy(logits, labels, reduction="none")
    print("each loss          ", [round(v, 4) for v in each.tolist()], f" mean {each.mean().item():.4f}")

    smooth = F.cross_entropy(logits, labels, label_smoothing=0.1)
    target = torch.full((2, 3), 0.1 / 3)
    target[torch.arange(2), labels] += 0.9
    print(f"label_smoothing 0.1 {smooth.item():.4f}: the target is {[round(v, 4) for v in target[0].tolist()]}")
    gb.show(target, view="grid")
    gb.check("smoothing is a soft target", torch.allclose(smooth, F.cross_entropy(logits, target)))

    padded = torch.tensor([0, -100])
    print(f"one of two ignored  {F.cross_entropy(logits, padded).item():.4f}: the mean is over those that count")
    gb.ask("all-ignored")
    nothing = F.cross_entropy(logits, torch.tensor([-100, -100]))
    print(f"all ignored         {nothing.item()}: 0 divided by 0")
    gb.tell("all-ignored", str(nothing.item()))

    weight = torch.tensor([1.0, 3.0, 1.0])
    weighted = F.cross_entropy(logits, labels, weight=weight)
    print(f"weight 1, 3, 1      {weighted.item():.4f}: divided by the sum of the weights, not by 2")
    by_hand = (each * weight[labels]).sum() / weight[labels].sum()
    gb.check("a weighted mean", torch.allclose(weighted, by_hand))


def binary():
    """Two classes, one number: the same loss, and the same reason to hand over logits."""
    z, y = torch.tensor([0.0, 2.0, -3.0]), torch.tensor([1.0, 0.0, 1.0])
    stable = F.binary_cross_entropy_with_logits(z, y, reduction="none")
    two = torch.stack([torch.zeros(3), z], dim=1)                 # logit 0 for "no", z for "yes"
    print("with logits       ", [round(v, 4) for v in stable.tolist()])
    print("as two classes    ", [round(v, 4) for v in F.cross_entropy(two, y.long(), reduction='none').tolist()])
    gb.check("sigmoid is softmax over 0 and z", torch.allclose(stable, F.cross_entropy(two, y.long(), reduction="none")))

    far = torch.tensor([-200.0], requires_grad=True)
    F.binary_cross_entropy(torch.sigmoid(far), torch.ones(1)).backward()
    lost = far.grad.item()
    far.grad = None
    loss = F.binary_cross_entropy_with_logits(far, torch.ones(1))
    loss.backward()
    print(f"z = -200, y = 1: sigmoid first loses the gradient ({lost:.1f}), "
          f"with logits the loss is {loss.item():.0f} and the gradient {far.grad.item():.1f}")
    gb.check("sigmoid first: no gradient left", lost == 0)


if __name__ == "__main__":
    for tab in (steps, gradient, twice, options, binary):
        tab()
        print()
