"""Programs with one thing wrong each, made from a seed: names, sizes, ops and structure differ, the cause does not.

A line that the evidence must name ends in `#@`.  CAUSES maps a cause to its generator; each takes a Draw and returns
the source."""
import random

NAMES = """x y z h u v a b c d data batch inputs feats hidden state emb proj logit score value out res mid act code latent
probe signal field item part whole left right upper lower""".split()
NETS = "net model mlp head body tower learner network classifier regressor".split()
WEIGHTS = "w W weight theta beta coef params_ k gain slope".split()


class Draw:
    """Random choices of one program; names never repeat."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.used = set()

    def choose(self, *options):
        return self.random.choice(options)

    def integer(self, low, high):
        return self.random.randint(low, high)

    def name(self, pool=NAMES):
        free = [n for n in pool if n not in self.used] or [n + str(len(self.used)) for n in pool]
        found = self.random.choice(free)
        self.used.add(found)
        return found

    def filler(self):
        """A harmless line, or none."""
        n = self.name()
        return self.choose("", f"{n} = torch.ones({self.integer(2, 5)})", f"{n} = torch.arange({self.integer(3, 6)}).float() * 2",
                           f"{n} = [{self.integer(1, 9)}, {self.integer(1, 9)}]", "# a comment")

    def program(self, body, head=""):
        """The body at module level, in a function, or in a block, behind imports and fillers."""
        lines = [line for line in body.strip("\n").split("\n")]
        shape = self.choose("flat", "function", "if")
        start = ["import torch", "from torch import nn", "import torch.nn.functional as F", f"torch.manual_seed({self.integer(0, 99)})",
                 self.filler(), self.filler()] + head.strip("\n").split("\n")
        if shape == "function":
            name = self.choose("main", "run", "experiment")
            return "\n".join(start + [f"def {name}():"] + ["    " + line for line in lines] + [f"{name}()"]) + "\n"
        if shape == "if":
            return "\n".join(start + ["if __name__ == '__main__':"] + ["    " + line for line in lines]) + "\n"
        return "\n".join(start + lines) + "\n"


# ---- causes ----

def inplace(d):
    x, y, s = d.name(), d.name(), d.name(["loss", "total", "objective", "cost"])
    n = d.integer(3, 7)
    kind = d.choose("result", "result", "input", "step", "alias")
    if kind == "step":
        net, opt, a, b = d.name(NETS), d.name(["opt", "optim_", "sgd", "updater"]), d.name(), d.name()
        return d.program(f"""
{net} = nn.Sequential(nn.Linear({n}, 4), nn.{d.choose('Tanh', 'ReLU', 'Sigmoid')}(), nn.Linear(4, 1))
{opt} = torch.optim.SGD({net}.parameters(), lr=0.1)
{x} = {net}(torch.randn(6, {n}))
{a} = {x}.mean()
{b} = ({x} ** 2).mean()
{a}.backward(retain_graph=True)
{opt}.step()  #@
{b}.backward()  #@
""")
    change = d.choose(f"{y} += 1", f"{y}.add_(0.5)", f"{y}[0] = 0", f"{y}.mul_(2)", f"{y}.clamp_(max=0.1)", f"{y} *= 3", f"{y}.zero_()")
    if kind == "alias":
        change = d.choose(f"{y}.detach().mul_(2)", f"{y}.detach()[1] = 0", f"{y}.detach().add_(1)")
    if kind == "input":
        use = d.choose(f"{y} ** 2", f"{y} * {y}", f"torch.sin({y})", f"torch.cos({y})")
        return d.program(f"""
{x} = torch.randn({n}, requires_grad=True)
{y} = {x} * {d.integer(2, 5)}
{d.filler()}
{s} = ({use}).sum()  #@
{change}  #@
{d.filler()}
{s}.backward()  #@
""")
    op = d.choose(f"torch.exp({x})", f"torch.sigmoid({x})", f"{x}.tanh()", f"torch.softmax({x}, 0)", f"({x} + 9).sqrt()")
    return d.program(f"""
{x} = torch.randn({n}, requires_grad=True)
{d.filler()}
{y} = {op}  #@
{change}  #@
{s} = {y}.{d.choose('sum', 'mean')}()
{s}.backward()  #@
""")


def second_backward(d):
    x, w, y, s = d.name(), d.name(WEIGHTS), d.name(), d.name(["loss", "total", "objective", "cost"])
    n = d.integer(3, 7)
    kind = d.choose("twice", "shared", "loop", "grad")
    op = d.choose(f"({w} * {x}) ** 2", f"torch.exp({w} * {x})", f"torch.tanh({w}) * {x}", f"({w} @ {x}).sigmoid()")
    if kind == "twice":
        return d.program(f"""
{w} = torch.randn({n}, requires_grad=True)
{x} = torch.randn({n})
{s} = ({op}).sum()
{s}.backward()  #@
{d.filler()}
{s}.backward()  #@
""")
    if kind == "grad":
        return d.program(f"""
{w} = torch.randn({n}, requires_grad=True)
{x} = torch.randn({n})
{s} = ({op}).sum()
{y} = torch.autograd.grad({s}, {w})  #@
{s}.backward()  #@
""")
    if kind == "shared":
        return d.program(f"""
{w} = torch.randn({n}, requires_grad=True)
{x} = torch.randn({n})
{y} = {op}
({y} * 2).sum().backward()  #@
{d.filler()}
({y} * 3).sum().backward()  #@
""")
    i = d.name(["i", "step", "epoch", "t"])
    return d.program(f"""
{w} = torch.randn({n}, requires_grad=True)
{x} = torch.randn({n})
{y} = {w}.exp()
for {i} in range({d.integer(2, 4)}):
    {s} = ({y} * {x}).sum()
    {s}.backward()  #@
