import torch

from gradboard_check import check, close, equal, holds, person, put, source, torch_there, value

DOUBLE = torch.float64


class Rule:
    """What a step does to one parameter, by the formulas, in float64."""

    def __init__(self, kind, p, **settings):
        self.kind, self.p, self.t = kind, p.double().clone(), 0
        self.m, self.v = torch.zeros_like(self.p), torch.zeros_like(self.p)
        self.settings = {"momentum": 0.0, "weight_decay": 0.0 if kind == "SGD" else 0.01, "lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, **settings}

    def step(self, g):
        s = self.settings
        lr, decay, (b1, b2) = s["lr"], s["weight_decay"], s["betas"]
        self.t += 1
        if self.kind == "SGD":
            self.v = s["momentum"] * self.v + g.double() + decay * self.p
            self.p = self.p - lr * self.v
            return self.p
        self.p = self.p * (1 - lr * decay)
        self.m = b1 * self.m + (1 - b1) * g.double()
        self.v = b2 * self.v + (1 - b2) * g.double() ** 2
        self.p = self.p - lr * (self.m / (1 - b1 ** self.t)) / ((self.v / (1 - b2 ** self.t)).sqrt() + s["eps"])
        return self.p


def now(p):
    return value(p.detach().clone())


def optimizer(kind, params, **settings):
    return getattr(person, kind)(params, **settings)


def walk(kind, settings, steps=10, falls=0, dtype=DOUBLE, scale=1.0):
    """Gradients of our own, step by step; `falls`: after so many steps the rate is a tenth."""
    start = torch.randn(2, 3, dtype=dtype)
    p, rule = put(start, True), Rule(kind, start, **settings)
    mine = optimizer(kind, [p], **settings)
    given = {"optimizer": f"{kind}, " + ", ".join(f"{k} {v}" for k, v in settings.items()), "p at first": start}
    scheduler = torch_there().optim.lr_scheduler.StepLR(mine, falls, gamma=0.1) if falls else None
    for nth in range(steps):
        if falls and nth and nth % falls == 0:
            rule.settings["lr"] *= 0.1
            given["rate"] = f"a tenth of it after every {falls} steps"
        g = torch.randn(2, 3, dtype=dtype) * scale
        p.grad = put(g)
        mine.step()
        if falls:
            scheduler.step()
        close(now(p), rule.step(g).to(dtype), {**given, "gradient of this step": g, "steps done": nth + 1}, 1e-6 if dtype == DOUBLE else 1e-5)


@check("own")
def own():
    names = {"Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "ASGD", "LBFGS", "NAdam", "RAdam", "RMSprop", "Rprop", "SGD", "SparseAdam",
             "functional", "_functional", "adamw", "adam", "sgd", "_multi_tensor"}
    used = {name for name in source.uses() if name.startswith("torch.optim.") and set(name.split(".")[2:]) & names}
    holds(not used, expected="of torch.optim only Optimizer", got=used)


@check("sgd")
def sgd():
    for settings in ({"lr": 0.1}, {"lr": 0.1, "momentum": 0.9}, {"lr": 0.05, "weight_decay": 0.1}, {"lr": 0.05, "momentum": 0.5, "weight_decay": 0.02}):
        walk("SGD", settings)
    walk("SGD", {"lr": 0.1, "momentum": 0.9}, falls=4)


@check("adamw")
def adamw():
    for settings in ({}, {"lr": 0.1, "weight_decay": 0.0}, {"lr": 0.05, "betas": (0.5, 0.9), "weight_decay": 0.3}):
        walk("AdamW", settings)
    walk("AdamW", {"lr": 0.05, "eps": 0.01}, scale=0.01)
    walk("AdamW", {"lr": 0.1}, falls=4)
    walk("AdamW", {"lr": 0.1}, dtype=torch.float32)


@check("first-step")
def first_step():
    g = torch.tensor([1e-3, 1.0, 1e3, -1e3, 1e-8], dtype=DOUBLE)
    p = put(torch.zeros(5, dtype=DOUBLE), True)
    mine = optimizer("AdamW", [p], lr=0.01, weight_decay=0.0)
    p.grad = put(g)
    mine.step()
    close(now(p) * 100, -g / (g.abs() + 1e-8), {"optimizer": "AdamW, lr 0.01, no decay", "gradient": g, "what": "100 times p after one step, from 0"}, 1e-6)


@check("decay")
def decay():
    for kind, expected in (("AdamW", 0.99), ("SGD", 0.99)):
        p = put(torch.ones(1, dtype=DOUBLE), True)
        mine = optimizer(kind, [p], lr=0.1, weight_decay=0.1)
        p.grad = put(torch.zeros(1, dtype=DOUBLE))
        mine.step()
        close(now(p), torch.full((1,), expected, dtype=DOUBLE), {"optimizer": f"{kind}, lr 0.1, weight_decay 0.1", "p": 1.0, "gradient": 0.0}, 1e-9)


@check("in-place")
def in_place():
    for kind in ("SGD", "AdamW"):
        p, g = put(torch.randn(3), True), torch.randn(3)
        shares = p.detach()
        mine = optimizer(kind, [p], lr=0.1, weight_decay=0.1)
        for nth in range(2):
            p.grad = put(g)
            mine.step()
            given = {"optimizer": kind, "steps done": nth + 1}
            close(p.grad.clone(), g, {**given, "what": "p.grad afterwards"}, 0)
        close(shares.clone(), now(p), {**given, "what": "memory that p had at first"}, 0)
        equal([p.is_leaf, p.requires_grad], [True, True], {**given, "what": "p.is_leaf, p.requires_grad"})


@check("none")
def none():
    for kind, settings in (("SGD", {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1}), ("AdamW", {"lr": 0.1, "weight_decay": 0.1})):
        starts = torch.randn(2, 4, dtype=DOUBLE)
        a, b = (put(t.clone(), True) for t in starts)
        rules = [Rule(kind, t, **settings) for t in starts]
        mine = optimizer(kind, [a, b], **settings)
        given = {"optimizer": f"{kind}, " + ", ".join(f"{k} {v}" for k, v in settings.items())}
        for nth, has in enumerate(((0,), (0,), (0, 1), (1,), (0, 1))):
            g = torch.randn(2, 4, dtype=DOUBLE)
            for i, p in enumerate((a, b)):
                p.grad = put(g[i]) if i in has else None
                if i in has:
                    rules[i].step(g[i])
            mine.step()
            for name, p, rule in zip("ab", (a, b), rules):
                close(now(p), rule.p, {**given, "steps done": nth + 1, "with gradients, step by step": ["a", "a", "a b", "b", "a b"][:nth + 1], "what": name}, 1e-6)


@check("groups")
def groups():
    for kind in ("SGD", "AdamW"):
        starts = torch.randn(2, 3, dtype=DOUBLE)
        a, b = (put(t.clone(), True) for t in starts)
        mine = optimizer(kind, [{"params": [a], "weight_decay": 0.0}, {"params": [b], "lr": 0.02}], lr=0.1, weight_decay=0.2)
        rules = [Rule(kind, starts[0], lr=0.1, weight_decay=0.0), Rule(kind, starts[1], lr=0.02, weight_decay=0.2)]
        given = {"optimizer": f"{kind}, lr 0.1, weight_decay 0.2", "groups": "a: weight_decay 0.0; b: lr 0.02"}
        scheduler = torch_there().optim.lr_scheduler.StepLR(mine, 2, gamma=0.5)
        for nth in range(5):
            g = torch.randn(2, 3, dtype=DOUBLE)
            for i, p in enumerate((a, b)):
                p.grad = put(g[i])
                rules[i].step(g[i])
            mine.step()
            scheduler.step()
            for name, p, rule in zip("ab", (a, b), rules):
                close(now(p), rule.p, {**given, "rates": "halved after every 2 steps", "steps done": nth + 1, "what": name}, 1e-6)
                rule.settings["lr"] *= 0.5 if nth % 2 else 1


@check("state")
def state():
    for kind, settings in (("SGD", {"lr": 0.1, "momentum": 0.9}), ("AdamW", {"lr": 0.1})):
        start = torch.randn(4, dtype=DOUBLE)
        p, rule = put(start, True), Rule(kind, start, **settings)
        mine = optimizer(kind, [p], **settings)
        for nth in range(6):
            if nth == 3:
                saved = mine.state_dict()
                p = put(now(p), True)                    # as after a restart: another tensor, another optimizer
                mine = optimizer(kind, [p], lr=0.7)
                mine.load_state_dict(saved)
            g = torch.randn(4, dtype=DOUBLE)
            p.grad = put(g)
            mine.step()
            given = {"optimizer": f"{kind}, " + ", ".join(f"{k} {v}" for k, v in settings.items()), "steps done": nth + 1}
            close(now(p), rule.step(g), {**given, "saved and loaded into a new one": "after 3 steps" if nth >= 3 else "not yet"}, 1e-6)
