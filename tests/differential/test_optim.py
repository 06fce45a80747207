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
    "adamax": lambda p: optim.Adamax(p, lr=0.01, weight_decay=0.01),
    "nadam": lambda p: optim.NAdam(p, lr=0.01, weight_decay=0.01),
    "radam": lambda p: optim.RAdam(p, lr=0.01, weight_decay=0.01),
    "asgd": lambda p: optim.ASGD(p, lr=0.12, t0=3, lambd=0.01, weight_decay=0.01),
    "rprop": lambda p: optim.Rprop(p, lr=0.001),
    "maximising sgd": lambda p: optim.SGD(p, lr=0.01, momentum=0.5, weight_decay=0.1, maximize=True),
    "maximising adam": lambda p: optim.Adam(p, lr=0.001, maximize=True),
    "maximising adamw": lambda p: optim.AdamW(p, lr=0.001, maximize=True),
    "maximising adamax": lambda p: optim.Adamax(p, lr=0.001, maximize=True),
    "maximising asgd": lambda p: optim.ASGD(p, lr=0.001, maximize=True),
    "maximising rprop": lambda p: optim.Rprop(p, lr=0.0001, maximize=True),
    "maximising rmsprop": lambda p: optim.RMSprop(p, lr=0.0001, weight_decay=0.1, maximize=True),
    "maximising adagrad": lambda p: optim.Adagrad(p, lr=0.001, weight_decay=0.1, initial_accumulator_value=0.1, maximize=True),
    "maximising adadelta": lambda p: optim.Adadelta(p, lr=0.01, weight_decay=0.1, maximize=True),
    "foreach adam": lambda p: optim.Adam(p, lr=0.01, foreach=True),
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


def steps(make, n=4, dtype=torch.float32, gradient=lambda i, p: torch.sin(p.detach() * (i + 1)) * (-1) ** i):
    ps = [nn.Parameter(torch.linspace(-1, 1, 6).to(dtype).view(2, 3)), nn.Parameter(torch.tensor(0.5, dtype=dtype))]
    optimizer = make(ps)
    for i in range(n):
        for p in ps:
            p.grad = gradient(i, p).to(dtype)
        optimizer.step()
    return ps, optimizer


for label, maker in OPTIMISERS.items():
    def doubles(maker=maker):
        ps, optimizer = steps(maker, dtype=torch.float64)
        return ps, [s for s in optimizer.state_dict()["state"].values()]
    doubles.__name__ = "doubles " + label
    if not label.startswith("foreach"):
        case(doubles)

    def alike(maker=maker):
        """Zero, huge, infinite and missing numbers."""
        values = torch.tensor([[0.0, 1e30, -1e-30], [float("inf"), float("nan"), -0.0]])
        ps, _ = steps(maker, 3, gradient=lambda i, p: values if p.ndim else values[0, i])
        return ps
    alike.__name__ = "special gradients " + label
    case(alike)

    def resumed(maker=maker):
        """A state that went through pickle and load_state_dict goes on as if nothing had been."""
        import copy
        import pickle
        ps, optimizer = steps(maker, 2)
        other = maker([nn.Parameter(p.detach().clone()) for p in ps])
        other.load_state_dict(pickle.loads(pickle.dumps(optimizer.state_dict())))
        third = copy.deepcopy(other)
        for o in (optimizer, other, third):
            for p in o.param_groups[0]["params"]:
                p.grad = torch.ones_like(p)
            o.step()
        return ([[torch.equal(p, q) for p, q in zip(ps, o.param_groups[0]["params"])] for o in (other, third)], ps,
                other.state_dict(), sorted(other.defaults), repr(third))
    resumed.__name__ = "resumed " + label
    case(resumed)

