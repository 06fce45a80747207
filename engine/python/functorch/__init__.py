"""functorch: gradients and batches as functions of functions.  Here grad, vjp, jacrev and hessian walk the recorded graph, and vmap
calls its function once for each element of the batch; jvp and jacfwd differentiate twice backwards, so that they nest in all others."""

import copy
import functools

import torch
from torch import _C, Tensor

__version__ = "1.13.1"
_LEFT_OUT = frozenset("functionalize make_fx make_functional_with_buffers_deprecated_v1 experimental compile".split())
_level = 0


# ---- structures of tensors ----
def _leaves(tree):
    if isinstance(tree, (tuple, list)):
        return [leaf for part in tree for leaf in _leaves(part)]
    if isinstance(tree, dict):
        return [leaf for part in tree.values() for leaf in _leaves(part)]
    return [tree]


def _map(function, tree, *others):
    """function of each leaf of tree, and of those of others at the same places, in tree's structure."""
    if isinstance(tree, (tuple, list)):
        made = [_map(function, part, *(other[i] for other in others)) for i, part in enumerate(tree)]
        return type(tree)(*made) if hasattr(tree, "_fields") else type(tree)(made)
    if isinstance(tree, dict):
        return {key: _map(function, part, *(other[key] for other in others)) for key, part in tree.items()}
    return function(tree, *others)


def _text(tree):
    """A structure as its error texts show it."""
    if isinstance(tree, (tuple, list)):
        return f"TreeSpec({type(tree).__name__}, None, [{', '.join(map(_text, tree))}])"
    if isinstance(tree, dict):
        return f"TreeSpec(dict, {list(tree)}, [{', '.join(map(_text, tree.values()))}])"
    return "*"


# ---- gradients ----
class _Level:
    """How deep transforms are nested: results of the outermost need no graph."""

    def __enter__(self):
        global _level
        _level += 1
        self.before = _C._vmap.gradients(True)
        self.grad = torch.enable_grad()
        self.grad.__enter__()

    def __exit__(self, *exception):
        global _level
        _level -= 1
        _C._vmap.gradients(self.before)
        self.grad.__exit__(*exception)


def _fresh(tensor):
    if not isinstance(tensor, Tensor):
        return tensor
    return tensor.view_as(tensor) if tensor.requires_grad else tensor.detach().requires_grad_()


def _result(tree, kept):
    """tree as it leaves a transform: without a graph, unless a transform outside or an input of its own needs it."""
    return tree if _level or kept else _map(lambda t: t.detach() if isinstance(t, Tensor) else t, tree)


def _needs(args):
    return any(isinstance(leaf, Tensor) and leaf.requires_grad for leaf in _leaves(list(args)))


def _chosen(args, argnums):
    return args[argnums] if isinstance(argnums, int) else tuple(args[k] for k in argnums)


def _replaced(args, argnums, values):
    args = list(args)
    for k, value in ((argnums, values),) if isinstance(argnums, int) else zip(argnums, values):
        args[k] = value
    return tuple(args)


def _gradients(outputs, inputs, vectors=None):
    leaves = _leaves(inputs)
    grads = torch.autograd.grad(outputs, leaves, vectors, create_graph=True, allow_unused=True) \
        if any(o.requires_grad for o in outputs) else [None] * len(leaves)
    left = iter([torch.zeros_like(leaf) if g is None else g for leaf, g in zip(leaves, grads)])
    return _map(lambda _: next(left), inputs)


def grad_and_value(func, argnums=0, has_aux=False):
    """A function: the gradient of func, which returns one number, with respect to argument argnums, and what func returns."""
    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        with _Level():
            inputs = _map(_fresh, _chosen(args, argnums))
            output = func(*_replaced(args, argnums, inputs), **kwargs)
            aux = None
            if has_aux:
                if not (isinstance(output, tuple) and len(output) == 2):
                    raise RuntimeError("grad_and_value(f)(*args): output of function f should be a tuple: (output, aux) if has_aux is True")
                output, aux = output
            if not isinstance(output, Tensor):
                raise RuntimeError(f"grad_and_value(f)(*args): Expected f(*args) to return a Tensor, got {type(output)}")
            if output.dim():
                raise RuntimeError("grad_and_value(f)(*args): Expected f(*args) to return a scalar Tensor, got tensor with "
                                   f"{output.dim()} dims. Maybe you wanted to use the vjp or jacrev APIs instead?")
            grads = _gradients([output], inputs)
        grads, output, aux = _result((grads, output, aux), _needs(args))
        return (grads, (output, aux)) if has_aux else (grads, output)
    return wrapper


