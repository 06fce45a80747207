"""Softmax, log-softmax and binary cross-entropy: the same formulas, safe and unsafe.

exp() leaves the range of a float long before the answer does.  Taking the maximum
out first, or staying with logarithms, changes nothing on paper and everything here.
"""

import math

import torch
import torch.nn.functional as F

import gradboard as gb


def first_infinite(dtype):
    """The first whole logit whose exp is inf in `dtype`; half has no exp of its own on a CPU."""
    logits = torch.arange(0, 200)
    powers = logits.double().exp().to(dtype)
    return int(logits[powers.isinf()][0])


def overflow():
    gb.ask("float16-inf")
    gb.ask("float32-inf")
    print("dtype        largest number   last finite exp      first inf")
    for dtype in (torch.float16, torch.bfloat16, torch.float32, torch.float64):
        if dtype is torch.float64:
            first = int(torch.arange(0, 1000)[torch.arange(0, 1000).double().exp().isinf()][0])
        else:
            first = first_infinite(dtype)
        last = torch.tensor(first - 1.0).double().exp().to(dtype)
        print(f"{str(dtype)[6:]:<12} {torch.finfo(dtype).max:<16.4g} exp({first - 1}) = {last.item():<11.4g} exp({first})")
        if dtype is torch.float16:
            gb.tell("float16-inf", first)
        if dtype is torch.float32:
            gb.tell("float32-inf", first)
    around = torch.tensor([10.0, 11.0, 12.0]).exp()
    gb.show(around.half(), view="bits", labels=["exp(10)", "exp(11)", "exp(12)"])
    gb.check("float16 holds exp(11), not exp(12)", first_infinite(torch.float16) == 12)
    gb.check("float32 holds exp(88), not exp(89)", first_infinite(torch.float32) == 89)


def naive_softmax(x):
    powers = x.exp()
    return powers / powers.sum()


def stable_softmax(x):
    powers = (x - x.max()).exp()             # the largest is exp(0) = 1
    return powers / powers.sum()


def softmax():
    top = gb.knob("top", 1000.0, 0.0, 1000.0)
    gb.ask("naive-first")
    gb.ask("naive-second")
    x = torch.tensor([top, 0.0])
    naive, stable = naive_softmax(x), stable_softmax(x)
    gb.show(torch.stack([x.exp(), naive, stable]), view="grid",
            labels=[["exp(x)", "naive", "stable"], ["x[0]", "x[1]"]])
    print(f"x = [{top:g}, 0]   exp(x) {x.exp().tolist()}")
    print("naive softmax   ", naive.tolist())
    print("stable softmax  ", stable.tolist())
    gb.tell("naive-first", "nan" if naive[0].isnan() else "inf" if naive[0].isinf() else "one")
    gb.tell("naive-second", "nan" if naive[1].isnan() else "zero" if naive[1] == 0 else "more")
    gb.check("without the overflow the two agree", torch.allclose(naive_softmax(x / 100), stable_softmax(x / 100)))
    gb.check("stable is F.softmax", torch.allclose(stable, F.softmax(x, dim=0)))

    for logit in range(70, 101):
        pair = torch.tensor([float(logit), logit - 1.0])     # the difference is 1: the answer never changes
        gb.log("p(first), naive", naive_softmax(pair)[0], logit, "logit")
        gb.log("p(first), stable", stable_softmax(pair)[0], logit, "logit")
    print("logits (88, 87):", naive_softmax(torch.tensor([88.0, 87.0])).tolist())
    print("logits (89, 88):", naive_softmax(torch.tensor([89.0, 88.0])).tolist())


def log_softmax():
    """The other end: what is too small becomes 0, and its logarithm -inf."""
    gap = gb.knob("gap", 200.0, 1.0, 200.0)
    gb.ask("log-of-softmax")
    gb.ask("log-softmax")
    found = {}
    for name, log_probabilities in (("log(softmax(x))", lambda x: F.softmax(x, dim=0).log()),
                                    ("log_softmax(x)", lambda x: F.log_softmax(x, dim=0))):
        x = torch.tensor([gap, 0.0], requires_grad=True)
        out = log_probabilities(x)
        out[1].backward()
        found[name] = (out[1].item(), x.grad)
        print(f"{name:<18} x[1]: {out[1].item():<10g} gradient {x.grad.tolist()}")
    naive = found["log(softmax(x))"][0]
    gb.tell("log-of-softmax", "-inf" if naive == -math.inf else "right")
    gb.tell("log-softmax", found["log_softmax(x)"][0])
    gb.show(torch.stack([gradient for _, gradient in found.values()]), view="grid",
            labels=[list(found), ["d/dx[0]", "d/dx[1]"]])
    gb.check("log_softmax keeps a gradient of (-1, 1)", torch.equal(found["log_softmax(x)"][1], torch.tensor([-1.0, 1.0])))

    x = torch.tensor([200.0, 1.0, -3.0])
    by_hand = x.max() + (x - x.max()).exp().sum().log()
    print("logsumexp by hand", by_hand.item(), " torch.logsumexp", torch.logsumexp(x, 0).item())


def binary():
    """BCELoss gets a probability that has already been rounded; BCEWithLogitsLoss gets the logit."""
    gb.ask("clamped")
    gb.ask("gradient")
    one = torch.ones(1)
    print("logit     BCELoss(sigmoid)  gradient    BCEWithLogits     gradient")
    for logit in (-5.0, -20.0, -50.0, -95.0, -120.0, -200.0):
        a = torch.tensor([logit], requires_grad=True)
        b = torch.tensor([logit], requires_grad=True)
        first = F.binary_cross_entropy(a.sigmoid(), one)
        second = F.binary_cross_entropy_with_logits(b, one)
        first.backward()
        second.backward()
        gb.log("BCELoss(sigmoid)", first, logit, "logit")
        gb.log("BCEWithLogitsLoss", second, logit, "logit")
        print(f"{logit:<9g} {first.item():<17.4f} {a.grad.item():<11.4g} {second.item():<17.4f} {b.grad.item():.4g}")
    zero = F.binary_cross_entropy(torch.zeros(1), one)
    gb.tell("clamped", zero)
    gb.tell("gradient", a.grad)
    gb.check("with logits the gradient is -1, however wrong the logit", abs(b.grad.item() + 1) < 1e-6)


if __name__ == "__main__":
    for tab in (overflow, softmax, log_softmax, binary):
        tab()
        print()