SMALL = {
    "sgd": lambda p: optim.SGD(p, lr=0.1, momentum=0.9, differentiable=True),
    "adam": lambda p: optim.Adam(p, lr=0.1, differentiable=True),
    "amsgrad": lambda p: optim.Adam(p, lr=0.1, amsgrad=True, differentiable=True),
    "rmsprop": lambda p: optim.RMSprop(p, lr=0.1, centered=True, momentum=0.3, differentiable=True),
}
for label, maker in SMALL.items():
    def differentiable(maker=maker):
        w = torch.tensor([1.0, 2.0, -3.0], requires_grad=True)
        p = w.clone()
        optimizer = maker([p])
        p.grad = w * w + 1
        optimizer.step()
        loss = (p * p).sum()
        loss.backward()
        return w.grad, p.detach()
    differentiable.__name__ = "differentiable " + label
    case(differentiable)


@case
def half_precision():
    results = []
    for make in (lambda p: optim.SGD(p, 0.1, 0.9), optim.Adam, optim.AdamW, optim.RMSprop):
        ps, _ = steps(make, dtype=torch.bfloat16)
        results.append(ps)
    return results


def rosenbrock(p):
    x, y = p
    return (1 - x) ** 2 + 100 * (y - x ** 2) ** 2


for label, options in {"plain": dict(lr=0.001, max_iter=5), "wolfe": dict(line_search_fn="strong_wolfe"),
                       "short history": dict(line_search_fn="strong_wolfe", history_size=2, max_iter=4),
                       "few": dict(line_search_fn="strong_wolfe", max_eval=3, lr=0.1), "none": dict(max_iter=1),
                       "double": dict(line_search_fn="strong_wolfe", max_iter=3)}.items():
    def lbfgs(label=label, options=options):
        p = nn.Parameter(torch.tensor([-1.2, 1.0], dtype=torch.float64 if label == "double" else torch.float32))
        optimizer = optim.LBFGS([p], **options)
        losses, calls = [], 0

        def closure():
            nonlocal calls
            calls += 1
            optimizer.zero_grad()
            loss = rosenbrock(p)
            loss.backward()
            return loss
        for _ in range(4):
            losses.append(optimizer.step(closure))
        state = optimizer.state_dict()["state"][0]
        return [x.detach() for x in losses], p, calls, sorted(state), state["n_iter"], state["func_evals"], repr(optimizer)
    lbfgs.__name__ = "lbfgs " + label
    case(lbfgs, rtol=2e-3, atol=1e-4)


@case
def lbfgs_regression():
    torch.manual_seed(0)
    model, x = nn.Linear(3, 1), torch.randn(20, 3)
    y = x @ torch.tensor([[1.0], [-2.0], [0.5]]) + 0.3
    optimizer = optim.LBFGS(model.parameters(), lr=0.5, max_iter=10)

    def closure():
        optimizer.zero_grad()
        loss = F.mse_loss(model(x), y)
        loss.backward()
        return loss
    losses = ["%.3f" % optimizer.step(closure).item() for _ in range(5)]
    saved = optimizer.state_dict()
    other = optim.LBFGS(model.parameters(), lr=0.5, max_iter=10)
    other.load_state_dict(saved)
    return losses, [k for k in saved["state"][0]], type(saved["state"][0]["old_dirs"]), model.weight.detach().round()


@case
def own_optimizer():
    """A class of one's own, as tutorials write it."""
    class Plain(optim.Optimizer):
        def __init__(self, params, lr=0.1):
            super().__init__(params, dict(lr=lr))

        @torch.no_grad()
        def step(self, closure=None):
            loss = None
            if closure is not None:
                with torch.enable_grad():
                    loss = closure()
            for group in self.param_groups:
                for p in group["params"]:
                    if p.grad is None:
                        continue
                    state = self.state[p]
                    if len(state) == 0:
                        state["step"] = 0
                    state["step"] += 1
                    p.add_(p.grad, alpha=-group["lr"])
            return loss
    p = nn.Parameter(torch.ones(2))
    optimizer = Plain([{"params": [p], "lr": 0.5}])
    loss = optimizer.step(lambda: (p.sum().backward(), p.sum())[1])
    scheduler = optim.lr_scheduler.StepLR(optimizer, 1)
    optimizer.step()
    scheduler.step()
    return loss, p, optimizer, optimizer.state_dict()


