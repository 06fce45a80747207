"""A state_dict is a list of names and tensors, and nothing else.

Loading goes by name, then by shape.  What the file has and the model has not
is unexpected; what the model has and the file has not is missing.  And the
tensors in a state_dict are the model's own: keep it, and it keeps changing.
"""

import copy
import io

import torch
import torch.nn as nn

import gradboard as gb


def through_a_file(state):
    """What comes back after torch.save and torch.load."""
    file = io.BytesIO()
    torch.save(state, file)
    print(f"{len(state)} tensors, {file.tell()} bytes")
    file.seek(0)
    return torch.load(file)


def compare(state, model):
    """Every key of the two sides, with its shapes, and what becomes of it."""
    own = model.state_dict()
    print(f"{'key':<24}{'file':<10}{'model':<10}")
    for key in dict.fromkeys([*state, *own]):
        here, there = (tuple(d[key].shape) if key in d else None for d in (state, own))
        word = ("missing" if here is None else "unexpected" if there is None
                else "loaded" if here == there else "size mismatch")
        columns = ("-" if shape is None else str(shape) for shape in (here, there))
        print(f"{key:<24}" + "".join(f"{column:<10}" for column in columns) + word)


def one_line(error):
    """The message names every key that did not fit, over several lines."""
    return " ".join(str(error).split())


def keys():
    """Save, change the architecture, load."""
    torch.manual_seed(0)
    net = gb.watch(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)))
    state = through_a_file(net.state_dict())

    gb.ask("unexpected")
    gb.mark("fewer layers")
    smaller = gb.watch(nn.Sequential(nn.Linear(4, gb.knob("width", 8, choices=[8, 16]))))
    compare(state, smaller)
    try:
        smaller.load_state_dict(state)
    except RuntimeError as error:
        print("strict:", one_line(error))
        print("and yet 0.weight was loaded:", torch.equal(smaller[0].weight, net[0].weight))
    unexpected = [key for key in state if key not in smaller.state_dict()]
    gb.tell("unexpected", ", ".join(unexpected))
    try:
        result = smaller.load_state_dict(state, strict=False)
        print("strict=False: missing", result.missing_keys, "unexpected", result.unexpected_keys)
    except RuntimeError as error:
        print("strict=False:", one_line(error))
    gb.check("the first layer was loaded", torch.equal(smaller[0].weight, net[0].weight))

    gb.mark("more layers")
    larger = gb.watch(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2), nn.BatchNorm1d(2, affine=False)))
    print()
    compare(state, larger)
    result = larger.load_state_dict(state, strict=False)
    # BatchNorm counts batches since its second version; an older file may lack the counter, so it is not missed.
    print("strict=False: missing", result.missing_keys)
    gb.check("what is missing keeps its own start", larger[3].running_var.tolist() == [1.0, 1.0])

    gb.ask("mismatch")
    gb.mark("another width")
    wider = gb.watch(nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 2)))
    print()
    compare(state, wider)
    try:
        wider.load_state_dict(state, strict=False)
        loads = "yes"
    except RuntimeError as error:
        loads = "no"
        print("strict=False:", str(error).split("\n")[1].strip())
    gb.tell("mismatch", loads)
    fitting = {key: value for key, value in state.items() if value.shape == wider.state_dict()[key].shape}
    wider.load_state_dict(fitting, strict=False)
    print("by hand, only what fits:", list(fitting))


def alias():
    """Keep the best model of a run that begins to overfit: two ways, one of them wrong."""
    torch.manual_seed(0)
    truth = torch.randn(20, 1)
    x, x_val = torch.randn(24, 20), torch.randn(400, 20)
    y, y_val = x @ truth + 3 * torch.randn(24, 1), x_val @ truth
    net = gb.watch(nn.Linear(20, 1, bias=False))
    optimizer = torch.optim.SGD(net.parameters(), lr=0.05)

    def score(weight):
        return (x_val @ weight.t() - y_val).pow(2).mean().item()

    gb.ask("dict-changes")
    taken = net.state_dict()["weight"]
    kept = taken.clone()
    best = float("inf")
    alias_of_best = copy_of_best = None
    for step in range(120):
        optimizer.zero_grad()
        (net(x) - y).pow(2).mean().backward()
        optimizer.step()
        if step == 0:
            gb.tell("dict-changes", "no" if torch.equal(taken, kept) else "yes")
        with torch.no_grad():
            validation = score(net.weight)
            if validation < best:
                best, best_step = validation, step
                alias_of_best = net.state_dict()
                copy_of_best = copy.deepcopy(net.state_dict())
            gb.log("validation", validation)
            gb.log("kept: state_dict()", score(alias_of_best["weight"]))
            gb.log("kept: deepcopy", score(copy_of_best["weight"]))
    print(f"best validation loss {best:.3f} at step {best_step}, last {validation:.3f}")
    print(f"kept as state_dict():  {score(alias_of_best['weight']):.3f}")
    print(f"kept as deepcopy:      {score(copy_of_best['weight']):.3f}")
    gb.check("the run was past its best", validation > 1.05 * best)
    gb.check("the alias holds the last weights", torch.equal(alias_of_best["weight"], net.weight))
    net.load_state_dict(copy_of_best)
    gb.check("the copy restores the best score", score(net.weight.detach()) == best)
    same = net.state_dict()["weight"].data_ptr() == net.weight.data_ptr()
    print("state_dict()['weight'] and net.weight share storage:", same)
    gb.check("no storage of its own", same)


if __name__ == "__main__":
    keys()
    print()
    alias()
