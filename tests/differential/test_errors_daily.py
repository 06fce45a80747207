"""What PyTorch says to the mistakes of a working day: each statement is wrong in one everyday way."""
from harness import case, expressions, run

NAMES = dict(m="torch.arange(12.).reshape(3, 4)", w="torch.arange(8.).reshape(4, 2)", k="torch.tensor([2, 0, 1])",
             g="torch.ones(3, 4, requires_grad=True)", z="torch.zeros(2, 3, 4, 5)", y="torch.tensor([[1, 2], [3, 4]])",
             o="torch.tensor([True, False, True])", cc="torch.ones(2, dtype=torch.cfloat)", e="torch.empty(0)",
             n="nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))", d="torch.rand(4, 4, dtype=torch.double)")

# shapes
expressions(r'''
m @ m
m.mm(w.t())
m.matmul(torch.ones(3))
torch.mv(m, torch.ones(3))
torch.bmm(m, w)
torch.bmm(torch.ones(2, 3, 4), torch.ones(3, 4, 5))
torch.bmm(torch.ones(2, 3, 4), torch.ones(2, 3, 5))
torch.baddbmm(torch.ones(2, 3, 5), torch.ones(2, 3, 4), torch.ones(2, 5, 5))
torch.addmv(torch.ones(4), m, torch.ones(4))
torch.addmm(torch.ones(3), m, w)
torch.dot(torch.ones(3), torch.ones(4))
torch.dot(m, m)
torch.inner(m, w)
torch.outer(m, m)
torch.tensordot(m, w, dims=([0], [0]))
torch.tensordot(m, w, dims=3)
torch.einsum("ij,jk->ik", m, m)
torch.einsum("ij,kl->iz", m, m)
torch.einsum("ijk,jk->ik", m, w)
torch.einsum("ij,jk", m)
torch.einsum("ij->ij", m, m)
torch.einsum("i1->i", m)
m + w
m - torch.ones(3)
m * torch.ones(2, 4)
m / torch.ones(5, 1, 3)
m.add_(torch.ones(2, 3, 4))
m[0].add_(m)
torch.where(o, m, m)
torch.where(m, m, m)
torch.where(m > 3, m, w)
m.view(5, 2)
m.view(-1, -1)
m.view(-1, 5)
m.t().view(12)
m.reshape(7)
m.reshape(-1, 0)
m.expand(3, 5)
m.expand(4)
m.expand(-1, -1, 2)
m.expand_as(w)
m.repeat(2)
m.permute(0, 1, 2)
m.permute(0, 0)
m.permute(1)
m.transpose(0, 2)
z.t()
m.swapaxes(0, -3)
m.squeeze(4)
m.unsqueeze(5)
m.flatten(1, 0)
m.flatten(3)
m.unflatten(1, (3, 2))
m.unflatten(1, ())
z.movedim((0, 1), (2,))
z.movedim((0, 0), (1, 2))
torch.cat([m, w])
torch.cat([m, w], dim=2)
torch.cat([m, m], 3)
torch.cat([])
torch.cat(m)
torch.cat([m, 3])
torch.cat((m, [1, 2]))
torch.stack([m, w])
torch.stack([])
torch.stack([m, m], dim=4)
torch.hstack([m, w])
torch.vstack([m, w])
torch.dstack([m, w.t()])
torch.column_stack((m, w))
torch.split(m, [1, 1])
torch.split(m, -1)
torch.split(m, 1, 4)
m.chunk(0)
m.chunk(2, dim=5)
m.tensor_split(0)
m.unbind(3)
m.narrow(0, 2, 2)
m.narrow(1, -5, 1)
m.select(0, 5)
m.select(2, 0)
m.unfold(0, 4, 1)
m.unfold(0, 2, 0)
m.diagonal(0, 1, 1)
torch.diag(z)
torch.tril(torch.ones(3))
torch.as_strided(m, (5, 5), (4, 1))
torch.broadcast_to(m, (2, 4))
torch.broadcast_tensors(m, w)
torch.broadcast_shapes((3, 4), (2, 4))
torch.cartesian_prod(m, m)
torch.cdist(m, w)
torch.cross(m, m)
torch.cross(torch.ones(3), torch.ones(2, 3))
torch.kron(m, 3)
torch.flip(m, [0, 0])
torch.flip(m, [2])
torch.roll(m, (1, 2), 0)
torch.rot90(m, 1, [0])
torch.rot90(m, 1, [0, 0])
m.T.foo
m.shape[2]
m.size(2)
m.stride(3)
''', **NAMES)

