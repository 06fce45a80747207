"""Programs that fail, by kind of error: what offends, and an edit that helps.

group -> [(kind, dimension that is marked or None, a piece of an edited line that is offered or None, program)]; the
program's first lines are START.  An edit of None: nothing that is offered helps, and nothing is offered.
"""

START = """import torch
from torch import nn
import torch.nn.functional as F
torch.manual_seed(0)
"""

PROGRAMS = {
"broadcast": [
    ("broadcast", 1, "b.t()", "a = torch.randn(3, 4)\nb = torch.randn(4, 3)\nc = a + b\n"),
    ("broadcast", 1, "scale.unsqueeze(1)", "x = torch.randn(5, 3)\nscale = torch.randn(5)\ny = x * scale\nprint(y)\n"),
    ("broadcast", 0, "weights.unsqueeze(1)", """
def weigh(rows, weights):
    return (rows * weights).sum(0)
print(weigh(torch.randn(6, 2), torch.ones(6)))
"""),
    ("broadcast", 1, "gate.t()", "h = torch.zeros(2, 7)\ngate = torch.ones(7, 2)\nh -= gate\n"),
    ("broadcast", 1, None, "p = torch.zeros(2, 3)\nq = torch.zeros(2, 4)\nprint(p - q)\n"),
    ("broadcast", 1, "t.t()", "s = torch.zeros(3, 2)\nt = torch.ones(2, 3)\nprint(s < t)\n"),
    ("broadcast", 1, "t.t()", "s = torch.zeros(3, 2)\nt = torch.ones(2, 3)\nprint(torch.maximum(s, t))\n"),
    ("broadcast-out", None, "total = total + rows", "total = torch.zeros(3)\nrows = torch.ones(4, 3)\ntotal += rows\n"),
    ("broadcast-out", None, "acc = acc.add(rows)", "acc = torch.zeros(3)\nrows = torch.ones(4, 3)\nacc.add_(rows)\n"),
    ("broadcast", None, None, "l = F.mse_loss(torch.zeros(4, 2), torch.zeros(3, 2))\n"),
],
"product": [
    ("product", None, "nn.Linear(2704, 10)", """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 16, 3)
        self.fc = nn.Linear(16 * 26 * 26, 10)
    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv(x)), 2)
        return self.fc(x.view(x.size(0), -1))
Net()(torch.randn(4, 1, 28, 28))
"""),
    ("product", None, "in_features=50", """
class MLP(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(20, 50)
        self.b = nn.Linear(in_features=40, out_features=3)
    def forward(self, x):
        return self.b(torch.relu(self.a(x)))
print(MLP()(torch.randn(4, 20)))
"""),
    ("matrix", None, "torch.matmul(a, b)", "a = torch.randn(3, 4)\nb = torch.randn(4, 5)\nc = torch.bmm(a, b)\n"),
    ("product", 1, "b.t()", "a = torch.randn(3, 4)\nb = torch.randn(5, 4)\nprint(a @ b)\n"),
    ("product", 1, "k @ q", "q = torch.randn(4, 2)\nk = torch.randn(3, 4)\nprint((q @ k).shape)\n"),
    ("product", 2, "k.transpose(-2, -1)", "q = torch.randn(2, 5, 8)\nk = torch.randn(2, 5, 8)\nscores = q @ k\n"),
    ("product", 2, "k.transpose(-2, -1)", "q = torch.randn(2, 5, 8)\nk = torch.randn(2, 5, 8)\nscores = torch.bmm(q, k)\n"),
    ("product", None, "w.t()", "x = torch.randn(3, 4)\nw = torch.randn(4, 5)\ny = F.linear(x, w)\n"),
    ("product", None, "m.t()", "m = torch.randn(3, 4)\nv = torch.randn(3)\nprint(m @ v)\n"),
    ("product", 1, "nn.Linear(6, 2)", "layer = nn.Linear(5, 2)\nx = torch.randn(3, 6)\nprint(layer(x))\n"),
    ("product", None, "images.flatten(1)", """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(12, 2)
    def forward(self, images):
        return self.fc(images)
Net()(torch.randn(5, 3, 2, 2))
"""),
    ("product", None, "nn.Linear(18, 2)", """
net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.Flatten(), nn.Linear(20, 2))
print(net(torch.randn(4, 1, 5, 5)))
"""),
    ("product", 0, None, "print(torch.dot(torch.ones(3), torch.ones(4)))\n"),
    ("matrix", None, "torch.matmul(a, b)", "a = torch.ones(2, 3, 4)\nb = torch.ones(4, 5)\nc = torch.mm(a, b)\n"),
],
"list": [
    ("cat-dims", None, "b.squeeze(-1)", "a = torch.randn(4, 8)\nb = torch.randn(4, 8, 1)\nz = torch.cat([a, b], dim=1)\n"),
    ("stack", 0, "collate_fn=", """
from torch.utils.data import DataLoader
data = [torch.arange(3), torch.arange(5)]
for batch in DataLoader(data, batch_size=2):
    print(batch)
"""),
    ("stack", 0, None, """
from torch.utils.data import DataLoader
loader = DataLoader([(torch.arange(3), 0), (torch.arange(5), 1)], batch_size=2)
for x, y in loader:
    print(x)
"""),
    ("cat", 1, "dim=1", "a = torch.ones(2, 3)\nb = torch.ones(2, 4)\nc = torch.cat([a, b])\n"),
    ("cat", 0, "dim=0", "a = torch.ones(2, 3)\nb = torch.ones(4, 3)\nc = torch.cat((a, b), dim=1)\n"),
    ("cat-dims", 1, "b.unsqueeze(0)", "a = torch.ones(2, 3)\nb = torch.ones(3)\nc = torch.cat([a, b])\n"),
    ("stack", 0, "torch.cat([a, b])", "a = torch.ones(2)\nb = torch.ones(3)\nc = torch.stack([a, b])\n"),
    ("stack", 0, "torch.cat(parts)", "parts = [torch.ones(n) for n in (2, 3, 4)]\nwhole = torch.stack(parts)\n"),
    ("expand", None, ".unsqueeze(1)", "x = torch.ones(3)\ny = x.expand(3, 4)\n"),
    ("expand", None, "expand(-1, 2)", "x = torch.ones(3, 2)\ny = x.expand(4, 2)\n"),
    ("expand-dims", None, "expand(-1, 2)", "x = torch.ones(3, 2)\ny = x.expand(2)\n"),
    ("expand-dims", None, "repeat(1, 2)", "x = torch.ones(3, 2)\ny = x.repeat(2)\n"),
    ("ragged", None, None, "x = torch.tensor([[1, 2], [3]])\n"),
    ("einsum", None, "b.t()", "a = torch.ones(2, 3)\nb = torch.ones(4, 3)\nc = torch.einsum('ij,jk->ik', a, b)\n"),
],
"memory": [
    ("view", None, "y.reshape(12)", "x = torch.arange(12).reshape(3, 4)\ny = x.t()\nv = y.view(12)\n"),
    ("view", None, "h.contiguous().view(2, 20)", "h = torch.ones(2, 4, 5).transpose(1, 2)\nv = h.view(2, 20)\n"),
    ("view", None, ".reshape(2, -1)", """
def heads(x):
    return x.permute(0, 2, 1).view(2, -1)
print(heads(torch.ones(2, 3, 4)).shape)
"""),
    ("view", None, "reshape(-1)", "x = torch.ones(4, 6)[:, :4]\nprint(x.view(-1))\n"),
    ("numel", None, "view(-1, 3)", "x = torch.arange(12)\ny = x.view(5, 3)\n"),
    ("numel", None, "-1", "x = torch.arange(12)\ny = torch.reshape(x, (2, 5))\n"),
    ("numel", None, "-1", "x = torch.ones(4, 7, 7)\ny = x.reshape(4, 36)\n"),
    ("numel", None, "view(4, -1)", "x = torch.arange(12)\ny = x.view(5, -1)\n"),
    ("numel", None, "reshape(3, -1)", "x = torch.arange(30)\ny = x.reshape(4, -1)\n"),
    ("numel", None, None, "x = torch.arange(300)\nH = 4\ny = x.view(2, 5, H, 30 // H)\n"),
    ("transpose", None, "transpose(-2, -1)", "x = torch.ones(2, 3, 4)\ny = x.t()\n"),
    ("permute", None, "permute(1, 0, 2)", "x = torch.ones(2, 3, 4)\ny = x.permute(1, 0)\n"),
],
"index": [
    ("index", 0, "range(10)", "losses = torch.zeros(10)\nfor i in range(11):\n    losses[i] = i\n"),
    ("index-value", 1, "y - 1", "p = torch.randn(2, 3).gather(1, torch.tensor([[1], [2]]))\ny = torch.tensor([[3], [1]])\nq = torch.randn(2, 3).gather(1, y)\n"),
    ("index-dims", None, "y.unsqueeze(1)", "logits = torch.randn(4, 10)\ny = torch.tensor([1, 2, 3, 0])\np = logits.gather(1, y)\n"),
    ("embedding", None, "nn.Embedding(4, 2)", "vocab = ['a', 'b', 'c']\nemb = nn.Embedding(len(vocab), 2)\nv = emb(torch.tensor([[0, 1, 3]]))\n"),
    ("index", 0, "x[2]", "x = torch.arange(3)\nprint(x[3])\n"),
    ("index", 1, "m[0, 3]", "m = torch.ones(3, 4)\nprint(m[0, 4])\n"),
    ("index", 1, "m[:, 3]", "m = torch.ones(3, 4)\nm[:, 7] = 0\n"),
    ("index", None, None, "x = torch.arange(3)\ni = torch.tensor([0, 5])\nprint(x[i])\n"),
    ("indices", None, "m[0, 1]", "m = torch.ones(3, 4)\nprint(m[0, 1, 2])\n"),
    ("index-type", None, "i.long()", "x = torch.arange(3)\ni = torch.tensor([0., 2.])\nprint(x[i])\n"),
    ("mask", None, None, "x = torch.arange(3)\nkeep = torch.tensor([True, False])\nprint(x[keep])\n"),
    ("dim", None, "sum(-1)", "x = torch.ones(3, 4)\nprint(x.sum(2))\n"),
    ("dim", None, "dim=-1", "x = torch.ones(3)\nprint(torch.softmax(x, dim=1))\n"),
    ("dim", None, "unsqueeze(-1)", "x = torch.ones(3)\nprint(x.unsqueeze(2))\n"),
    ("topk", None, "topk(4)", "x = torch.arange(4.)\nprint(x.topk(5))\n"),
    ("narrow", None, "narrow(0, 3, 2)", "x = torch.arange(5)\nprint(x.narrow(0, 3, 4))\n"),
    ("split", None, "[3, 7]", "x = torch.arange(10)\na, b = x.split([3, 3])\n"),
    ("embedding", None, "nn.Embedding(8, 2)", "table = nn.Embedding(5, 2)\nprint(table(torch.tensor([1, 7])))\n"),
],
"dtype": [
    ("dtype", None, "y.long()", "x = torch.randn(3, 4)\ny = torch.tensor([0., 1., 2.])\nl = F.cross_entropy(x, y)\n"),
    ("dtype", None, "y.long()", "crit = nn.CrossEntropyLoss()\ny = torch.zeros(3)\nprint(crit(torch.randn(3, 4), y))\n"),
    ("dtype", None, "x.float()", "layer = nn.Linear(3, 2)\nx = torch.arange(6).reshape(2, 3)\nprint(layer(x))\n"),
    ("dtype", None, "a.float()", "a = torch.randn(2, 3).double()\nb = torch.randn(3, 4)\nprint(a @ b)\n"),
    ("dtype", None, "ids.long()", "table = nn.Embedding(5, 2)\nids = torch.tensor([1., 2.])\nprint(table(ids))\n"),
    ("dtype", None, "x.float()", "x = torch.arange(5)\nprint(x.mean())\n"),
    ("dtype", None, "x.float()", "x = torch.arange(5)\nprint(torch.softmax(x, 0))\n"),
    ("dtype", None, "count = count + 0.5", "count = torch.zeros(3, dtype=torch.long)\ncount += 0.5\n"),
    ("dtype", None, "dtype=torch.float32", "w = torch.tensor([1, 2], requires_grad=True)\n"),
    ("dtype", None, "i.long()", "x = torch.ones(3)\ni = torch.zeros(2)\nprint(x.gather(0, i))\n"),
    ("bool-minus", None, "a ^ b", "a = torch.tensor([True])\nb = torch.tensor([False])\nprint(a - b)\n"),
    ("mask-type", None, "m.bool()", "m = torch.ones(3)\nprint(torch.where(m, torch.ones(3), torch.zeros(3)))\n"),
],
"layers": [
    ("broadcast", 3, "torch.ones(6, 6)", """
s = torch.randn(2, 4, 6, 6)
mask = torch.tril(torch.ones(5, 5)).bool()
s = s.masked_fill(~mask, float('-inf'))
"""),
    ("mask-shape", None, "torch.zeros(6, 6)", """
mha = nn.MultiheadAttention(8, 2, batch_first=True)
x = torch.randn(2, 6, 8)
mask = torch.zeros(5, 5)
o, w = mha(x, x, x, attn_mask=mask)
"""),
    ("hidden", None, "(h0.transpose(0, 1), c0.transpose(0, 1))", """
lstm = nn.LSTM(10, 20, batch_first=True)
h0, c0 = torch.zeros(3, 1, 20), torch.zeros(3, 1, 20)
out, h = lstm(torch.randn(3, 7, 10), (h0, c0))
"""),
    ("groups", None, "nn.GroupNorm(4, 8)", "gn = nn.GroupNorm(3, 8)\n"),
    ("super-init", None, "super().__init__()", """
class M(nn.Module):
    def __init__(self):
        self.fc = nn.Linear(2, 2)
m = M()
"""),
    ("state-dict", 0, "b = nn.Linear(4, 2)", "a = nn.Linear(4, 2)\nb = nn.Linear(4, 3)\nb.load_state_dict(a.state_dict())\n"),
    ("state-keys", None, "removeprefix('0.')", "a = nn.Sequential(nn.Linear(4, 2))\nb = nn.Linear(4, 2)\nb.load_state_dict(a.state_dict())\n"),
    ("state-keys", None, "'0.' + name", "a = nn.Sequential(nn.Linear(4, 2))\nb = nn.Linear(4, 2)\na.load_state_dict(b.state_dict())\n"),
    ("state-keys", None, "strict=False", "a = nn.Linear(4, 2, bias=False)\nb = nn.Linear(4, 2)\nb.load_state_dict(a.state_dict())\n"),
    ("state-keys", None, "strict=False", "a = nn.Linear(4, 2, bias=False)\nb = nn.Linear(4, 2)\na.load_state_dict(b.state_dict())\n"),
    ("device", None, "x.cpu()", "x = torch.randn(3)\nx = x.cuda()\n"),
    ("device", None, "torch.device('cpu')", "device = torch.device('cuda')\nnet = nn.Linear(2, 2).to(device)\n"),
    ("channels", 1, "nn.Conv2d(16, 64, 3)", "c1 = nn.Conv2d(3, 16, 3, padding=1)\nc2 = nn.Conv2d(32, 64, 3)\ny = c2(c1(torch.randn(2, 3, 8, 8)))\n"),
    ("channels", 1, "x.permute(0, 3, 1, 2)", "conv = nn.Conv2d(3, 8, 3)\nx = torch.ones(2, 9, 9, 3)\ny = conv(x)\n"),
    ("channels", 1, "nn.Conv2d(1, 8, 3)", "conv = nn.Conv2d(3, 8, 3)\nx = torch.ones(2, 1, 9, 9)\ny = conv(x)\n"),
    ("channels", None, "x.unsqueeze(1)", "conv = nn.Conv2d(1, 8, 3)\nx = torch.ones(2, 9, 9)\ny = conv(x)\n"),
    ("conv-dims", None, "unsqueeze(0)", "conv = nn.Conv2d(1, 8, 3)\nx = torch.ones(9, 9)\ny = conv(x.unsqueeze(0).unsqueeze(0).unsqueeze(0))\n"),
    ("kernel-size", None, None, "conv = nn.Conv2d(3, 8, 5)\ny = conv(torch.ones(2, 3, 4, 4))\n"),
    ("batch-missing", None, "x.unsqueeze(0)", "bn = nn.BatchNorm1d(4).eval()\nx = torch.ones(4)\ny = bn(x)\n"),
    ("batch-of-one", None, "bn.eval()", "bn = nn.BatchNorm1d(4)\ny = bn(torch.ones(1, 4))\n"),
    ("features", None, "nn.BatchNorm2d(3)", "bn = nn.BatchNorm2d(4)\ny = bn(torch.ones(2, 3, 5, 5))\n"),
    ("features", 1, "nn.LayerNorm(8)", "norm = nn.LayerNorm(10)\ny = norm(torch.ones(4, 8))\n"),
    ("features", 2, "nn.LSTM(8, 3)", "rnn = nn.LSTM(10, 3)\ny = rnn(torch.ones(4, 5, 8))\n"),
],
"losses": [
    ("probability", None, "p.sigmoid()", "p = torch.tensor([0.2, 1.3])\ny = torch.tensor([0., 1.])\nloss = F.binary_cross_entropy(p, y)\n"),
    ("saved-changed", None, "a = a.clone()", """
w = torch.randn(4, requires_grad=True)
a = torch.sigmoid(w)
a[0] = 0
(a * 3).sum().backward()
"""),
    ("saved-changed", None, "y = y + 1", """
x = torch.ones(3, requires_grad=True)
y = x * 2
z = y ** 2
y += 1
loss = z.sum()
loss.backward()
"""),
    ("second-backward", None, "retain_graph=True", """
h, w = torch.zeros(3), torch.ones(3, requires_grad=True)
for t in range(3):
    h = torch.tanh(h + w)
    h.sum().backward()
"""),
    ("target", None, "y.squeeze(1)", "y = torch.zeros(3, 1).long()\nl = F.cross_entropy(torch.randn(3, 4), y)\n"),
    ("target", None, "y.unsqueeze(1)", "p = torch.rand(3, 1)\ny = torch.ones(3)\nl = F.binary_cross_entropy(p, y)\n"),
    ("target", None, "y.unsqueeze(1)", "p = torch.rand(3, 1)\ny = torch.ones(3)\nl = nn.BCEWithLogitsLoss()(p, y)\n"),
    ("target", None, None, "l = F.cross_entropy(torch.randn(3, 4), torch.zeros(2).long())\n"),
    ("target", None, "transpose(1, 2)", "s = torch.randn(2, 5, 7)\ny = torch.zeros(2, 5).long()\nl = F.cross_entropy(s, y)\n"),
    ("class", None, "y - 1", "y = torch.tensor([1, 2, 4])\nl = F.cross_entropy(torch.randn(3, 4), y)\n"),
    ("class", None, "num_classes=4", "c = F.one_hot(torch.tensor([0, 3]), num_classes=3)\n"),
    ("leaf", None, "with torch.no_grad():", "w = torch.ones(3, requires_grad=True)\nw -= 0.1\n"),
    ("leaf", None, "with torch.no_grad():", "def fill(w):\n    w[0] = 5.0\nfill(torch.ones(3, requires_grad=True))\n"),
    ("saved-changed", None, "y = y + 1", """
x = torch.randn(3, requires_grad=True)
y = torch.exp(x)
y += 1
y.sum().backward()
"""),
    ("saved-changed", None, "h = h.mul(2)", """
x = torch.randn(3, requires_grad=True)
def layer(x):
    h = torch.sigmoid(x)
    h.mul_(2)
    return h
loss = layer(x).sum()
loss.backward()
"""),
    ("scalar-backward", None, "out.sum().backward()", "x = torch.ones(3, requires_grad=True)\nout = x * 2\nout.backward()\n"),
    ("no-graph", None, "requires_grad=True", "x = torch.ones(3)\nx.sum().backward()\n"),
    ("no-graph", None, None, "x = torch.ones(3)\ny = torch.zeros(3)\n(x - y).sum().backward()\n"),
    ("second-backward", None, "retain_graph=True", """
x = torch.ones(3, requires_grad=True)
loss = (x * x).sum()
loss.backward()
loss.backward()
"""),
],
"numbers": [
    ("item", None, "x.mean().item()", "x = torch.arange(3.)\nprint(x.item())\n"),
    ("item", None, "float(x.sum())", "x = torch.arange(3.)\nv = float(x)\n"),
    ("truth", None, ".all()", "a = torch.ones(2)\nb = torch.ones(2)\nif a == b:\n    print('same')\n"),
    ("truth", None, ".any()", "a = torch.ones(2)\nwhile a > 2:\n    a = a - 1\n"),
    ("numpy", None, "x.detach().numpy()", "x = torch.ones(2, requires_grad=True)\nprint(x.numpy())\n"),
    ("optimizer", None, "net.parameters()", "net = nn.Linear(2, 2)\nopt = torch.optim.SGD(net, lr=0.1)\n"),
    ("optimizer", None, "[w]", "w = torch.ones(2, requires_grad=True)\nopt = torch.optim.SGD(w, lr=0.1)\n"),
    ("optimizer", None, "lr=0.01", "net = nn.Linear(2, 2)\nopt = torch.optim.SGD(net.parameters())\n"),
    ("optimizer", None, None, "opt = torch.optim.Adam([], lr=0.1)\n"),
    ("optimizer", None, "requires_grad_()", "w = torch.ones(2, requires_grad=True) * 2\nopt = torch.optim.SGD([w], lr=0.1)\n"),
    ("heads", None, "MultiheadAttention(16, 4)", "mha = nn.MultiheadAttention(16, 3)\n"),
],
}

