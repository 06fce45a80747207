"""What `gradboard bench` times, on whichever `torch` the interpreter finds.

    python3 workloads.py [NAME ...]     prints  NAME <tab> UNIT <tab> VALUE  a line

Each workload is a function that returns (unit, work) where work(n) does the thing n times; per-second units count up,
microseconds count down.  The best of several blocks is printed: noise only ever adds.
"""
import os
import sys
import time

started = time.perf_counter()
import torch  # noqa: E402  (its import is one of the things measured)
imported = time.perf_counter()

import torch.nn as nn  # noqa: E402
import torch.nn.functional as F  # noqa: E402

import training  # noqa: E402

WORKLOADS = {}


def workload(unit):
    def register(make):
        WORKLOADS[make.__name__] = (unit, make)
        return make
    return register


def loop(step):
    def work(n):
        for _ in range(n):
            step()
    return work


@workload("us")
def scalar_add(requires_grad=False):
    a, b = torch.tensor(1.0, requires_grad=requires_grad), torch.tensor(2.0)
    return loop(lambda: a + b)


@workload("us")
def scalar_add_grad():
    return scalar_add(requires_grad=True)


@workload("us")
def backward_node():
    """A chain of 5,000 additions; time of backward and of freeing the graph, a node."""
    x = torch.tensor(1.0, requires_grad=True)

    def timed(n):
        total = 0.0
        for _ in range(n):
            y = x
            for _ in range(5000):
                y = y + 1.0
            begin = time.perf_counter()
            y.backward()
            del y
            total += time.perf_counter() - begin
        return total / 5000
    return timed


@workload("us")
def view_and_index():
    x = torch.arange(24.0).reshape(4, 6)
    return loop(lambda: (x[1], x[:, 2], x.t(), x.view(6, 4)))


@workload("us")
def linear_4x4():
    layer, x = nn.Linear(4, 4), torch.ones(1, 4)
    return loop(lambda: layer(x))


@workload("us")
def add_1m():
    a, b = torch.rand(1024, 1024), torch.rand(1024, 1024)
    return loop(lambda: a + b)


@workload("us")
def exp_1m():
    a = torch.rand(1024, 1024)
    return loop(lambda: a.exp())


@workload("us")
def tanh_1m():
    a = torch.rand(1024, 1024)
    return loop(lambda: a.tanh())


@workload("us")
def sum_dim0_1m():
    a = torch.rand(1024, 1024)
    return loop(lambda: a.sum(0))


@workload("us")
def dropout_1m():
    a = torch.rand(1024, 1024)
    return loop(lambda: F.dropout(a, 0.1))


@workload("us")
def randn_1m():
    return loop(lambda: torch.randn(1024, 1024))


@workload("us")
def softmax_256x1000():
    a = torch.randn(256, 1000)
    return loop(lambda: a.softmax(-1))


@workload("us")
def matmul_256():
    a, b = torch.randn(256, 256), torch.randn(256, 256)
    return loop(lambda: a @ b)


@workload("us")
def matmul_1024():
    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)
    return loop(lambda: a @ b)


# ---- small things: what interviews are made of ----
@workload("us")
def create():
    return loop(lambda: (torch.zeros(3), torch.tensor([1.0, 2.0, 3.0]), torch.arange(5)))


@workload("us")
def setitem():
    x = torch.zeros(4, 6)

    def step():
        x[1, 2] = 3.0
        x[:, 1] = 1.0
    return loop(step)


@workload("us")
def advanced_index():
    x, rows = torch.arange(24.0).reshape(4, 6), torch.tensor([0, 2])
    return loop(lambda: (x[rows], x[x > 10]))


@workload("us")
def module_call():
    model, x = nn.Identity(), torch.ones(1)
    return loop(lambda: model(x))


@workload("us")
def sequential_10():
    model, x = nn.Sequential(*[nn.Identity() for _ in range(10)]), torch.ones(1)
    return loop(lambda: model(x))


@workload("us")
def chain_20_and_backward():
    x = torch.ones(1, requires_grad=True)

    def step():
        y = x
        for _ in range(20):
            y = y * 1.01
        y.backward()
    return loop(step)


def optimizer_100_small(kind, **options):
    parameters = [torch.randn(16, requires_grad=True) for _ in range(100)]
    for p in parameters:
        p.grad = torch.randn(16)
    return loop(kind(parameters, lr=1e-3, **options).step)


@workload("us")
def sgd_100_small():
    return optimizer_100_small(torch.optim.SGD, momentum=0.9)


@workload("us")
def adam_100_small():
    return optimizer_100_small(torch.optim.Adam)


@workload("us")
def adamw_100_small():
    return optimizer_100_small(torch.optim.AdamW)


@workload("us")
def rmsprop_100_small():
    return optimizer_100_small(torch.optim.RMSprop)


# ---- large things ----
@workload("us")
def where_1m():
    a, b = torch.randn(1024, 1024), torch.randn(1024, 1024)
    return loop(lambda: torch.where(a > 0, a, b))


@workload("us")
def add_transposed_1m():
    a, b = torch.rand(1024, 1024), torch.rand(1024, 1024)
    return loop(lambda: a + b.t())


@workload("us")
def var_rows_1m():
    a = torch.rand(1024, 1024)
    return loop(lambda: a.var(1))


@workload("us")
def argmax_rows_1m():
    a = torch.rand(1024, 1024)
    return loop(lambda: a.argmax(1))


