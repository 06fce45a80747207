"""Records programs, replays them, and expects every event and value to be the same, bit for bit; then spoils
recordings, and expects each to be told.

    test_replay.py GRADBOARD [NAME...]
"""
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

GRADBOARD = sys.argv[1]
ROOT = Path(__file__).resolve().parents[2]
ENOUGH = 6 << 20  # bytes of a scene's recording
TASKS = sorted(path.name for kind in ("cases", "exercises") for path in (ROOT / "data" / kind).iterdir() if path.is_dir())
SCENES = sorted(path.name for path in (ROOT / "data/scenes").iterdir() if (path / "scene.py").exists())

WORLD = """
import datetime, os, random, sys, time, uuid
import numpy as np
import torch
print(time.time(), time.perf_counter(), time.monotonic_ns(), time.process_time(), datetime.datetime.now())
print(random.random(), os.urandom(8).hex(), np.random.rand(), np.random.default_rng().random(), uuid.uuid4(), random.SystemRandom().random())
print(id(torch), object(), hash("text"), sys.argv[1:], input("name? "), input())
things = {object() for _ in range(50)}
print([id(x) for x in things][:5])
start = time.perf_counter()
x = torch.rand(4, requires_grad=True)
(x * random.random()).sum().backward()
print(x.grad, f"{time.perf_counter() - start:.9f} s")
"""

TRAINING = """
import time, torch
from torch import nn
import gradboard as gb
torch.manual_seed(3)
net = nn.Sequential(nn.Linear(6, 8), nn.Dropout(0.3), nn.ReLU(), nn.Linear(8, 2))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
loader = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(torch.randn(40, 6), torch.randint(2, (40,))), 8, shuffle=True)
for epoch in range(3):
    for x, y in loader:
        loss = nn.functional.cross_entropy(net(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        gb.log("loss", loss.item())
    print(epoch, loss.item(), time.time())
"""

RAISES = """
import torch
w = torch.ones(2, requires_grad=True)
y = w.exp()
y.add_(1)
print("before")
y.sum().backward()
"""


def random_program(seed):
    """Tensors of one size, through ops that anybody uses, with gradients, prints and a clock."""
    r = random.Random(seed)
    lines = ["import random, time, torch", f"torch.manual_seed({seed})", "a = torch.randn(3, 4, requires_grad=True)",
             "b = torch.randn(3, 4)"]
    for _ in range(r.randrange(5, 25)):
        lines.append(r.choice([
            "b = (a * b).tanh()", "b = b + a.detach()", "b = b[torch.randperm(3)]", "b = torch.where(b > 0, b, a)",
            "b = b - b.mean(1, keepdim=True)", "b = torch.softmax(b, -1)", "b = b @ a.t() @ b",
            "b = torch.dropout(b, 0.2, True)", "b = b.clone().clamp_(-2, 2)", "print(b.sum().item())",
            "print(time.perf_counter_ns() % 1000)", "b = b * random.random()", "b = b.reshape(4, 3).t()", "b = torch.cat([b, a])[:3]"]))
    lines += ["b.sum().backward()", "print(a.grad)"]
    return "\n".join(lines)


def run(*arguments, **options):
    return subprocess.run([GRADBOARD, *map(str, arguments)], text=True, capture_output=True, timeout=600, **options)


def record(folder, name, text=None, argv=(), stdin=""):
    program = name
    if text is not None:
        program = folder / f"{name}.py"
        program.write_text(text)
    out = folder / f"{name}.gbt"
    done = run("run", "--trace", out, program, *argv, input=stdin)
    assert out.exists(), done.stderr
    return out


def verified(out, status=0):
    done = run("replay", "--verify", out)
    assert done.returncode == status, f"status {done.returncode}, not {status}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def spoil(out, old, new):
    """A copy of a recording with some bytes changed."""
    bytes_ = out.read_bytes()
    assert old in bytes_
    spoiled = out.with_suffix(".spoiled.gbt")
    spoiled.write_bytes(bytes_.replace(old, new, 1))
    return spoiled


