"""What PyTorch's own operator samples (tests/outside/operators.py) found: out= where gradients are asked for or dtypes do not fit, graphs of
functions that are composed of others, rare functions."""
from harness import case, expressions, run

import torch

G = "torch.ones(2, 2, requires_grad=True)"
# Places that ask for gradients, by the words in which each op refuses them.
expressions("\n".join(
    ["torch.%s(x, out=g)" % name for name in (
        "square", "msort", "fft.hfft", "linalg.inv", "linalg.pinv", "special.ndtr", "conj_physical", "diff", "narrow_copy", "quantile")]
    + ["torch.softmax(x, 0, out=g)", "torch.diff(x, n=0, out=g)", "torch.log_softmax(x, 0, out=g)", "torch.heaviside(x, x, out=g)",
       "torch.outer(x[0], x[0], out=g)", "torch.kron(x, x[:1, :1], out=g)", "torch.inner(x, x, out=g)", "torch.hstack((x, x), out=g)",
       "torch.vstack((x, x), out=g)", "torch.column_stack((x, x), out=g)", "torch.max(x, x, out=g)", "torch.min(x, x, out=g)",
       "torch.true_divide(x, x, out=g)", "torch.floor_divide(x, x, out=g)", "torch.zeros(2, 2, out=g)", "torch.ones(2, 2, out=g)",
       "torch.eye(2, out=g)", "torch.arange(4., out=g)", "torch.empty(2, 2, out=g)", "torch.randn(2, 2, out=g)",
       "torch.linspace(0, 1, 4, out=g)", "torch.matmul(x, x, out=g)", "torch.matmul(x[0], torch.ones(2, 2, 2), out=g)", "torch.matmul(torch.ones(2, 2, 2), x[0], out=g)",
       "torch.linalg.matrix_power(x, 0, out=g)",
       "torch.linalg.matrix_power(x, 2, out=g)", "torch.linalg.multi_dot((x, x), out=g)", "torch.linalg.solve(x + torch.eye(2), x, out=g)",
       "torch.take_along_dim(x, x.long(), 0, out=g)", "torch.normal(x, x, out=g)", "torch._C._nn.linear(x, x, out=g)",
       "torch._C._nn.gelu(x, out=g)", "torch._C._nn.log_sigmoid(x, out=g)", "torch.hstack((g, g), out=x)", "torch.outer(g[0], x[0], out=x)"]),
    g=G, x="torch.ones(2, 2)")
