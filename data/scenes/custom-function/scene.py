"""A forward of your own with a backward of your own, and the test that finds the wrong one.

swish, clamp and sign as torch.autograd.Function.  A backward is a claim about slopes, and
gradcheck compares the claim with what nudging the input shows.
"""

import torch
from torch.autograd import Function, gradcheck

import gradboard as gb


class Swish(Function):
    """x times sigmoid(x); keeps x alone and computes the sigmoid again."""

    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * torch.sigmoid(x)

    @staticmethod
    def backward(ctx, grad):
        x, = ctx.saved_tensors
        s = torch.sigmoid(x)
        return grad * (s + x * s * (1 - s))


class WrongSwish(Swish):
    """The product rule, half of it."""

    @staticmethod
    def backward(ctx, grad):
        x, = ctx.saved_tensors
        return grad * torch.sigmoid(x)


class SoftmaxAlone(Function):
    """Softmax whose author forgot that every output depends on every input."""

    @staticmethod
    def forward(ctx, x):
        y = torch.softmax(x, dim=-1)
        ctx.save_for_backward(y)
        return y

    @staticmethod
    def backward(ctx, grad):
        y, = ctx.saved_tensors
        return grad * y * (1 - y)


class Clamp(Function):
    """Cut to [low, high]; two arguments are numbers and get None for a gradient."""

    @staticmethod
    def forward(ctx, x, low, high):
        ctx.save_for_backward((x >= low) & (x <= high))
        return x.clamp(low, high)

    @staticmethod
    def backward(ctx, grad):
        inside, = ctx.saved_tensors
        return grad * inside, None, None


class SignThrough(Function):
    """sign forward; backward pretends that it was the identity (straight-through)."""

    @staticmethod
    def forward(ctx, x):
        return x.sign()

    @staticmethod
    def backward(ctx, grad):
        return grad


def jacobian(function, x):
    """Row by row, as backward claims it."""
    x = x.clone().requires_grad_()
    y = function(x)
    rows = [torch.autograd.grad(y[i], x, retain_graph=True)[0] for i in range(len(y))]
    return torch.stack(rows)


def nudged(function, x, h=1e-6):
    """Column by column, by moving one input both ways."""
    columns = []
    for j in range(len(x)):
        step = torch.zeros_like(x)
        step[j] = h
        columns.append((function(x + step) - function(x - step)) / (2 * h))
    return torch.stack(columns, dim=1)


def passes(function, x):
    try:
        return gradcheck(function, (x.clone().requires_grad_(),))
    except RuntimeError as error:
        print("   gradcheck:", str(error).split("\n")[0][:90])
        return False


def check_jacobians():
    """What backward claims, what nudging shows, and where they differ."""
    gb.ask("wrong-swish-cell")
    gb.ask("softmax-cells")
    x = torch.tensor([-1.0, 0.0, 0.5, 2.0], dtype=torch.float64)
    off = {}
    for name, function in (("swish", Swish.apply), ("half a swish", WrongSwish.apply),
                           ("torch.softmax", lambda t: torch.softmax(t, -1)), ("softmax alone", SoftmaxAlone.apply)):
        claimed, seen = jacobian(function, x), nudged(function, x)
        off[name] = (claimed - seen).abs() > 1e-5
        gb.show(claimed, view="grid")
        gb.show(seen, view="grid")
        wrong = claimed - seen
        gb.show(wrong, view="grid")
        print(f"{name:<14} wrong cells {int(off[name].sum()):>2} of 16, gradcheck {passes(function, x)}")
    good = (~off["half a swish"].diagonal()).nonzero().flatten().tolist()
    print("half a swish is right at x =", [x[i].item() for i in good])
    gb.tell("wrong-swish-cell", x[good[0]].item())
    gb.tell("softmax-cells", int(off["softmax alone"].sum()))
    gb.check("swish is right everywhere", not off["swish"].any())


def sign_and_clamp():
    """Functions with a slope of zero, and what to hand back in place of it."""
    gb.ask("sign-gradient")
    gb.ask("through-gradient")
    gradients = {}
    for name, function in (("torch.sign", torch.sign), ("straight-through", SignThrough.apply), ("clamp to -1..1", lambda t: Clamp.apply(t, -1.0, 1.0))):
        x = torch.tensor([-2.0, -0.5, 0.5, 1.0], requires_grad=True)
        y = function(x)
        y.sum().backward()
        gradients[name] = x.grad
        for at in torch.linspace(-3, 3, 61):
            moving = at.clone().requires_grad_()
            slope, = torch.autograd.grad(function(moving), moving)
            gb.log(f"slope of {name}", slope, at, "input")
        print(f"{name:<17} value {y.tolist()}  gradient {x.grad.tolist()}")
    gb.tell("sign-gradient", gradients["torch.sign"][3])
    gb.tell("through-gradient", gradients["straight-through"][3])
    x = torch.tensor([-2.0, -0.5, 0.5, 1.0], requires_grad=True)
    x.clamp(-1.0, 1.0).sum().backward()
    gb.check("clamp agrees with torch, at its ends too", x.grad.equal(gradients["clamp to -1..1"]))
    at = torch.tensor([0.3], dtype=torch.float64)
    print("nudging sign at 0.3 gives", nudged(torch.sign, at).item())
    gb.check("so gradcheck refuses straight-through", not passes(SignThrough.apply, at))


def learn_signs(steps=100):
    """Weights of +1 and -1 only: with the true gradient they stay, straight-through they learn."""
    torch.manual_seed(0)
    truth = torch.randn(16).sign()
    x = torch.randn(256, 16)
    y = x @ truth
    gb.ask("learns")
    right = {}
    for name, binarise in (("true slope", torch.sign), ("straight-through", SignThrough.apply)):
        torch.manual_seed(1)
        w = (0.1 * torch.randn(16)).requires_grad_()
        optimizer = torch.optim.SGD([w], lr=0.0005)
        start = int((w.sign() == truth).sum())
        for step in range(steps):
            loss = (x @ binarise(w) - y).pow(2).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            gb.log(f"loss, {name}", loss, step, "step")
        right[name] = int((w.sign() == truth).sum())
        print(f"{name:<17} {start} of 16 signs right at first, {right[name]} after {steps} steps, loss {loss.item():.3f}")
    gb.tell("learns", "straight-through" if right["straight-through"] > right["true slope"] else "true slope")
    gb.check("straight-through finds all signs", right["straight-through"] == 16)


if __name__ == "__main__":
    for tab in (sign_and_clamp, learn_signs, check_jacobians):
        tab()
        print()