@case
def groups():
    a, b, c = (nn.Parameter(torch.ones(n)) for n in (1, 2, 3))
    optimizer = optim.SGD([{"params": [a]}, {"params": b, "lr": 0.5, "name": "second"}], lr=0.1, momentum=0.9)
    optimizer.add_param_group({"params": (c,), "weight_decay": 0.1})
    for p in (a, b, c):
        p.grad = torch.ones_like(p)
    optimizer.step()
    optimizer.zero_grad()
    zeroed = [p.grad for p in (a, b, c)]
    optimizer.zero_grad(set_to_none=True)
    return a, b, c, zeroed, [p.grad for p in (a, b, c)], optimizer, optimizer.state_dict(), optimizer.defaults


@case
def some_without_gradient():
    a, b = nn.Parameter(torch.ones(1)), nn.Parameter(torch.ones(2))
    optimizer = optim.Adam([a, b])
    b.grad = torch.ones(2)
    optimizer.step()
    return a, b, optimizer.state_dict()["state"]


@case
def signatures():
    import inspect
    return [(name, str(inspect.signature(getattr(optim, name).__init__)).replace(": bool", "").replace(
        ": Optional[bool]", "").replace(": Union[bool, NoneType]", "").replace(": bool", "").replace(" = ", "="))
        for name in ("SGD", "RMSprop", "Rprop", "LBFGS", "SparseAdam")], [
        list(inspect.signature(getattr(optim, name).__init__).parameters) for name in
        ("Adam", "AdamW", "Adamax", "NAdam", "RAdam", "ASGD", "Adagrad", "Adadelta")]


@case
def older_checkpoint():
    """Steps that are numbers, settings that are missing."""
    p = nn.Parameter(torch.ones(2))
    optimizer = optim.Adam([p])
    state = {"step": 3, "exp_avg": torch.ones(2), "exp_avg_sq": torch.ones(2)}
    group = {"lr": 0.1, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0, "params": [0]}
    optimizer.load_state_dict({"state": {0: state}, "param_groups": [group]})
    p.grad = torch.ones(2)
    optimizer.step()
    return p, optimizer.state_dict(), optimizer


class Blocks(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3), nn.Linear(3, 1))

    def forward(self, x):
        return self.layers(x)


@case
def averaged_weights():
    from torch.optim.swa_utils import SWALR, AveragedModel, update_bn
    torch.manual_seed(0)
    model = Blocks()
    data = [(torch.randn(4, 2), torch.randn(4, 1)) for _ in range(3)]
    swa, ema = AveragedModel(model), AveragedModel(model, avg_fn=lambda mean, now, n: 0.9 * mean + 0.1 * now,
                                                  use_buffers=True)
    optimizer = optim.SGD(model.parameters(), lr=0.1)
    scheduler, lrs = SWALR(optimizer, swa_lr=0.01, anneal_epochs=3), []
    for x, y in data * 2:
        optimizer.zero_grad()
        F.mse_loss(model(x), y).backward()
        optimizer.step()
        swa.update_parameters(model)
        ema.update_parameters(model)
        scheduler.step()
        lrs += scheduler.get_last_lr()
    update_bn(data, swa)
    return dict(swa.state_dict()), dict(ema.state_dict()), lrs, swa(data[0][0]), repr(swa), swa.training