# Places of another dtype.
expressions("""
torch.kthvalue(x, 1, out=(w, w))
torch.mode(x, out=(w, w))
torch.frexp(x, out=(w, w.int()))
torch.geqrf(x, out=(w, w))
torch.clamp(x, x, x, out=w)
torch.clamp(x, 0, 1, out=w)
torch.clamp_max(x, x, out=w)
torch.linalg.norm(x, out=w)
torch.linalg.matrix_norm(x, out=w)
torch.linalg.matrix_power(x, 2, out=w)
torch.linalg.vecdot(x, x, out=w)
torch.special.ndtr(x, out=w)
torch.fft.fft2(x, out=w)
torch.fft.ifftn(x, out=w)
torch.fft.rfft2(x, out=w)
torch.fft.hfft(x, out=w)
torch.fft.irfft2(x, out=w)
torch.normal(x, x, out=w)
torch._C._nn.softplus(x, out=w)
torch._C._nn.softshrink(x, out=w)
torch._C._nn.log_sigmoid(x, out=w)
torch._C._nn.gelu(x, out=w)
torch._C._nn.linear(x, x, out=w)
torch._C._nn.avg_pool2d(x[None], 2, out=w)
torch.linalg.vector_norm(x, out=w)
torch.ldexp(x, x, out=w)
""", x="torch.arange(1., 5).view(2, 2)", w="torch.zeros(2, 2, dtype=torch.long)")
# Places that fit, too small, too large.
expressions("""
torch._C._nn.linear(x, x, x[0], out=o)
torch._C._nn.gelu(x, out=o)
torch._C._nn.gelu(x, approximate="tanh", out=o)
torch._C._nn.avg_pool2d(x[None], 2, out=o)
torch._C._nn.avg_pool3d(x[None, None], (1, 2, 2), out=o)
torch.linalg.vector_norm(x, out=o)
torch.linalg.vector_norm(x, 3, 1, out=o)
torch.ldexp(x, x, out=o)
torch.ldexp(x.long(), x.long(), out=o)
torch.index_reduce(x, 0, torch.tensor([1, 1]), x, "amax", out=o)
""", x="torch.arange(1., 5).view(2, 2)", o="torch.zeros(2, 2)")
expressions("""
x.clone().ldexp_(x)
x.clone().requires_grad_().mul(1).ldexp_(x)
torch.ldexp_(x.clone(), x)
x.index_reduce(0, torch.tensor([0, 0]), x, "mean")
x.index_reduce(1, torch.tensor([0, 0]), x, "prod", include_self=False)
x.clone().index_reduce_(1, torch.tensor([1, 1], dtype=torch.int32), x, "amin")
x.index_reduce(0, torch.tensor([0]), x, "mean")
x.index_reduce(0, torch.tensor([0, 0]), x.double(), "mean")
x.cfloat().index_reduce(0, torch.tensor([0, 0]), x.cfloat(), "prod")
torch.cumulative_trapezoid(x)
torch.cumulative_trapezoid(x, torch.tensor([0., 3.]), dim=0)
torch.cumulative_trapezoid(x > 0)
F.pad(x[None], (1, 2), mode="circular")
F.pad(x[None], (-1, 1), mode="circular")
F.pad(x[None].cfloat() * 1j, (1, 1), mode="reflect")
F.pad(x[None].to(torch.complex128) * 1j, (2, 1), mode="replicate")
F.avg_pool2d(torch.ones(0, 1, 49), 2, padding=-1)
F.max_pool2d(torch.ones(0, 1, 49), 2, padding=-1)
torch.softmax(x, 0, dtype=torch.float64)
torch.log_softmax(x.long(), 0, dtype=torch.float32)
""", x="torch.arange(1., 5).view(2, 2)")


expressions("""
torch.zeros(1).half().expand(3).relu_()
torch.zeros(3).half().relu_()
o = torch.zeros(2, 2, dtype=torch.long); torch.mean(torch.ones(2, 3), 1, out=o)
""")


@case
def resized_before_refused():
    place = torch.zeros(2, 2, dtype=torch.long)
    try:
        torch.mean(torch.ones(2, 3), 1, out=place)
    except RuntimeError as error:
        return str(error), place


@case
def pinned_memory():
    try:
        torch.zeros(1).pin_memory()
    except NotImplementedError as error:
        return str(error).split(" 'aten::_pin_memory' is only")[0]


def graph(node):
    if node is None:
        return "None"
    return node.name() + "(" + ", ".join(graph(child) for child, _ in node.next_functions) + ")"


COMPOSED = """
torch.cov(x)
torch.corrcoef(x)
torch.trapezoid(x, y[0])
torch.cumulative_trapezoid(x, y)
torch.softmax(x, 0, dtype=torch.float64)
torch.nn.functional.softmin(x, 0, dtype=torch.float64)
torch.diagflat(x)
torch.special.ndtr(x)
torch.normal(x, y)
torch.normal(0., y)
torch.index_reduce(x, 0, torch.tensor([0, 0]), y, "amax")
torch.nn.functional.cosine_similarity(x, y)
torch.nn.functional.cosine_similarity(x, y[0], dim=0)
torch.nn.functional.hinge_embedding_loss(x, torch.tensor([1., -1.]))
torch.nn.functional.cosine_embedding_loss(x, y, torch.tensor([1., -1.]))
torch.nn.functional.multi_margin_loss(x, torch.tensor([0, 1]))
torch.nn.functional.multilabel_margin_loss(x, torch.tensor([[0, -1], [1, 0]]))
torch.nn.functional.pad(x[None], (1, 1), mode="circular")
torch.nn.functional.fractional_max_pool2d(x[None], 1, output_size=2)
torch.lu_unpack(x, torch.tensor([1, 2], dtype=torch.int32))[1]
torch.linalg.lu_solve(x, torch.tensor([1, 2], dtype=torch.int32), y)
""".strip().splitlines()


