"""Borders of functions: arguments at the edge of what is allowed, out= in another shape, memory that overlaps."""
from harness import expressions, named_program, run

# ---- makers of tensors ----
expressions('''
torch.linspace(0, 10, 4, dtype=torch.int64), torch.linspace(-10, 10, 7, dtype=torch.int8), torch.linspace(-100, 100, 401, dtype=torch.int64)
torch.linspace(1.5, 9.7, 6, dtype=torch.int64), torch.linspace(-1.5, 9.7, 6, dtype=torch.int32)
torch.linspace(0, 1, 7, dtype=torch.bfloat16), torch.linspace(0, 10, 32, dtype=torch.bfloat16), torch.linspace(-3, 7, 35, dtype=torch.float16)
torch.linspace(-1.5, 9.7, 6, dtype=torch.uint8)
torch.linspace(0, 1j, 5), torch.linspace(1 + 2j, 3 - 1j, 5)
torch.linspace(0, 1j, 5, dtype=torch.float32)
torch.logspace(0j, 1, 5, dtype=torch.float64)
torch.linspace(0, 1, 5, dtype=torch.bool)
torch.logspace(0, 1, 5, dtype=torch.bool)
torch.logspace(0, 2, 5, dtype=torch.float16)
torch.logspace(0.5, 3.7, 5, dtype=torch.int32), torch.logspace(0, 6, 49, 2, dtype=torch.int64), torch.logspace(0, 3, 4, base=-2)
torch.linspace(0, 3, 4, out=x.narrow(1, 1, 2)), x
torch.logspace(0, 3, 4, base=2, out=x.narrow(1, 1, 2)), x
torch.arange(4, out=x.narrow(1, 1, 2)), x
torch.range(0, 5, out=x), x
torch.linspace(0, 3, 10, out=one.expand(10))
torch.logspace(0, 3, 10, out=one.expand(10))
torch.arange(10, out=one.expand(10))
torch.arange(0, 10, 3, dtype=torch.bool)
torch.full((3,), 1., out=torch.empty(3, dtype=torch.int64), dtype=torch.float32)
torch.zeros(3, out=torch.empty(3), device="meta")
torch.empty(3, out=torch.empty(3, dtype=torch.int64), dtype=torch.float32)
torch.eye(3, out=torch.empty(3, dtype=torch.float64), dtype=torch.float32)
torch.randperm(3, out=torch.empty(3, dtype=torch.float64), dtype=torch.float32)
torch.FloatTensor([1, 2], device="cpu"), torch.FloatTensor(2, 3, device="cpu").shape
torch.FloatTensor(device="cuda")
torch.asarray(torch.utils.dlpack.to_dlpack(torch.arange(3.)), copy=False)
torch.frombuffer(bytearray(b"abcdefgh"), dtype=torch.int32, offset=1)
torch.vander(torch.tensor([1, 2, 3]), 3, True)
torch.vander(torch.tensor([1, 2, 3]), -1)
torch.roll(x, 1, None)
''', x="torch.zeros(2, 3)", one="torch.zeros(1)")

# ---- windows ----
expressions('''
torch.hamming_window(6), torch.hamming_window(6, True, 0.5), torch.hamming_window(6, periodic=False, alpha=0.5, beta=0.3, dtype=torch.float64)
torch.kaiser_window(6, False, 3.), torch.kaiser_window(6, periodic=True, beta=3., requires_grad=True), torch.kaiser_window(0), torch.kaiser_window(1)
torch.hamming_window(-1)
torch.kaiser_window(-1)
torch.hamming_window(4, dtype=torch.int64)
torch.kaiser_window(4, dtype=torch.int64)
torch.hamming_window("a")
''', rtol=1e-5, atol=1e-6)

