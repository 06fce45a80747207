"""What programs from outside met that no other comparison had asked for."""
from harness import case, expressions, run

expressions('''
[n for n, c in layers() if c.__module__ != "torch.nn.modules." + home(c)]
isinstance(nn.CELU(), nn.ELU), isinstance(nn.LogSoftmax(1), nn.Softmax), isinstance(nn.Softshrink(), nn.Hardshrink)
isinstance(nn.Fold(2, 2), nn.Unfold), isinstance(nn.Conv2d(1, 1, 1), nn.modules.conv._ConvNd)
isinstance(nn.BatchNorm2d(1), nn.modules.batchnorm._BatchNorm), nn.modules.instancenorm.InstanceNorm2d(1)
torch._assert(True, "said")
torch._assert(torch.tensor(1) == 2, "said")
torch._C._log_api_usage_once("program"), torch._C._get_tracing_state()
F.grad.conv2d_input((1, 1, 4, 4), torch.ones(1, 1, 3, 3), torch.ones(1, 1, 2, 2))
F.grad.conv1d_weight(torch.arange(5.).view(1, 1, 5), (1, 1, 3), torch.ones(1, 1, 3))
torch._six.string_classes, torch._six.inf
F.grad.conv2d_weight(torch.ones(1, 1, 4, 4), (1, 1, 3, 3), torch.ones(1, 1, 2, 2, requires_grad=True))
F.grad.conv1d_input((1, 1, 5), torch.ones(1, 1, 3, requires_grad=True), torch.ones(1, 1, 3))
nn.EmbeddingBag.from_pretrained(torch.arange(6.).view(3, 2), mode="sum")(torch.tensor([[0, 2]]))
nn.EmbeddingBag.from_pretrained(torch.arange(6.).view(3, 2), freeze=False).weight
nn.EmbeddingBag.from_pretrained(torch.ones(3))
last(torch.nn.functional.adaptive_avg_pool2d(x, 1))
last(torch.nn.functional.adaptive_avg_pool2d(x.contiguous(), 1))
''', x="torch.arange(24.).view(2, 3, 2, 2).requires_grad_().mul(2).to(memory_format=torch.channels_last)", setup='''
def last(t):
    return t.stride(), t.requires_grad, torch.autograd.grad((t * t).sum(), x_of(t))[0].stride()
def x_of(t):
    node = t.grad_fn
    while node.next_functions:
        node = next(n for n, i in node.next_functions if n is not None)
    return node.variable
HOMES = {"Flatten": "flatten", "Unflatten": "flatten", "Fold": "fold", "Unfold": "fold", "PixelShuffle": "pixelshuffle",
         "ChannelShuffle": "channelshuffle", "Upsample": "upsampling", "CosineSimilarity": "distance",
         "InstanceNorm1d": "instancenorm"}
def layers():
    return [(n, getattr(torch.nn, n)) for n in HOMES]
def home(c):
    return HOMES[c.__name__]
''')

# ---- what programs ask of a machine without CUDA
expressions('''
torch.cuda.memory_allocated(), torch.cuda.max_memory_allocated(), torch.cuda.memory_reserved(), torch.cuda.max_memory_reserved("cuda")
torch.cuda.memory_stats(), torch.cuda.memory_stats_as_nested_dict(), torch.cuda.get_arch_list(), torch.cuda.get_gencode_flags()
torch.cuda.memory_summary()
torch.cuda.memory_cached(), torch.cuda.max_memory_cached()
torch.cuda.reset_peak_memory_stats()
torch.cuda.reset_max_memory_allocated()
torch.cuda.set_device("cuda:1")
torch.cuda.set_device("cuda")
torch.cuda.set_device("cpu")
torch.cuda.set_device(-1)
torch.cuda.get_device_capability()
torch.cuda.mem_get_info()
torch.cuda.seed(), torch.cuda.seed_all(), torch.cuda.get_rng_state_all(), torch.cuda.set_rng_state_all([])
torch.cuda.initial_seed()
torch.cuda.manual_seed("one")
torch.cuda.Stream()
torch.cuda.Event(enable_timing=True)
torch.cuda.current_stream()
torch.cuda.FloatTensor, torch.cuda.LongTensor.dtype, isinstance(torch.ones(1), torch.cuda.FloatTensor)
torch.cuda.FloatTensor([1])
torch.set_default_tensor_type("torch.cuda.FloatTensor")
torch.set_default_tensor_type(torch.cuda.HalfTensor)
torch.cuda.device("cuda:1").idx, torch.cuda.device(None).idx, torch.cuda.device("cuda").idx
torch.cuda.device("cpu")
torch.cuda.device(0).__enter__()
within(torch.cuda.device(-1)), within(torch.cuda.stream(None)), within(torch.cuda.device_of(torch.ones(1)))
torch.cuda.nvtx.range_push("step")
within(torch.cuda.nvtx.range("step"))
torch.cuda.utilization()
torch.cuda.has_half, torch.cuda.is_available(), torch.cuda.device_count(), torch.cuda.OutOfMemoryError
torch.has_cuda, torch.has_cudnn, torch.has_mkl, torch.has_mkldnn, torch.has_mps, torch.has_openmp, torch.has_lapack, torch.has_spectral
torch.backends.mkldnn.is_available(), torch.backends.openmp.is_available(), torch.backends.mkl.is_available()
torch.set_float32_matmul_precision("high"), torch.get_float32_matmul_precision(), torch.set_float32_matmul_precision("highest")
torch.__config__.show()[:20], torch.__config__.parallel_info()[:13]
torch.utils.backcompat.broadcast_warning.enabled, torch.utils.backcompat.keepdim_warning.enabled
torch.autograd.function.InplaceFunction.__mro__[1]
''', setup='''
def within(manager):
    with manager:
        return "within"
''')

