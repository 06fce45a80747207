"""The same causes in other hands: trainer classes with hooks, functions that train an epoch, closures and
comprehensions.  And healthy programs in those hands, near a cause each.  See programs.py for the marks."""
from healthy import START

LOSSES = ["loss", "total", "objective", "cost"]
TRAINERS = "Trainer Runner Engine Fitter Learner".split()
MODULES = "Model LitModel System Task Experiment".split()


def dedent(text):
    return START + text.strip("\n") + "\n"


def trainer(d, forward="return self.head(torch.relu(self.body(x)))", init="", training="", step="", after_backward="",
            optimizers="", fit="", rows=6, classes=0, end=""):
    """A program with a Lightning-like module and a trainer around it; the parts say what differs."""
    module, fitter, s = d.name(MODULES), d.name(TRAINERS), d.name(LOSSES)
    n, out = d.integer(3, 6), classes or 1
    target = f"torch.randint({classes}, ({rows},))" if classes else f"torch.randn({rows}, 1)"
    default = "return F.cross_entropy(self(x), y)" if classes else "return F.mse_loss(self(x), y)"
    return dedent(f"""
class {module}(nn.Module):
    def __init__(self, width={d.integer(4, 8)}):
        super().__init__()
        self.body = nn.Linear({n}, width)
        self.head = nn.Linear(width, {out})
        {init or 'self.width = width'}

    def forward(self, x):
        {forward}

    def training_step(self, batch, batch_idx):
        x, y = batch
        {training or default}

    def configure_optimizers(self):
        {optimizers or f'return torch.optim.{d.choose("SGD", "Adam", "RMSprop")}(self.parameters(), lr=0.01)'}

    def on_after_backward(self):
        {after_backward or 'pass'}


class {fitter}:
    def __init__(self, epochs):
        self.epochs = epochs
        self.logged = {{}}

    def fit(self, module, batches):
        optimizer = module.configure_optimizers()
        for epoch in range(self.epochs):
            for index, batch in enumerate(batches):
{step or f'''                {s} = module.training_step(batch, index)
                optimizer.zero_grad()
                {s}.backward()
                module.on_after_backward()
                optimizer.step()'''}
{fit}

batches = [(torch.randn({rows}, {n}), {target}) for _ in range({d.integer(3, 4)})]
module = {module}()
{fitter}({d.integer(2, 3)}).fit(module, batches)
{end}
""")


def inplace(d):
    kind = d.choose("trainer", "trainer", "closure", "residual")
    if kind == "trainer":
        change = d.choose("h *= 2  #@", "h.add_(1)  #@", "h[:, 0] = 0  #@", "h.clamp_(max=0.4)  #@")
        activation = d.choose("torch.sigmoid", "torch.tanh", "torch.exp")
        s = d.name(LOSSES)
        return trainer(d, forward=f"h = {activation}(self.body(x))  #@\n        {change}\n        return self.head(h)", step=f"""                {s} = module.training_step(batch, index)
                optimizer.zero_grad()
                {s}.backward()  #@""")
    if kind == "closure":
        f, x, y = d.name(["apply", "transform", "layer"]), d.name(), d.name()
        return dedent(f"""
def {f}(fn):
    def wrapped(t):
        out = fn(t)  #@
        out += 1  #@
        return out
    return wrapped

{x} = torch.randn(5, requires_grad=True)
{y} = {f}({d.choose('torch.exp', 'torch.sigmoid', 'torch.tanh')})({x})
{y}.sum().backward()  #@
""")
    x, w = d.name(), d.name(["weight", "kernel", "table"])
    return dedent(f"""
{w} = nn.Parameter(torch.randn(4, 4))
state = torch.zeros(3, 4)
outs = []
for {x} in torch.randn(3, 4).unbind():
    state = torch.tanh(state @ {w} + {x})  #@
    outs.append(state)
outs[{d.integer(0, 1)}].mul_(0.5)  #@
torch.stack(outs).sum().backward()  #@
""")