def composed(text):
    def steps_and_gradients():
        x = torch.tensor([[1.5, 2], [3, 5]], requires_grad=True)
        y = torch.tensor([[2., 1], [0.5, 4]], requires_grad=True)
        result = eval(text, {"torch": torch, "x": x, "y": y})
        return graph(result.grad_fn), result, torch.autograd.grad(result.sum(), [x, y], allow_unused=True)
    steps_and_gradients.__name__ = "graph of " + text
    case(steps_and_gradients)


for _text in COMPOSED:
    composed(_text)

# Complex numbers through their parts, old names of factorisations, sums over nothing.
expressions("""
torch.nn.functional.conv1d(c, torch.tensor([1j, 2., 1 - 1j]).reshape(1, 1, 3))
torch.nn.functional.conv1d(c, torch.tensor([1j, 2., 1 - 1j]).reshape(1, 1, 3), torch.tensor([1 + 2j]), padding=1, stride=2)
torch.nn.functional.conv_transpose1d(c, torch.tensor([1j, 2., 1 - 1j]).reshape(1, 1, 3), torch.tensor([1 + 2j]))
torch.nn.functional.conv_transpose2d(c[None], torch.ones(1, 1, 2, 2, dtype=torch.cfloat))
torch.autograd.grad(torch.nn.functional.conv1d(c.requires_grad_(), torch.tensor([1j, 2., 1 - 1j]).reshape(1, 1, 3)).abs().sum(), c)
torch.autograd.grad(torch.nn.functional.conv2d(c[None], w := torch.tensor([[[[1j, 2., 1 - 1j]]]]).requires_grad_(), b := torch.ones(1, dtype=torch.cfloat).requires_grad_()).abs().sum(), [w, b])
torch.nn.functional.unfold(c[None], (1, 2))
torch.nn.functional.fold(torch.arange(6.).reshape(1, 2, 3) * (1 + 1j), (1, 4), (1, 2))
torch.nn.functional.silu(c)
torch.sinc(c)
torch.bmm(torch.zeros(2, 3, 0), torch.zeros(2, 0, 4))
torch.baddbmm(torch.ones(2, 3, 4), torch.zeros(2, 3, 0), torch.zeros(2, 0, 4), beta=3)
torch.einsum("bo,bi,bj->oij", torch.zeros(0, 2), torch.zeros(0, 3), torch.zeros(0, 2))
torch.ones(1).addbmm_(torch.ones(2, 3, 2), torch.ones(2, 2, 2))
torch.gradient(torch.arange(9.).reshape(3, 3) ** 2, dim=[1, 1])
torch.polygamma(1, torch.tensor([-0.0400, 0.1, 3., inf]))
torch.polygamma(1, torch.tensor([-0.0400, 0.1, 3., inf]).double())
torch.symeig(torch.eye(2).requires_grad_())[0].sum().backward()
torch.triangular_solve(torch.ones(2, 3, 1), torch.eye(3))
torch.linalg.vecdot(torch.ones(2, requires_grad=True), torch.ones(2))
""", c="torch.tensor([1+2j, 3-1j, 0.5j, 2.]).reshape(1, 1, 4)")


def changed_in_place(change):
    def step():
        x = torch.tensor([1.5, 2], dtype=torch.double, requires_grad=True)
        y = change(x.clone())
        return y.grad_fn.name(), y, torch.autograd.grad(y.sum(), x)
    step.__name__ = f"in place {change.__name__}"
    case(step)


def power(y):
    return y.float_power_(2)


def power_of_tensor(y):
    return y.float_power_(torch.tensor([3., 2.]))


for _change in power, power_of_tensor:
    changed_in_place(_change)

