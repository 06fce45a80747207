"""What a module knows of itself, and what only hangs on it.

nn.Module.__setattr__ looks at the type of every value: a Parameter goes into
_parameters, a Module into _modules, anything else becomes an ordinary Python
attribute.  parameters(), to(), state_dict() and train() walk those tables and
see nothing else.
"""

import torch
import torch.nn as nn

import gradboard as gb


class Mixed(nn.Module):
    """One attribute of every kind."""

    def __init__(self):
        super().__init__()
        self.p = nn.Parameter(torch.ones(2))               # registered: a parameter
        self.a = nn.Linear(2, 2)                           # registered: a submodule
        self.layers = [nn.Linear(2, 2), nn.Linear(2, 2)]   # a Python list: not registered
        self.t = torch.ones(2, requires_grad=True)         # a tensor: not registered
        self.register_buffer("mean", torch.zeros(2))       # registered: a buffer

    def forward(self, x):
        x = self.a(x * self.p) + self.t - self.mean
        for layer in self.layers:
            x = torch.tanh(layer(x))
        return x


def numbers(module):
    return sum(p.numel() for p in module.parameters())


def register():
    """Everything takes part in forward; only what is registered is trained."""
    torch.manual_seed(0)
    net = gb.watch(Mixed())
    gb.ask("registered-names")
    names = [name for name, _ in net.named_parameters()]
    print("named_parameters:", ", ".join(names))
    print("named_buffers:   ", ", ".join(name for name, _ in net.named_buffers()))
    print("state_dict:      ", ", ".join(net.state_dict()))
    gb.tell("registered-names", ", ".join(names))

    gb.ask("list-moves")
    optimizer = torch.optim.SGD(net.parameters(), lr=0.5)
    before = {"a.weight": net.a.weight, "layers[0].weight": net.layers[0].weight, "t": net.t}
    before = {name: tensor.detach().clone() for name, tensor in before.items()}
    for step in range(3):
        gb.mark(f"step {step + 1}")
        optimizer.zero_grad()
        loss = (net(torch.ones(4, 2)) - 1).pow(2).mean()
        loss.backward()
        optimizer.step()
        gb.log("loss", loss)
    after = {"a.weight": net.a.weight, "layers[0].weight": net.layers[0].weight, "t": net.t}
    print("\nafter three steps of SGD    has .grad   moved")
    for name, tensor in after.items():
        moved = not torch.equal(before[name], tensor)
        print(f"{name:<28}{str(tensor.grad is not None):<12}{moved}")
    gb.tell("list-moves", "yes" if not torch.equal(before["layers[0].weight"], net.layers[0].weight) else "no")

    net.double()
    kinds = {"p": net.p.dtype, "mean": net.mean.dtype, "t": net.t.dtype, "layers[0].weight": net.layers[0].weight.dtype}
    print("\nafter net.double():", ", ".join(f"{name} {dtype}" for name, dtype in kinds.items()))
    gb.check("double() converts what is registered, and nothing else",
             kinds["p"] == kinds["mean"] == torch.float64 and kinds["t"] == kinds["layers[0].weight"] == torch.float32)

    fixed = Mixed()
    fixed.layers = nn.ModuleList(fixed.layers)
    print("\nparameters with the list:      ", numbers(net))
    print("parameters with nn.ModuleList: ", numbers(fixed))
    gb.check("two Linear(2, 2) came in, 12 numbers", numbers(fixed) == numbers(net) + 12)


