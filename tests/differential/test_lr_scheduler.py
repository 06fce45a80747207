"""Learning-rate schedules: chaining, resuming, printing, warnings, errors."""

import contextlib
import io
import warnings

from harness import case, expressions, run

import torch
from torch import nn, optim
from torch.optim import lr_scheduler as lrs


def sgd(momentum=0.9, groups=2, lr=1.0):
    return optim.SGD([{"params": [nn.Parameter(torch.ones(1))], "lr": lr / (i + 1)} for i in range(groups)], lr=lr,
                     momentum=momentum)


SCHEDULES = {
    "StepLR": lambda o, **k: lrs.StepLR(o, 3, 0.5, **k),
    "MultiStepLR": lambda o, **k: lrs.MultiStepLR(o, [2, 5, 5], 0.5, **k),
    "ConstantLR": lambda o, **k: lrs.ConstantLR(o, 0.5, 4, **k),
    "LinearLR": lambda o, **k: lrs.LinearLR(o, 0.25, 0.75, 5, **k),
    "ExponentialLR": lambda o, **k: lrs.ExponentialLR(o, 0.9, **k),
    "CosineAnnealingLR": lambda o, **k: lrs.CosineAnnealingLR(o, 5, 0.01, **k),
    "CosineAnnealingWarmRestarts": lambda o, **k: lrs.CosineAnnealingWarmRestarts(o, 3, 2, 0.01, **k),
    "LambdaLR": lambda o, **k: lrs.LambdaLR(o, lambda e: 1 / (1 + e), **k),
    "LambdaLR list": lambda o, **k: lrs.LambdaLR(o, [lambda e: 0.9 ** e, lambda e: 0.5 ** e], **k),
    "MultiplicativeLR": lambda o, **k: lrs.MultiplicativeLR(o, lambda e: 0.9, **k),
    "PolynomialLR": lambda o, **k: lrs.PolynomialLR(o, 6, 2.0, **k),
    "OneCycleLR": lambda o, **k: lrs.OneCycleLR(o, [1.0, 2.0], total_steps=14, **k),
    "OneCycleLR three": lambda o, **k: lrs.OneCycleLR(o, 1.0, epochs=7, steps_per_epoch=2, three_phase=True,
                                                      anneal_strategy="linear", cycle_momentum=False, **k),
    "CyclicLR": lambda o, **k: lrs.CyclicLR(o, 0.1, 1.0, 3, 2, **k),
    "CyclicLR triangular2": lambda o, **k: lrs.CyclicLR(o, [0.1, 0.2], [1.0, 2.0], 3, mode="triangular2",
                                                        base_momentum=[0.5, 0.6], **k),
    "CyclicLR exp_range": lambda o, **k: lrs.CyclicLR(o, 0.1, 1.0, 3, mode="exp_range", gamma=0.9, **k),
    "CyclicLR function": lambda o, **k: lrs.CyclicLR(o, 0.1, 1.0, 3, scale_fn=lambda x: 0.5 ** x, scale_mode="iterations",
                                                     cycle_momentum=False, **k),
}


def go(optimizer, scheduler, n):
    rates = []
    for _ in range(n):
        optimizer.step()
        scheduler.step()
        rates.append([(g["lr"], g["momentum"]) for g in optimizer.param_groups])
    return rates


def plain(state):
    """A state without functions, whose order is kept."""
    return {k: plain(v) if isinstance(v, dict) else [plain(x) if isinstance(x, dict) else x for x in v]
            if isinstance(v, list) else v for k, v in state.items() if not callable(v)}