def second_backward(d):
    kind = d.choose("trainer", "comprehension", "cached", "two heads")
    s, n = d.name(LOSSES), d.integer(3, 6)
    if kind == "trainer":
        return trainer(d, step=f"""                if epoch == 0 and index == 0:
                    cached = module.training_step(batch, index)
                {s} = cached
                optimizer.zero_grad()
                {s}.backward()  #@""")
    if kind == "comprehension":
        w = d.name(["w", "weight", "theta"])
        return dedent(f"""
{w} = torch.randn({n}, requires_grad=True)
feature = ({w} ** 2).{d.choose('exp', 'sigmoid', 'tanh')}()
[(feature * k).sum().backward() for k in range(1, 4)]  #@
""")
    if kind == "cached":
        return dedent(f"""
import functools
w = nn.Parameter(torch.randn({n}))

@functools.lru_cache
def penalty(scale):
    return (w.exp() * scale).sum()

for round_ in range({d.integer(2, 4)}):
    penalty(0.5).backward()  #@
""")
    return dedent(f"""
class Shared(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear({n}, 5), nn.Tanh())
        self.heads = nn.ModuleList(nn.Linear(5, 1) for _ in range(2))

    def forward(self, x):
        z = self.trunk(x)
        return [head(z) for head in self.heads]

net = Shared()
for part in net(torch.randn(4, {n})):
    part.pow(2).mean().backward()  #@
""")


def no_gradient(d):
    kind = d.choose("trainer", "report", "numpy", "frozen helper")
    n = d.integer(3, 6)
    if kind == "trainer":
        # Of .data there is no record: the op that reads it tells.
        cut = d.choose("h = torch.relu(self.body(x)).detach()  #@\n        return self.head(h)",
                       "h = torch.relu(self.body(x)).data\n        return self.head(h)  #@")
        return trainer(d, forward=cut,
                       after_backward="self.norm = self.body.weight.grad.norm()  #@")
    if kind == "report":
        return dedent(f"""
def report(pairs):
    for name, p in pairs:
        print(name, p.grad.abs().mean())  #@

encoder, decoder = nn.Linear({n}, 4), nn.Linear(4, 1)
with torch.no_grad():
    code = encoder(torch.randn(5, {n}))  #@
decoder(code).pow(2).mean().backward()
report([*encoder.named_parameters(), *decoder.named_parameters()])
""")
    if kind == "numpy":
        x, y = d.name(), d.name()
        return dedent(f"""
def scale(t):
    return t.detach() * 0.5  #@

{x} = torch.randn({n}, requires_grad=True)
other = torch.randn({n}, requires_grad=True)
{y} = scale({x})
({y} * other).sum().backward()
print(f"gradient {{{x}.grad.tolist()}}")  #@
""")
    return dedent(f"""
w = torch.randn({n}, requires_grad=True)

@torch.no_grad()
def preprocess(t):
    return (t - t.mean()) / t.std()  #@

out = preprocess(w).pow(2).sum()
out.backward()  #@
""")


def nonfinite(d):
    kind = d.choose("trainer", "criterion", "normalise")
    s, n = d.name(LOSSES), d.integer(3, 6)
    if kind == "trainer":
        return trainer(d, training="p = self(x) - 40\n        return torch.log(p).mean()  #@", step=f"""                {s} = module.training_step(batch, index)
                optimizer.zero_grad()
                {s}.backward()  #@
                optimizer.step()""")
    if kind == "criterion":
        return dedent(f"""
class Likelihood(nn.Module):
    def forward(self, p, y):
        return -(y * p.log() + (1 - y) * (1 - p).log()).mean()  #@

net = nn.Linear({n}, 1)
prob = torch.clamp(net(torch.randn(4, {n})) * 0 + {d.choose('1', '0')}, 0, 1)
Likelihood()(prob, torch.ones(4, 1)).backward()
""")
    return dedent(f"""
def normalise(t):
    return t / t.norm()  #@

rows = [torch.zeros({n}, requires_grad=True) for _ in range(2)]
out = sum(normalise(r).sum() for r in rows)
out.backward()
""")