# indices
expressions(r'''
m[3]
m[-4]
m[0, 4]
m[0, 0, 0]
m[:, :, 1]
m[1.0]
m["a"]
m[None, 0, 0, 0, 0]
m[torch.tensor([3])]
m[torch.tensor([-4, 0])]
m[[0, 1], [0, 1, 2]]
m[[0, 9]]
m[torch.tensor([1.5])]
m[o, o]
m[torch.tensor([True, False])]
m[m]
m[::-1]
m[0:2:0]
m[{}]
m[(0, "x")]
m[..., ..., 0]
m[[0.5]]
m[5] = 1
m.__setitem__(5, 1)
m.__setitem__(0, torch.ones(3))
m.__setitem__(o, torch.ones(3))
m.__setitem__((slice(None), k), torch.ones(2))
m.__setitem__(0, "x")
m.__setitem__(0, [1, 2])
m.__setitem__("x", 1)
m.__setitem__(k, m.double())
y.__setitem__(0, 1.5)
torch.tensor(3.)[0]
len(torch.tensor(3.))
list(torch.tensor(3.))
torch.gather(m, 0, k)
torch.gather(m, 0, k.float())
torch.gather(m, 2, y)
torch.gather(m, 0, torch.full((3, 4), 7))
torch.gather(m, 1, torch.zeros(5, 4, dtype=torch.long))
torch.index_select(m, 0, torch.tensor([5]))
torch.index_select(m, 0, y)
torch.index_select(m, 3, k)
torch.index_select(m, 0, k.float())
torch.index_select(m, 0, [0, 1])
torch.take(m, torch.tensor([20]))
torch.take(m, m)
torch.take_along_dim(m, k, 0)
torch.masked_select(m, m)
torch.masked_select(m, o)
m.masked_fill(o, 0)
m.masked_fill(m > 1, torch.ones(2))
m.masked_fill_(m > 1, "x")
m.masked_scatter(m > 1, torch.ones(2))
m.scatter(0, k, 1.)
m.scatter_(1, torch.full((3, 1), 9), 1.)
m.scatter_(0, torch.zeros(2, 2).long(), torch.ones(1, 2))
m.scatter_(0, torch.zeros(2, 2).long(), torch.ones(2, 2).double())
m.scatter_add_(0, torch.zeros(2, 2), torch.ones(2, 2))
m.scatter_reduce(0, torch.zeros(2, 2).long(), torch.ones(2, 2), reduce="max")
m.index_add_(0, k, torch.ones(2, 4))
m.index_add_(0, k, torch.ones(3, 3))
m.index_copy_(0, k, torch.ones(2, 4))
m.index_fill_(0, torch.tensor([7]), 1.)
m.index_put_((k,), torch.ones(2))
m.index_put_(k, torch.ones(3))
m.put_(torch.tensor([99]), torch.tensor([1.]))
torch.nonzero(3)
torch.bincount(m)
torch.bincount(torch.tensor([-1, 2]))
torch.bincount(k, weights=torch.ones(2))
F.one_hot(torch.tensor([3, 1]), 2)
F.one_hot(m)
F.one_hot(torch.tensor([-1]))
torch.searchsorted(m, torch.ones(2, 3))
torch.bucketize(m, m)
torch.topk(m, 5)
torch.topk(m, 1, dim=2)
torch.topk(m, -1)
torch.kthvalue(m, 0)
torch.sort(m, 2)
torch.argsort(m, dim=-3)
torch.median(m, 2)
torch.unique(m, dim=3)
torch.histc(y)
torch.combinations(m)
torch.multinomial(torch.tensor([0., 0.]), 1)
torch.multinomial(torch.tensor([.5, .5]), 3)
torch.multinomial(torch.tensor([-1., 1.]), 1)
torch.multinomial(y, 1)
''', **NAMES)