for label, maker in SCHEDULES.items():
    def schedule(maker=maker):
        optimizer = sgd()
        scheduler = maker(optimizer)
        rates = go(optimizer, scheduler, 12)
        return rates, scheduler.get_last_lr(), plain(scheduler.state_dict()), optimizer.param_groups
    schedule.__name__ = "schedule " + label
    case(schedule)

    def resumed(maker=maker):
        optimizer = sgd()
        scheduler = maker(optimizer)
        go(optimizer, scheduler, 4)
        state, inner = scheduler.state_dict(), optimizer.state_dict()
        again = sgd()
        other = maker(again)
        again.load_state_dict(inner)
        other.load_state_dict(state)
        return go(again, other, 5), go(optimizer, scheduler, 5)
    resumed.__name__ = "resumed " + label
    case(resumed)

    def verbose(maker=maker):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            optimizer = sgd()
            go(optimizer, maker(optimizer, verbose=True), 3)
        return out.getvalue()
    verbose.__name__ = "verbose " + label
    case(verbose)

    def from_epoch(maker=maker):
        optimizer = sgd()
        for group in optimizer.param_groups:
            group.update(initial_lr=group["lr"], max_lr=1.0, min_lr=0.01, max_momentum=0.95, base_momentum=0.85)
        scheduler = maker(optimizer, last_epoch=3)
        return scheduler.last_epoch, scheduler.get_last_lr(), go(optimizer, scheduler, 4)
    from_epoch.__name__ = "last_epoch " + label
    case(from_epoch)

    def to_epoch(maker=maker):
        optimizer = sgd()
        scheduler, rates = maker(optimizer), []
        optimizer.step()
        for epoch in (2, 5, 1):
            scheduler.step(epoch)
            rates.append(scheduler.get_last_lr())
        return rates
    to_epoch.__name__ = "step(epoch) " + label
    case(to_epoch)

    def asked_outside(maker=maker):
        scheduler = maker(sgd())
        return scheduler.get_lr()
    asked_outside.__name__ = "get_lr() outside " + label
    case(asked_outside)

    def wrong_order(maker=maker):
        optimizer = sgd()
        scheduler = maker(optimizer)
        scheduler.step()
        optimizer.step()
        return scheduler.get_last_lr()
    wrong_order.__name__ = "wrong order " + label
    case(wrong_order)


@case
def together():
    """Several schedules on one optimizer, stepped one after another."""
    optimizer = sgd()
    schedules, rates = [lrs.ExponentialLR(optimizer, 0.9), lrs.MultiStepLR(optimizer, [3, 5], 0.1),
                        lrs.CosineAnnealingLR(optimizer, 4)], []
    for _ in range(9):
        optimizer.step()
        for scheduler in schedules:
            scheduler.step()
        rates.append([g["lr"] for g in optimizer.param_groups])
    return rates


@case
def chained():
    with contextlib.redirect_stdout(io.StringIO()) as out:
        optimizer = sgd()
        scheduler = lrs.ChainedScheduler([lrs.ConstantLR(optimizer, 0.1, 2, verbose=True), lrs.ExponentialLR(optimizer, 0.9)])
        rates = go(optimizer, scheduler, 5)
        state = scheduler.state_dict()
        again = sgd()
        other = lrs.ChainedScheduler([lrs.ConstantLR(again, 0.1, 2), lrs.ExponentialLR(again, 0.9)])
        other.load_state_dict(state)
        more = other.get_last_lr(), go(again, other, 2)
    return rates, plain(state), out.getvalue(), more


@case
def sequential():
    optimizer = sgd()
    scheduler = lrs.SequentialLR(optimizer, [lrs.LinearLR(optimizer, 0.1, 1.0, 3), lrs.CosineAnnealingLR(optimizer, 5),
                                             lrs.ExponentialLR(optimizer, 0.5)], [3, 8])
    first = scheduler.get_last_lr()
    rates = go(optimizer, scheduler, 4)
    state = scheduler.state_dict()
    again = sgd()
    other = lrs.SequentialLR(again, [lrs.LinearLR(again, 0.1, 1.0, 3), lrs.CosineAnnealingLR(again, 5),
                                     lrs.ExponentialLR(again, 0.5)], [3, 8])
    other.load_state_dict(state)
    return first, rates, plain(state), go(optimizer, scheduler, 7), go(again, other, 3)


@case
def restarts_in_fractions():
    optimizer = sgd()
    scheduler, rates = lrs.CosineAnnealingWarmRestarts(optimizer, 2, 2), []
    optimizer.step()
    for epoch in range(5):
        for i in range(3):
            scheduler.step(epoch + i / 3)
            rates.append(scheduler.get_last_lr())
    return rates, plain(scheduler.state_dict())


