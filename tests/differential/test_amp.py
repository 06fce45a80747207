"""autocast on the CPU: which op runs in which precision, what is recorded, nesting, caching, warnings; GradScaler."""

from harness import case, expressions, run

import torch
import torch.nn as nn
import torch.nn.functional as F

# Each line runs inside a region, with float32 arguments and with bfloat16 ones.
OPS = """
torch.mm(a, a)
torch.matmul(a, v)
torch.matmul(t, a)
a @ a
torch.bmm(t, t)
torch.addmm(a, a, a)
torch.baddbmm(t, t, t)
torch.addbmm(a, t, t)
torch.mv(a, v)
torch.dot(v, v)
torch.addmv(v, a, v)
torch.outer(v, v)
torch.einsum("ij,jk->ik", a, a)
torch.einsum("bij,bjk->bik", t, t)
torch.tensordot(a, a, 1)
torch.linalg.multi_dot([a, a, a])
torch.inner(a, a)
F.linear(a, a, v)
F.linear(a, a)
F.conv1d(t, t)
F.conv2d(i, k)
F.conv2d(i, k, padding="same")
F.conv3d(i[None], k[None])
F.conv_transpose1d(t, t)
F.conv_transpose2d(i, k.transpose(0, 1))
a + a
a * v
torch.exp(a)
torch.relu(a)
F.gelu(a)
F.softmax(a, -1)
F.log_softmax(a, -1)
a.sum()
a.mean(0)
torch.prod(v)
torch.prod(a, 1)
a.prod()
torch.cumsum(a, 0)
torch.norm(a)
a.std()
torch.trace(a)
torch.cdist(a, a)
torch.inverse(a + 3 * e)
torch.linalg.inv(a + 3 * e)
torch.linalg.solve(a + 3 * e, v)
torch.linalg.svdvals(a)
torch.linalg.matrix_norm(a)
torch.linalg.vector_norm(a)
torch.linalg.cholesky(a @ a.T + 4 * e)
torch.linalg.qr(a)[1]
torch.linalg.matrix_rank(a)
torch.linalg.eigvalsh(a + a.T)
torch.cat([a, a.float()])
torch.cat([a, a])
torch.cat([a, a.double()])
torch.cat([a.half(), a])
torch.cat([a.half(), a.half()])
torch.stack([a, a.bfloat16()])
torch.stack([a.bfloat16(), a.bfloat16()])
torch.index_copy(a, 0, torch.tensor([0]), a[:1].float())
torch.add(a, a.bfloat16())
torch.mm(a.double(), a.double())
torch.mm(a.half(), a.half()).dtype
torch.mm(a, a.double())
F.mse_loss(a, a + 1)
F.smooth_l1_loss(a, a + 1)
F.huber_loss(a, a + 1)
F.cross_entropy(a, n)
F.cross_entropy(a, F.softmax(a, 1))
F.nll_loss(F.log_softmax(a, 1), n)
F.binary_cross_entropy(torch.sigmoid(a), torch.sigmoid(a))
F.binary_cross_entropy_with_logits(a, torch.sigmoid(a))
F.cosine_similarity(a, a)
F.pairwise_distance(a, a + 1)
F.adaptive_avg_pool2d(i, 1)
F.avg_pool3d(i, 2)
F.max_pool3d(i, 2)
F.adaptive_avg_pool3d(i, 1)
F.pad(i, (1, 1), mode="reflect")
F.pad(i, (1, 1, 1, 1), mode="replicate")
F.pad(i, (1, 1))
F.embedding(n, a)
F.dropout(a, 0.0)
torch.where(a > 0, a, a)
torch.mm(n.view(1, 3), n.view(3, 1))
torch.zeros(2).mm(a) if False else a.to(torch.float64).sum()
torch.addcmul(a, a, a)
torch.lerp(a, a, 0.5)
torch.pow(a.abs(), 2)
torch.logsumexp(a, 0)
a.clone().addmm_(a, a)
torch.mm(a, a, out=torch.empty(3, 3))
torch.mm(a, a, out=torch.empty(3, 3, dtype=a.dtype))
torch.nn.Linear(3, 2)(a)
nn.Conv2d(2, 3, 3)(i)
nn.ConvTranspose2d(2, 3, 3)(i)
nn.MultiheadAttention(4, 2)(q, q, q)
nn.MultiheadAttention(4, 2, batch_first=True).eval()(q, q, q)
nn.LSTMCell(4, 3)(q[0])
nn.GRUCell(4, 3)(q[0])
nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2), nn.Softmax(-1))(a)
F.layer_norm(a, (3,))
F.layer_norm(a, (3,), v.float(), v.float())
F.batch_norm(a, None, None, training=True)
F.batch_norm(i, torch.zeros(2), torch.ones(2), torch.ones(2), torch.ones(2))
F.batch_norm(i, torch.zeros(2), torch.ones(2), torch.ones(2), torch.ones(2), True)
F.group_norm(i, 1, torch.ones(2), torch.ones(2))
F.max_pool2d(i, 2)
F.avg_pool2d(i, 2)
F.interpolate(i, scale_factor=2)
nn.BatchNorm1d(3)(a)
nn.LayerNorm(3)(a)
nn.GroupNorm(1, 2)(i)
nn.TransformerEncoderLayer(4, 2, 8, dropout=0.0)(q)
F.l1_loss(a, a + 1)
F.kl_div(F.log_softmax(a, 1), F.softmax(a, 1), reduction="batchmean")
F.poisson_nll_loss(a, a)
F.hinge_embedding_loss(a, a.sign())
F.margin_ranking_loss(v, v + 1, v.sign())
F.cosine_embedding_loss(a, a + 1, v.sign())
F.triplet_margin_loss(a, a + 1, a - 1)
F.soft_margin_loss(a, a.sign().detach())
F.multi_margin_loss(a, n)
F.grid_sample(i, torch.zeros(1, 1, 1, 2), align_corners=False)
nn.LSTM(4, 3)(q)
nn.GRU(4, 3)(q)
nn.RNN(4, 3)(q)
"""