# Errors of no such kind, also some that read like one: nothing is taught.
OTHERS = [
    "x = undefined\n",
    "d = {}\nprint(d['x'])\n",
    "raise ValueError('Target 5 is out of bounds')\n",
    "raise RuntimeError('The size of tensor a (3) must match the size of tensor b (4) at non-singleton dimension 1')\n",
    "for p in 5:\n    pass\n",
    "class Linear: pass\nfor p in Linear():\n    pass\n",
    "print(1 / 0)\n",
    "assert torch.ones(2).sum() == 3, 'embed_dim must be divisible by num_heads'\n",
    "open('nowhere.txt')\n",
    "import numpy\nnumpy.ones(3)[7]\n",
    "torch.nothing_here\n",
    "[1, 2][5]\n",
]

# What a way out does when it is tried reaches nobody: (kind, an edit that is offered or None, program, what it prints).
HOSTILE = [
    ("view", None, """
import time
x = torch.arange(12).reshape(3, 4).t()
class Shape(tuple):
    pass
calls = []
def shape():
    calls.append(1)
    if len(calls) > 1:
        while True:
            pass
    return 12
print('before')
x.view(shape())
""", "before\n"),
    ("view", None, """
x = torch.arange(12).reshape(3, 4).t()
out = open('log.txt', 'w')
def shape():
    out.write('once\\n')
    out.flush()
    open('more.txt', 'a').write('once\\n')
    print('once')
    return 12
x.view(shape())
""", "once\n"),
    ("item", None, """
import os, signal
x = torch.ones(3)
def quiet():
    os.kill(os.getppid(), signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)
    return x
class Late:
    first = True
    def get(self):
        if Late.first:
            Late.first = False
            return x
        return quiet()
float(Late().get())
""", ""),
    ("broadcast", "b.t()", """
shared = torch.zeros(4).share_memory_()
a = torch.ones(3, 4)
b = torch.ones(4, 3)
import atexit
atexit.register(lambda: print(shared.tolist()))
def touched(t):
    shared.add_(1)
    return t
c = touched(a) + b
""", "[1.0, 1.0, 1.0, 1.0]\n"),
    ("broadcast", "b.t()", """
import os
a = torch.ones(3, 4)
b = torch.ones(4, 3)
def busy(t):
    try:
        pid = os.fork()
    except OSError:
        return t
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    return t
c = busy(a) + b
""", ""),
]
