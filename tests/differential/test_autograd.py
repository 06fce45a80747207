"""The graph as a program sees it: backward, grad, hooks, functions of one's own, modes, versions."""
from harness import case, expressions, run

expressions('''
x.grad_fn
(x * 2).grad_fn.next_functions
(x * 2).grad_fn.name()
(x * 2).sum().backward(torch.ones(2))
(x * 2).backward()
x.is_leaf, (x * 2).is_leaf, x.detach().is_leaf
(x * 2).grad_fn.next_functions[0][0].variable is x
y = x * 2; y.retain_grad(); y.sum().backward(); y.grad
y = x * 2; y.sum().backward(); y.grad
y = (x * x).sum(); y.backward(); y.backward()
y = (x * x).sum(); y.backward(retain_graph=True); y.backward(); x.grad
y = (x + 1).sum(); y.backward(); y.backward(); x.grad
y = x * x; x.data.add_(1); y.sum().backward(); x.grad
y = x.exp(); y.add_(1); y.sum().backward()
y = x * 1; z = y * y; y.add_(1); z.sum().backward()
y = x * 1; y[0] = 5.; y.sum().backward(); x.grad
y = x.clone(); y[:, 0].mul_(3); y.sum().backward(); x.grad
y = x.clone(); v = y.view(-1); v.add_(v); y.grad_fn
torch.autograd.grad(x.sum(), x)
torch.autograd.grad((x * 2).sum(), [x, w])
torch.autograd.grad((x * 2).sum(), [x, w], allow_unused=True)
torch.autograd.grad((x ** 3).sum(), x, create_graph=True)
g, = torch.autograd.grad((x ** 3).sum(), x, create_graph=True); torch.autograd.grad(g.sum(), x)
torch.autograd.grad(torch.ones(2), x)
torch.autograd.backward([x.sum(), (w * 2).sum()]); x.grad, w.grad
torch.autograd.backward([x], [torch.ones(2, 3)]); x.grad
torch.autograd.backward(x, torch.ones(2))
x.sum().backward(inputs=[w])
x.sum().backward(inputs=[])
(x * w).sum().backward(inputs=[w]); x.grad, w.grad
x.add_(1)
x[0] = 1
torch.no_grad().__enter__(); x.add_(1)
torch.ones(2, requires_grad=True).detach_()
(x * 2).detach_().requires_grad
x.requires_grad_(False)
(x * 2).requires_grad_(False)
x._version, x.detach()._version
y = torch.zeros(2); y.add_(1); y[0] = 2; y._version
y = torch.zeros(2, 2); y[0].add_(1); y._version, y.view(4)._version, y.detach()._version, y.data._version
x.view(3, 2)._base is x, x._base
x.t()._is_view()
x.grad = torch.ones(2, 3); x.grad.add_(1); x.grad
x.sum().backward(); x.grad = None; x.sum().backward(); x.grad
with_grad = torch.set_grad_enabled(False); (x * 2).requires_grad
y = (x * 2).sum(); y.register_hook(lambda g: g * 3); y.backward(); x.grad
y = (x * 2).sum(); h = y.register_hook(lambda g: g * 3); h.remove(); y.backward(); x.grad
x.register_hook(lambda g: None); x.sum().backward(); x.grad
x.register_hook(lambda g: "no"); x.sum().backward()
n = (x * 2).grad_fn; n.metadata
(x.exp()).grad_fn._saved_result
(x * w).grad_fn._saved_other
x.sum(0).grad_fn._saved_dim
y = (x * w).sum(); f = y.grad_fn.next_functions[0][0]; y.backward(); f._saved_other
torch.autograd.functional.jacobian(lambda a: a * a, torch.arange(3.))
torch.autograd.functional.jacobian(lambda a, b: (a * b, a.sum()), (torch.arange(3.), torch.ones(3)))
torch.autograd.functional.hessian(lambda a: (a ** 3).sum(), torch.arange(3.))
torch.autograd.functional.vjp(lambda a: a * a, torch.arange(3.), torch.ones(3))
torch.autograd.functional.jvp(lambda a: a * a, torch.arange(3.), torch.ones(3))
torch.autograd.functional.hvp(lambda a: (a ** 3).sum(), torch.arange(3.), torch.ones(3))
torch.autograd.gradcheck(lambda a: a.sin() * a, (torch.rand(3, dtype=torch.double, requires_grad=True),))
torch.autograd.gradgradcheck(lambda a: a.sin() * a, (torch.rand(3, dtype=torch.double, requires_grad=True),))
torch.autograd.gradcheck(lambda a: a, (torch.rand(3),))
torch.is_grad_enabled()
torch.no_grad()(lambda a: a * 2)(x).requires_grad
torch.inference_mode()(lambda a: a * 2)(x).is_inference()
torch.enable_grad()(lambda a: a * 2)(x).requires_grad
torch.set_grad_enabled("x")
import copy; copy.deepcopy(x)
import copy; copy.deepcopy(x * 2)
import copy; a = [x, x.detach()]; b = copy.deepcopy(a); b[1].add_(1); b
import pickle; pickle.loads(pickle.dumps(x))
import pickle; pickle.loads(pickle.dumps(torch.arange(6).view(2, 3).t()))
import torch.utils.checkpoint; torch.utils.checkpoint.checkpoint(lambda a: a * 2, x).sum().backward(); x.grad
''', x="torch.arange(6.).view(2, 3).requires_grad_()",
            w="torch.ones(2, 3, requires_grad=True)")