def record_some(out, name, enough):
    """A long training is interrupted, and compared up to there."""
    running = subprocess.Popen([GRADBOARD, "run", "--trace", out, name], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    while running.poll() is None:
        time.sleep(0.05)
        if out.exists() and out.stat().st_size > enough:
            running.send_signal(signal.SIGINT)
            running.wait(60)
    return run("replay", "--verify", out)


def debugging(folder):
    """Every case and exercise, as it is given; some of these make no tensor yet."""
    for name in TASKS:
        done = record_some(folder / f"{name}.gbt", name, ENOUGH // 8)
        said = done.stdout + done.stderr
        assert done.returncode == 0 and ("bit for bit" in said or "holds no hashes" in said), f"{name}: {said}"


def scenes(folder):
    """Every one that is shipped.  What the turns of threads decide is in no recording: a scene of threads that came out
    otherwise says so."""
    for name in SCENES:
        done = record_some(folder / f"{name}.gbt", name, ENOUGH)
        has_threads = "import threading" in (ROOT / "data/scenes" / name / "scene.py").read_text(encoding="utf-8")
        assert (done.returncode == 0 and "bit for bit" in done.stdout + done.stderr) \
            or (has_threads and "order of their turns" in done.stdout + done.stderr), f"{name}: {done.stdout}{done.stderr}"


def world(folder):
    out = record(folder, "world", WORLD, ["one", "two words"], "Ada\nsecond\n")
    assert "bit for bit" in verified(out)


def input_ends(folder):
    out = record(folder, "ends", "try:\n    input()\nexcept EOFError:\n    print('end')\n")
    verified(out)


def training(folder):
    said = verified(record(folder, "training", TRAINING))
    assert int(said.split()[0]) > 500, said


def raises(folder):
    verified(record(folder, "raises", RAISES))


def programs(folder):
    for seed in range(8):
        verified(record(folder, f"program-{seed}", random_program(seed)))


def other_text(folder):
    out = record(folder, "text", "print('one')\nimport torch\nprint(torch.ones(2).exp())\n")
    said = verified(spoil(out, b"one\n", b"two\n"), 1)
    assert 'print "two"' in said or "source" in said, said


def other_number(folder):
    """Every hash of a result counts: the value that a random op gave is changed by the feed."""
    text = "import random, torch\nx = torch.ones(3) * random.random()\ny = x.exp()\n"
    out = record(folder, "number", text)
    seed = out.read_bytes().split(b'"entropy":')[1].split(b'"')[1]
    said = verified(spoil(out, seed, bytes(reversed(seed)) if seed != bytes(reversed(seed)) else b"0" * 16), 1)
    assert "line 2" in said and "mul" in said, said


def other_file(folder):
    """A file that has changed or is gone: a small one is given as it was, a large one is a difference that has its name."""
    data, large = folder / "data.txt", folder / "large.npy"
    data.write_text("1.5")
    np.save(large, np.arange(50000.0))
    out = record(folder, "reads", f"""import numpy as np, torch
x = torch.tensor(float(open({str(data)!r}).read()))
y = torch.from_numpy(np.load({str(large)!r})) * x
torch.save(y[:9], "mine.pt"); y = torch.load("mine.pt") + 1
open("mine.txt", "w").write("changes %f" % id(x)); open("mine.txt").read()
print(y.sum().item())
""")
    assert "bit for bit" in verified(out)
    data.write_text("2.5")
    said = verified(out)
    assert "bit for bit" in said and "data.txt" in said and "another one now" in said, said
    data.unlink()
    assert "bit for bit" in verified(out)
    np.save(large, np.arange(50000.0) + 1)
    said = verified(out, 1)
    assert "large.npy: 400128 bytes" in said, said


FUNCTIONS = """
import torch
class Swish(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, slope):
        s = torch.sigmoid(x * slope)
        ctx.save_for_backward(x, s)
        ctx.slope = slope
        return x * s
    @staticmethod
    def backward(ctx, g):
        x, s = ctx.saved_tensors
        return g * (s + ctx.slope * x * s * (1 - s)), None
class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.mark_dirty(x)
        return x.mul_(2)
    @staticmethod
    def backward(ctx, g):
        return g * 2
class Raises(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        raise ValueError("not today")
w = torch.randn(3, 4, requires_grad=True)
for step in range(3):
    h = torch.randn(2, 4) @ w.t()
    y = Twice.apply(Swish.apply(h, 0.5) + 1)
    with torch.no_grad():
        Swish.apply(h, 2.0)
    try:
        Raises.apply(h)
    except ValueError as error:
        print(error)
    y.sum().backward()
print(w.grad)
"""


def functions(folder):
    """A Function of the program is one op with the parts it ran, and a node with what it kept, named as PyTorch does."""
    out = record(folder, "functions", FUNCTIONS)
    assert "bit for bit" in verified(out)
    drawn = run("render", out, "--view", "graph", "-o", folder / "graph.svg")
    assert drawn.returncode == 0, drawn.stderr
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", (folder / "graph.svg").read_text())
    for wanted, n in (("Swish", 2), ("Twice", 2), ("Backward", 2), ("x, saved", 1)):
        assert texts.count(wanted) == n, f"{wanted!r} {texts.count(wanted)} times, not {n}: {texts}"
    assert "sigmoid" not in texts and "mul_" not in texts, texts


def tensor_files(folder):
    """What safetensors files hold is told entry by entry, whoever reads them; bytes of others are shown as they are, an npy
    file's below what its head says, and a head that lies or ends too soon is said to."""
    outside = folder / "columns.npy"
    np.save(outside, np.asfortranarray(np.arange(6, dtype=np.float32).reshape(2, 3)))
    out = record(folder, "tensors", """import torch
from safetensors.torch import save_file, load_file
save_file({"a.weight": torch.ones(4, 3), "half": torch.zeros(2).half()}, "m.safetensors", metadata={"format": "pt"})
print(load_file("m.safetensors")["half"])
""")
    array = record(folder, "array", f"import numpy as np, torch\nprint(torch.from_numpy(np.load({str(outside)!r})).stride())\n")
    assert "bit for bit" in verified(out) and "bit for bit" in verified(array)

    def texts(path):
        drawn = run("render", path, "--view", "file", "-o", folder / "file.svg")
        assert drawn.returncode == 0, drawn.stderr
        return " ".join(re.findall(r"<text[^>]*>([^<]*)</text>", (folder / "file.svg").read_text()))

    said = texts(array)
    assert "float32 2×3" in said and "fortran_order=True" in said and "93 4e 55 4d 50 59" in said, said
    said = texts(out)
    assert "a.weight" in said and "4×3" in said and "safetensors" in said and "48 B" in said, said
    both = folder / "both.npz"
    np.savez(both, a=np.arange(3), b=np.ones((2, 2), np.float32))
    said = texts(record(folder, "both", f"import numpy as np, torch\nprint(torch.from_numpy(np.load({str(both)!r})['b']))\n"))
    assert "a.npy int64 3" in " ".join(said.split()) and "b.npy float32 2×2" in " ".join(said.split()), said
    whole = outside.read_bytes()
    for name, bytes_, wanted in (("cut", whole[:40], "ends within its head"), ("version", whole[:6] + b"\x09" + whole[7:], "version"),
                                 ("liar", whole.replace(b"(2, 3)", b"(2, 9)"), "72 ≠ 24")):
        outside.write_bytes(bytes_)
        said = texts(record(folder, name, f"import torch\nopen({str(outside)!r}, 'rb').read()\n"))
        assert wanted in said, f"{name}: {said}"


WORKERS = """
import threading, torch
from torch.utils.data import DataLoader, Dataset
class Noise(Dataset):
    def __len__(self): return 24
    def __getitem__(self, i): return torch.randn(3) * i, torch.rand(())
torch.manual_seed(0)
w = torch.zeros(3, requires_grad=True)
for x, y in DataLoader(Noise(), 4, num_workers=2, shuffle=True):
    ((x @ w - y) ** 2).mean().backward()
sums = {}
def work(i): sums[i] = (torch.ones(3) * i).exp().sum().item()
threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
for t in threads: t.start()
for t in threads: t.join()
print(w.grad, [sums[i] for i in range(4)])
"""

def worker_files(folder):
    """What workers of a loader read is recorded by path, whichever came first, and given back when it is another one."""
    for i in range(6):
        (folder / f"part{i}.txt").write_text(f"{i}.5")
    out = record(folder, "parts", f"""import torch
from torch.utils.data import DataLoader, Dataset
class Parts(Dataset):
    def __len__(self): return 6
    def __getitem__(self, i): return torch.tensor(float(open({str(folder)!r} + "/part%d.txt" % i).read()))
for x in DataLoader(Parts(), 2, num_workers=2):
    print(x.sum().item())
""")
    assert "bit for bit" in verified(out)
    (folder / "part3.txt").write_text("9")
    (folder / "part4.txt").unlink()
    said = verified(out)
    assert "bit for bit" in said and "part3.txt" in said and "another one now" in said, said


def workers(folder):
    """The batches of workers and what threads made come again; what depends on the turns of threads does not, and says so."""
    assert "bit for bit" in verified(record(folder, "workers", WORKERS))
    text = "import os, threading, torch\nt = threading.Thread(target=list); t.start(); t.join()\n" \
           "x = torch.tensor(float(os.stat('/proc/self').st_ino)).mul(2)\n"
    assert "order of their turns" in verified(record(folder, "turns", text), 1)


def cut(folder):
    out = record(folder, "cut", TRAINING)
    bytes_ = out.read_bytes()
    out.write_bytes(bytes_[:len(bytes_) // 2])
    assert "cut" in verified(out)


def hostile(folder):
    empty, noise = folder / "empty.gbt", folder / "noise.gbt"
    empty.write_bytes(b"")
    noise.write_bytes(b"GBTRACE1" + bytes(random.Random(1).randrange(256) for _ in range(4000)))
    for path in (empty, noise, folder / "absent.gbt"):
        assert verified(path, 125).strip()
    assert run("replay").returncode == 2


def another_processor(folder):
    out = record(folder, "processor", TRAINING)
    said = verified(spoil(out, b'"blas":"', b'"blaz":"'), 3)
    assert "tolerance" in said and "rounding" in said, said


CASES = [scenes, debugging, world, input_ends, training, raises, functions, tensor_files, programs, other_text, other_number, other_file, worker_files, workers, cut, hostile,
         another_processor]


def main():
    wanted, failed = sys.argv[2:], 0
    cases = [case for case in CASES if not wanted or case.__name__ in wanted]
    print(f"1..{len(cases)}")
    for number, case in enumerate(cases, 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                case(Path(folder))
            except AssertionError as error:
                failed += 1
                print("\n".join("# " + line for line in str(error).splitlines()))
                print(f"not ok {number} {case.__name__}", flush=True)
            else:
                print(f"ok {number} {case.__name__}", flush=True)
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
