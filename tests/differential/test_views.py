"""Views, changes in place and what autograd keeps of them: versions of gradients, whose memory a gradient is, histories after
changes in place, numbers that do not fit, tensors stretched over one place."""
import itertools

from harness import named_program, run

START = """
def T(f):
    try: return f()
    except Exception as e: return type(e).__name__ + ": " + str(e)
def about(t):
    return (tuple(t.shape), t.stride(), t._version, t.grad_fn and t.grad_fn.name(),
            t.grad_fn and [f and f.name() for f, _ in t.grad_fn.next_functions])
x = torch.tensor([[1., -2., 3.], [4., 5., -6.]], requires_grad=True)
"""

# ---- .grad: how often it was written to, and whose memory it is ----
GRADIENTS = """x.exp() | x.sort(-1)[0] | x.topk(2)[0] | x.max(0)[0] | x.cummax(1)[0] | x.gather(1, torch.tensor([[0], [1]])) | x[[0, 0]]
x[x > 0] | x.index_select(0, torch.tensor([0, 0])) | x.take(torch.tensor([0, 3])) | x.masked_select(x > 0) | x.median() | x.max() | x.kthvalue(2)[0]
x.t() | x.view(-1) | x.reshape(3, 2) | x.unsqueeze(0) | x.as_strided((2,), (1,)) | x.sum() | x.sum(0) | x.expand(2, 2, 3) | x * x | x + x | x.clone()
x.to(torch.float64) | torch.cat([x, x]) | x.diagonal() | x @ x.t() | x[:, 1:] | x[0] | torch.maximum(x, x.detach()) | x.flip(0) | x.movedim(0, 1)"""
for text in GRADIENTS.replace("\n", " | ").split(" | "):
    named_program(f"y = {text}; g = torch.ones_like(y); y.backward(g)\n"
                  "r = (x.grad, x.grad._version, x.grad.storage().data_ptr() == g.storage().data_ptr())", START)

