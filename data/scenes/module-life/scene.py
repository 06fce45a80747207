"""The life of a module, and the difference between m(x) and m.forward(x).

A module keeps flags (`training` on every module, `requires_grad` on every
parameter), tensors, and hooks.  Each call changes one of these and leaves the
rest alone; the tape printed here shows which.
"""

import io

import torch
import torch.nn as nn

import gradboard as gb


def build():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Sequential(nn.Dropout(0.5), nn.Linear(8, 2)))


class Tape:
    """One line per event: what the flags and tensors are afterwards."""

    def __init__(self):
        print(f"{'event':<26}{'training':<10}{'grad on':<9}{'dtype':<9}{'tracked':<9}{'same tensors'}")

    def note(self, event, net, before=None):
        modules, parameters = list(net.modules()), list(net.parameters())
        training = sum(module.training for module in modules)
        on = sum(parameter.requires_grad for parameter in parameters)
        same = "-" if before is None else "yes" if all(a is b for a, b in zip(before, parameters)) else "no"
        print(f"{event:<26}{f'{training} of {len(modules)}':<10}{f'{on} of {len(parameters)}':<9}"
              f"{str(parameters[0].dtype)[6:]:<9}{net[1].num_batches_tracked.item():<9}{same}")
        gb.mark(event)
        return parameters


def life():
    """Build, train, evaluate, freeze, convert, save, load, delete."""
    x = torch.randn(16, 4, generator=torch.Generator().manual_seed(1))
    tape = Tape()
    net = gb.watch(build())
    parameters = tape.note("build", net)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for step in range(12):
        optimizer.zero_grad()
        loss = net(x).pow(2).mean()
        loss.backward()
        gb.log("loss", loss)
        optimizer.step()
    tape.note("twelve training steps", net, parameters)

    gb.ask("eval-requires-grad")
    gb.ask("modules-flipped")
    flags = [module.training for module in net.modules()]
    grads = [parameter.requires_grad for parameter in net.parameters()]
    net.eval()
    tape.note("eval()", net, parameters)
    gb.tell("eval-requires-grad", "no" if grads == [p.requires_grad for p in net.parameters()] else "yes")
    gb.tell("modules-flipped", sum(was != module.training for was, module in zip(flags, net.modules())))
    out = net(x)
    tape.note("forward in eval", net, parameters)
    print("  its output requires grad:", out.requires_grad)
    gb.check("eval() does not switch autograd off", out.requires_grad)
    gb.check("in eval a forward leaves BatchNorm's counter alone", net[1].num_batches_tracked.item() == 12)

    net.train()
    net[1].eval()
    tape.note("train(), but [1].eval()", net, parameters)
    net[0].requires_grad_(False)
    tape.note("[0].requires_grad_(False)", net, parameters)
    net.double()
    tape.note("double()", net, parameters)
    gb.check("converting keeps the parameter objects", all(a is b for a, b in zip(parameters, net.parameters())))

    file = io.BytesIO()
    torch.save(net.state_dict(), file)
    file.seek(0)
    fresh = gb.watch(build())
    tape.note("build another", fresh, parameters)
    fresh.load_state_dict(torch.load(file))
    tape.note("load_state_dict", fresh)
    gb.check("loading brings numbers, not dtype", fresh[0].weight.dtype == torch.float32)
    gb.check("nor flags", all(module.training for module in fresh.modules())
             and all(parameter.requires_grad for parameter in fresh.parameters()))

    held = net[0].weight
    del net
    print(f"del net: the optimizer still holds {len(optimizer.param_groups[0]['params'])} parameters;",
          "the first is net[0].weight:", optimizer.param_groups[0]["params"][0] is held)


class Deep(nn.Module):
    """Applies one layer 1 to 4 times.  The graph is made anew at every call."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 4)
        self.out = nn.Linear(4, 1)
        self.kept = []

    def forward(self, x, depth):
        for _ in range(depth):
            x = torch.tanh(self.layer(x))
        return self.out(x)


class Leaky(Deep):
    """The slip: forward keeps what it computed on self, and with it every graph."""

    def forward(self, x, depth):
        y = super().forward(x, depth)
        self.kept.append(y.sum())
        return y


def count_nodes(tensor):
    """Nodes of the graph behind a tensor."""
    seen, todo = set(), [tensor.grad_fn]
    while todo:
        node = todo.pop()
        if node is not None and node not in seen:
            seen.add(node)
            todo.extend(following for following, _ in node.next_functions)
    return len(seen)


def call():
    """Hooks belong to the call, not to forward; and forward may take another way each time."""
    torch.manual_seed(0)
    net = gb.watch(Deep())
    x = torch.randn(2, 4)
    fired = []
    handle = net.register_forward_hook(lambda module, inputs, output: fired.append(tuple(output.shape)))
    gb.ask("hook-count")
    net(x, 1)
    net.forward(x, 1)
    print("after net(x) and net.forward(x) the hook has fired", len(fired), "time")
    gb.tell("hook-count", len(fired))
    handle.remove()
    net(x, 1)
    gb.check("a hook that was removed is silent", len(fired) == 1)

    layer_calls = []
    net.layer.register_forward_hook(lambda *_: layer_calls.append(1))
    for depth in (1, 2, 3, 4, gb.knob("depth", 4, 1, 6)):
        gb.mark(f"depth {depth}")
        layer_calls.clear()
        y = net(x, depth)
        nodes = count_nodes(y)
        gb.log("graph nodes", nodes)
        y.sum().backward()
        print(f"depth {depth}: layer called {len(layer_calls)} x, {nodes} nodes behind the output,"
              f" {len(list(net.parameters()))} parameters")
        gb.check("the layer is called once per level", len(layer_calls) == depth)

    leaky = Leaky()
    for _ in range(5):
        leaky(x, 2)
    alive = count_nodes(sum(leaky.kept))
    print(f"\nafter 5 calls self.kept holds {len(leaky.kept)} outputs, and {alive} nodes stay alive behind their sum")
    gb.check("more than one call's graph is kept", alive > 3 * count_nodes(leaky.kept[0]) - 10)


if __name__ == "__main__":
    life()
    print()
    call()