def grad(func, argnums=0, has_aux=False):
    """A function: the gradient of func, which returns one number, with respect to argument argnums."""
    both = grad_and_value(func, argnums, has_aux)

    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        grads, rest = both(*args, **kwargs)
        return (grads, rest[1]) if has_aux else grads
    return wrapper


def vjp(func, *primals, has_aux=False):
    """What func returns, and a function of a vector: its product with func's Jacobian."""
    with _Level():
        inputs = _map(_fresh, primals)
        output = func(*inputs)
        aux = None
        if has_aux:
            output, aux = output

    def product(cotangents):
        with _Level():
            grads = _gradients(_leaves(output), inputs, _leaves(cotangents))
        grads = _result(grads, _needs(primals) or _needs([cotangents]))
        return grads if len(primals) > 1 else grads  # a tuple, as of one argument too
    shown = _result(output, _needs(primals))
    return (shown, product, _result(aux, False)) if has_aux else (shown, product)


def jacrev(func, argnums=0, has_aux=False, **ignored):
    """A function: the Jacobian of func with respect to argument argnums, row by row."""
    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        with _Level():
            inputs = _map(_fresh, _chosen(args, argnums))
            output = func(*_replaced(args, argnums, inputs), **kwargs)
            aux = None
            if has_aux:
                output, aux = output

            def rows(out):
                flat = [_leaves(_gradients([each], inputs)) for each in out.reshape(-1)]
                left = iter([torch.stack([row[k] for row in flat]).view(tuple(out.shape) + tuple(leaf.shape))
                             for k, leaf in enumerate(_leaves(inputs))])
                return _map(lambda _: next(left), inputs)
            jacobian = _map(rows, output)
        jacobian = _result(jacobian, _needs(args))
        return (jacobian, _result(aux, False)) if has_aux else jacobian
    return wrapper


def _pushed(func, primals, tangents):
    """What func returns, its leaves, and the products of its Jacobian with each of the tangents, leaf by leaf."""
    inputs = _map(_fresh, primals)
    output = func(*inputs)
    outs = _leaves(output)
    asked = [torch.zeros_like(out, requires_grad=True) for out in outs]
    live = [(o, a) for o, a in zip(outs, asked) if o.requires_grad]
    grads = _leaves(_gradients([o for o, _ in live], inputs, [a for _, a in live]))

    def product(vectors):
        pairs = [(g, v) for g, v in zip(grads, _leaves(vectors)) if g.requires_grad]
        made = torch.autograd.grad([g for g, _ in pairs], asked, [v for _, v in pairs], create_graph=True, allow_unused=True) \
            if pairs else [None] * len(asked)
        return [torch.zeros_like(out) if m is None else m for out, m in zip(outs, made)]
    return output, [product(vectors) for vectors in tangents]


def jvp(func, primals, tangents, *, strict=False, has_aux=False):
    """What func returns, and its Jacobian times tangents."""
    if not isinstance(primals, tuple):
        raise RuntimeError("jvp(f, primals, tangents): Expected primals to be a tuple. E.g. it should be valid to call f(*primals).")
    if not isinstance(tangents, tuple) or len(tangents) != len(primals):
        raise RuntimeError("jvp(f, primals, tangents): Expected primals and tangents to have the same python structure. For example, "
                           "if primals is a tuple of 3 tensors, tangents also must be. "
                           f"Got primals with structure {_text(primals)} and tangents with structure {_text(tangents)}")
    for k, (primal, tangent) in enumerate(zip(_leaves(primals), _leaves(tangents))):
        if primal.shape != tangent.shape:
            raise RuntimeError("Trying to set a forward gradient that has a different size than that of the original Tensor, this is "
                               f"not supported. Tensor is of size {list(primal.shape)} while the given forward gradient is of size "
                               f"{list(tangent.shape)}.")
    aux = []

    def values(*args):
        output = func(*args)
        if has_aux:
            output, rest = output
            aux.append(rest)
        return output
    with _Level():
        output, (products,) = _pushed(values, primals, [tangents])
    left = iter(products)
    kept = _needs(primals) or _needs(tangents)
    products = _result(_map(lambda _: next(left), output), kept)
    output = _result(output, kept)
    return (output, products, _result(aux[0], False)) if has_aux else (output, products)