def held_graph(d):
    s = d.name(LOSSES)
    kind = d.choose("trainer", "meter", "ema", "deque")
    n = d.integer(3, 5)
    if kind == "trainer":
        key = d.choose("train_loss", "epoch_loss", "running")
        keep = d.choose(f'setdefault("{key}", []).append({s})', f'setdefault("{key}", []).extend([{s}])', f'setdefault("{key}", {{}})[epoch, index] = {s}')
        return trainer(d, training="return F.mse_loss(self(x), y)  #@", step=f"""                {s} = module.training_step(batch, index)
                optimizer.zero_grad()
                {s}.backward()
                optimizer.step()
                self.logged.{keep}  #@""").replace("(2).fit", "(6).fit").replace("(3).fit", "(6).fit")
    if kind == "meter":
        return dedent(f"""
from dataclasses import dataclass, field

@dataclass
class Meter:
    total: float = 0.0
    count: int = 0
    def update(self, value, k):
        self.total += value * k  #@
        self.count += k

net, meter = nn.Linear({n}, 1), Meter()
opt = torch.optim.SGD(net.parameters(), lr=0.01)
for _ in range(20):
    x = torch.randn(4, {n})
    {s} = net(x).pow(2).mean()
    opt.zero_grad(); {s}.backward(); opt.step()
    meter.update({s}, len(x))
""")
    if kind == "ema":
        return dedent(f"""
net = nn.Linear({n}, 1)
opt = torch.optim.Adam(net.parameters())
smooth = 0
for _ in range(20):
    {s} = net(torch.randn(4, {n})).pow(2).mean()
    opt.zero_grad()
    {s}.backward()
    opt.step()
    smooth = 0.9 * smooth + 0.1 * {s}  #@
""")
    return dedent(f"""
net = nn.Linear({n}, 1)
opt = torch.optim.Adam(net.parameters())
replay = []

def train_step(x):
    {s} = net(x).pow(2).mean()
    opt.zero_grad()
    {s}.backward()
    opt.step()
    return {s}

for k in range(20):
    replay += [(k, train_step(torch.randn(4, {n})))]  #@
""")


def zero_grad(d):
    s, n = d.name(LOSSES), d.integer(3, 6)
    kind = d.choose("trainer", "function", "comprehension")
    if kind == "trainer":
        return trainer(d, step=f"""                {s} = module.training_step(batch, index)
                {s}.backward()  #@
                module.on_after_backward()
                optimizer.step()  #@""")
    if kind == "function":
        return dedent(f"""
def train_epoch(net, loader, criterion, optimizer):
    for x, y in loader:
        {s} = criterion(net(x), y)
        {s}.backward()  #@
        optimizer.step()  #@

data = torch.utils.data.TensorDataset(torch.randn(12, {n}), torch.randn(12, 1))
net = nn.Sequential(nn.Linear({n}, 4), nn.{d.choose('ReLU', 'GELU', 'Tanh')}(), nn.Linear(4, 1))
optimizer = torch.optim.{d.choose('SGD', 'AdamW')}(net.parameters(), lr=0.01)
train_epoch(net, torch.utils.data.DataLoader(data, batch_size=4), nn.{d.choose('MSELoss', 'L1Loss')}(), optimizer)
""")
    return dedent(f"""
net = nn.Linear({n}, 2)
opt = torch.optim.SGD(net.parameters(), lr=0.01)

def step(x):
    F.cross_entropy(net(x), torch.randint(2, (4,))).backward()  #@
    opt.step()  #@

[step(torch.randn(4, {n})) for _ in range(4)]
""")


