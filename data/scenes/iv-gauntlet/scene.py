"""Three sealed bugs, each harder than the one before: the run is seen, the cause is named, then the seal is opened.

All six faults stand in the code below.  Which of two is at work in a round is drawn from the knob
`seal`, so reading does not help: what the loss, the gradients and five probes show has to.
"""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

ROUNDS = [("not emptied", "rate too high"), ("shapes", "cut"), ("root", "logarithm")]
FAULTS = [fault for pair in ROUNDS for fault in pair]
STEPS = 60


def make_data():
    """Points (64, 2) and a fold over them, which needs a hidden layer that learns."""
    x = torch.rand(64, 2, generator=torch.Generator().manual_seed(5)) * 2 - 1
    return x, 2 * x[:, :1].abs() - 1


class Net(nn.Module):
    def __init__(self, is_cut):
        super().__init__()
        self.hidden, self.head, self.is_cut = nn.Linear(2, 12), nn.Linear(12, 1), is_cut

    def forward(self, x):
        h = torch.tanh(self.hidden(x))
        return self.head(h.detach() if self.is_cut else h)


def loss_of(fault, net, x, y):
    out = net(x)
    if fault == "shapes":
        return ((out - y[:, 0]) ** 2).mean()
    if fault == "root":                                     # the distance of each output from the first: that of itself is 0
        apart = (out - out[:1]) ** 2
        return F.mse_loss(out, y) + 1e-3 * torch.where(apart > 0, apart.sqrt(), torch.zeros_like(apart)).mean()
    if fault == "logarithm":                                # fine until a weight is 0, and one is
        return F.mse_loss(out, y) - 1e-6 * net.head.weight.abs().log().mean()
    return F.mse_loss(out, y)


def start(fault):
    torch.manual_seed(0)
    net = Net(fault == "cut")
    with torch.no_grad():
        net.head.weight[0, 0] = 0.0
    return net


def norm_of(net):
    return math.sqrt(sum(p.grad.pow(2).sum().item() for p in net.parameters() if p.grad is not None))


