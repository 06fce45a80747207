"""Forward mode: tangents beside values, Functions with a jvp of their own, functorch's jvp and jacfwd."""
from harness import case, expressions, run

START = '''
import torch.autograd.forward_ad as fwAD
torch.manual_seed(0)
x, t, other = torch.randn(2, 3), torch.randn(2, 3), torch.randn(2, 3)
def pushed(f, *more):
    with fwAD.dual_level():
        return fwAD.unpack_dual(f(fwAD.make_dual(x, t), *more)).tangent
def dual(f, *args):
    with fwAD.dual_level():
        return f(*args)
'''

# ---- every family of rules once: pointwise, reductions, shapes, indexing, products, factorisations, layers, losses
expressions('''
pushed(lambda x: x ** 2 + other ** 2)
pushed(torch.exp)
pushed(lambda x: x.softmax(1))
pushed(lambda x: torch.log_softmax(x, 0))
pushed(lambda x: x.norm())
pushed(lambda x: F.layer_norm(x, (3,)))
pushed(lambda x: x @ x.T)
pushed(lambda x: torch.cat([x, x * 2]))
pushed(lambda x: x[:, [0, 2]])
pushed(lambda x: x.max(1)[0])
pushed(lambda x: x.sort(1)[0])
pushed(lambda x: x.cumsum(1))
pushed(lambda x: torch.where(x > 0, x, x * x))
pushed(F.gelu)
pushed(lambda x: x.var(1))
pushed(lambda x: x.prod(1))
pushed(lambda x: x.abs().pow(x))
pushed(lambda x: torch.logdet(x @ x.T))
pushed(lambda x: torch.inverse(x @ x.T))
pushed(lambda x: torch.einsum("ij,kj->ik", x, x))
pushed(lambda x: F.mse_loss(x, other))
pushed(lambda x: F.cross_entropy(x, torch.tensor([0, 2])))
pushed(lambda x: F.conv1d(x[None], torch.ones(1, 2, 2)))
pushed(lambda x: x.unbind(1)[1])
pushed(lambda x: x.t().reshape(-1))
pushed(lambda x: x.logsumexp(1))
pushed(lambda x: F.embedding(torch.tensor([1, 0]), x))
pushed(lambda x: x.clone().mul_(2).add_(x))
pushed(lambda x: torch.zeros(2, 3).add_(x))
pushed(lambda x: x.gather(1, torch.tensor([[0], [1]])))
pushed(lambda x: torch.view_as_real(torch.fft.fft(x)))
pushed(lambda x: F.interpolate(x[None], scale_factor=2))
pushed(lambda x: F.pad(x, (1, 1)).cumprod(1))
pushed(lambda x: nn.LSTM(3, 2)(x[:, None])[0].detach())
pushed(lambda x: x.detach())
pushed(lambda x: x > 0)
''', setup=START)

expressions('''
dual(lambda: repr(fwAD.make_dual(x, t) * 2))
dual(lambda: fwAD.unpack_dual(fwAD.make_dual(x, t)).tangent is t)
dual(lambda: fwAD.unpack_dual(other))
fwAD.unpack_dual(dual(lambda: fwAD.make_dual(x, t))).tangent
dual(lambda: fwAD.make_dual(x, t[0]))
dual(lambda: fwAD.make_dual(torch.ones(1, dtype=torch.int64), t))
dual(lambda: fwAD.make_dual(fwAD.make_dual(x, t), t))
dual(fwAD.enter_dual_level)
dual(lambda: torch.exp(fwAD.make_dual(x, t), out=torch.ones(2, 3)))
fwAD.make_dual(x, t)
fwAD.exit_dual_level(level=3)
fwAD.dual_level()(lambda a: fwAD.unpack_dual(fwAD.make_dual(a, torch.ones_like(a)).sin()).tangent)(torch.zeros(2))
torch.no_grad()(lambda: pushed(torch.exp))()
type(fwAD.unpack_dual(x)).__name__, fwAD.unpack_dual(x)._fields
''', setup=START)