for _text in ("torch.cholesky(x @ x.T)", "torch.symeig(x + x.T, eigenvectors=True)[1].abs()", "torch.triangular_solve(y, x)[0]",
              "torch.triangular_solve(y, x)[1]", "torch.bilinear(x, y, torch.stack([x, y]))", "torch.gradient(x)[0]",
              "torch.gradient(x.reshape(-1), spacing=0.5, edge_order=2)[0]",
              "torch.gradient(x.reshape(-1), spacing=[torch.tensor([0., 1, 3, 4])])[0]",
              "torch.gradient(x.reshape(-1), spacing=[torch.tensor([0., 1, 3, 4])], edge_order=2)[0]", "torch.diff(x, n=0)",
              "torch.stft(x.reshape(-1).repeat(3), 4, window=torch.hann_window(4), return_complex=True).abs()",
              "torch.istft(torch.view_as_complex(x.reshape(1, 2, 1, 2).expand(1, 2, 4, 2).transpose(1, 2).reshape(2, 4, 2)[None, :, :, :].reshape(1, 2, 4, 2)), 2)"):
    composed(_text)

# Results that are resized take the layout that factorisations leave behind.
expressions("""
torch.linalg.qr(x, out=(y, z))
torch.linalg.cholesky(x, out=y)
torch.linalg.inv(x, out=y)
torch.linalg.solve_triangular(x, x, upper=True, out=y)
torch.triangular_solve(x, x, out=(y, z))
torch.lu_solve(x, *torch.linalg.lu_factor(x), out=y)
""", x="torch.eye(2) * 3", y="torch.ones(3)", z="torch.ones(1)")


def lazily_conjugated(product):
    def second():
        a = torch.tensor([[1 + 2j, 3.], [-1j, 2.]], requires_grad=True)
        b = torch.tensor([[1j, 1.], [2., 1 - 1j]], requires_grad=True)
        y = eval(product, {"a": a, "b": b, "torch": torch})
        first = torch.autograd.grad(y, [a, b], torch.ones_like(y), create_graph=True)
        results = torch.autograd.grad(first, [a, b], [torch.ones_like(a)] * 2)
        return graph(first[0].grad_fn), results, [t.is_conj() for t in results]
    second.__name__ = f"second gradients of {product}"
    case(second)


for _text in ("a @ b", "a.t() @ b.t()", "a[0] @ b", "a @ b[0]", "torch.dot(a[0], b[1])", "torch.bmm(a[None], b[None])", "torch.addmm(a, a, b, alpha=2j)",
              "torch.baddbmm(a[None], a[None], b[None], beta=2)", "torch.addbmm(b, a[None], b[None])", "torch.addmv(a[0], a, b[0])",
              "torch.addr(a, a[0], b[0])", "torch.einsum('ij,jk', a, b)", "torch.nn.functional.linear(a, b)", "torch.inner(a, b)"):
    lazily_conjugated(_text)

# Room for a row, windows over nothing, halves that are looked for.
expressions("""
torch.matmul(v, m, out=torch.ones(4))
torch.matmul(v, m, out=torch.ones(2))
torch._C._nn.linear(v, m.t(), out=torch.ones(4))
torch._C._nn.linear(v, m.t(), torch.ones(4), out=torch.ones(4))
torch.isin(v.half(), v.half())
torch.isin(v[:1].half(), torch.ones(200).half())
torch.nn.functional.max_pool1d(m, 1, 0)
torch.nn.functional.max_pool1d(g, 1, 0)
torch.nn.functional.max_pool1d(g, 1, -1)
torch.nn.functional.max_pool1d(m, 5)
torch.nn.functional.max_pool1d(g, 5)
torch.nn.functional.max_pool1d(m, 7)
torch.nn.functional.max_pool1d(m, 2, padding=3)
torch.nn.functional.max_pool1d(g, 2, padding=3)
torch.nn.functional.max_pool1d(m, 2, padding=3, return_indices=True)
torch.nn.functional.max_pool1d(g, 2, dilation=0)
torch.nn.functional.max_pool1d(m[:0], 2)
torch.linalg.cond(m, "x")
torch.linalg.cond(m, "nuc")
""", v="torch.arange(3.)", m="torch.arange(12.).reshape(3, 4)", g="torch.ones(3, 4, requires_grad=True)")

run(__file__)