# ---- sums that overflow or vanish before their root
expressions('''
x.norm(), x.norm(3), x.norm(1), x.norm(0.5), x.norm(inf), torch.linalg.vector_norm(x, 2.5, dim=0), x.double().norm()
small.norm(), small.norm(3), small.norm(1), torch.nn.functional.normalize(small, dim=0), torch.linalg.norm(small.double())
x.mean(), (x * 1e18).mean(), (x * 1e18).view(1, 2).mean(0), torch.full((2, 4), 2e38).mean(1), torch.full((4, 2), 2e38).mean(0)
torch.nn.utils.clip_grad_norm_([with_grad(x)], 1.0)
torch.dist(x, -x), torch.dist(a, b), a.dist(b, 1), torch.dist(a, b, 3), torch.dist(a, b, inf), torch.dist(b, torch.ones(1, 3))
torch.autograd.grad(torch.dist(a, b), (a, b)), torch.autograd.grad(torch.dist(a, b, 1.5), (a, b)), torch.autograd.grad(a.dist(b, 0.5), a)
torch.autograd.grad(torch.autograd.grad(torch.dist(a, b), (a, b), create_graph=True)[1].sin().sum(), (a, b))
torch.autograd.grad(torch.dist(a, a.detach()), a)
torch.dist(a, torch.ones(2))
torch.dist(torch.ones(2).long(), torch.ones(2).long())
''', x="torch.tensor([1e20, -1e20])", small="torch.tensor([1e-25, 1e-25])", a="torch.randn(2, 3, requires_grad=True)",
            b="torch.randn(3, requires_grad=True)", setup='''
def with_grad(t):
    p = torch.nn.Parameter(t)
    p.grad = t
    return p
''')


