"""Optimisers and schedules: seeded training, states, printed form, error texts."""

import sys

from harness import case, expressions, run

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch import optim


OPTIMISERS = {
    "sgd": lambda p: optim.SGD(p, lr=0.1),
    "momentum": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, dampening=0.1, weight_decay=1e-2),
    "nesterov": lambda p: optim.SGD(p, lr=0.05, momentum=0.9, nesterov=True, maximize=False),
    "adam": lambda p: optim.Adam(p, lr=0.01),
    "amsgrad": lambda p: optim.Adam(p, lr=0.01, weight_decay=0.1, amsgrad=True),
    "adamw": lambda p: optim.AdamW(p, lr=0.01),
    "rmsprop": lambda p: optim.RMSprop(p, lr=0.001),
    "centered": lambda p: optim.RMSprop(p, lr=0.001, momentum=0.9, centered=True),
    "adagrad": lambda p: optim.Adagrad(p, lr=0.05, lr_decay=0.01),
    "adadelta": lambda p: optim.Adadelta(p),
}


def train(make, steps=20):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Dropout(0.2),
                          nn.Linear(64, 10))
    x, y = torch.rand(16, 1, 8, 8), torch.randint(0, 10, (16,))
    optimizer = make(model.parameters())
    losses = []
    for _ in range(steps):
        optimizer.zero_grad()
        loss = F.cross_entropy(model(x), y)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        losses.append("%.4f" % loss.item())
    return losses, optimizer


for label, maker in OPTIMISERS.items():
    def training(maker=maker):
        return train(maker)[0]
    training.__name__ = "training " + label
    case(training)

    def state(maker=maker):
        _, optimizer = train(maker, 3)
        return repr(optimizer), optimizer.state_dict()["param_groups"], [
            {k: v for k, v in s.items()} for s in optimizer.state_dict()["state"].values()]
    state.__name__ = "state " + label
    case(state, rtol=1e-3, atol=1e-5)

    def by_hand(maker=maker):
        """While lines are traced the step runs parameter by parameter: the same bits."""
        _, at_once = train(maker, 5)
        sys.settrace(lambda *event: None)
        try:
            _, slowly = train(maker, 5)
        finally:
            sys.settrace(None)
        pairs = zip(at_once.param_groups[0]["params"], slowly.param_groups[0]["params"])
        return [torch.equal(p, q) and str(at_once.state[p]) == str(slowly.state[q]) for p, q in pairs]
    by_hand.__name__ = "by hand " + label
    case(by_hand)

SCHEDULES = {
    "step": lambda o: optim.lr_scheduler.StepLR(o, 3, 0.5),
    "multistep": lambda o: optim.lr_scheduler.MultiStepLR(o, [2, 5], 0.5),
    "constant": lambda o: optim.lr_scheduler.ConstantLR(o, 0.5, 4),
    "linear": lambda o: optim.lr_scheduler.LinearLR(o, 0.25, 1.0, 5),
    "exponential": lambda o: optim.lr_scheduler.ExponentialLR(o, 0.9),
    "cosine": lambda o: optim.lr_scheduler.CosineAnnealingLR(o, 5, 0.01),
    "restarts": lambda o: optim.lr_scheduler.CosineAnnealingWarmRestarts(o, 3, 2),
    "lambda": lambda o: optim.lr_scheduler.LambdaLR(o, lambda e: 1 / (1 + e)),
    "multiplicative": lambda o: optim.lr_scheduler.MultiplicativeLR(o, lambda e: 0.9),
    "polynomial": lambda o: optim.lr_scheduler.PolynomialLR(o, 6, 2.0),
    "onecycle": lambda o: optim.lr_scheduler.OneCycleLR(o, 1.0, total_steps=12),
    "onecycle linear": lambda o: optim.lr_scheduler.OneCycleLR(o, 1.0, epochs=3, steps_per_epoch=4, anneal_strategy="linear",
                                                               three_phase=True),
    "cyclic": lambda o: optim.lr_scheduler.CyclicLR(o, 0.1, 1.0, 3, mode="triangular2"),
    "sequential": lambda o: optim.lr_scheduler.SequentialLR(o, [optim.lr_scheduler.ConstantLR(o, 0.1, 2),
                                                               optim.lr_scheduler.ExponentialLR(o, 0.9)], [3]),
    "chained": lambda o: optim.lr_scheduler.ChainedScheduler([optim.lr_scheduler.ConstantLR(o, 0.1, 2),
                                                              optim.lr_scheduler.ExponentialLR(o, 0.9)]),
}

for label, maker in SCHEDULES.items():
    def schedule(maker=maker):
        optimizer = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0, momentum=0.9)
        scheduler, rates = maker(optimizer), []
        for _ in range(10):
            optimizer.step()
            scheduler.step()
            rates.append((optimizer.param_groups[0]["lr"], optimizer.param_groups[0]["momentum"]))
        return rates, scheduler.get_last_lr()
    schedule.__name__ = "schedule " + label
    case(schedule)


@case
def plateau():
    optimizer = optim.SGD([nn.Parameter(torch.ones(1))], lr=1.0)
    scheduler, rates = optim.lr_scheduler.ReduceLROnPlateau(optimizer, patience=1, factor=0.5), []
    for loss in (3, 2, 2, 2, 2, 1, 1, 1, 1):
        scheduler.step(loss)
        rates.append(optimizer.param_groups[0]["lr"])
    return rates


@case
def reloading():
    """Training that goes on from a saved state gives the same numbers."""
    losses, optimizer = train(OPTIMISERS["adam"], 3)
    p, q = nn.Parameter(torch.ones(2)), nn.Parameter(torch.ones(2))
    a, b = optim.Adam([p], lr=0.1), optim.Adam([q], lr=0.5)
    for _ in range(3):
        p.grad = torch.tensor([1.0, -2.0])
        a.step()
    b.load_state_dict(a.state_dict())
    q.data.copy_(p.data)
    p.grad, q.grad = torch.ones(2), torch.ones(2)
    a.step()
    b.step()
    return p, q, torch.equal(p, q), b.state_dict()


@case
def clipping():
    ps = [nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(2, 2)), nn.Parameter(torch.ones(1))]
    results = []
    for kind in (2.0, 1.0, float("inf"), 3.0):
        for i, p in enumerate(ps[:2]):
            p.grad = torch.arange(float(p.numel())).view(p.shape) + i
        results += [nn.utils.clip_grad_norm_(ps, 1.5, kind), ps[0].grad.clone(), ps[1].grad.clone()]
    nn.utils.clip_grad_value_(ps, 0.2)
    return results, ps[0].grad, ps[1].grad


expressions("""
optim.SGD([], lr=0.1)
optim.SGD([p])
optim.SGD([p], lr=-1)
optim.SGD(torch.ones(1), lr=1)
optim.SGD([p * 2], lr=1)
optim.SGD([3], lr=1)
optim.SGD([p], lr=1, nesterov=True)
optim.SGD([{"params": p}, {"params": [p]}], lr=1)
optim.Adam([p], betas=(1, 0))
optim.Adam([p]).load_state_dict({"state": {}, "param_groups": []})
optim.lr_scheduler.StepLR(3, 1)
optim.lr_scheduler.OneCycleLR(optim.SGD([p], lr=1), 0.1)
""", setup="from torch import optim", p="torch.nn.Parameter(torch.ones(1))")

run(__file__)