PROGRAMS = """
a = torch.tensor(2., requires_grad=True); a.sum().backward(); v = a.grad._version; a.sum().backward(); r = (a.grad, v, a.grad._version)
---
g = torch.ones(()); a = torch.tensor(2., requires_grad=True); a.sum().backward(g); a.grad.add_(1); r = (g, a.grad, g._version)
---
a = torch.ones(2, 3).t().requires_grad_(); (a * torch.ones(3, 2)).sum().backward(); r = (a.grad, a.grad._version)
---
a = torch.ones(2, 3).t().requires_grad_(); a.exp().sum().backward(create_graph=True); r = (a.grad, about(a.grad))
---
a = torch.ones(4)[::2].requires_grad_(); a.exp().sum().backward(); r = (a.grad, a.grad._version)
---
d = x.data; t = d.t(); d.zero_(); s = t[0]; r = (x._version, d._version, t._version, s._version)
---
d = x.data; t = d.squeeze(); d.add_(x); r = (t._version, t.requires_grad, t.is_leaf, T(lambda: about(t)))
---
a = torch.ones(3, 2); v = a.unsqueeze(0); a.requires_grad_(); v.sum().backward(); r = (v.requires_grad, v.grad, a.grad)
---
y = x * 1; v = y.unbind(0)[0]; y.detach_(); y.clamp_(-1, 1); r = T(lambda: v.grad_fn)
---
y = x * 1; v = y.unbind(0)[0]; y[-1] += v; r = (about(y), T(lambda: v.grad_fn))
---
y = x * 1; y.mul_(y); r = T(lambda: y.sum().backward())
---
y = x * 1; v = y.view(-1); y.reshape(-1).mul_(v); r = T(lambda: y.sum().backward())
---
y = x.exp(); y[...] = 3; r = about(y)
---
y = x.exp(); y[0] = torch.tensor(2., requires_grad=True); r = about(y)
---
y = x.exp(); y[0, 0] = 2; r = about(y)
---
y = x.exp().detach(); x.detach_(); r = (x.requires_grad, y)
---
z = (x * 1).abs()[:1]; x.detach_(); z.sum().backward(); r = x.grad
---
y = x * 1; v = y.chunk(2, -1)[-1]; y.add_(1); r = T(lambda: torch.zeros(0, 3) - v)
---
t = torch.tensor(5); t[None] = t; r = (t, t._version)
---
r = (T(lambda: torch.zeros(3).copy_(torch.ones(1, 3))), T(lambda: torch.zeros(0, 1).copy_(torch.ones(0, 3))), T(lambda: torch.zeros(()).copy_(torch.ones(1))))
---
r = [f(torch.zeros(0, 3).t()).stride() for f in (lambda t: t * 2, torch.clone, torch.zeros_like, torch.exp, lambda t: t > 0, lambda t: t.double())]
---
r = [f(torch.zeros(3, 4).t()[:0]).stride() for f in (lambda t: t * 2, torch.clone, torch.zeros_like, torch.exp, lambda t: t > 0, lambda t: t.double())]
---
def f(): x.detach().expand(2, 2, 3).masked_fill_(torch.ones(3) > 0, 1); return x
r = T(f)
---
a = torch.arange(3.).expand(2, 3); a[[0, 1]] = torch.tensor([7., 8., 9.]); r = a
---
a = torch.arange(3.).expand(2, 3); a.index_fill_(0, torch.tensor([0]), 4); r = a
---
r = [T(lambda: torch.tensor(5.).index_select(0, torch.tensor(i))) for i in ([0, 0], [0], [1], [[0]])]
---
r = [T(lambda: torch.zeros(n).index_select(0, torch.tensor([0]))) for n in (0, (0, 3))]
---
r = [T(lambda: torch.zeros(n).index_fill_(0, torch.tensor([0]), 2)) for n in (0, (0, 3))]
---
r = [T(lambda: torch.zeros(2, 3).index_copy_(0, torch.tensor(i), s)) for i, s in (([0], torch.ones(3)), ([0, 1], torch.ones(1, 3)), ([0], torch.ones(1, 2)), ([0], torch.tensor(1.)), ([5], torch.ones(1, 3)), ([0], torch.ones(1, 3).long()))]
---
t = torch.zeros(2, 3); r = (T(lambda: t.index_copy_(0, torch.tensor([0]), t)), T(lambda: t.expand(2, 2, 3).zero_()), T(lambda: t[:1].expand(2, 3).fill_(3)), t)
---
t = torch.tensor([0, 1, 200], dtype=torch.uint8); r = (t.clamp(-1, 1), t.clamp(max=-1), T(lambda: t.clamp(0, 300)), T(lambda: t.clamp(max=2.5)))
---
t = torch.zeros(2); t.set_(t); r = (t._version, T(lambda: x.set_(x)), T(lambda: setattr(x, "data", torch.tensor([1]))))
---
r = [torch.empty(s, device="meta").stride() for s in ((0, 2**62, 4), (2**62, 0, 4))] + [T(lambda: torch.empty(2**62, 4, 0))]
---
t = torch.zeros(()); r = [T(lambda: t[k]) for k in (0, (0,), slice(None), (slice(None),), ..., (...,), None, True)]
---
r = (T(lambda: torch.zeros(0).amax(-1)), T(lambda: torch.zeros(2, 0).amax((0, -1))), T(lambda: torch.zeros(0).amin(0)))
"""

# ---- which of equal elements comes first, in rows too long for a stable sort ----
for dtype, n in itertools.product(("float32", "int64", "uint8", "bool"), (16, 17, 33, 200)):
    named_program(f"t = (torch.arange({n}) * 7 % 5 % 3).to(torch.{dtype}).expand(2, {n}).contiguous(); t[1] = t[1].flip(0)\n"
                  "r = [torch.sort(t), torch.sort(t, descending=True), torch.argsort(t.t(), 0), torch.sort(t, stable=True)[1], torch.sort(t, stable=False, dim=1)[1],"
                  " T(lambda: t.topk(9)), T(lambda: t.topk(3, largest=False)), T(lambda: t.kthvalue(7)), t.mode(), T(lambda: t.median(-1)), torch.msort(t.t())]", START)