""")


def no_gradient(d):
    w, x, y, s = d.name(WEIGHTS), d.name(), d.name(), d.name(["loss", "total", "objective", "cost"])
    other = d.name(WEIGHTS)
    n = d.integer(3, 7)
    read = d.choose(f"print({w}.grad)", f"print({w}.grad.norm())", f"assert {w}.grad.shape == {w}.shape", f"step_ = -0.1 * {w}.grad")
    kind = d.choose("detach", "no_grad", "data", "integer", "inner", "refused", "stepped")
    head = f"{w} = torch.rand({n}, requires_grad=True)\n{other} = torch.rand({n}, requires_grad=True)\n{x} = torch.rand({n})"
    if kind == "detach":
        cut = d.choose(f"{y} = ({w} * {x}).detach()  #@", f"{y} = {w}.detach() * {x}  #@", f"{y} = torch.exp({w}.detach())  #@")
    elif kind == "no_grad":
        cut = f"with torch.no_grad():\n    {y} = {w} * {x}  #@"
    elif kind == "data":
        cut = d.choose(f"{y} = {w}.data * {x}  #@", f"{y} = torch.exp({w}.data)  #@")
    elif kind == "integer":
        cut = d.choose(f"{y} = ({w} * 9).long()  #@", f"{y} = ({w} * 9).to(torch.int32)  #@", f"{y} = ({w} > 0.5)  #@")
    elif kind == "inner":
        return d.program(f"""
{head}
{y} = {w} * {x}  #@
{s} = ({y} ** 2).sum()
{s}.backward()
{d.choose(f'print({y}.grad)', f'assert {y}.grad is not None', f'print({y}.grad.norm())')}  #@
""")
    elif kind == "refused":
        cut = d.choose(f"{y} = ({w} * {x}).detach()  #@", f"with torch.no_grad():\n    {y} = {w} * {x}  #@", f"{y} = ({w} * 9).long() * 1.5  #@",
                       f"{y} = {w}.data * {x}  #@")
        return d.program(f"""
{head}
{cut}
{s} = ({y} ** 2).sum()
{s}.backward()  #@
""")
    else:
        net, opt = d.name(NETS), d.name(["opt", "optim_", "sgd", "updater"])
        i = d.name(["i", "step", "epoch", "t"])
        return d.program(f"""
{net} = Parts()
{opt} = torch.optim.{d.choose('SGD', 'Adam')}({net}.parameters(), lr=0.1)
for {i} in range(3):
    {x} = torch.randn(4, {n})
    {s} = ({net}({x}) ** 2).mean()
    {opt}.zero_grad()
    {s}.backward()
    {opt}.step()  #@