def double_softmax(d):
    kind = d.choose("trainer", "predict", "functional")
    n, c = d.integer(3, 6), d.integer(3, 5)
    if kind == "trainer":
        return trainer(d, forward=d.choose("return self.head(torch.relu(self.body(x))).softmax(-1)  #@",
                                           "return F.softmax(self.head(torch.relu(self.body(x))), dim=1)  #@"),
                       training="return F.cross_entropy(self(x), y)  #@", classes=c)
    if kind == "predict":
        return dedent(f"""
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear({n}, {c})
        self.act = nn.{d.choose('Softmax', 'LogSoftmax')}(dim=1)
    def logits(self, x):
        return self.fc(x)
    def predict(self, x):
        return self.act(self.logits(x))  #@

net, criterion = Net(), nn.CrossEntropyLoss()
for _ in range(2):
    criterion(net.predict(torch.randn(4, {n})), torch.randint({c}, (4,))).backward()  #@
    net.zero_grad()
""")
    return dedent(f"""
layers = [nn.Linear({n}, 5), torch.tanh, nn.Linear(5, 1), torch.sigmoid]

def run(x):
    for layer in layers:
        x = layer(x)  #@
    return x

params = [p for layer in layers if isinstance(layer, nn.Module) for p in layer.parameters()]
opt = torch.optim.SGD(params, lr=0.1)
out = run(torch.randn(6, {n}))
F.binary_cross_entropy_with_logits(out, torch.ones(6, 1)).backward()  #@
opt.step()
""")


def training_mode(d):
    kind = d.choose("trainer", "trainer", "functions")
    n, c = d.integer(4, 6), d.integer(2, 4)
    noisy = d.choose("nn.Dropout(0.2)", "nn.BatchNorm1d(width)")
    if kind == "trainer":
        check = d.choose("(module(x).argmax(1) == y).float().mean()", "F.cross_entropy(module(x), y)")
        return trainer(d, init=f"self.noisy = {noisy}", forward="return self.head(self.noisy(torch.relu(self.body(x))))", classes=c,
                       fit="        self.validate(module, [(torch.randn_like(x), y) for x, y in batches])\n"
                           "\n    def validate(self, module, batches):\n        with torch.no_grad():\n"
                           f"            print([float({check}) for x, y in batches])  #@\n")
    return dedent(f"""
def train(net, opt, x, y):
    net.train()
    opt.zero_grad()
    F.cross_entropy(net(x), y).backward()
    opt.step()

@torch.no_grad()
def evaluate(net, x, y):
    return (net(x).argmax(-1) == y).float().mean().item()  #@

net = nn.Sequential(nn.Linear({n}, 8), nn.ReLU(), nn.Dropout({d.choose(0.1, 0.5)}), nn.Linear(8, {c}))
opt = torch.optim.Adam(net.parameters())
for epoch in range(3):
    train(net, opt, torch.randn(8, {n}), torch.randint({c}, (8,)))
print(evaluate(net, torch.randn(20, {n}), torch.randint({c}, (20,))))
""")


def loss_shapes(d):
    kind = d.choose("trainer", "function", "lambda")
    n, rows = d.integer(3, 6), d.integer(4, 8)
    if kind == "trainer":
        return trainer(d, training=d.choose("return F.mse_loss(self(x), y.squeeze(1))  #@", "return F.mse_loss(self(x).squeeze(-1), y)  #@",
                                            "return (self(x).squeeze(1) - y).pow(2).mean()  #@"), rows=rows)
    if kind == "function":
        return dedent(f"""
def train_epoch(net, loader, criterion, opt):
    for x, y in loader:
        opt.zero_grad()
        criterion(net(x), y).backward()  #@
        opt.step()

data = torch.utils.data.TensorDataset(torch.randn({rows * 2}, {n}), torch.randn({rows * 2}))
net = nn.Sequential(nn.Linear({n}, 4), nn.ReLU(), nn.Linear(4, 1))
train_epoch(net, torch.utils.data.DataLoader(data, batch_size={rows}), nn.{d.choose('MSELoss', 'L1Loss', 'SmoothL1Loss')}(),
            torch.optim.Adam(net.parameters()))
""")
    return dedent(f"""
criterion = lambda p, t: ((p - t) ** 2).mean()  #@
net = nn.Linear({n}, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.01)
x, y = torch.randn({rows}, {n}), torch.randn({rows})
for _ in range(3):
    opt.zero_grad()
    criterion(net(x), y).backward()
    opt.step()
""")