SPACE = dict(a="torch.randn(3, 3)", v="torch.randn(3)", t="torch.randn(3, 3, 3)", i="torch.randn(1, 2, 4, 4)",
             k="torch.randn(2, 2, 3, 3)", e="torch.eye(3)", q="torch.randn(2, 3, 4)", n="torch.tensor([0, 2, 1])")

for line in OPS.strip().splitlines():
    for dtype in (torch.float32, torch.bfloat16):
        def op(line=line, dtype=dtype):
            space = {"torch": torch, "F": F, "nn": nn}
            for name, source in SPACE.items():
                value = eval(source)
                space[name] = value.to(dtype).requires_grad_() if value.is_floating_point() and name != "e" else value
            with torch.autocast("cpu", dtype=torch.bfloat16):
                out = eval(line, space)
            return out
        op.__name__ = f"{line} {dtype}"
        case(op, rtol=3e-2, atol=3e-2)


@case
def recorded():
    """The casts are in the graph; gradients come back in the parameters' dtype."""
    torch.manual_seed(0)
    model, x = nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(4, 2)), torch.randn(5, 3)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        out = model(x)
        loss = F.cross_entropy(out, torch.tensor([0, 1, 1, 0, 1]))
    names, node = [], loss.grad_fn
    while node is not None:
        names.append(type(node).__name__)
        node = next((n for n, _ in node.next_functions if n is not None), None)
    loss.backward()
    return names, out.dtype, loss.dtype, [p.grad.dtype for p in model.parameters()]


@case
def cached():
    """A parameter is cast once in a region; an activation each time; nothing with the cache off."""
    results = []
    for cache in (True, False):
        w, x = nn.Parameter(torch.eye(2)), torch.ones(2, 2)
        with torch.autocast("cpu", cache_enabled=cache):
            a, b = torch.mm(x, w), torch.mm(x, w)
            edge = [n.grad_fn.next_functions[-1][0] for n in (a, b)]
        with torch.autocast("cpu"):
            c = torch.mm(x, w)
        results.append((edge[0] is edge[1], c.grad_fn.next_functions[-1][0] is edge[0], type(edge[0]).__name__))
    return results


@case
def cached_without_grad():
    """What no_grad has put into the cache stays there, as in PyTorch."""
    w, x = nn.Parameter(torch.eye(2)), torch.ones(2, 2)
    with torch.autocast("cpu"):
        with torch.no_grad():
            torch.mm(x, w)
        return torch.mm(x, w).requires_grad


