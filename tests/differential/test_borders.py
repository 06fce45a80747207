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

run(__file__)