# types of arguments, dtypes, names
expressions(r'''
m.add("1")
m + "1"
"1" + m
m + None
m + [1, 2, 3, 4]
m - None
None * m
m @ 3
3 @ m
m ** "2"
m < "a"
m // None
m % "a"
-o
o - o
~m
m & m
m | 1
y << 1.5
torch.add(m)
torch.add()
torch.add(m, m, m)
torch.add(m, other=m, foo=1)
torch.add(m, m, alpha="x")
torch.add(y, y, alpha=1.5)
torch.mul(m)
torch.sum()
torch.sum(m, "x")
torch.sum(m, dim=2)
torch.sum(m, dim=(0, 0))
torch.sum(m, dims=0)
torch.sum(m, axis=0, dim=0)
torch.mean(y)
torch.mean(m, dim=5)
torch.std(y)
torch.var(m, dim=0, unbiased=1.5)
torch.var(k)
torch.max(m, 3)
torch.max(e)
torch.min(e, 0)
torch.argmax(e)
torch.argmax(m, "x")
torch.amax(m, (0, 0))
torch.max(m, m, m)
torch.max(cc)
torch.prod(m, (0, 1))
torch.cumsum(m)
torch.cumsum(m, 2)
torch.cumprod(m, dim="x")
torch.logsumexp(m)
torch.logsumexp(m, 5)
torch.softmax(m)
torch.softmax(y, 0)
torch.softmax(m, 3)
F.softmax(m, dim=2)
F.log_softmax(y, dim=0)
torch.norm(y)
torch.norm(m, p="abc")
torch.clamp(m)
torch.clamp(m, "a")
torch.clamp(cc, 0)
torch.clamp(m, min=1, max="2")
torch.round(m, decimals="x")
torch.sqrt("x")
torch.sqrt(3.)
torch.exp([1, 2])
torch.sigmoid(None)
torch.abs(1)
torch.floor(cc)
torch.sign(cc)
torch.lerp(m, m)
torch.lerp(m, m.double(), 0.5)
torch.lerp(y, y, 0.5)
torch.addcmul(m, w, w)
torch.bitwise_and(m, m)
torch.bitwise_not(m)
torch.logical_not("x")
torch.isnan(1.)
torch.allclose(m, m.double())
torch.allclose(m, 1)
torch.equal(m, 1)
torch.isclose(m, y)
torch.eq(m, "x")
m.exp_(1)
y.exp_()
y.div_(2)
y.add_(1.5)
y.mul_(m)
y.sqrt_()
o.add_(1.5)
m.add_(cc)
torch.sum(m, out=torch.ones(1, dtype=torch.long))
torch.add(m, m, out=y)
torch.exp(y, out=y)
torch.mm(m, w, out=torch.ones(3, 2).double())
torch.mm(m, w.double())
m.double() @ w
torch.mm(y, m)
torch.cat([m, y], out=torch.ones(1).long())
''', **NAMES)