@case
def nesting():
    a, seen = torch.ones(2, 2), []

    def look():
        seen.append((torch.mm(a, a).dtype, torch.is_autocast_cpu_enabled(), torch.is_autocast_enabled(),
                     torch.is_autocast_cache_enabled(), torch.get_autocast_cpu_dtype(), torch.get_autocast_gpu_dtype()))
    look()
    with torch.autocast("cpu"):
        look()
        with torch.autocast("cpu", enabled=False):
            look()
            with torch.cpu.amp.autocast():
                look()
        with torch.autocast("cpu", cache_enabled=False):
            look()
        look()
        with torch.cuda.amp.autocast():
            look()
    try:
        with torch.autocast("cpu"):
            raise ValueError
    except ValueError:
        look()
    return seen


@case
def decorators():
    @torch.autocast("cpu")
    def product(x):
        """multiplies"""
        return x @ x

    @torch.cpu.amp.autocast(enabled=False)
    def plain(x):
        return x @ x

    class Model(nn.Module):
        @torch.autocast(device_type="cpu", dtype=torch.bfloat16)
        def forward(self, x):
            return x @ x
    a = torch.ones(2, 2)
    return product(a), plain(a), product.__name__, product.__doc__, Model()(a), torch.is_autocast_cpu_enabled()


@case
def backward_inside():
    w = nn.Parameter(torch.ones(2, 2))
    with torch.autocast("cpu"):
        loss = (w @ w).float().pow(2).sum()
        loss.backward()
    return loss, w.grad


@case
def own_functions():
    from torch.cuda.amp import custom_bwd, custom_fwd

    class Product(torch.autograd.Function):
        @staticmethod
        @custom_fwd
        def forward(ctx, a, b):
            ctx.save_for_backward(a, b)
            return a.mm(b)

        @staticmethod
        @custom_bwd
        def backward(ctx, grad):
            a, b = ctx.saved_tensors
            return grad.mm(b.t()), a.t().mm(grad)

    class Cast(torch.autograd.Function):
        @staticmethod
        @custom_fwd(cast_inputs=torch.float32)
        def forward(ctx, a):
            return a * 2

        @staticmethod
        @custom_bwd
        def backward(ctx, grad):
            return grad * 2
    a = torch.ones(2, 2, requires_grad=True)
    out = Product.apply(a, a)
    out.sum().backward()
    other = Cast.apply(a)
    other.sum().backward()
    return out, a.grad, other


@case
def scaler():
    scaler = torch.cuda.amp.GradScaler()
    p = nn.Parameter(torch.ones(2))
    optimizer = torch.optim.SGD([p], lr=0.1)
    loss = (p * 3).sum()
    scaled = scaler.scale(loss)
    scaled.backward()
    scaler.unscale_(optimizer)
    result = scaler.step(optimizer)
    scaler.update()
    scaler.load_state_dict({})
    both = scaler.scale([loss, loss])
    return (scaled is loss, p, result, scaler.get_scale(), scaler.is_enabled(), scaler.state_dict(), len(both),
            scaler.step(optimizer, lambda: 3))


@case
def training():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
    optimizer, scaler = torch.optim.SGD(model.parameters(), lr=0.1), torch.cuda.amp.GradScaler(enabled=False)
    x, y, losses = torch.randn(16, 4), torch.randint(0, 2, (16,)), []
    for _ in range(10):
        optimizer.zero_grad()
        with torch.autocast(device_type="cpu", dtype=torch.bfloat16):
            loss = F.cross_entropy(model(x), y)
        scaler.scale(loss).backward()
        scaler.step(optimizer)
        scaler.update()
        losses.append(round(loss.item(), 2))
    return losses, [p.dtype for p in model.parameters()]


@case(rtol=3e-2, atol=3e-2)
def convolutional_training():
    torch.manual_seed(0)
    model = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 3))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
    x, y, losses = torch.randn(8, 1, 8, 8), torch.randint(0, 3, (8,)), []
    for _ in range(3):
        optimizer.zero_grad()
        with torch.cpu.amp.autocast():
            out = model(x)
            loss = F.cross_entropy(out, y)
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return torch.tensor(losses), out.dtype, [p.grad.dtype for p in model.parameters()]