# ---- what PyTorch's own tests of tensors do
expressions('''
z(2).set_(x, 1, (2, 2), (2, 1)), z(2).set_(x).stride(), z(2).set_().shape
z(2).set_(x.storage()), z(2).set_(x.storage(), 1, (2,), (2,)), z(2).set_(x.storage(), 1, (2, 2))
z(2).set_(source=x.storage(), storage_offset=1, size=torch.Size([2]), stride=(1,)), z(2).set_(x.storage(), size=(2,), storage_offset=0, stride=())
z(2).set_(torch.arange(3).storage().untyped()).shape, shares(z(2).set_(x.storage(), 1, (2,)), x)
z(2).set_(torch.arange(3).storage())
z(2).set_(x.storage(), 0, (2, 2), (1,))
z(2).set_(x.storage(), -1, (2,), (2,))
z(2).requires_grad_().set_(x)
z(2, 3, 4, 5).resize_(2, 3, 5, 4, memory_format=torch.channels_last).stride(), z(2, 3).resize_(6, memory_format=torch.contiguous_format)
z(2, 3).resize_(size=(3, 2)), z(2, 3).t().resize_(3, 2).stride(), z(2, 3).t().resize_(2, 3).stride(), z(1).resize_(()).shape
z(2, 3).resize_(3, 2, memory_format=torch.preserve_format)
z(2).resize_(1, 2, memory_format=torch.channels_last)
z(2).resize_("a")
z(2).resize_()
z(2, 3, 4, 5).resize_as_(z(2, 3, 5, 4).to(memory_format=torch.channels_last)).stride(), z(2, 2).t().resize_as_(z(2, 2)).stride()
z(24).resize_as_(z(1, 2, 3, 4).to(memory_format=torch.channels_last), memory_format=torch.preserve_format).stride()
z(24).resize_as_(z(1, 2, 3, 4), memory_format=torch.channels_last).stride()
torch.broadcast_shapes(2.0)
torch.broadcast_shapes(1, "a")
torch.nonzero(x, out=z(2))
torch.nonzero(x, as_tuple=True, out=z(2).long())
reversed(x), reversed(x.view(2, 3)), reversed(torch.tensor(1)), reversed(z(0))
torch.corrcoef(torch.tensor([[1, 2, 4], [3, 4, 7]])), torch.corrcoef(torch.tensor([1, 2, 4]))
torch.equal(z(2), z(2).int()), torch.equal(z(2), z(3).int()), torch.equal(z(2).double(), z(2))
torch.are_deterministic_algorithms_enabled(), torch.get_deterministic_debug_mode()
torch.use_deterministic_algorithms(True, warn_only=True), torch.is_deterministic_algorithms_warn_only_enabled(), torch.get_deterministic_debug_mode()
torch.set_deterministic_debug_mode("error"), torch.get_deterministic_debug_mode(), torch.set_deterministic_debug_mode(0), torch.are_deterministic_algorithms_enabled()
torch.set_deterministic_debug_mode(None)
torch.set_deterministic_debug_mode(3)
torch.use_deterministic_algorithms(1)
torch.set_warn_always(True), torch.is_warn_always_enabled(), torch.set_warn_always(False), torch.is_warn_always_enabled()
torch.set_warn_always(1)
torch.ones(3, 3).index_reduce(0, torch.tensor([0, 1], dtype=torch.int32), torch.ones(2, 3) * 5, "amax")
torch.LongTensor(x)
torch.HalfTensor(x.double())
torch.ByteTensor(torch.ones(1).bool())
torch.LongTensor(x.long()), torch.FloatTensor(x)
''', x="torch.arange(6.)", z="torch.zeros", setup='''
def shares(a, b):
    return a.storage().data_ptr() == b.storage().data_ptr()
''')

# ---- the order of arguments before PyTorch 1.5; the warning comes once in a process
expressions('''
o.add_(2, o), o.add(2, o), torch.add(o, 2, o), torch.add(o, -1, v), o.sub_(2, o), torch.sub(o, 2, o), o.add(2.5, v)
o.addcdiv_(2, o, o), torch.addcdiv(o, 2, o, o), o.addcmul(2, o, o), torch.addcmul(o, -0.5, o, o), o.addcmul_(3, o, v)
o.addmm(2, 3, o, o), torch.addmm(2, o, 3, o, o), torch.addmm(2, o, o, o)
v.addmv(2, 3, o, v), torch.addmv(2, v, o, v), o.addr_(2, 3, v, v), torch.addr(2, o, v, v)
b.baddbmm(2, 3, b, b), torch.baddbmm(2, b, b, b), o.addbmm(2, 3, b, b), torch.addbmm(2, o, 3, b, b)
torch.add(o, 2, o, out=torch.empty(2, 2)), w.add(2, o)
o.add(o, 2, o)
torch.addmm(o, 2, o, o)
o.addcmul(o, 2, o)
''', o="torch.ones(2, 2) * 2", v="torch.ones(2)", b="torch.ones(1, 2, 2)", w="torch.ones(2, requires_grad=True)")

# ---- hooks that change the list they are in: those of before run, the change shows from the next time on
def _told(add, run, count=3):
    out, handles = [], []
    for i in range(count):
        def hook(*args, i=i):
            out.append(i)
            while handles:
                handles.pop().remove()
            if i == 0 and len(out) < 4:
                add(lambda *args: out.append("late"))
        handles.append(add(hook))
    run()
    run()
    return out


@case
def tensor_hooks_that_remove_all():
    import torch
    x = torch.ones(3, requires_grad=True)
    y = x * 2
    return (_told(x.register_hook, lambda: (x * 1).sum().backward()), x.grad,
            _told(y.register_hook, lambda: y.sum().backward(retain_graph=True), 6), x.grad)