# making and converting
expressions(r'''
torch.tensor()
torch.tensor([[1, 2], [3]])
torch.tensor([1, [2]])
torch.tensor("abc")
torch.tensor([1, "a"])
torch.tensor(None)
torch.tensor([None])
torch.tensor({1: 2})
torch.tensor([1], dtype="float32")
torch.tensor([1], dtype=float32)
torch.tensor([1], device="cuda")
torch.tensor([1], device="gpu")
torch.tensor([1], requires_grad=True)
torch.tensor([300], dtype=torch.uint8)
torch.tensor(1e50, dtype=torch.half)
torch.tensor(1 << 70)
torch.tensor([1, 2], foo=3)
torch.tensor(object())
torch.zeros()
torch.zeros("a")
torch.zeros(2, "a")
torch.zeros(-1)
torch.zeros((2, -3))
torch.zeros(2.)
torch.zeros((2, 3.))
torch.zeros([[2, 3]])
torch.zeros(2, dtype=int64)
torch.zeros(2, dtype=int)
torch.zeros(2, device=3)
torch.zeros(2, layout="x")
torch.ones_like(3)
torch.ones_like([1])
torch.full((2, 3))
torch.full(3, 1)
torch.full((2,), "x")
torch.full((2,), None)
torch.eye(-1)
torch.eye(2, 3, 4)
torch.eye("3")
torch.arange()
torch.arange(5, 0)
torch.arange(0, 5, 0)
torch.arange("3")
torch.arange(0, 1, -0.1)
torch.linspace(0, 1)
torch.linspace(0, 1, -2)
torch.linspace("0", 1, 2)
torch.logspace(0, 1, steps=-1)
torch.rand("2")
torch.rand(-2)
torch.randn(2, dtype=torch.long)
torch.rand(2, dtype=torch.int)
torch.randint(5)
torch.randint(5, 2)
torch.randint(5, 2, (3,))
torch.randint(0, (3,))
torch.randint(0, 5, 3)
torch.randint(2, 5, (2,), dtype=torch.bool)
torch.randperm(-1)
torch.randperm(2.5)
torch.normal(0, 1)
torch.normal(0, -1, (2,))
torch.normal(m, w)
torch.bernoulli(m)
torch.bernoulli(y)
torch.manual_seed("x")
torch.manual_seed(1.5)
torch.Generator("x")
torch.empty(2).random_(5, 2)
torch.empty(2).uniform_(2, 1)
torch.empty(2).normal_(0, -1)
torch.empty(2, dtype=torch.long).uniform_()
torch.from_numpy([1, 2])
torch.as_tensor("x")
torch.complex(m, y)
torch.complex(m, w)
m.to("cuda")
m.to("float32")
m.to(torch.float32, "x")
m.to(3)
m.to()
m.cuda()
m.type("x")
m.type(3)
m.int(3, 4)
int(m)
float(cc)
bool(m)
bool(e)
if_m = 1 if m else 2
m.item()
e.item()
g.numpy()
cc.conj().numpy()
m.tolist(1)
m.new_tensor()
m.new_zeros("a")
m.foo()
m.fill_("x")
m.fill_(torch.ones(2))
m.copy_(w)
m.copy_(3)
m.resize_(-1)
m.set_(3)
torch.set_default_dtype(torch.int)
torch.set_default_dtype("float")
torch.set_default_tensor_type("x")
torch.device("foo")
torch.device(1.5)
torch.device("cpu", "x")
torch.dtype("x")
torch.finfo(torch.int)
torch.iinfo(torch.float)
torch.result_type(m)
torch.promote_types(m, m)
torch.can_cast(m, m)
torch.set_num_threads("x")
torch.set_num_threads(0)
torch.save(m)
torch.load("/nonexistent/file.pt")
torch.load(3)
torch.float64(3)
torch.Tensor(2, "x")
torch.Tensor("x")
torch.FloatTensor(y)
torch.LongTensor([1.5])
torch.foo
torch.nn.Foo
F.foo
torch.Tensor.foo
''', **NAMES)