""", head=f"""
class Parts(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Linear({n}, 5)
        self.second = nn.Linear(5, 1)
    def forward(self, {y}):
        {y} = torch.relu(self.first({y}))
        {y} = {d.choose(f'{y}.detach()', f'{y}.detach() * 1.0')}  #@
        return self.second({y})
""")
    return d.program(f"""
{head}
{cut}
{d.filler()}
{s} = ({y} * {other}).sum()
{s}.backward()
{read}  #@
""")


def nonfinite(d):
    w, x, y, s = d.name(WEIGHTS), d.name(), d.name(), d.name(["loss", "total", "objective", "cost"])
    n = d.integer(3, 7)
    kind = d.choose("log", "sqrt", "divide", "overflow", "root", "norm", "layer")
    head = f"{w} = torch.ones({n}, requires_grad=True)"
    if kind in ("log", "sqrt"):
        born = f"{y} = torch.{kind}({w} - {d.integer(2, 5)})  #@"
    elif kind == "divide":
        born = f"{x} = {w} - 1\n{y} = {x} / {x}  #@"
    elif kind == "overflow":
        born = f"{x} = torch.exp({w} * 200)\n{y} = {x} - {x}  #@"
    elif kind == "root":
        born = f"{x} = ({w} - 1)\n{y} = torch.sqrt({x})  #@\n{y} = {y} * 0"
    elif kind == "norm":
        born = f"{x} = ({w} - 1) ** 2\n{y} = {x} ** 0.5 * 0  #@"
    else:
        net = d.name(NETS)
        return d.program(f"""
{net} = nn.Linear({n}, 3)
{x} = {net}(torch.ones(2, {n}))
{y} = torch.log({x} - 50)  #@
{s} = {y}.mean()
{s}.backward()  #@
""")
    return d.program(f"""
{head}
{born}
{d.filler()}
{s} = {y}.{d.choose('sum', 'mean')}()
{s}.backward()  #@
""")


def training(d):
    """Names of a training loop: counter, input, loss, optimiser, network."""
    return (d.name(["i", "step", "epoch", "t"]), d.name(), d.name(["loss", "objective", "cost"]),
            d.name(["opt", "optim_", "sgd", "updater"]), d.name(NETS))


def held_graph(d):
    i, x, s, opt, net = training(d)
    keep = d.name(["losses", "history", "trail", "log_", "record"])
    n = d.integer(3, 6)
    kind = d.choose("append", "sum", "dict", "object", "outputs", "carried", "validation")
    made, extra, start = f"{s} = ({net}({x}) ** 2).mean()", "", f"{keep} = []"
    head = ""
    mark = "  #@"
    if kind == "append":
        extra = f"{keep}.append({s})  #@"
    elif kind == "sum":
        start, extra = f"{keep} = 0", d.choose(f"{keep} += {s}  #@", f"{keep} = {keep} + {s}  #@")
        mark = ""
    elif kind == "dict":
        start, extra = f"{keep} = {{}}", f"{keep}[{i}] = {s}  #@"
    elif kind == "outputs":
        made, extra = f"res = {net}({x})\n    {s} = (res ** 2).mean()", f"{keep}.append((res, {i}))  #@"
        mark = ""
    elif kind == "object":
        head = f"class Meter:\n    def __init__(self):\n        self.seen = []\n    def add(self, value):\n        self.seen.append(value)  #@"
        start, extra = f"{keep} = Meter()", f"{keep}.add({s})"
    else:
        start = f"{keep} = torch.zeros(2, 1)"
        made = f"{keep} = torch.tanh({net}({x})[:2] + {keep})  #@\n    {s} = ({keep} ** 2).mean()"
        mark = ""
    if kind == "validation":
        return d.program(f"""
{net} = nn.Sequential(nn.Linear({n}, 4), nn.Tanh(), nn.Linear(4, 1))
{opt} = torch.optim.{d.choose('SGD', 'Adam')}({net}.parameters(), lr=0.01)
{keep} = []
for {i} in range({d.integer(9, 12)}):
    for k in range(4):
        {s} = {net}(torch.randn(5, {n})).pow(2).mean()
        {opt}.zero_grad()
        {s}.backward()
        {opt}.step()
    {x} = torch.randn(9, {n})
    {keep}.append({net}({x}).pow(2).mean())  #@
""")
    retain = "retain_graph=True" if kind == "carried" else ""
    body = f"""
{net} = nn.Linear({n}, 1)
{opt} = torch.optim.SGD({net}.parameters(), lr=0.0)
{start}
for {i} in range({d.integer(18, 24)}):
    {x} = torch.randn(5, {n})
    {made}{mark}
    {opt}.zero_grad()
    {s}.backward({retain})
    {opt}.step()
    {extra}
"""
    return d.program(body, head=head)


def zero_grad(d):
    i, x, s, opt, net = training(d)
    w = d.name(WEIGHTS)
    n = d.integer(3, 6)
    kind = d.choose("optimizer", "before", "manual", "data")
    if kind in ("optimizer", "before"):
        return d.program(f"""
{net} = nn.{d.choose(f'Linear({n}, 1)', f'Sequential(nn.Linear({n}, 3), nn.ReLU(), nn.Linear(3, 1))')}
{opt} = torch.optim.{d.choose('SGD', 'Adam', 'RMSprop')}({net}.parameters(), lr=0.01)
{f'{opt}.zero_grad()  #@' if kind == 'before' else d.filler()}
for {i} in range({d.integer(3, 6)}):
    {x} = torch.randn(5, {n})
    {s} = ({net}({x}) - 1).pow(2).mean()
    {s}.backward()  #@
    {opt}.step()  #@
""")
    update = f"{w} -= 0.01 * {w}.grad  #@" if kind == "manual" else f"{w}.{d.choose('sub_', 'add_')}(0.01 * {w}.grad)  #@"
    if kind == "data":
        return d.program(f"""
{w} = torch.randn({n}, requires_grad=True)
for {i} in range({d.integer(3, 6)}):
    {s} = ({w} * torch.arange({n})).pow(2).sum()
    {s}.backward()  #@
    {w}.data -= 0.01 * {w}.grad  #@
""")
    return d.program(f"""
{w} = torch.randn({n}, requires_grad=True)
for {i} in range({d.integer(3, 6)}):
    {s} = ({w} * torch.arange({n})).pow(2).sum()
    {s}.backward()  #@
    with torch.no_grad():
        {update}
""")


def double_softmax(d):
    i, x, s, opt, net = training(d)
    y, t = d.name(), d.name(["target", "labels", "truth", "classes"])
    n, c = d.integer(3, 6), d.integer(3, 5)
    kind = d.choose("module", "function", "sigmoid", "log", "reshaped")
    target = f"torch.randint({c}, (6,))"
    if kind == "module":
        body, use, last = f"nn.Sequential(nn.Linear({n}, {c}), nn.Softmax(dim=1))", f"{net}({x})  #@", f"nn.CrossEntropyLoss()({y}, {t})"
    elif kind == "function":
        body, use, last = f"nn.Linear({n}, {c})", f"{d.choose(f'F.softmax({net}({x}), dim=1)', f'{net}({x}).softmax(-1)', f'torch.softmax({net}({x}), 1)')}  #@", f"F.cross_entropy({y}, {t})"
    elif kind == "log":
        body, use, last = f"nn.Sequential(nn.Linear({n}, {c}), nn.LogSoftmax(dim=1))", f"{net}({x})  #@", f"F.cross_entropy({y}, {t})"
    elif kind == "sigmoid":
        body, use, last = f"nn.Linear({n}, 1)", f"torch.sigmoid({net}({x}))  #@", f"{d.choose('nn.BCEWithLogitsLoss()', 'F.binary_cross_entropy_with_logits')}({y}, {t})"
        target = "torch.randint(2, (6, 1)).float()"
    else:
        body, use, last = f"nn.Linear({n}, {c})", f"torch.softmax({net}({x}), 1).view(6, {c})  #@", f"F.cross_entropy({y}, {t})"
    return d.program(f"""
{net} = {body}
{opt} = torch.optim.SGD({net}.parameters(), lr=0.1)
for {i} in range(2):
    {x} = torch.randn(6, {n})
    {t} = {target}
    {y} = {use}
    {s} = {last}  #@
    {opt}.zero_grad()
    {s}.backward()
    {opt}.step()
""")


def training_mode(d):
    i, x, s, opt, net = training(d)
    n, c = d.integer(4, 6), d.integer(2, 4)
    noisy = d.choose("nn.Dropout(0.3)", "nn.BatchNorm1d(8)", "nn.Sequential(nn.BatchNorm1d(8), nn.Dropout(0.1))")
    judge = d.choose(f"hits = ({net}(test_x).argmax(1) == test_y).float().mean()  #@", f"wrong = F.cross_entropy({net}(test_x), test_y)  #@",
                     f"guess = {net}(test_x).max(1)[1]  #@")
    where = d.choose("no_grad", "no_grad", "plain", "function")
    if where == "no_grad":
        last = f"with torch.no_grad():\n    {judge}"
    elif where == "plain":
        last = judge
    else:
        last = f"def evaluate():\n    with torch.no_grad():\n        {judge}\nevaluate()"
    return d.program(f"""
{net} = nn.Sequential(nn.Linear({n}, 8), {noisy}, nn.ReLU(), nn.Linear(8, {c}))
{opt} = torch.optim.{d.choose('SGD', 'Adam')}({net}.parameters(), lr=0.01)
{d.choose(f'{net}.train()', d.filler())}
for {i} in range(3):
    {x} = torch.randn(6, {n})
    {s} = F.cross_entropy({net}({x}), torch.randint({c}, (6,)))
    {opt}.zero_grad()
    {s}.backward()
    {opt}.step()
test_x, test_y = torch.randn(10, {n}), torch.randint({c}, (10,))
{last}
""")


def loss_shapes(d):
    i, x, s, opt, net = training(d)
    y, t = d.name(), d.name(["target", "labels", "truth", "goal"])
    n, rows = d.integer(3, 6), d.integer(4, 9)
    loss = d.choose(f"F.mse_loss({y}, {t})", f"nn.MSELoss()({y}, {t})", f"nn.L1Loss()({y}, {t})", f"F.smooth_l1_loss({y}, {t})", f"(({y} - {t}) ** 2).mean()",
                    f"({t} - {y}).abs().mean()", f"({y} - {t}).pow(2).sum()", f"nn.HuberLoss()({y}, {t})")
    flip = d.choose(True, False, False)
    use = f"{net}({x}).squeeze(1)" if flip else f"{net}({x})"
    target = f"torch.randn({rows}, 1)" if flip else f"torch.randn({rows})"
    return d.program(f"""
{net} = nn.Sequential(nn.Linear({n}, 5), nn.{d.choose('Tanh', 'ReLU')}(), nn.Linear(5, 1))
{opt} = torch.optim.SGD({net}.parameters(), lr=0.01)
{x} = torch.randn({rows}, {n})
{t} = {target}  #@
for {i} in range(2):
    {y} = {use}  #@
    {s} = {loss}  #@
    {opt}.zero_grad()
    {s}.backward()
    {opt}.step()
""")


def unheld(d):
    i, x, s, opt, net = training(d)
    head_net = d.name(NETS)
    n = d.integer(3, 6)
    kind = d.choose("two", "list", "replaced", "loose")
    algorithm = d.choose("SGD", "Adam")
    head = ""
    if kind == "two":
        made = f"{net} = nn.Linear({n}, 4)\n{head_net} = nn.Linear(4, 1)\n{opt} = torch.optim.{algorithm}({net}.parameters(), lr=0.01)  #@"
        use = f"{head_net}(torch.relu({net}({x})))"
    elif kind == "list":
        head = f"""
class Stack(nn.Module):
    def __init__(self):
        super().__init__()
        self.parts = [nn.Linear({n}, 4), nn.Linear(4, 4)]
        self.last = nn.Linear(4, 1)
    def forward(self, q):
        for part in self.parts:
            q = torch.tanh(part(q))
        return self.last(q)
"""
        made, use = f"{net} = Stack()\n{opt} = torch.optim.{algorithm}({net}.parameters(), lr=0.01)  #@", f"{net}({x})"
    elif kind == "replaced":
        made = f"{net} = nn.Sequential(nn.Linear({n}, 4), nn.ReLU(), nn.Linear(4, 3))\n{opt} = torch.optim.{algorithm}({net}.parameters(), lr=0.01)  #@\n{net}[2] = nn.Linear(4, 1)"
        use = f"{net}({x})"
    else:
        made = f"{net} = nn.Linear({n}, 1)\nscale = nn.Parameter(torch.ones(1))\n{opt} = torch.optim.{algorithm}({net}.parameters(), lr=0.01)  #@"
        use = f"{net}({x}) * scale"
    return d.program(f"""
{made}
for {i} in range(3):
    {x} = torch.randn(5, {n})
    {s} = ({use} - 1).pow(2).mean()
    {opt}.zero_grad()
    {s}.backward()  #@
    {opt}.step()  #@
""", head=head)


def scheduler(d):
    i, x, s, opt, net = training(d)
    sched, j = d.name(["scheduler", "schedule", "decay", "lr_plan"]), d.name(["batch_i", "k", "b"])
    n, epochs, batches = d.integer(3, 5), d.integer(3, 5), d.integer(6, 9)
    kind = d.choose("step", "exponential", "cosine", "onecycle", "cosine-epoch")
    per_batch = kind in ("step", "exponential", "cosine")
    if kind == "step":
        made = f"torch.optim.lr_scheduler.StepLR({opt}, step_size={d.integer(1, 2)}, gamma=0.5)"
    elif kind == "exponential":
        made = f"torch.optim.lr_scheduler.ExponentialLR({opt}, gamma={d.choose(0.5, 0.6)})"
    elif kind == "cosine":
        made = f"torch.optim.lr_scheduler.CosineAnnealingLR({opt}, T_max={epochs})"
    elif kind == "onecycle":
        made = f"torch.optim.lr_scheduler.OneCycleLR({opt}, max_lr=0.1, total_steps={epochs * batches})"
    else:
        made = f"torch.optim.lr_scheduler.CosineAnnealingLR({opt}, T_max={epochs * batches})"
    if d.choose(True, False):
        loader = f"torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.randn({batches * 4}, {n})), batch_size=4)"
        loop, first = f"for ({x},) in loader:", f"loader = {loader}"
        get = ""
    else:
        loop, first, get = f"for {j} in range({batches}):", d.filler(), f"        {x} = torch.randn(4, {n})\n"
    return d.program(f"""
{net} = nn.Linear({n}, 1)
{opt} = torch.optim.SGD({net}.parameters(), lr=0.1)
{sched} = {made}  #@
{first}
for {i} in range({epochs}):
    {loop}
{get}        {s} = {net}({x}).pow(2).mean()
        {opt}.zero_grad()
        {s}.backward()
        {opt}.step()
{'        ' if per_batch else '    '}{sched}.step()  #@
""")


CAUSES = {
    "inplace": inplace, "second-backward": second_backward, "no-gradient": no_gradient, "nonfinite": nonfinite, "held-graph": held_graph,
    "zero-grad": zero_grad, "double-softmax": double_softmax, "training-mode": training_mode, "loss-shapes": loss_shapes,
    "unheld": unheld, "scheduler": scheduler,
}