@case
def a_function_of_ones_own():
    import torch

    class Cube(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x, k):
            y = x ** 3 * k
            ctx.save_for_backward(x, y)
            ctx.k = k
            return y

        @staticmethod
        def backward(ctx, grad):
            x, y = ctx.saved_tensors
            return grad * 3 * ctx.k * x ** 2 + 0 * y, None

    x = torch.arange(3., requires_grad=True)
    y = Cube.apply(x, 2.)
    y.sum().backward(retain_graph=True)
    z = torch.autograd.grad(Cube.apply(x, 1.).sum(), x, create_graph=True)[0]
    return y, x.grad, y.grad_fn.k, y.grad_fn.needs_input_grad, z, torch.autograd.grad(z.sum(), x)


@case
def functions_with_several_results():
    import torch

    class Two(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            a, b = x * 2, x.argsort()
            ctx.mark_non_differentiable(b)
            ctx.set_materialize_grads(False)
            return a, b, "text"

        @staticmethod
        def backward(ctx, *grads):
            return grads[0] * 2 if grads[0] is not None else None

    x = torch.tensor([3., 1., 2.], requires_grad=True)
    a, b, c = Two.apply(x)
    a.sum().backward()
    return a, b, c, x.grad


@case
def functions_that_write_in_place():
    import torch

    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.mark_dirty(x)
            return x.mul_(2)

        @staticmethod
        def backward(ctx, grad):
            return grad * 2

    x = torch.ones(2, requires_grad=True)
    y = x.clone()
    z = Double.apply(y)
    z.sum().backward()
    return z is y, z, x.grad


def _failing(body):
    def function():
        import torch

        class Bad(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x, y):
                return x * 2

            backward = staticmethod(body)

        x = torch.ones(2, requires_grad=True)
        Bad.apply(x, 3).sum().backward()
        return x.grad
    return function


for number, body in enumerate([lambda ctx, g: g, lambda ctx, g: (g, g), lambda ctx, g: (g, None, None), lambda ctx, g: (g, None, 1),
                               lambda ctx, g: ("x", None), lambda ctx, g: (None, None), lambda ctx, g: (g[:1], None),
                               lambda ctx, g: (torch_ones(g), None), lambda ctx, g: 1 / 0]):
    f = _failing(body)
    f.__name__ = f"bad backward {number}"
    case(f)


def torch_ones(g):
    import torch
    return torch.ones(5)


@case
def no_forward():
    import torch

    class Empty(torch.autograd.Function):
        pass

    return Empty.apply(torch.ones(2))


@case
def no_backward():
    import torch

    class Half(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x * 2

    Half.apply(torch.ones(2, requires_grad=True)).sum().backward()


@case
def twice_through_once_differentiable():
    import torch
    from torch.autograd.function import once_differentiable

    class Once(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            ctx.save_for_backward(x)
            return x * x

        @staticmethod
        @once_differentiable
        def backward(ctx, g):
            x, = ctx.saved_tensors
            return g * 2 * x

    x = torch.ones(2, requires_grad=True)
    g, = torch.autograd.grad(Once.apply(x).sum(), x, create_graph=True)
    g.sum().backward()


@case
def modes():
    import torch
    x, out = torch.ones(1, requires_grad=True), []
    with torch.no_grad():
        out.append((x * 2).requires_grad)
        with torch.enable_grad():
            out.append((x * 2).requires_grad)
        out.append(torch.is_grad_enabled())
    with torch.set_grad_enabled(False):
        out.append((x * 2).requires_grad)
    out.append((x * 2).requires_grad)
    torch.set_grad_enabled(False)
    out.append((x * 2).requires_grad)
    torch.set_grad_enabled(True)
    with torch.inference_mode():
        y = x * 2
        out += [y.requires_grad, y.is_inference(), torch.is_inference_mode_enabled()]
    try:
        (y * x).sum().backward()
    except RuntimeError as error:
        out.append(str(error))
    try:
        raise ValueError
    except ValueError:
        try:
            with torch.no_grad():
                raise KeyError("inside")
        except KeyError:
            out.append(torch.is_grad_enabled())

    @torch.no_grad()
    def function(a):
        """Doc."""
        return a * 2
    return out + [function(x).requires_grad, function.__name__, function.__doc__]


@case
def node_hooks():
    import torch
    x, seen = torch.ones(2, requires_grad=True), []
    y = x * 3
    y.grad_fn.register_hook(lambda gi, go: seen.append((gi, go)))
    y.grad_fn.register_hook(lambda gi, go: tuple(None if g is None else g * 10 for g in gi))
    y.sum().backward()
    return seen, x.grad


@case
def anomaly_mode():
    import torch
    x = torch.tensor([-1.], requires_grad=True)
    y = torch.sqrt(x) * 0
    with torch.autograd.detect_anomaly():
        y.backward()


@case
def anomaly_mode_with_forward():
    import torch
    import warnings
    x = torch.tensor([-1.], requires_grad=True)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            with torch.autograd.set_detect_anomaly(True):
                (torch.sqrt(x) * 0).backward()
        except RuntimeError as error:
            return str(error), "torch.sqrt(x) * 0" in str(caught[0].message), torch.is_anomaly_enabled()


@case
def a_long_chain():
    import torch
    x = y = torch.ones(1, requires_grad=True)
    for _ in range(20000):
        y = y + 1
    y.backward()
    del y
    return x.grad


run(__file__)