@case
def node_hooks_that_remove_all():
    import torch
    x = torch.ones(3, requires_grad=True)
    y = (x * 2).sum()
    return (_told(y.grad_fn.register_hook, lambda: y.backward(retain_graph=True)),
            _told(y.grad_fn.register_prehook, lambda: y.backward(retain_graph=True), 5))


@case
def a_hook_that_removes_itself_and_replaces():
    import torch
    x = torch.ones(2, requires_grad=True)

    def hook(grad):
        handle.remove()
        return torch.zeros_like(grad)
    handle = x.register_hook(hook)
    del hook
    x.mean().backward()
    first = x.grad.clone()
    x.mean().backward()
    return first, x.grad



@case
def decorated_functions_are_copied_as_functions_are():
    import copy
    import torch

    @torch.no_grad()
    def double(x):
        return x * 2

    class Net(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.step = double
            self.calls = [double]

        @torch.no_grad()
        def sample(self, x):
            return x + 1, torch.is_grad_enabled()

    net = Net()
    twin = copy.deepcopy(net)
    return twin.step is double, twin.calls[0] is double, copy.copy(double) is double, twin.sample(1)


# ---- what the samples of PyTorch's own operator tests ask
expressions('''
x.clone().addbmm_(torch.ones(2, 2, 3), torch.ones(2, 3, 4), beta=2)
torch.ones(1).baddbmm_(torch.ones(2, 5, 5), torch.ones(2, 5, 3))
torch.ones(()).baddbmm_(torch.ones(2, 5, 5), torch.ones(2, 5, 3))
torch.ones(1).addmv_(torch.ones(5, 5), torch.ones(5))
torch.ones(()).long().addmv_(torch.ones(5, 5).long(), torch.ones(5).long())
torch.ones(5).addmm_(torch.ones(5, 5), torch.ones(5, 3))
torch.unique(c, dim=1), torch.unique(c, dim=2, return_inverse=True, return_counts=True), torch.unique(c, dim=-1, sorted=False)
torch.unique_consecutive(c, dim=1), torch.unique_consecutive(c, dim=2, return_counts=True)
torch.unique(torch.ones(2, 0, 3), dim=1), torch.unique_consecutive(torch.ones(2, 0, 3), dim=1)
torch.arange(0., -8.000001, -4., dtype=torch.int64), torch.arange(0., -8.000001, -4., dtype=torch.int32)
torch.arange(0.5, 3.9, 1.7, dtype=torch.int64), torch.arange(0, 2, 0.5, dtype=torch.int32)
torch.arange(0, 2, 0.5, dtype=torch.int64)
torch.arange(float("inf"), dtype=torch.int64)
torch.linspace(0, -3, 50, dtype=torch.int64), torch.linspace(2, 9, 40, dtype=torch.int32), torch.linspace(1, 200, 77, dtype=torch.uint8)
torch.linspace(-5, 5, 33, dtype=torch.int16), torch.linspace(-5, 5, 7, dtype=torch.int64)
torch.autograd.grad(F.max_pool2d(q, 2).sum(), q)[0], torch.autograd.grad(F.max_pool2d(q, 2, return_indices=True)[0].sum(), q)[0]
F.embedding_bag(torch.arange(6.).view(3, 2), torch.tensor([0, 2]), torch.tensor([0, 1]))
torch.gradient(torch.tensor([1., 4., 9.]), spacing=None), torch.gradient(torch.ones(3, 3), dim=None, spacing=2.)
torch.gradient(torch.ones(3, 3), spacing=[0.1], dim=(1, 0))
torch.gradient(torch.ones(3, 3), spacing=[0.1, 0.2, 0.3])
torch.tensor(2.).index_reduce(0, torch.tensor([0]), torch.tensor(3.), "prod")
F.log_softmax(torch.eye(10) * 20, 1), F.log_softmax(torch.eye(10) * 20, 0), F.cross_entropy(torch.eye(10) * 20, torch.arange(10))
torch.softmax(torch.eye(3) * 20, 1), torch.softmax(torch.eye(9) * 15, 1)
F.nll_loss(torch.ones(2, 3), torch.tensor(1))
F.dropout3d(torch.ones(2, 2, 2, 2, requires_grad=True), 0.), F.dropout3d(torch.ones(2, 2, 2, 2, requires_grad=True))
F.dropout1d(torch.ones(3, 4, requires_grad=True), 0.), F.dropout1d(torch.ones(3, 4), inplace=True)
torch.cov(x, fweights=torch.ones(2, 2))
torch.cov(x, fweights=torch.ones(4))
torch.cov(x, aweights=torch.ones(4).long())
torch.cov(x, aweights=torch.ones(3))
torch.cov(x, fweights=torch.tensor([1, -1, 1, 1]))
torch.cov(x, fweights=torch.tensor([1, 2, 1, 1]), aweights=torch.tensor([.1, .2, .3, .4]))
torch.cov(x[:, :1]), torch.cov(x, correction=9)
torch.linalg.vander(torch.tensor([1 + 2j, 3.]), N=3), torch.linalg.vander(torch.tensor(2.), N=3)
torch.linalg.matrix_rank(torch.ones(0, 0), atol=torch.tensor(1.)), torch.linalg.pinv(torch.ones(0, 3), rtol=torch.tensor(1.))
torch.index_select(x, 1, torch.tensor([0, 1]), out=torch.empty(2, 1).expand(2, 2))
torch.gather(x, 1, torch.tensor([[0, 1]]), out=torch.empty(1, 1).expand(1, 2))
torch.take(x, torch.tensor([0, 1]), out=torch.empty(1).expand(2))
z = torch.tensor([1 + 2j, 3.], requires_grad=True); torch.autograd.grad((torch.lerp(z, z * 1j, 0.4j) * (1 + 1j)).abs().sum(), z)
z = torch.tensor([1 + 2j, 3.], requires_grad=True); torch.autograd.grad(torch.lerp(z, z * 1j, z).abs().sum(), z)
torch.autograd.grad(torch.lerp(w, w * 2, 0.25).sum(), w), torch.autograd.grad(torch.lerp(w, w * 2, torch.tensor([.1, .2])).sum(), w)
torch.meshgrid(torch.arange(4).view(2, 2), torch.ones(2))
nn.Module()(1, a=2)
type(torch.max(torch.eye(3), 0, out=(torch.empty(0), torch.empty(0, dtype=torch.long)))).__name__
torch.topk(torch.eye(3), 1, out=(torch.empty(0), torch.empty(0, dtype=torch.long)))
type(torch.linalg.qr(torch.eye(2), out=(torch.empty(0), torch.empty(0)))).__name__
torch.sort(torch.tensor([3., 1., 2.]), out=(torch.empty(2), torch.empty(2, dtype=torch.long)))
first_line(lambda: torch.ones(2, device="meta").sum().item())
first_line(lambda: bool(torch.ones(1, device="meta")))
first_line(lambda: torch.ones(2, device="meta").nonzero())
{"_saved_mat1", "_saved_mat2", "_saved_alpha"} <= set(dir(torch.addmm(torch.ones(1, requires_grad=True), x, x.t()).grad_fn))
x.sum().grad_fn._saved_self_sym_sizes
y = x.clone().requires_grad_(); f = torch.addmm(torch.ones(1), y, y.t()).grad_fn; [(n, getattr(f, n)) for n in dir(f) if n.startswith("_saved")]
[[n for n in dir(f(x.clone().requires_grad_()).grad_fn) if "_saved" in n] for f in (lambda v: v.mm(v.t()), lambda v: v.sum(0), lambda v: v.view(-1), lambda v: v[0], lambda v: v[1:], lambda v: v.max(1)[0], lambda v: v * v, lambda v: v.relu(), lambda v: v.softmax(0), lambda v: v ** 2, lambda v: v[[0, 1]], lambda v: v.expand(2, 2, 4), lambda v: v.clone(), lambda v: v.double(), lambda v: v.topk(2)[0], lambda v: v.split(1)[0], lambda v: v.unfold(0, 1, 1))]
Twice.apply(torch.ones(1, requires_grad=True)).grad_fn.nothing
Twice.apply(torch.ones(1, requires_grad=True)) and repr(Twice.ctx)[:44]
''', x="torch.arange(8.).view(2, 4)", w="torch.ones(2, requires_grad=True)", c="torch.tensor([[[1, 0, 1], [0, 0, 0]], [[1, 1, 1], [2, 0, 2]]])",
            q="torch.arange(32.).view(1, 2, 4, 4).to(memory_format=torch.channels_last).requires_grad_()", setup='''
def first_line(function):
    try:
        function()
    except NotImplementedError as error:
        return str(error).splitlines()[0]
class Twice(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        Twice.ctx = ctx
        return x * 2
    @staticmethod
    def backward(ctx, g):
        return g * 2
''')


run(__file__)