# ---- in-place views of views, in-place writes ----
for view, change in itertools.product(("y.movedim(0, -1)", "y[:1]", "y.view_as(y)"),
                                      ("t_()", "transpose_(0, 1)", "unsqueeze_(0)", "squeeze_()", "as_strided_((2,), (1,))", "swapaxes_(0, 1)",
                                       "mul_(2)", "detach_()", "resize_((1,))")):
    named_program(f"y = x.tanh(); v = {view}; e = T(lambda: v.{change} is v); r = (e, about(y), T(lambda: about(v)))", START)

# ---- indices, values and destinations that do not fit: which error comes first ----
for place, value in itertools.product(("[0, 1]", "[[0, 1]]", "[0, 5]", "torch.tensor([0, 0]), [0, 1]", "[0, 9], None", "..., [0, 1]", "[], [0, 9]", "a > 0"),
                                      ("a", "a.long()", "torch.ones(4)", "torch.ones(5, 1)", "torch.ones(1, 3)", "torch.tensor(2)", "torch.tensor([2])", "7")):
    named_program(f"a = torch.arange(6.).reshape(2, 3)\ndef f():\n    a[{place}] = {value}\n    return a\nr = (T(f), T(lambda: (lambda b: b)(a[:0])))", START)
for place in ("[0, 1]", "[0]", "0", "a > 0", "[], 0"):
    named_program(f"a = torch.zeros(0, 3)\ndef f():\n    a[{place}] = a\n    return a\nr = T(f)", START)

# ---- numbers that do not fit ----
for dtype in ("uint8", "int8", "int32", "int64", "float16", "bfloat16", "float32", "bool", "complex64"):
    named_program(f"""
z = lambda: torch.tensor([0, 1, 0]).to(torch.{dtype})
r = []
for v in (300, -1, -300, 2.5, -1.5, nan, inf, 1e6, 1e300, 2**31, -2**63, 2**63, 2j, 65520., True):
    def put(key):
        t = z(); t[key(t) if callable(key) else key] = v
        return t
    r.append([T(lambda: put(k)) for k in (0, ..., [0], slice(0, 0), lambda t: t != 0)])
    r.append([T(lambda: z().fill_(v)), T(lambda: z().masked_fill_(z() == 0, v)), T(lambda: torch.full((2,), v, dtype=torch.{dtype})),
              T(lambda: z().index_fill_(0, torch.tensor([0]), v)), T(lambda: torch.full_like(z(), v))])
""", START)

# ---- what may be written where: overlaps, dtypes of what is given, slices that are spread ----
for change in ("index_add_(0, torch.tensor([0]), {})", "index_copy_(0, torch.tensor([0]), {})", "put_(torch.tensor([0, 1]), {})",
               "scatter_(0, torch.zeros(1, 1, dtype=torch.long), {})", "scatter_add_(0, torch.zeros(1, 1, dtype=torch.long), {})"):
    lines = [change.format(source) for source in ("a", "a[:1]", "a[0]", "a.t()", "a[:1].clone()", "torch.ones(1, 1)", "torch.ones(())", "torch.ones(2)")]
    named_program("r = []\n" + "".join(f"a = torch.arange(4.).reshape(2, 2); r.append(T(lambda: a.{line}))\n" for line in lines), START)
for dtype in ("float64", "int64", "bool"):
    named_program(f"""
r = [T(lambda: getattr(torch, op)(torch.ones(3).to(torch.{dtype}), out=torch.ones(3).to(into)))
     for op in ("neg", "abs", "sign", "floor", "frac", "bitwise_not", "square", "sgn", "exp") for into in (torch.float32, torch.int64, torch.bool, torch.complex64)]
r += [T(lambda: f(z(n), -1)) for f in (torch.softmax, torch.log_softmax) for n in (0, 2) for z in [lambda n: torch.zeros(n, 3).to(torch.{dtype})]]
r += [T(lambda: getattr(torch.ones(n).to(torch.{dtype}), op)(0)) for op in ("cumsum_", "cumprod_") for n in ((), 0, 3)]
r += [T(lambda: torch.ones(3).to(torch.{dtype}).cumsum_(0, dtype=torch.int32)), T(lambda: torch.ones(2, 3).to(torch.{dtype}).expand(3))]
r += [T(lambda: torch.zeros(a).to(torch.{dtype}) @ torch.zeros(b)) for a in ((0, 3), (2, 3), (2, 0), (1, 3, 3), (3,)) for b in ((3, 0), (0, 2), (3,), (3, 2), (2, 3, 3))]
""", START)
named_program("r = []\nfor n in ((), (2,)):\n    for f in (lambda x: x.sum(), lambda x: x.cumsum(0).sum(), lambda x: x):\n"
              "        x = torch.ones(n, requires_grad=True); r.append(T(lambda: (f(x).backward(), x.grad._version)))", START)