PLATEAUS = {"min": dict(patience=1, factor=0.5), "max": dict(mode="max", patience=0), "cooldown": dict(patience=0, cooldown=2),
            "abs": dict(threshold=0.5, threshold_mode="abs", patience=1), "max abs": dict(mode="max", threshold_mode="abs"),
            "floor": dict(patience=0, min_lr=0.3, factor=0.5), "floors": dict(patience=0, min_lr=[0.3, 0.01], factor=0.5),
            "eps": dict(patience=0, eps=0.6, factor=0.5)}
for label, options in PLATEAUS.items():
    def plateau(options=options):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            optimizer = sgd()
            scheduler, rates = lrs.ReduceLROnPlateau(optimizer, verbose=True, **options), []
            for loss in (3, 2.0, torch.tensor(2.0), 2, 2, 1.9, 1, 1, 1, float("nan"), float("inf")):
                scheduler.step(loss)
                rates.append([g["lr"] for g in optimizer.param_groups])
        return rates, plain(scheduler.state_dict()), out.getvalue(), scheduler.in_cooldown
    plateau.__name__ = "plateau " + label
    case(plateau)


@case
def plateau_with_epochs():
    with contextlib.redirect_stdout(io.StringIO()) as out:
        optimizer = sgd()
        scheduler = lrs.ReduceLROnPlateau(optimizer, patience=0, verbose=True)
        scheduler.step(1, epoch=3)
        scheduler.step(1, 4.5)
        scheduler.step(2, epoch=7)
        other = lrs.ReduceLROnPlateau(sgd())
        other.load_state_dict(scheduler.state_dict())
    return out.getvalue(), scheduler.get_last_lr(), other.last_epoch, other.best


@case
def callable_objects():
    class Rate:
        def __init__(self):
            self.factor = 0.5

        def __call__(self, epoch):
            return self.factor ** epoch
    optimizer = sgd(groups=1)
    scheduler = lrs.LambdaLR(optimizer, Rate())
    optimizer.step()
    scheduler.step()
    state = scheduler.state_dict()
    other = lrs.LambdaLR(sgd(groups=1), Rate())
    state["lr_lambdas"][0]["factor"] = 0.25
    other.load_state_dict(state)
    return state, other.lr_lambdas[0].factor, other.last_epoch


@case
def own_schedule():
    class Halving(lrs._LRScheduler):
        def get_lr(self):
            return [base / 2 ** self.last_epoch for base in self.base_lrs]
    optimizer = sgd()
    scheduler = Halving(optimizer)
    return go(optimizer, scheduler, 3), plain(scheduler.state_dict())


@case
def overridden_step():
    optimizer = sgd()
    scheduler = lrs.StepLR(optimizer, 2)
    optimizer.step = lambda: None
    optimizer.step()
    scheduler.step()
    return scheduler.get_last_lr()


@case
def adam_cycles():
    """Momentum is the first beta where there are betas."""
    optimizer = optim.Adam([nn.Parameter(torch.ones(1))], lr=0.1)
    scheduler, rates = lrs.OneCycleLR(optimizer, 0.1, total_steps=5), []
    for _ in range(4):
        optimizer.step()
        scheduler.step()
        rates.append((optimizer.param_groups[0]["lr"], optimizer.param_groups[0]["betas"]))
    return rates


@case
def copies():
    import copy
    import pickle
    optimizer = sgd()
    scheduler = lrs.StepLR(optimizer, 2)
    go(optimizer, scheduler, 3)
    other = copy.deepcopy(scheduler)
    return go(optimizer, scheduler, 2), other.get_last_lr(), other.optimizer is optimizer, plain(
        {k: v for k, v in pickle.loads(pickle.dumps(scheduler.state_dict())).items()})


@case
def signatures():
    import inspect
    return [(n, str(inspect.signature(getattr(lrs, n).__init__))) for n in
            ("LambdaLR", "MultiplicativeLR", "StepLR", "MultiStepLR", "ConstantLR", "LinearLR", "ExponentialLR",
             "SequentialLR", "CosineAnnealingLR", "ChainedScheduler", "ReduceLROnPlateau", "CyclicLR",
             "CosineAnnealingWarmRestarts", "OneCycleLR", "PolynomialLR")]