class Encoder(nn.Module):
    """Nested, so that names get dots; the last layer reads out with the embedding's own weight."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(10, 4)
        self.blocks = nn.ModuleList([nn.Sequential(nn.Linear(4, 4), nn.ReLU()) for _ in range(2)])
        self.heads = nn.ModuleDict({"word": nn.Linear(4, 10, bias=False)})
        self.heads["word"].weight = self.embed.weight

    def forward(self, tokens):
        x = self.embed(tokens)
        for block in self.blocks:
            x = x + block(x)
        return self.heads["word"](x)


def count(module, seen=None):
    """Numbers of all parameters below, a shared one once.  The children do the same for themselves."""
    seen = set() if seen is None else seen
    total = 0
    for parameter in module._parameters.values():
        if parameter is not None and id(parameter) not in seen:
            seen.add(id(parameter))
            total += parameter.numel()
    return total + sum(count(child, seen) for child in module.children())


def nest():
    """A tree of modules: every name is the path to it."""
    torch.manual_seed(0)
    tied = nn.Sequential(nn.Embedding(10, 4), nn.Linear(4, 10, bias=False))
    tied[1].weight = tied[0].weight
    gb.ask("tied-parameters")
    gb.ask("tied-keys")
    print("Embedding(10, 4) tied to Linear(4, 10):")
    print("  parameters()", len(list(tied.parameters())), " state_dict keys", len(tied.state_dict()),
          " numbers", numbers(tied))
    gb.tell("tied-parameters", len(list(tied.parameters())))
    gb.tell("tied-keys", len(tied.state_dict()))

    net = gb.watch(Encoder())
    print("\nmodules by depth:")
    for name, module in net.named_modules():
        print("  " * (name.count(".") + bool(name)) + f"{name or '(root)'}: {type(module).__name__}")
    print("\nchildren:", [name for name, _ in net.named_children()])
    print("parameters:", [name for name, _ in net.named_parameters()])
    print("counted recursively:", count(net))
    gb.check("the recursive counter agrees with parameters()", count(net) == numbers(net))
    gb.check("and the tied weight is one tensor", net.heads["word"].weight is net.embed.weight)

    gb.mark("one step")
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    loss = nn.functional.cross_entropy(net(torch.arange(10)), torch.arange(10).roll(1))
    loss.backward()
    optimizer.step()
    gb.check("after a step it still is", torch.equal(net.heads["word"].weight, net.embed.weight))

    flat = nn.Sequential(*net.blocks[0], *net.blocks[1])
    print("\nthe same layers, nested anew:", [name for name, _ in flat.named_parameters()])
    gb.check("other names, same tensors", flat[0].weight is net.blocks[0][0].weight)


class Scale(nn.Module):
    """The same weight three times; only its type differs."""

    def __init__(self):
        super().__init__()
        self.parameter = nn.Parameter(torch.ones(2))
        self.attribute = torch.ones(2, requires_grad=True)
        self.constant = torch.ones(2)

    def forward(self, x):
        return x * self.parameter * self.attribute * self.constant


def types():
    """One step of SGD: who gets a gradient, and who moves?"""
    net = gb.watch(Scale())
    gb.ask("attribute-grad")
    gb.ask("attribute-moves")
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    gb.mark("backward")
    net(torch.tensor([1.0, 2.0])).sum().backward()
    gb.mark("step")
    optimizer.step()
    for name in ("parameter", "attribute", "constant"):
        gb.log(f"{name}[0]", getattr(net, name)[0])
    print("attribute  type       requires_grad  registered  grad        after the step")
    for name in ("parameter", "attribute", "constant"):
        tensor = getattr(net, name)
        grad = None if tensor.grad is None else tensor.grad.tolist()
        print(f"{name:<11}{type(tensor).__name__:<11}{str(tensor.requires_grad):<15}"
              f"{str(name in dict(net.named_parameters())):<12}{str(grad):<12}{[round(v, 4) for v in tensor.tolist()]}")
    gb.tell("attribute-grad", "yes" if net.attribute.grad is not None else "no")
    gb.tell("attribute-moves", "no" if torch.equal(net.attribute, torch.ones(2)) else "yes")

    gb.ask("sum-type")
    result = nn.Parameter(torch.ones(2)) + 1
    print(f"\nParameter(ones(2)) + 1: {type(result).__name__}, leaf {result.is_leaf}")
    gb.tell("sum-type", type(result).__name__)
    gb.check("what is computed from a parameter is no leaf", not result.is_leaf)

    try:
        net.parameter = torch.zeros(2)
    except TypeError as error:
        print("assigning a tensor:", error)
    with torch.no_grad():
        net.parameter.copy_(torch.zeros(2))
    gb.check("copy_ changes the numbers, and the parameter stays itself",
             optimizer.param_groups[0]["params"][0] is net.parameter)
    gb.show(net.parameter, view="grid")

    data = torch.ones(2)
    wrapped = nn.Parameter(data)
    data[0] = 7.0
    print("Parameter(data) after data[0] = 7:", wrapped.tolist())
    gb.check("a parameter shares the storage it was made of", wrapped[0].item() == 7.0)


if __name__ == "__main__":
    register()
    print()
    nest()
    print()
    types()
