"""Two ways from Python to TorchScript: follow one run, or read the source.

torch.jit.trace runs the function on an example and writes down the operators that were
called.  torch.jit.script compiles the text of the function, branches included.  Both end
in the same language, and the same graph of aten:: and prim:: nodes.
"""

import os
import warnings
import zipfile

import torch
import torch.nn as nn

import gradboard as gb


def f(x):
    if x.sum() > 0:
        return 2 * x
    return x - 1


def kinds(block):
    """Kinds of all nodes but constants, those inside branches and loops indented."""
    lines = []
    for node in block.nodes():
        if node.kind() != "prim::Constant":
            lines.append(node.kind())
        for inner in node.blocks():
            lines += ["    " + line for line in kinds(inner)]
    return lines


def quietly_traced(function, *example):
    """The traced function, and what the tracer had to say."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        traced = torch.jit.trace(function, example)
    return traced, sorted({str(w.message).split(".")[0] for w in caught if issubclass(w.category, torch.jit.TracerWarning)})


def two_captures():
    """f through both, on an input that takes the other branch."""
    number = gb.knob("number", -3.0, choices=[-3.0, -0.5, 2.0, 4.0])
    gb.ask("by-trace")
    gb.ask("by-script")
    traced, warned = quietly_traced(f, torch.ones(2))
    scripted = torch.jit.script(f)
    print("the tracer warned:", *warned)

    x = torch.full((2,), number, requires_grad=True)
    gb.mark("trace")
    by_trace = traced(x)
    gb.mark("script")
    by_script = scripted(x)
    by_script.sum().backward()
    gb.watch(by_script)
    print(f"f({number:g}, {number:g}) in Python {f(x).tolist()}, traced {by_trace.tolist()}, scripted {by_script.tolist()}")
    gb.tell("by-trace", by_trace[0].item())
    gb.tell("by-script", by_script[0].item())
    gb.check("script agrees with Python", torch.equal(by_script, f(x)))
    gb.check("trace agrees on the branch it was shown", torch.equal(traced(x.abs()), f(x.abs())))


def two_graphs():
    """What was captured: as code, and as nodes."""
    gb.ask("if-where")
    gb.ask("traced-nodes")
    traced, _ = quietly_traced(f, torch.ones(2))
    scripted = torch.jit.script(f)
    has_if = {}
    for name, captured in (("traced", traced), ("scripted", scripted)):
        nodes = kinds(captured.graph)
        has_if[name] = "prim::If" in nodes
        print(f"{name}:")
        print("   ", captured.code.strip().replace("\n", "\n    "))
        print("    nodes, constants left out:", *[f"\n        {node}" for node in nodes])
    gb.tell("if-where", "script" if has_if == {"traced": False, "scripted": True} else "both")
    gb.tell("traced-nodes", len(kinds(traced.graph)))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear(4, 8)
        self.drop = nn.Dropout(0.5)
        self.last = nn.Linear(8, 2)

    def forward(self, x):
        return self.last(self.drop(torch.relu(self.first(x))))


@torch.no_grad()
def frozen_by_trace():
    """Besides branches: loops, and the mode at the time."""
    gb.ask("rows-summed")

    def sum_rows(x):
        total = torch.zeros(x.shape[1])
        for i in range(len(x)):               # the tracer sees a plain 3, and three additions
            total = total + x[i]
        return total

    traced, warned = quietly_traced(sum_rows, torch.ones(3, 2))
    unrolled = kinds(traced.graph).count("aten::add")
    print(f"a loop traced on 3 rows: {unrolled} additions in the graph")
    five = torch.ones(5, 2)
    got = traced(five)[0].item()
    print(f"5 rows of ones: Python {sum_rows(five)[0].item():g}, traced {got:g}, without a word")
    scripted = torch.jit.script(sum_rows)
    print(f"scripted: {scripted(five)[0].item():g}, with", *[k for k in kinds(scripted.graph) if "Loop" in k])
    gb.tell("rows-summed", got)

    torch.manual_seed(0)
    net, x = Net(), torch.ones(1, 4)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")       # it notices that two runs differ
        late = torch.jit.trace(net, x)        # still in training mode
    late.eval()
    right = torch.jit.trace(net.eval(), x)
    differ = len({tuple(late(x).flatten().tolist()) for _ in range(8)})
    same = len({tuple(right(x).flatten().tolist()) for _ in range(8)})
    print(f"traced in training mode, then eval(): {'the outputs vary' if differ > 1 else 'one output'}")
    print(f"traced after eval():                  {'the outputs vary' if same > 1 else 'one output'}")
    gb.check("dropout stays in the late one", differ > 1 and same == 1)


@torch.no_grad()
def saved():
    """The archive: code, weights, constants.  It loads without the class Net."""
    gb.ask("needs-class")
    torch.manual_seed(0)
    net = Net().eval()
    scripted = torch.jit.script(net)
    torch.save(net.state_dict(), "weights.pt")    # names and numbers, no code
    path = "net.pt"
    torch.jit.save(scripted, path)
    with zipfile.ZipFile(path) as archive:
        for entry in archive.infolist():
            if not entry.filename.endswith("debug_pkl"):
                print(f"   {entry.filename.split('/', 1)[1]:<60} {entry.file_size:>6} bytes")
        code = archive.read("net/code/__torch__.py").decode()
    print("the code in it ends:")
    print("       ", "\n    ".join(code.rstrip().split("\n")[-9:]).strip())

    kept = globals().pop("Net")               # as in a program that never heard of it
    loaded = torch.jit.load(path)
    globals()["Net"] = kept
    x = torch.randn(3, 4)
    gb.check("the loaded net computes the same", torch.equal(loaded(x), net(x)))
    gb.tell("needs-class", "no" if "def forward" in code else "yes")
    os.remove(path)
    os.remove("weights.pt")


if __name__ == "__main__":
    for tab in (saved, frozen_by_trace, two_graphs, two_captures):
        tab()
        print()