def _basis(leaf):
    return torch.eye(leaf.numel(), dtype=leaf.dtype).view(-1, *leaf.shape)


def jacfwd(func, argnums=0, has_aux=False, *, randomness="error"):
    """A function: the Jacobian of func with respect to argument argnums, column by column."""
    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        chosen, aux = _chosen(args, argnums), []
        leaves = _leaves(chosen)
        basis = [[one if k == i else torch.zeros_like(other) for k, other in enumerate(leaves)]
                 for i, leaf in enumerate(leaves) for one in _basis(leaf)]

        def values(inputs):
            output = func(*_replaced(args, argnums, inputs), **kwargs)
            if has_aux:
                output, rest = output
                aux.append(rest)
            return output
        with _Level():
            output, columns = _pushed(values, (chosen,), basis)

            def columns_of(k, out):
                at, made = 0, []
                for leaf in leaves:
                    part = [column[k] for column in columns[at:at + leaf.numel()]]
                    at += leaf.numel()
                    if not part:
                        made.append(out.new_zeros((*out.shape, *leaf.shape)))
                    else:
                        last = torch.stack(part).movedim(0, -1)
                        made.append(last.unflatten(-1, leaf.shape) if leaf.dim() else last.squeeze(-1))
                left = iter(made)
                return _map(lambda _: next(left), chosen)
            counted = iter(range(len(_leaves(output))))
            jacobian = _map(lambda out: columns_of(next(counted), out), output)
        jacobian = _result(jacobian, _needs(args))
        return (jacobian, _result(aux[0], False)) if has_aux else jacobian
    return wrapper


def hessian(func, argnums=0):
    """A function: the matrix of func's second derivatives."""
    return jacfwd(jacrev(func, argnums), argnums)


# ---- batches ----
class _Batches:
    """While vmap calls its function: what is made of an element has a value for each call, not one that Python may look at."""

    def __enter__(self):
        self.before = _C._vmap.gradients(False)
        _C._vmap.batches(1)

    def __exit__(self, *exception):
        _C._vmap.batches(-1)
        _C._vmap.gradients(self.before)


def _spread(tree, dims):
    """One entry of dims for each leaf of tree; None where the structures differ."""
    if isinstance(dims, (tuple, list)) and isinstance(tree, (tuple, list)) and len(dims) == len(tree):
        parts = [_spread(t, d) for t, d in zip(tree, dims)]
    elif isinstance(dims, dict) and isinstance(tree, dict) and dims.keys() == tree.keys():
        parts = [_spread(t, dims[key]) for key, t in tree.items()]
    elif dims is None or isinstance(dims, int):
        return [dims] * len(_leaves(tree))
    else:
        return None
    return None if any(part is None for part in parts) else [d for part in parts for d in part]