# bfloat16 without a region: models that were converted as a whole.
HALVES = """
F.layer_norm(i, (4,))
F.layer_norm(i, (4,), one(4), one(4))
F.group_norm(i, 1, one(2), one(2))
F.batch_norm(i, one(2).float(), one(2).float(), one(2).float(), one(2).float(), True)
F.batch_norm(i, one(2), one(2), one(2), one(2), True)
F.batch_norm(i, None, None, training=True)
F.max_pool1d(i[0], 2)
F.max_pool2d(i, 2)
F.max_pool2d(i, 2, return_indices=True)
F.avg_pool1d(i[0], 2)
F.avg_pool2d(i, 2)
F.adaptive_avg_pool2d(i, 2)
F.adaptive_max_pool2d(i, 2)
F.interpolate(i, scale_factor=2)
F.interpolate(i, scale_factor=2, mode="bilinear")
F.unfold(i, 2)
F.fold(F.unfold(i, 2), (4, 4), 2)
F.cross_entropy(a, n)
F.nll_loss(F.log_softmax(a, 1), n)
F.binary_cross_entropy_with_logits(a, a.sigmoid().detach())
nn.LSTM(4, 3).bfloat16()(q)
nn.GRU(4, 3, bidirectional=True).bfloat16()(q)
nn.RNN(4, 3, 2).bfloat16()(q)
nn.TransformerEncoderLayer(4, 2, 8, 0.0).bfloat16()(q)
nn.BatchNorm2d(2).bfloat16()(i)
"""
for line in HALVES.strip().splitlines():
    def half(line=line):
        space = {"torch": torch, "F": F, "nn": nn, "one": lambda n: torch.ones(n, dtype=torch.bfloat16)}
        for name in ("a", "i", "q", "n"):
            value = eval(SPACE[name])
            space[name] = value.bfloat16().requires_grad_() if value.is_floating_point() else value
        out = eval(line, space)
        first = out[0] if isinstance(out, tuple) else out
        (first.float() * torch.arange(1.0, first.numel() + 1).view(first.shape)).sum().div(first.numel()).backward()
        return out, [space[name].grad for name in ("a", "i", "q")]
    half.__name__ = "bfloat16 " + line
    case(half, rtol=4e-2, atol=4e-2)


@case
def running_statistics():
    m = nn.BatchNorm1d(3).bfloat16()
    m(torch.arange(12.0).view(4, 3).bfloat16())
    other = nn.BatchNorm1d(3)
    other(torch.arange(12.0).view(4, 3).bfloat16())
    return dict(m.state_dict()), dict(other.state_dict())


expressions("""
torch.autocast("cpu", dtype=torch.float16)._enabled
torch.autocast("cpu", dtype=torch.float32).fast_dtype
torch.autocast("cuda")._enabled
torch.autocast("cuda", enabled=False).fast_dtype
torch.autocast("cuda", dtype=torch.bfloat16)
torch.autocast("cuda", dtype=torch.bfloat16, enabled=False)
torch.cuda.amp.autocast(True)._enabled
torch.cuda.amp.autocast(enabled=False).device
torch.cpu.amp.autocast(dtype=torch.float16)._enabled
torch.autocast("tpu")
torch.autocast("mps")
torch.autocast()
torch.autocast(torch.float16)
torch.autocast("cpu").__enter__()
torch.cuda.amp.GradScaler().get_growth_factor()
torch.cuda.amp.GradScaler(enabled=False).state_dict()
torch.cuda.amp.GradScaler(init_scale=2.0, growth_factor=0.5).get_scale()
torch.cuda.amp.GradScaler().is_enabled()
torch.cuda.amp.GradScaler().__dict__
[n for n in dir(torch.cuda.amp.GradScaler) if not n.startswith("_")]
torch.set_autocast_enabled(3)
torch.set_autocast_cpu_enabled("x")
torch.set_autocast_cache_enabled(None)
torch.set_autocast_cpu_dtype(3)
torch.set_autocast_gpu_dtype(float)
torch.is_autocast_enabled()
torch.is_autocast_cpu_enabled()
torch.is_autocast_cache_enabled()
(torch.get_autocast_cpu_dtype(), torch.get_autocast_gpu_dtype())
torch.autocast_increment_nesting()
torch.autocast_decrement_nesting()
torch.clear_autocast_cache()
torch.autocast.__module__, torch.cpu.amp.autocast.__module__, torch.cuda.amp.autocast.__module__
torch.amp.autocast is torch.autocast
torch.amp.autocast_mode.autocast_decorator.__name__
issubclass(torch.cpu.amp.autocast, torch.autocast)
""")

run(__file__)