def unheld(d):
    kind = d.choose("trainer", "dict", "late")
    n = d.integer(3, 6)
    s = d.name(LOSSES)
    if kind == "trainer":
        return trainer(d, optimizers=f"return torch.optim.{d.choose('SGD', 'Adam')}(self.{d.choose('head', 'body')}.parameters(), lr=0.01)  #@",
                       step=f"""                {s} = module.training_step(batch, index)
                optimizer.zero_grad()
                {s}.backward()  #@
                optimizer.step()  #@""")
    if kind == "dict":
        return dedent(f"""
class Bag(nn.Module):
    def __init__(self):
        super().__init__()
        self.experts = {{"a": nn.Linear({n}, 3), "b": nn.Linear({n}, 3)}}
        self.out = nn.Linear(3, 1)
    def forward(self, x):
        return self.out(sum(torch.tanh(e(x)) for e in self.experts.values()))

net = Bag()
opt = torch.optim.{d.choose('SGD', 'Adam')}(net.parameters(), lr=0.01)  #@
for _ in range(3):
    {s} = net(torch.randn(5, {n})).pow(2).mean()
    opt.zero_grad()
    {s}.backward()  #@
    opt.step()  #@
""")
    return dedent(f"""
def build():
    net = nn.Sequential(nn.Linear({n}, 4), nn.Tanh(), nn.Linear(4, 1))
    opt = torch.optim.Adam(net.parameters())  #@
    net.append(nn.Linear(1, 1))
    return net, opt

net, opt = build()
for _ in range(3):
    opt.zero_grad()
    net(torch.randn(5, {n})).pow(2).mean().backward()  #@
    opt.step()  #@
""")


def scheduler(d):
    kind = d.choose("class", "function", "epoch")
    n, epochs, batches = d.integer(3, 5), d.integer(3, 5), d.integer(6, 9)
    if kind == "epoch":
        return dedent(f"""
def run(epochs, batches):
    net = nn.Linear({n}, 1)
    opt = torch.optim.SGD(net.parameters(), lr=0.1)
    plan = torch.optim.lr_scheduler.OneCycleLR(opt, max_lr=0.1, epochs=epochs, steps_per_epoch=batches)  #@
    for epoch in range(epochs):
        for _ in range(batches):
            opt.zero_grad()
            net(torch.randn(4, {n})).pow(2).mean().backward()
            opt.step()
        plan.step()  #@

run({epochs}, {batches})
""")
    made = d.choose(f"StepLR(self.opt, step_size={d.integer(1, 2)})", f"CosineAnnealingLR(self.opt, T_max={epochs})")
    if kind == "class":
        return dedent(f"""
from torch.optim.lr_scheduler import StepLR, CosineAnnealingLR

class Training:
    def __init__(self):
        self.net = nn.Linear({n}, 1)
        self.opt = torch.optim.SGD(self.net.parameters(), lr=0.1)
        self.plan = {made}  #@

    def step(self, x):
        self.opt.zero_grad()
        self.net(x).pow(2).mean().backward()
        self.opt.step()
        self.plan.step()  #@

    def epoch(self, loader):
        for x, in loader:
            self.step(x)

loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.randn({batches * 4}, {n})), batch_size=4)
training = Training()
for _ in range({epochs}):
    training.epoch(loader)
""")
    return dedent(f"""
from torch.optim.lr_scheduler import StepLR, CosineAnnealingLR

def train_epoch(net, loader, opt, plan):
    for x, in loader:
        opt.zero_grad()
        net(x).pow(2).mean().backward()
        opt.step()
        plan.step()  #@

net = nn.Linear({n}, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
plan = {made.replace('self.', '')}  #@
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.randn({batches * 4}, {n})), batch_size=4, shuffle=True)
for epoch in range({epochs}):
    train_epoch(net, loader, opt, plan)
""")


STYLES = {
    "inplace": inplace, "second-backward": second_backward, "no-gradient": no_gradient, "nonfinite": nonfinite, "held-graph": held_graph,
    "zero-grad": zero_grad, "double-softmax": double_softmax, "training-mode": training_mode, "loss-shapes": loss_shapes,
    "unheld": unheld, "scheduler": scheduler,
}