def vmap(func, in_dims=0, out_dims=0, randomness="error", *, chunk_size=None):
    """A function of batches: what func makes of each element, stacked."""
    name = getattr(func, "__name__", repr(func))
    if randomness not in ("error", "different", "same"):
        raise RuntimeError("Only allowed values for randomness are 'error', 'different', or 'same'. Got " + str(randomness))

    @functools.wraps(func)
    def wrapper(*args, **kwargs):
        if not _leaves(args):
            raise ValueError(f"vmap({name})(<inputs>): got no inputs. Maybe you forgot to add inputs, or you are trying to vmap over a "
                             "function with no inputs. The latter is unsupported.")
        dims = _spread(args, in_dims)
        if dims is None:
            raise ValueError(f"vmap({name}, in_dims={in_dims}, ...)(<inputs>): in_dims is not compatible with the structure of `inputs`. "
                             f"in_dims has structure {_text(in_dims)} but inputs has structure {_text(args)}.")
        leaves, sizes = _leaves(args), []
        for k, (leaf, dim) in enumerate(zip(leaves, dims)):
            if dim is None:
                continue
            if not isinstance(leaf, Tensor):
                raise ValueError(f"vmap({name}, in_dims={in_dims}, ...)(<inputs>): Got in_dim={dim} for an input but the input is of type "
                                 f"{type(leaf)}. We cannot vmap over non-Tensor arguments, please use None as the respective in_dim")
            if not -leaf.dim() <= dim < leaf.dim():
                raise ValueError(f"vmap({name}, in_dims={in_dims}, ...)(<inputs>): Got in_dim={dim} for some input, but that input is a "
                                 f"Tensor of dimensionality {leaf.dim()} so expected in_dim to satisfy -{leaf.dim()} <= in_dim < {leaf.dim()}.")
            sizes.append(leaf.size(dim))
        if len(set(sizes)) > 1:
            raise ValueError(f"vmap: Expected all tensors to have the same size in the mapped dimension, got sizes {sizes} for the mapped "
                             "dimension")
        if not sizes:
            raise ValueError(f"vmap({name}, in_dims={in_dims}, ...)(<inputs>): at least one input must be mapped over")
        results, before = [], torch.get_rng_state()
        for i in range(sizes[0]):
            left = iter([leaf if dim is None else _C._vmap.mark(leaf.select(dim, i)) for leaf, dim in zip(leaves, dims)])
            if randomness == "same":
                torch.set_rng_state(before)
            with _Batches():
                results.append(func(*_map(lambda _: next(left), args), **kwargs))
            if randomness == "error" and not torch.equal(torch.get_rng_state(), before):
                raise RuntimeError("vmap: called random operation while in randomness error mode. Please either use the 'same' or "
                                   "'different' randomness flags on vmap or perform the randomness operation out of vmap")
        for leaf in _leaves([results[0]]):
            if not isinstance(leaf, Tensor):
                raise ValueError(f"vmap({name}, ...): `{name}` must only return Tensors, got type {type(leaf)} as a return.")
        outs = _spread(results[0], out_dims)
        if outs is None:
            raise ValueError(f"vmap({name}, ..., out_dims={out_dims})(<inputs>): out_dims is not compatible with the structure of `outputs`.")
        columns = zip(*(_leaves(result) for result in results))
        left = iter([torch.stack(list(column)).movedim(0, dim) for column, dim in zip(columns, outs)])
        return _map(lambda _: next(left), results[0])
    return wrapper


# ---- modules as functions ----
class FunctionalModule(torch.nn.Module):
    """A module that takes its parameters as an argument."""

    def __init__(self, stateless_model, names):
        super().__init__()
        self.stateless_model, self._names = stateless_model, names

    def forward(self, params, *args, **kwargs):
        return torch.nn.utils.stateless.functional_call(self.stateless_model, dict(zip(self._names, params)), args, kwargs)


class FunctionalModuleWithBuffers(FunctionalModule):
    """A module that takes its parameters and buffers as arguments."""

    def forward(self, params, buffers, *args, **kwargs):
        return super().forward(tuple(params) + tuple(buffers), *args, **kwargs)


def _parts(model, disable_autograd_tracking):
    stateless = copy.deepcopy(model)
    parameters, buffers = dict(model.named_parameters()), dict(model.named_buffers())
    held = tuple(p.detach() if disable_autograd_tracking else p for p in parameters.values())
    return stateless, list(parameters), held, list(buffers), tuple(buffers.values())


def make_functional(model, disable_autograd_tracking=False):
    """model as a function of its parameters, and these."""
    stateless, names, parameters, buffers, _ = _parts(model, disable_autograd_tracking)
    if buffers:
        raise RuntimeError("make_functional(model): `model` has buffers. Please use make_functional_with_buffers(model) instead.")
    return FunctionalModule(stateless, names), parameters


def make_functional_with_buffers(model, disable_autograd_tracking=False):
    """model as a function of its parameters and buffers, and these."""
    stateless, names, parameters, more, buffers = _parts(model, disable_autograd_tracking)
    return FunctionalModuleWithBuffers(stateless, names + more), parameters, buffers


def combine_state_for_ensemble(models):
    """Models of one kind as a function of their parameters and buffers, which are stacked."""
    if not models:
        raise RuntimeError("combine_state_for_ensemble: Expected at least one model, got 0.")
    made = [make_functional_with_buffers(model) for model in models]
    def stacked(k):
        return tuple(torch.stack(each).detach() for each in zip(*(m[k] for m in made)))
    return made[0][0], stacked(1), stacked(2)


def __getattr__(name):
    if name in _LEFT_OUT:
        return _C._missing(f"functorch.{name}")
    raise AttributeError(f"module 'functorch' has no attribute '{name}'")