named_program("with torch.inference_mode(): t = torch.tensor([1.]); e = T(lambda: t.add_(1).clone())\nr = (t.is_inference(), e, T(lambda: t.mul_(2)))", START)
named_program("a = torch.ones(1, 3)[:, :1]; r = [(a.roll(1).stride(), torch.ones(0, 3).t().roll(1).stride())]", START)

# ---- a second walk through a view's change in place is refused, whatever the change saved ----
for base, change in itertools.product(("torch.zeros(2, 3).t()", "torch.zeros(3, 2)", "(x * 1).t()", "x.t().clone()"),
                                      ("y[:, 0].add_(w)", "y[:, 0] = w", "y.t().mul_(w)", "y[1:].t()[0].sub_(w[1:])", "y.add_(1)", "y.as_strided((3,), (1,)).add_(w)")):
    named_program(f"""w = torch.ones(3, requires_grad=True); y = {base}
{change}
y.sum().backward()
r = (about(y), w.grad, x.grad, T(lambda: y.sum().backward()), T(lambda: y[1].sum().backward()), T(lambda: torch.autograd.grad(y.sum(), w, create_graph=True)))""", START)
named_program("y = x.as_strided((2,), (1,)); z = (x * 1).as_strided_((2,), (1,)); r = [(y.sum().backward(), z.sum().backward(), x.grad) for _ in range(2)]", START)

# ---- triangles in place write zeros alone; sizes of 1 with odd strides; what the processor does with the smallest numbers ----
for change, k in itertools.product(("triu_", "tril_"), (-1, 0, 1)):
    named_program(f"t = torch.arange(1., 4).reshape(3, 1); t.expand(3, 3).{change}({k}); s = torch.arange(1., 10).view(3, 3); s.t()[:, 1:].{change}({k}); "
                  f"u = torch.arange(8).view(2, 2, 2).transpose(0, 1); u.{change}({k}); y = x * 2; y.{change}({k}); y.sum().backward(); r = (t, s, u, y, x.grad)", START)
named_program("t = torch.tensor([.9, -.1]).reshape(2, 1).t().requires_grad_(); t.pow(2).sum().backward(); r = t.grad", START)
named_program("r = [torch.set_flush_denormal(True), (torch.tensor([1e-323], dtype=torch.float64) * 1).tolist(), torch.set_flush_denormal(False),"
              " (torch.tensor([1e-323], dtype=torch.float64) * 1).tolist()]", START)
named_program("r = (T(torch.iinfo), T(lambda: torch.autograd.variable([1.])), repr(torch.ones(2).storage()), repr(torch.ones(1)._storage()),"
              " [T(lambda: F.pad(torch.ones(*s), (1, 1), m)) for s in ((3,), (2, 3)) for m in ('foo', 'reflect')])", START)

# ---- copies with a part written anew ----
for self in ("x", "x.detach()", "x.detach().t()", "x.detach()[:, ::2]"):
    named_program(f"o = torch.full((2, 2), 7., requires_grad=True); r = T(lambda: torch.as_strided_scatter({self}, o, (2, 2), (1, 2)))\n"
                  "if isinstance(r, torch.Tensor): r = (r, about(r), torch.autograd.grad((r * r).sum(), o))", START)
named_program("o = torch.full((6,), 7., requires_grad=True); z = torch.as_strided_scatter(x, o, (6,), (1,)); r = torch.autograd.grad((z * z).sum(), (x, o), create_graph=True)", START)

for text in PROGRAMS.strip().split("\n---\n"):
    named_program(text, START)

run(__file__)