@case
def names():
    return lrs.__all__, [n for n in ("_LRScheduler", "LRScheduler", "EPOCH_DEPRECATION_WARNING") if hasattr(lrs, n)]


expressions("""
lrs.StepLR(3, 1)
lrs.StepLR(o, 1, last_epoch=2)
lrs.StepLR(o, 0).step()
lrs.StepLR(o)
lrs.LambdaLR(o, [lambda e: 1, lambda e: 2])
lrs.LambdaLR(o, 3)
lrs.MultiplicativeLR(o, [lambda e: 1, lambda e: 2])
lrs.ConstantLR(o, 2)
lrs.ConstantLR(o, -1)
lrs.LinearLR(o, 0)
lrs.LinearLR(o, 1.5)
lrs.LinearLR(o, 0.5, 2)
lrs.CosineAnnealingWarmRestarts(o, 0)
lrs.CosineAnnealingWarmRestarts(o, 2.5)
lrs.CosineAnnealingWarmRestarts(o, 2, 0)
lrs.CosineAnnealingWarmRestarts(o, 2, 1.5)
lrs.CosineAnnealingWarmRestarts(o, 2).step(-1)
lrs.SequentialLR(o, [lrs.StepLR(o, 1)], [3])
lrs.SequentialLR(o, [lrs.StepLR(o, 1), lrs.StepLR(q, 1)], [3])
lrs.SequentialLR(q, [lrs.StepLR(o, 1), lrs.StepLR(o, 1)], [3])
lrs.ChainedScheduler([lrs.StepLR(o, 1), lrs.StepLR(q, 1)])
lrs.ChainedScheduler([])
lrs.ReduceLROnPlateau(o, factor=1.0)
lrs.ReduceLROnPlateau(3)
lrs.ReduceLROnPlateau(o, mode="mean")
lrs.ReduceLROnPlateau(o, threshold_mode="x")
lrs.ReduceLROnPlateau(o, min_lr=[1, 2])
lrs.ReduceLROnPlateau(o).step()
lrs.ReduceLROnPlateau(o).get_last_lr()
lrs.CyclicLR(3, 0.1, 1)
lrs.CyclicLR(o, 0.1, 1)
lrs.CyclicLR(o, 0.1, 1, mode="round")
lrs.CyclicLR(o, [0.1, 0.2], 1)
lrs.CyclicLR(o, 0.1, [1, 2])
lrs.CyclicLR(torch.optim.Adam([p]), 0.1, 1)
lrs.CyclicLR(torch.optim.Adam([p]), 0.1, 1, cycle_momentum=False).get_last_lr()
lrs.OneCycleLR(3, 1)
lrs.OneCycleLR(o, 1)
lrs.OneCycleLR(o, 1, epochs=3)
lrs.OneCycleLR(o, 1, total_steps=0)
lrs.OneCycleLR(o, 1, total_steps=2.5)
lrs.OneCycleLR(o, 1, epochs=-1, steps_per_epoch=2)
lrs.OneCycleLR(o, 1, epochs=1, steps_per_epoch=0)
lrs.OneCycleLR(o, 1, total_steps=4, pct_start=2.0)
lrs.OneCycleLR(o, 1, total_steps=4, pct_start=1)
lrs.OneCycleLR(o, 1, total_steps=4, anneal_strategy="sin")
lrs.OneCycleLR(o, [1, 2], total_steps=4)
lrs.OneCycleLR(torch.optim.Adagrad([p]), 1, total_steps=4)
s = lrs.OneCycleLR(q, 1, total_steps=2); q.step(); s.step(); s.step()
s = lrs.OneCycleLR(q, 1, total_steps=2); q.step(); s.step(); s.step(); s.step()
lrs._LRScheduler(o)
lrs.LRScheduler
lrs.Nothing
""", setup="from torch.optim import lr_scheduler as lrs", p="torch.nn.Parameter(torch.ones(1))",
    o="torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=1)",
    q="torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=1, momentum=0.9)")

run(__file__)