# ---- random numbers ----
expressions('''
torch.randperm(256, dtype=torch.uint8), torch.randperm(128, dtype=torch.int8)
torch.randperm(257, dtype=torch.uint8)
torch.randperm(130, dtype=torch.int8)
torch.randperm(40000, dtype=torch.int16)
torch.randperm(2050, dtype=torch.float16)
torch.empty(3).uniform_(0, 1e39)
torch.empty(3).uniform_(-1e39, 0)
torch.empty(3).uniform_(-3e38, 3e38)
torch.empty(3).uniform_(nan, 1)
torch.empty(3, dtype=torch.float64).uniform_(0, 1.8e308)
torch.empty(3, dtype=torch.float16).uniform_(0, 1e5)
torch.empty(3, dtype=torch.bfloat16).uniform_(-3e38, 3e38)
torch.zeros(1).expand(5).bernoulli_(torch.rand(5))
''')

# ---- sums of half width, differences, joins, fills ----
expressions('''
torch.full((4,), 65000., dtype=torch.float16).mean(), torch.full((4, 2), 65000., dtype=torch.float16).mean(0)
torch.linspace(90, 110, 100).bfloat16().mean(), torch.linspace(-1, 7, 60).half().reshape(3, 20).mean(1)
torch.diff(a, prepend=torch.zeros(2, 1, dtype=torch.int64)), torch.diff(a, dim=0, append=a), torch.diff(a, n=5)
torch.diff(a, prepend=torch.zeros(1, 3, dtype=torch.int64))
torch.diff(a, 1, -1, torch.zeros(2))
torch.cat([torch.tensor([]), torch.tensor([])], 1)
torch.cat([torch.ones(2), torch.zeros(3)], out=torch.zeros(1).expand(5))
torch.cat([f[:3], f[:2]], out=f[1:6])
i.index_fill_(0, i, 3)
torch.zeros(0).unflatten(0, (-1, 0))
''', a="torch.arange(6).reshape(2, 3)", f="torch.arange(6.)", i="torch.arange(6)")

# ---- devices ----
expressions('''
torch.device("cpu:01")
torch.device("cpu:-1")
torch.device("cuda1")
torch.device("cpu 0")
torch.device(-1)
torch.device("cpu", -1)
torch.device("cuda", 1), torch.device(1), torch.device("cpu:0")
''')

# ---- storages that grow, warnings that always come, complex parameters ----
expressions('''
torch.tensor(1.).set_(a.storage(), 2, (5,), (1,))[:2], len(a.storage())
torch.empty(0).set_(a.storage(), 0, (2,), (-1,))
torch.empty(0).set_(torch.arange(4))
torch.set_warn_always(True), torch.meshgrid(a, a), torch.meshgrid(a, a), torch.set_warn_always(False), torch.meshgrid(a, a)[0].shape
''', a="torch.arange(4.)")