def train(fault, curve=None):
    """Losses and gradient norms of every step, until it is plain that nothing comes of it; the net."""
    x, y = make_data()
    net = start(fault)
    optimizer = torch.optim.SGD(net.parameters(), lr=1.0 if fault == "rate too high" else 0.1, momentum=0.9)
    losses, norms = [], []
    for step in range(STEPS):
        if fault != "not emptied":
            optimizer.zero_grad()
        loss = loss_of(fault, net, x, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        norms.append(norm_of(net))
        if curve:
            gb.log(curve, min(losses[-1], 10.0), step + 1, "step")
        if losses[-1] > 1e6 and losses[-1] < math.inf:
            break
    return losses, norms, net


# ---- probes: what each fault looks like, measured and not remembered ----

def look_at_end(fault):
    losses, _, _ = train(fault)
    if not math.isfinite(losses[-1]):
        return "not a number"
    return "lower" if losses[-1] < 0.3 * losses[0] else "higher" if losses[-1] > 2 * losses[0] else "stands"


def look_for_none(fault):
    _, _, net = train(fault)
    return [name for name, p in net.named_parameters() if p.grad is None]


def look_at_scale(fault):
    """The first step alone: is the loss after it above the one before?"""
    losses, _, _ = train(fault)
    return "jumps" if not losses[1] < 3 * losses[0] else "calm"


def look_at_spread(fault):
    x, y = make_data()
    _, _, net = train(fault)
    spread = (net(x).std() / y.std()).item()
    return "not a number" if not math.isfinite(spread) else "flat" if spread < 0.35 else "alive"


def look_for_first_nan(fault):
    losses, norms, _ = train(fault)
    for loss, norm in zip(losses, norms):
        if not math.isfinite(loss):
            return "the loss"
        if not math.isfinite(norm):
            return "the gradient"
    return "neither"


PROBES = [("how it ends", look_at_end), ("gradients that are None", look_for_none), ("the first step", look_at_scale),
          ("spread of the outputs", look_at_spread), ("what is first not a number", look_for_first_nan)]


def narrow(fault):
    """The hypotheses that are left after each probe."""
    left, log = list(FAULTS), []
    for name, probe in PROBES:
        seen = probe(fault)
        left = [other for other in left if probe(other) == seen]
        log.append((name, seen, list(left)))
        if len(left) == 1:
            break
    return log


def told(scores):
    """As the view `board` reads an interview."""
    levels = ["junior", "mid", "senior"]
    return {"candidate": "", "level": "mid", "minutes": 30, "elapsed": 10 * len(scores),
            "sections": [{"title": "three bugs", "minutes": 30, "spent": 10 * len(scores), "state": "now"}],
            "questions": [{"title": f"bug {n + 1}", "level": levels[n], "dimension": "practice", "state": "done", "score": score}
                          for n, score in enumerate(scores)]}


def drawn(nth, seal):
    """The fault of a round: one of its two."""
    draw = torch.rand(len(ROUNDS), generator=torch.Generator().manual_seed(seal))
    return ROUNDS[nth - 1][int(draw[nth - 1] < 0.5)]


def broken(nth, fault):
    """What is seen before anybody knows."""
    gb.mark(f"bug {nth}")
    losses, norms, _ = train(fault, f"bug {nth}")
    print(f"bug {nth}: loss {losses[0]:.3f}, {losses[1]:.3g}, ... {losses[-1]:.3g};"
          f" gradient norm {norms[0]:.3g}, ... {norms[-1]:.3g}")
    gb.check(f"bug {nth} does not learn", not losses[-1] < 0.3 * losses[0])


def probed(nth, fault, scores):
    """The log of hypotheses, drawn and printed."""
    log = narrow(fault)
    for at, (name, seen, left) in enumerate(log, 1):
        print(f"   {name}: {seen or 'none'}; left: {', '.join(left)}")
        gb.log(f"hypotheses, bug {nth}", len(left), at, "probe")
    scores.append(4 if log[-1][2] == [fault] else 2)
    gb.log("interview", 0, session=told(scores))
    gb.check(f"the probes leave one cause for bug {nth}", log[-1][2] == [fault])


def gauntlet():
    """Three rounds: the run, the cause, the probes; last the run without any fault."""
    seal, scores = int(gb.knob("seal", 1, 1, 20)), []
    first, second, third = (drawn(nth, seal) for nth in (1, 2, 3))
    broken(1, first)
    gb.ask("bug-1")
    probed(1, first, scores)
    gb.tell("bug-1", first)
    broken(2, second)
    gb.ask("bug-2")
    probed(2, second, scores)
    gb.tell("bug-2", second)
    broken(3, third)
    gb.ask("bug-3")
    probed(3, third, scores)
    gb.tell("bug-3", third)
    good, _, _ = train(None, "mended")
    gb.check("without a fault it learns", good[-1] < 0.3 * good[0])


# ---- evidence ----

# Which view bears on which cause; and what somebody did, in this order.
BEARS_ON = {"a graph is held": {"mem", "graph"}, "changed in place": {"graph"}, "not in the state": {"file", "modtree"},
            "rate too high": {"chart", "surface"}, "overfitting": {"chart"}}
TAPE = [("look", "chart"), ("claim", "a graph is held"), ("look", "mem"), ("claim", "a graph is held"),
        ("claim", "changed in place"), ("look", "graph"), ("claim", "changed in place"),
        ("claim", "overfitting"), ("look", "modtree"), ("claim", "not in the state")]


def backed(tape, since_the_last_claim=False):
    """How many claims have a view that bears on them opened before; with since_the_last_claim, after the claim before."""
    opened, n = set(), 0
    for what, of in tape:
        if what == "look":
            opened.add(of)
        else:
            n += bool(opened & BEARS_ON[of])
            if since_the_last_claim:
                opened = set()
    return n


def chain_length(tensor):
    """How many steps back the graph behind a tensor reaches."""
    n, fn = 0, tensor.grad_fn
    while fn is not None:
        n, fn = n + 1, next((parent for parent, _ in fn.next_functions if parent is not None), None)
    return n


class Scaled(nn.Module):
    """Keeps a mean of what it saw: as a plain attribute, or as a buffer."""

    def __init__(self, as_buffer):
        super().__init__()
        if as_buffer:
            self.register_buffer("mean", torch.zeros(3))
        else:
            self.mean = torch.zeros(3)
        self.head = nn.Linear(3, 1)

    def forward(self, x):
        if self.training:
            self.mean += 0.5 * (x.mean(0).detach() - self.mean)
        return self.head(x - self.mean)


def evidence():
    """Three bugs again, by what proves each; then a tape of looks and claims is counted."""
    torch.manual_seed(0)
    w = torch.ones(3, requires_grad=True)
    total, lengths = torch.zeros(()), []
    for n in range(20):
        total = total + (w * torch.randn(3)).sum()
        lengths.append(chain_length(total))
        gb.log("graph behind the sum", lengths[-1], n + 1, "batch")
    y = torch.exp(w)
    before = y._version
    y.add_(1)
    try:
        y.sum().backward()
        raised = False
    except RuntimeError as error:
        raised = True
        print("in place:", str(error).split(";")[0][:72])
    keys = []
    for as_buffer in (False, True):
        first, second = Scaled(as_buffer), Scaled(as_buffer)
        first(torch.randn(8, 3) + 4)
        second.load_state_dict(first.state_dict())
        keys.append(sorted(first.state_dict()))
        print("buffer" if as_buffer else "attribute", sorted(first.state_dict()), "mean kept:", bool(torch.equal(first.mean, second.mean)))
    gb.ask("backed")
    n_claims = sum(what == "claim" for what, _ in TAPE)
    print(f"{backed(TAPE)} of {n_claims} claims have evidence before them, {backed(TAPE, True)} new evidence since the claim before")
    gb.tell("backed", backed(TAPE))
    gb.ask("new-evidence")
    gb.tell("new-evidence", backed(TAPE, True))
    gb.check("who looks at nothing has nothing to claim by", backed([("claim", cause) for cause in BEARS_ON]) == 0)
    gb.check("each batch makes the held graph longer", all(a < b for a, b in zip(lengths, lengths[1:])))
    gb.check("the version tells of the change in place", raised and y._version > before)
    gb.check("only the buffer is in the state", keys == [["head.bias", "head.weight"], ["head.bias", "head.weight", "mean"]])
    gb.check("evidence that has to be new is never more", backed(TAPE, True) <= backed(TAPE))


if __name__ == "__main__":
    gauntlet()
    evidence()