@workload("us")
def cross_entropy_256x1000():
    a, t = torch.randn(256, 1000, requires_grad=True), torch.randint(1000, (256,))
    return loop(lambda: F.cross_entropy(a, t).backward())


@workload("us")
def layer_norm_256x1000():
    a, layer = torch.randn(256, 1000, requires_grad=True), nn.LayerNorm(1000)
    return loop(lambda: layer(a).sum().backward())


@workload("us")
def max_pool():
    a = torch.randn(16, 32, 32, 32, requires_grad=True)
    return loop(lambda: F.max_pool2d(a, 2).sum().backward())


@workload("us")
def batch_norm():
    a, layer = torch.randn(16, 32, 32, 32, requires_grad=True), nn.BatchNorm2d(32)
    return loop(lambda: layer(a).sum().backward())


@workload("us")
def sort_1m():
    a = torch.rand(1024, 1024)
    return loop(lambda: a.sort(1))


class DigitsCNN(nn.Module):
    """The network of the digits-cnn scene."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, 3, padding=1)
        self.conv2 = nn.Conv2d(8, 16, 3, padding=1)
        self.fc = nn.Linear(64, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(x.flatten(1))


def train_step(model, optimizer, inputs, targets):
    def step():
        optimizer.zero_grad()
        loss = F.cross_entropy(model(inputs), targets)
        loss.backward()
        optimizer.step()
    return loop(step)


@workload("steps/s")
def step_digits_cnn():
    torch.manual_seed(0)
    model = DigitsCNN()
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    return train_step(model, optimizer, torch.rand(64, 1, 8, 8), torch.randint(0, 10, (64,)))


@workload("steps/s")
def step_mlp_adam():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 10))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    return train_step(model, optimizer, torch.rand(64, 64), torch.randint(0, 10, (64,)))


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.ln1, self.ln2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)

    def forward(self, x):
        batch, time_, width = x.shape
        q, k, v = self.qkv(self.ln1(x)).split(width, dim=2)
        q, k, v = (t.view(batch, time_, self.heads, -1).transpose(1, 2) for t in (q, k, v))
        scores = q @ k.transpose(-2, -1) / (width // self.heads) ** 0.5
        mask = torch.triu(torch.ones(time_, time_, dtype=torch.bool), 1)
        weights = scores.masked_fill(mask, float("-inf")).softmax(-1)
        x = x + self.out((weights @ v).transpose(1, 2).reshape(batch, time_, width))
        return x + self.down(F.gelu(self.up(self.ln2(x))))


class SmallGPT(nn.Module):
    def __init__(self, vocabulary=64, width=64, heads=4, layers=2, length=32):
        super().__init__()
        self.token, self.place = nn.Embedding(vocabulary, width), nn.Embedding(length, width)
        self.blocks = nn.Sequential(*[Block(width, heads) for _ in range(layers)])
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, vocabulary)

    def forward(self, tokens):
        x = self.token(tokens) + self.place(torch.arange(tokens.shape[1]))
        return self.head(self.norm(self.blocks(x))).flatten(0, 1)


@workload("steps/s")
def step_small_gpt():
    torch.manual_seed(0)
    model = SmallGPT()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    tokens = torch.randint(0, 64, (32, 33))
    return train_step(model, optimizer, tokens[:, :-1], tokens[:, 1:].flatten())


def register_step(make):
    def prepare():
        torch.manual_seed(0)
        return loop(make())
    WORKLOADS["step_" + make.__name__] = ("steps/s", prepare)


for make in training.STEPS:
    register_step(make)


def measure(name, blocks=5, seconds=0.12):
    """Best time of one repetition, in seconds."""
    work = WORKLOADS[name][1]()
    if name == "backward_node":
        work(1)
        return min(work(1) for _ in range(3 * blocks))
    work(1)
    n, elapsed = 1, 0.0
    while elapsed < seconds / 4:
        n *= 2
        begin = time.perf_counter()
        work(n)
        elapsed = time.perf_counter() - begin
    n = max(1, int(n * seconds / elapsed))
    best = float("inf")
    for _ in range(blocks):
        begin = time.perf_counter()
        work(n)
        best = min(best, (time.perf_counter() - begin) / n)
    return best


def peak_memory(make):
    """MB that the process holds at most while it trains four steps, in a child so that nothing else counts."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        torch.manual_seed(0)
        step = make()
        with open("/proc/self/clear_refs", "w") as file:  # the peak begins here
            file.write("5")
        for _ in range(4):
            step()
        with open("/proc/self/status") as file:
            peak = next(line.split()[1] for line in file if line.startswith("VmHWM"))
        os.write(writing, peak.encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    with os.fdopen(reading) as file:
        return int(file.read()) / 1024


def main(names):
    if not names or "import_torch" in names:
        print(f"import_torch\tms\t{(imported - started) * 1e3:.4g}", flush=True)
    for make in training.STEPS:  # before anything else has taken memory
        if not names or "memory_" + make.__name__ in names:
            print(f"memory_{make.__name__}\tMB\t{peak_memory(make):.4g}", flush=True)
    for name in names or WORKLOADS:
        if name not in WORKLOADS:
            continue
        seconds = measure(name)
        unit = WORKLOADS[name][0]
        value = 1 / seconds if unit == "steps/s" else seconds * 1e6
        print(f"{name}\t{unit}\t{value:.5g}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