for _name in ("Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "ASGD", "RMSprop", "Rprop", "SGD"):
    named_program(f"""
p = torch.tensor([1 + 2j, -0.5j, 3.], requires_grad=True)
optimizer = torch.optim.{_name}([p], lr=0.1)
for _ in range(4):
    optimizer.zero_grad()
    ((p - 1j).abs() ** 2).sum().backward()
    optimizer.step()
r = p, {{k: v for k, v in optimizer.state[p].items()}}
""")

# ---- linear algebra ----
expressions('''
torch.addr(torch.tensor([[True]]), torch.tensor([True]), torch.tensor([True])), torch.addr(torch.zeros(2, 2).bool(), torch.tensor([True, False]), torch.tensor([True, True]), beta=False)
torch.addr(torch.ones(2, 2).int(), torch.tensor([1, 2]).int(), torch.tensor([3, 4]).int(), beta=1.5)
torch.addr(torch.ones(2, 2), torch.tensor([1, 2.]), torch.tensor([3, 4.]), alpha=1j)
torch.addr(torch.ones(2, 2).double(), torch.tensor([1., 2]), torch.tensor([3, 4])), torch.addr(torch.ones(2, 2).half(), torch.tensor([1., 2]).half(), torch.tensor([3, 4.]).half(), alpha=0.5)
torch.baddbmm(b, b.double(), b.double()), torch.baddbmm(b.int(), b, b), torch.addmv(torch.ones(2), torch.ones(2, 2).double(), torch.ones(2).double())
b.baddbmm_(b.double(), b.double())
torch.addbmm(b[0], b.double(), b.double())
torch.chain_matmul()
torch.linalg.multi_dot([torch.ones(2, 2), torch.ones(2, 2).double()])
torch.cholesky_inverse(torch.zeros(2, 2))
torch.linalg.cond(torch.tensor([[1., nan], [1., 2.]]))
torch.linalg.cond(torch.empty(2, 0, 0), 1), torch.linalg.cond(torch.empty(0, 0))
torch.linalg.cond(torch.ones(2))
torch.linalg.cond(torch.eye(2), out=torch.empty((), dtype=torch.int32))
torch.linalg.eigvals(torch.ones(2, 3))
torch.linalg.eigvals(torch.eye(2), out=torch.empty(2))
torch.linalg.pinv(d, rcond=torch.tensor(0.2)), torch.linalg.pinv(d, atol=torch.tensor(0.2)), torch.linalg.pinv(d, rcond=torch.tensor(0.2), hermitian=True)
torch.linalg.pinv(torch.eye(2), out=torch.empty(2, 2, dtype=torch.int32))
torch.linalg.matrix_rank(d, atol=torch.tensor(0.2)), torch.linalg.matrix_rank(torch.stack([d, d]), torch.tensor([0.2, 0.05]))
torch.linalg.matrix_rank(torch.eye(2), out=torch.empty((), dtype=torch.bool))
torch.linalg.tensorinv(torch.eye(24).reshape(4, 6, 8, 3), out=torch.empty(8, 3, 4, 6)).shape
torch.linalg.tensorsolve(torch.eye(24).reshape(4, 6, 2, 3, 4), torch.ones(4, 8))
torch.linalg.norm(torch.ones(10), "fro")
torch.linalg.norm(torch.ones(2, 2), 2, dim=(0, 1, 1))
torch.linalg.norm(torch.ones(2, 2).double(), dtype=torch.float32)
torch.linalg.matrix_norm(torch.ones(2, 2), "nuc", dim=(0, 0))
torch.linalg.vector_norm(torch.ones(2), dtype=torch.complex64)
torch.nuclear_norm(torch.ones(2, 2), out=torch.zeros(()))
torch.nuclear_norm(torch.ones(2, 2, 2), dim=0)
torch.linalg.lu_solve(torch.eye(2), torch.tensor([0, 1], dtype=torch.int32), torch.ones(2, 1))
torch.linalg.lu_solve(torch.ones(2, 3), torch.tensor([1, 2], dtype=torch.int32), torch.ones(2, 1))
torch.linalg.lu_factor_ex(torch.zeros(2, 2), check_errors=True)
torch.linalg.cholesky_ex(-torch.eye(2), check_errors=True)
torch.linalg.householder_product(torch.ones(3, 2), torch.ones(2), out=torch.empty(3, 2, dtype=torch.int32))
torch.einsum("ij", [])
''', b="torch.ones(1, 2, 2)", d="torch.diag(torch.tensor([1., .5, .1]))", rtol=1e-5, atol=1e-6)

# ---- layers ----
expressions('''
(nn.Sequential(l) * 2)[1] is l, (2 * nn.Sequential(l))[0] is l
list(nn.ParameterDict({"b": torch.zeros(1), "a": torch.zeros(2)}))
F.cosine_similarity(torch.tensor(12, dtype=torch.int8), torch.tensor(12.), dim=-1)
nn.RNN(5, 6)(torch.ones(0, 10, 5))
nn.LSTM(5, 6, batch_first=True)(torch.ones(10, 0, 5))
nn.Fold(output_size=(4, 5), kernel_size=(2, 2), dilation=8)(torch.randn(1, 12, 12))
l.to(torch.device("cpu"), True)
l.to("cpu", copy=True)
torch.zeros(2).to(None, True)
nn.ReflectionPad1d(2)(torch.randn(3, 0, 10))
nn.ReflectionPad3d(2)(torch.randn(3, 0, 10, 10, 10))
nn.ReplicationPad2d(2)(torch.randn(3, 0, 10, 10))
nn.Unfold((2, 3))(torch.randn(3, 0, 3, 4))
F.elu(x.clone(), alpha=-2, inplace=True).sum().backward()
F.leaky_relu(x.clone(), -2, inplace=True).sum().backward()
F.interpolate(torch.arange(4, dtype=torch.uint8).reshape(1, 1, 2, 2), scale_factor=2), F.interpolate(torch.arange(4, dtype=torch.uint8).reshape(1, 1, 4), size=8, mode="nearest-exact")
nn.GroupNorm(2, 4)(image).stride(), F.pixel_shuffle(image, 2).stride()
nn.Unflatten("a", [("b", 2)])
nn.Parameter(torch.zeros(2, dtype=torch.complex64)), nn.Linear(2, 2, dtype=torch.complex64)(torch.ones(1, 2, dtype=torch.complex64)).shape
nn.MultiheadAttention(4, 2).double()(q, q, q, attn_mask=torch.zeros(2, 2, 2))[0].dtype
''', l="nn.Linear(1, 1)", x="torch.tensor([-1., 1.], requires_grad=True)",
            image="torch.randn(2, 4, 3, 3).to(memory_format=torch.channels_last)", q="torch.ones(2, 1, 4).double()")

named_program("""
torch.manual_seed(0)
x = torch.randn(2, 2, 1, 2, 2, dtype=torch.double, requires_grad=True)
w = torch.randn(2, 2, 2, 2, 1, dtype=torch.double, requires_grad=True)
y = F.conv3d(x, w, padding="same")
g = torch.autograd.grad(y.pow(3).sum(), (x, w), create_graph=True)
r = y, [a.detach() for a in g], [a.flatten() for a in torch.autograd.grad(g[0].sum() + g[1].pow(2).sum(), (x, w))]
""")
named_program("""
p = torch.zeros(2, requires_grad=True)
p.grad = torch.tensor([float("inf"), 1.])
r = nn.utils.clip_grad_norm_([p], 1, norm_type=0, error_if_nonfinite=True), p.grad
""")

# ---- anomaly mode ----
named_program("""
with torch.autograd.set_detect_anomaly(True, check_nan=False):
    a = torch.tensor([0.], requires_grad=True)
    (torch.sqrt(a) * 0).sum().backward()
    with torch.autograd.set_detect_anomaly(True):
        pass
    r = a.grad, torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()
""")

# ---- storages ----
expressions('''
torch.tensor(a.storage()), torch.tensor(a.storage().untyped(), dtype=torch.float32), torch.FloatTensor(torch.FloatStorage([1, 2, 3]))
torch.tensor(torch.arange(3).storage(), dtype=torch.float32)
torch.TypedStorage(3, dtype=torch.float32, device="cpu").size(), torch.UntypedStorage(4).nbytes()
torch.TypedStorage([1, 2], dtype=torch.int32, device="meta")[0]
isinstance(a.storage(), torch.FloatStorage), isinstance(a.storage(), torch.LongStorage)
a.storage().__sizeof__() - torch.zeros(0).storage().__sizeof__()
a.is_shared(), a.share_memory_().is_shared(), a.storage().is_shared(), a.clone().is_shared()
a.new(size=(3, 4)).shape, a.new(()).shape, a.new(torch.ones(3).storage())
import copy; w = copy.deepcopy([a, [a.storage()]]); w[0].add_(1); w[1][0].tolist()
a.resize_(2 ** 62)
''', a="torch.arange(6.)")

# ---- places, extremes, formats ----
expressions('''
torch.zeros(2, 3).index_copy_(1, torch.tensor([-1]), torch.ones(2, 1))
torch.zeros(2, 3).index_select(1, torch.tensor([-1]))
torch.zeros(3).index_select(0, torch.tensor([3]))
torch.zeros(4).masked_scatter_(torch.tensor([1, 0, 1, 0], dtype=torch.uint8), torch.ones(4))
x.max().backward(), x.grad
F.multilabel_margin_loss(torch.tensor(1.), torch.tensor([0]), reduction="none").shape
torch.cummax(torch.ones(3), 0, out=(torch.ones(3).short(), torch.ones(3).long()))
torch.diff(torch.arange(40.) ** 3, n=15), torch.diff(torch.arange(3), n=20)
image.is_contiguous(memory_format=torch.channels_last), image.contiguous(memory_format=torch.channels_last).stride()
torch.zeros(2, requires_grad=True).apply_(lambda k: k)
torch.zeros(2, requires_grad=True).map_(torch.ones(2), lambda a, b: a)
torch.use_deterministic_algorithms(False, warn_only=True), torch.is_deterministic_algorithms_warn_only_enabled(), torch.use_deterministic_algorithms(False)
''', x="torch.tensor([nan, 1., nan], requires_grad=True)",
            image="torch.randn(2, 4, 6, 6).to(memory_format=torch.channels_last)[..., ::2, ::2]")

# ---- autograd ----
named_program("""
class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2
    @staticmethod
    def vjp(ctx, g):
        return g * 2
x = torch.ones(2, requires_grad=True)
Double.apply(x).sum().backward()
r = x.grad
""")
named_program("""
class Both(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2
    @staticmethod
    def vjp(ctx, g):
        return g * 2
    @staticmethod
    def backward(ctx, g):
        return g * 2
Both.apply(torch.ones(2, requires_grad=True)).sum().backward()
""")
named_program("""
from torch.utils.checkpoint import checkpoint
r = []
for reentrant in (True, False):
    x = torch.ones(3, 3, requires_grad=True)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        y = checkpoint(lambda a: torch.mm(a, a) * 1, x, use_reentrant=reentrant)
    y.sum().backward()
    r.append((y.dtype, x.grad))
""")
named_program("""
x = torch.randn(2, requires_grad=True)
with torch.no_grad():
    r = type(x.numpy()).__name__
""")
named_program("""
x = torch.tensor([[1., 2.]], requires_grad=True)
y = torch.tensor([[2., 2.]], requires_grad=True)
torch.cdist(x, y, p=0.5).sum().backward()
r = x.grad, y.grad
""")

# ---- half-width dropout, packing, leftovers ----
expressions('''
F.dropout(torch.ones(8).bfloat16(), 0.5), F.dropout2d(torch.ones(1, 2, 2, 2).bfloat16(), 0.3), F.alpha_dropout(torch.ones(8).bfloat16(), 0.5, True)
F.dropout(torch.ones(4).half(), 0.5)
rnn.pad_sequence(5)
rnn.pack_padded_sequence(torch.randn(0, 3, 2), [])
rnn.pack_padded_sequence(torch.randn(3, 2, 1), [-1, 2])
rnn.pack_padded_sequence(torch.randn(3, 2, 1), [2, 0])
torch.addbmm(torch.ones(2, 3), torch.ones(0, 2, 5), torch.ones(0, 5, 3), beta=2)
F.fractional_max_pool2d(torch.randn(1, 1, 5, 5), 2, output_size=(2, 2), _random_samples=torch.rand(1, 1, 2).double())
torch.backends.flags_frozen(), torch.backends.disable_global_flags.__name__
''', rnn="torch.nn.utils.rnn")

# ---- what would lead outside of memory ----
expressions('''
torch.lu_unpack(m, torch.tensor([3, 3, 3, 1], dtype=torch.int32))
torch.lu_unpack(m, torch.tensor([0, 1, 2], dtype=torch.int32))
torch.lu_unpack(m, torch.tensor([9, 1, 2], dtype=torch.int32))
torch.lu_unpack(m, torch.tensor([-4, 1, 1], dtype=torch.int32))
torch.lu_unpack(m, torch.ones(3))
torch.linalg.householder_product(b, b[:1, 0])
torch.linalg.householder_product(b, b[:, 0].double())
torch.ormqr(b, b[:1, 0], b)
torch.ormqr(b, b[:, 0], b[:1])
torch.ormqr(b, b[:, 0], b.double())
torch.ormqr(b, b[:, 0].double(), b)
torch._softmax_backward_data(m, m[0], 1, torch.float32)
torch._softmax_backward_data(m, m.double(), 1, torch.float32)
torch._softmax_backward_data(m.int(), m.int(), 1, torch.int32)
torch._softmax_backward_data(m, m, 5, torch.float32)
torch._log_softmax_backward_data(m.int(), m.int(), 1, torch.int32)
torch._softmax_backward_data(m, m, 1, torch.int64)
F.embedding(torch.tensor([2**62]), m)
F.max_unpool2d(b[None], torch.full((1, 2, 3, 3), -1), 2)
torch.prelu(m, m[:1])
torch.prelu(b, torch.ones(1, 3, 1))
torch.repeat_interleave(torch.ones(3, dtype=torch.int64, device="meta"))
''', m="torch.arange(9.).reshape(3, 3)", b="torch.arange(18.).reshape(2, 3, 3) / 10")

# ---- the ends of the integers ----
expressions('''
torch.remainder(u, -2147483648)
torch.fmod(u, 256)
u // 256
torch.div(u, 256, rounding_mode="trunc")
torch.remainder(u, torch.tensor(256))
u.remainder_(torch.tensor([256])), torch.remainder(300, u)
torch.sub(torch.tensor([1]), torch.tensor([1]), alpha=-2**63), torch.tensor([5]) - torch.tensor([-2**63])
torch.arange(-2**63, 2**63 - 1, 2**62), torch.arange(2**63 - 2, 2**63 - 1, 1)
torch.ones(3).split(2**63 - 1)
torch.ones(3).unfold(0, 2, 2**62).sum()
torch.ones(3, 3).diagonal(2**62), torch.ones(3, 3).diagonal(-2**63), torch.ones(3, 3).tril(-2**63)
torch.tril_indices(3, 4, -1), torch.triu_indices(4, 3, 2), torch.tril_indices(3, 2, 9), torch.triu_indices(0, 3)
torch.ones(3, 3).rot90(1, (5, -2**63))
torch.linalg.matrix_norm(torch.ones(3, 3), dim=(2**63 - 1, 0))
torch.roll(torch.arange(4), -2**63), torch.roll(torch.arange(4), 2**63 - 1)
torch.bincount(torch.tensor([1]), minlength=2**62)
torch.diag_embed(torch.ones(3), 2**62)
torch.histc(torch.tensor([1., 2, 4]), bins=3, min=-1e38, max=1e38)
''', u="torch.ones(1, dtype=torch.uint8)")

# ---- what backward finds in the place of what it saved ----
named_program('''
r = []
for other in (lambda t: torch.ones(4), lambda t: t.double(), lambda t: torch.ones(1, 3)):
    with torch.autograd.graph.saved_tensors_hooks(lambda t: t, other):
        x = torch.arange(6.).view(2, 3).requires_grad_()
        y = x * x
    try:
        y.sum().backward()
        r.append(x.grad)
    except RuntimeError as error:
        r.append(str(error))
x = torch.ones(4, requires_grad=True)
y = x * x
x.data = torch.ones(2)
try:
    y.sum().backward()
except RuntimeError as error:
    r.append(str(error))
''')

run(__file__)