@case
def gradients_of_tangents_and_tangents_of_gradients():
    import torch
    import torch.autograd.forward_ad as fwAD
    torch.manual_seed(0)
    x, t = torch.randn(3, requires_grad=True), torch.randn(3)
    told = []
    for f in (torch.sin, torch.exp, torch.sigmoid, lambda d: d * d * d):
        with fwAD.dual_level():
            out = f(fwAD.make_dual(x, t)).sum()
            value, tangent = fwAD.unpack_dual(out)
            told.append(torch.autograd.grad(tangent, x, retain_graph=True)[0].tolist())
            told.append(fwAD.unpack_dual(torch.autograd.grad(out, x)[0]).tangent.tolist())
    return [[round(v, 4) for v in row] for row in told]


@case
def parameters_with_tangents():
    import torch
    import torch.autograd.forward_ad as fwAD
    torch.manual_seed(0)
    model, given = torch.nn.Linear(3, 2), torch.randn(4, 3)
    parameters = dict(model.named_parameters())
    with fwAD.dual_level():
        for name, p in parameters.items():
            delattr(model, name)
            setattr(model, name, fwAD.make_dual(p, torch.ones_like(p)))
        return fwAD.unpack_dual(model(given)).tangent.detach()


@case
def functions_of_ones_own():
    import torch
    import torch.autograd.forward_ad as fwAD

    class Product(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a, b, k):
            ctx.save_for_forward(a, b)
            ctx.k = k
            return a * b * k, a + b

        @staticmethod
        def jvp(ctx, ga, gb, gk):
            a, b = ctx.saved_tensors
            told.append((gb.tolist(), gk))
            return ga * b * ctx.k, ga

    class Without(torch.autograd.Function):
        @staticmethod
        def forward(ctx, a):
            return a * 2
    told = []
    with fwAD.dual_level():
        made = Product.apply(fwAD.make_dual(torch.ones(2), torch.tensor([1., 2.])), torch.full((2,), 3.), 2)
        told += [fwAD.unpack_dual(o).tangent for o in made]
        try:
            Without.apply(fwAD.make_dual(torch.ones(2), torch.ones(2)))
        except Exception as error:
            told.append(f"{type(error).__name__}: {error}")
    return told


expressions('''
jacfwd(f)(x)
jacfwd(jacfwd(lambda x: (x ** 3).sum()))(x)
jacrev(jacfwd(f))(x).contiguous()
hessian(lambda x: x.sin().prod())(x)
jvp(f, (x,), (torch.ones(3),))
jvp(lambda a, b: (a * b, a.sum()), (x, x), (x, x))
jvp(lambda x: (x * 2, {"k": x}), (x,), (x,), has_aux=True)
jvp(lambda y: jvp(torch.sin, (y,), (torch.ones(3),))[1], (x,), (torch.ones(3),))
jacfwd(lambda a, b: {"s": a + b, "p": a * b}, argnums=(0, 1))(x, x)
grad(lambda x: jvp(torch.sin, (x,), (torch.ones(3),))[1].sum())(x)
vmap(lambda v: jvp(torch.exp, (x,), (v,))[1])(torch.eye(3))
vmap(lambda x: x + torch.rand(1), randomness="same")(torch.zeros(3))
vmap(torch.sum)()
vmap(lambda x: torch.rand(2) + x)(torch.ones(2))
vmap(torch.sin, randomness="x")(x)
jvp(f, x, x)
jvp(f, (x,), (x[:2],))
[p.requires_grad for p in combine_state_for_ensemble([nn.Linear(2, 1) for _ in range(3)])[1]]
torch.autograd.gradcheck(torch.sin, torch.tensor([0.5], dtype=torch.double, requires_grad=True), check_forward_ad=True)
''', setup="from functorch import grad, hessian, jacfwd, jacrev, jvp, vmap, combine_state_for_ensemble\n"
           "W = torch.tensor([[1., -2., 3.], [0.5, 2., -1.]])\nf = lambda x: torch.tanh(W @ x)",
            x="torch.tensor([0.3, -1.2, 0.7])")

run(__file__)