# gradients
expressions(r'''
m.backward()
g.backward()
(g * 2).backward()
(g * 2).backward(torch.ones(3))
(g * 2).backward("x")
g.sum().backward(torch.ones(2))
s = g.sum(); s.backward(); s.backward()
s = g.exp().sum(); s.backward(); s.backward()
g.add_(1)
g[0] = 1
g.__setitem__(0, 1)
g.zero_()
g.mul_(2)
g.fill_(1)
g.copy_(m)
g.t_()
g.view(12).add_(1)
g[0].mul_(2)
x = g * 1; y_ = x.exp(); y_.add_(1); y_.sum().backward()
x = g * 1; y_ = x ** 2; x.add_(1); y_.sum().backward()
x = g.sigmoid(); x.zero_(); x.sum().backward()
x = g * 1; v = x[0]; l = (x * x).sum(); v.add_(1); l.backward()
torch.autograd.grad(m.sum(), m)
torch.autograd.grad(g.sum(), m)
torch.autograd.grad(g.sum(), m.requires_grad_())
torch.autograd.grad(g * 2, g)
torch.autograd.grad(g.sum())
torch.autograd.grad(g.sum(), g, torch.ones(2))
torch.autograd.grad(g.sum(), [g, m])
torch.autograd.grad(3, g)
torch.autograd.grad((g * 2).sum(), g)[0].sum().backward()
torch.autograd.backward(3)
torch.autograd.backward([g.sum(), g.sum()], [None])
torch.autograd.backward(g.sum(), inputs=[])
torch.autograd.backward(g.sum(), inputs=g * 2)
y.requires_grad_()
y.requires_grad = True
o.float().requires_grad_().bool().requires_grad_()
(g * 2).requires_grad_(False)
setattr(g * 2, "requires_grad", False)
setattr(y, "requires_grad", True)
setattr(g, "grad", torch.ones(2))
setattr(g, "grad", 3)
setattr(g, "grad", torch.ones(3, 4).double())
setattr(g, "grad", "x")
setattr(g, "data", 3)
setattr(g, "shape", (3,))
setattr(g, "grad_fn", None)
setattr(m, "dtype", torch.int)
setattr(g, "is_leaf", True)
del m.grad
m.register_hook(print)
g.register_hook(3)
g.register_hook()
m.retain_grad()
h = g.register_hook(lambda gr: gr[:2]); g.sum().backward()
h = g.register_hook(lambda gr: 3); g.sum().backward()
h = g.register_hook(lambda a, b: a); g.sum().backward()
g.detach_().foo
(g * 2)[0].detach_()
torch.no_grad(3)
torch.set_grad_enabled()
torch.set_grad_enabled("x")
torch.autograd.gradcheck(torch.exp, m)
torch.autograd.gradcheck(torch.exp, g)
torch.autograd.gradcheck(lambda x: x.detach() * x, d.requires_grad_())
torch.autograd.functional.jacobian(lambda x: x.sum(), 3)
torch.autograd.functional.jacobian(lambda x: 3, m)
torch.autograd.functional.hessian(lambda x: x * 2, m)
torch.autograd.functional.vjp(lambda x: x * 2, m)
torch.autograd.functional.jvp(lambda x: x * 2, m, w)
copy = __import__("copy"); copy.deepcopy(g * 2)
g.grad.zero_()
(g * 2).grad.zero_()
nn.Parameter(y)
nn.Parameter(3)
nn.Parameter([1., 2.])
nn.Parameter("x")
nn.Parameter(m, 3, 4)
torch.func
torch.vmap
torch.compile
''', **NAMES)


def functions(body):
    import torch

    class Mine(torch.autograd.Function):
        forward = staticmethod(body.get("forward", lambda ctx, x: x * 2))
        if "backward" in body:
            backward = staticmethod(body["backward"])
    return Mine


@case
def function_instance_is_called():
    import torch
    return functions({})()(torch.ones(2))


@case
def function_without_backward():
    import torch
    return functions({}).apply(torch.ones(2, requires_grad=True)).sum().backward()


@case
def function_returns_too_many():
    import torch
    return functions({"backward": lambda ctx, gr: (gr, gr)}).apply(torch.ones(2, requires_grad=True)).sum().backward()


@case
def function_returns_wrong_shape():
    import torch
    return functions({"backward": lambda ctx, gr: gr[:1]}).apply(torch.ones(2, requires_grad=True)).sum().backward()


@case
def function_returns_a_number():
    import torch
    return functions({"backward": lambda ctx, gr: 3}).apply(torch.ones(2, requires_grad=True)).sum().backward()


@case
def function_forward_returns_a_string():
    import torch
    return functions({"forward": lambda ctx, x: "x"}).apply(torch.ones(2, requires_grad=True))


@case
def function_saves_a_number():
    import torch
    return functions({"forward": lambda ctx, x: ctx.save_for_backward(3) or x}).apply(torch.ones(2, requires_grad=True))


@case
def function_saved_tensors_twice():
    import torch

    def forward(ctx, x):
        ctx.save_for_backward(x)
        return x * x
    y = functions({"forward": forward, "backward": lambda ctx, gr: gr * ctx.saved_tensors[0]}).apply(torch.ones(2, requires_grad=True)).sum()
    y.backward()
    y.backward()


@case
def function_forward_without_ctx():
    import torch
    return functions({"forward": lambda x: x}).apply(torch.ones(2, requires_grad=True))


run(__file__)