@case
def annealing():
    from torch.optim.swa_utils import SWALR
    results = []
    for options in (dict(swa_lr=[0.05, 0.5]), dict(swa_lr=0.05, anneal_epochs=0), dict(swa_lr=0.2, anneal_strategy="linear")):
        optimizer = optim.SGD([{"params": nn.Parameter(torch.ones(1)), "lr": 1.0}, {"params": nn.Parameter(torch.ones(1))}],
                              lr=0.1)
        scheduler = SWALR(optimizer, **options)
        for _ in range(12):
            optimizer.step()
            scheduler.step()
            results.append(scheduler.get_last_lr())
    return results


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
optim.SGD({p}, lr=1)
optim.SGD([{"params": {p}}], lr=1)
optim.SGD([{"lr": 1}], lr=1)
optim.SGD([[1]], lr=1)
optim.SGD([p], lr=1, momentum=-1)
optim.SGD([p], lr=1, weight_decay=-1)
optim.SGD([p, p], lr=1)
optim.SGD([p], 0.1).add_param_group([p])
optim.SGD([p], 0.1).add_param_group({"params": p})
optim.SGD([p], 0.1).add_param_group({"params": [1]})
optim.SGD([{"params": p}]).add_param_group({"params": torch.ones(1)})
optim.SGD([{"params": p, "lr": 1}])
optim.SGD([p], 0.1).load_state_dict({"state": {}, "param_groups": [{"params": [0, 1]}]})
optim.Adam([p], lr=-1)
optim.Adam([p], eps=-1)
optim.Adam([p], betas=(0.5, 1.0))
optim.Adam([p], weight_decay=-1)
optim.Adam([p], fused=True)
optim.Adam([p], fused=True, differentiable=True)
p.grad = torch.ones(1); optim.Adam([p], capturable=True).step()
optim.AdamW([p], lr=-0.1)
optim.AdamW([p], betas=(-0.1, 0))
optim.Adamax([p], lr=-0.1)
optim.Adamax([p], betas=(1.5, 0))
optim.NAdam([p], momentum_decay=-1)
optim.RAdam([p], eps=-1)
optim.RAdam([p], maximize=True)
optim.ASGD([p], lr=-1)
optim.ASGD([p], weight_decay=-1)
optim.Rprop([p], etas=(1.1, 1.2))
optim.Rprop([p], lr=-1)
optim.RMSprop([p], alpha=-1)
optim.RMSprop([p], momentum=-1)
optim.RMSprop([p], eps=-1)
optim.Adagrad([p], lr_decay=-1)
optim.Adagrad([p], initial_accumulator_value=-1)
optim.Adagrad([p], eps=-1)
optim.Adadelta([p], rho=2)
optim.Adadelta([p], lr=-1)
optim.Adagrad([p], differentiable=True)
optim.SparseAdam([p])
optim.SparseAdam([p], lr=0)
optim.SparseAdam([p], eps=0)
optim.SparseAdam([p], betas=(1.0, 0))
p.grad = torch.ones(1); optim.SparseAdam([p]).step()
optim.SparseAdam([p]).step(lambda: 3)
optim.LBFGS([{"params": p}, {"params": torch.ones(1)}])
optim.LBFGS([p]).step()
optim.LBFGS([p], line_search_fn="armijo").step(lambda: ((p * p).sum().backward(), (p * p).sum())[1])
optim.Optimizer([p], {}).step(None)
optim.Optimizer([p], dict(lr=1))
optim.Adam([p]).step(lambda: 7)
optim.SGD([p], 0.1).zero_grad()
optim.SGD([torch.ones(1)], 0.1)
optim.SGD([torch.ones(1, dtype=torch.int64)], 0.1)
optim.swa_utils.SWALR(optim.SGD([p], 0.1), [1, 2])
optim.swa_utils.SWALR(optim.SGD([p], 0.1), 1, anneal_strategy="none")
optim.swa_utils.SWALR(optim.SGD([p], 0.1), 1, anneal_epochs=-1)
optim.swa_utils.SWALR(optim.SGD([p], 0.1), 1).get_lr()
[optim.NAdam([p]), optim.RAdam([p]), optim.ASGD([p]), optim.Rprop([p]), optim.Adamax([p]), optim.SparseAdam([p]), optim.LBFGS([p])]
[optim.SGD([p], 0.1), optim.Adam([p]), optim.AdamW([p]), optim.RMSprop([p]), optim.Adagrad([p]), optim.Adadelta([p])]
[c.__module__ for c in (optim.SGD, optim.Adam, optim.AdamW, optim.LBFGS, optim.SparseAdam, optim.Optimizer, optim.lr_scheduler.StepLR)]
optim.Nothing
optim.swa_utils.__all__
""", setup="from torch import optim", p="torch.nn.Parameter(torch.ones(1))")

run(__file__)
