"""One optimizer, several rules: who decays, who learns slowly, and who was never on the list.

A small backbone with a new head is put into groups; then what two groups may share,
and what becomes of a layer that is replaced after the optimizer was built.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(8, 16), nn.LayerNorm(16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU())
        self.head = nn.Linear(16, 3)

    def forward(self, x):
        return self.head(self.backbone(x))


def decays(name, parameter):
    """Matrices decay; biases and the scales of norms, which have one dimension, do not."""
    return parameter.dim() > 1


def make_groups(model, lr, weight_decay):
    """Four groups: backbone or head, with or without decay."""
    groups = {}
    for name, parameter in model.named_parameters():
        part = name.split(".")[0]
        key = part, decays(name, parameter)
        group = groups.setdefault(key, {"params": [], "names": [], "lr": lr / 10 if part == "backbone" else lr,
                                        "weight_decay": weight_decay if key[1] else 0.0})
        group["params"].append(parameter)
        group["names"].append(name)
    return list(groups.values())


def line_up():
    torch.manual_seed(0)
    model = gb.watch(Net())
    gb.ask("no-decay")
    gb.ask("group-count")
    optimizer = torch.optim.AdamW(make_groups(model, lr=1e-2, weight_decay=0.1), lr=1e-2)
    for i, group in enumerate(optimizer.param_groups):
        numbers = sum(p.numel() for p in group["params"])
        print(f"group {i}: lr {group['lr']:g}, decay {group['weight_decay']:g}, {numbers:>3} numbers: {', '.join(group['names'])}")
    without = [name for group in optimizer.param_groups if group["weight_decay"] == 0 for name in group["names"]]
    gb.tell("no-decay", len(without))
    gb.tell("group-count", len(optimizer.param_groups))
    listed = [id(p) for group in optimizer.param_groups for p in group["params"]]
    gb.check("every parameter is in one group, once", sorted(listed) == sorted(id(p) for p in model.parameters()))

    x, y = torch.randn(64, 8), torch.randint(0, 3, (64,))
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    for step in range(20):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
        for name in ("backbone.0.weight", "head.weight"):
            moved = (model.get_parameter(name) - before[name]).norm() / before[name].norm()
            gb.log(f"{name} moved by", moved, step, "step")
    moved = {name: ((p - before[name]).abs().mean()).item() for name, p in model.named_parameters()}
    print(f"mean move: backbone.0.weight {moved['backbone.0.weight']:.4f}, head.weight {moved['head.weight']:.4f}")
    gb.check("the head moves further", moved["head.weight"] > 3 * moved["backbone.0.weight"])


def only_decay():
    """No gradient to speak of: what the decay does alone."""
    gb.ask("decayed")
    found = {}
    for name, make in (("AdamW", torch.optim.AdamW), ("Adam", torch.optim.Adam), ("SGD", torch.optim.SGD)):
        w = torch.ones(1, requires_grad=True)
        optimizer = make([{"params": [w], "weight_decay": 0.1}], lr=0.1)
        w.grad = torch.zeros(1)
        optimizer.step()
        found[name] = w.item()
        print(f"{name:<6} w=1, gradient 0, decay 0.1, lr 0.1: {w.item():.4f}")
    gb.tell("decayed", found["AdamW"])
    gb.check("Adam turns the decay into a step of its own size", abs(found["Adam"] - 0.9) < 1e-3)


def twice():
    gb.ask("shared")
    w = nn.Parameter(torch.ones(2))
    try:
        torch.optim.SGD([{"params": [w]}, {"params": [w], "lr": 0.01}], lr=0.1)
        said = "steps twice"
    except ValueError as error:
        said = "error"
        print("two groups:", error)
    gb.tell("shared", said)
    tied = nn.ModuleDict({"embed": nn.Embedding(10, 4), "out": nn.Linear(4, 10, bias=False)})
    tied["out"].weight = tied["embed"].weight
    names = [name for name, _ in tied.named_parameters()]
    print("tied weights are listed once, under their first name:", names)
    gb.check("named_parameters tells a tied weight once", names == ["embed.weight"])


def replaced():
    """The head is swapped after the optimizer was made."""
    torch.manual_seed(0)
    model = Net()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    model.head = nn.Linear(16, 5)
    gb.watch(model)
    before = model.head.weight.detach().clone()
    gb.ask("moves")
    x, y = torch.randn(64, 8), torch.randint(0, 5, (64,))
    for _ in range(5):
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    moved = not torch.equal(model.head.weight, before)
    print(f"new head: gradient norm {model.head.weight.grad.norm():.3f}, moved: {moved}")
    gb.tell("moves", "yes" if moved else "no")
    held = {id(p) for group in optimizer.param_groups for p in group["params"]}
    missing = [name for name, p in model.named_parameters() if id(p) not in held]
    print("on no list:", missing)
    gb.check("the new head is on no list", missing == ["head.weight", "head.bias"])
    optimizer.add_param_group({"params": model.head.parameters(), "lr": 0.2})
    F.cross_entropy(model(x), y).backward()
    optimizer.step()
    gb.check("after add_param_group it moves", not torch.equal(model.head.weight, before))


if __name__ == "__main__":
    for tab in (line_up, only_decay, twice, replaced):
        tab()
        print()
