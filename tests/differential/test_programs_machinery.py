"""The machinery around whole programs: histories that set_ rewrites, hooks in their order, the place of warnings, memory that
processes share, classes that extend tensors, and what is refused on the way."""
from harness import case, expressions, run


@case
def set_of_a_view_changes_its_base():
    import torch

    def told(t):
        def names(node):
            return node and (node.name(), [names(n) for n, _ in node.next_functions])
        return list(t.shape), t._is_view(), t._version, names(t.grad_fn), t.requires_grad
    lines = []
    for make in (lambda: torch.ones(3, 2), lambda: torch.ones(6).view(3, 2), lambda: (torch.ones(6, requires_grad=True) * 1)[:2]):
        for source in (torch.zeros(1, 3, requires_grad=True), torch.zeros(1, 3, requires_grad=True) * 2):
            a = make()
            a.set_(source)
            lines.append(told(a))
            if a._base is not None:
                lines.append(told(a._base))
            try:
                a.sum().backward()
            except RuntimeError as error:
                lines.append(str(error))
    return lines


@case
def retain_grad_keeps_what_arrives_where_it_stands_among_hooks():
    import torch
    told = []
    for before in (True, False):
        x = torch.tensor([1., 2.], requires_grad=True)
        y = x * 2
        if before:
            y.retain_grad()
        y.register_hook(lambda g: g + 1)
        y.register_hook(lambda g: g * 10)
        if not before:
            y.retain_grad()
        (y ** 2).sum().backward()
        told.append((y.grad.tolist(), x.grad.tolist()))
    return told


@case
def nadam_with_foreach():
    import torch
    told = []
    for foreach in (None, False, True):
        w = torch.nn.Parameter(torch.tensor([1., -2., 0.5]))
        optimizer = torch.optim.NAdam([w], lr=0.05, foreach=foreach)
        for _ in range(6):
            optimizer.zero_grad()
            (w ** 4).sum().backward()
            optimizer.step()
        told.append([round(v, 5) for v in w.tolist()])
    return told


@case
def a_refused_pruning_leaves_the_hook_out():
    import torch
    from torch.nn.utils import prune
    layer = torch.nn.Linear(4, 2)
    prune.l1_unstructured(layer, "weight", amount=0.5)
    told = [len(layer._forward_pre_hooks)]
    try:
        prune.l1_unstructured(layer, "weight", amount=1.5)
    except ValueError as error:
        told.append(str(error))
    return told + [len(layer._forward_pre_hooks)]


@case
def warnings_of_the_walk_have_its_place():
    import os
    import warnings

    import torch

    class Fails(torch.autograd.Function):
        @staticmethod
        def forward(ctx, x):
            return x.clone()

        @staticmethod
        def backward(ctx, g):
            raise RuntimeError("backward fails")
    told = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with torch.autograd.detect_anomaly(check_nan=True):
            for f in (Fails.apply, torch.sqrt):
                x = torch.tensor([-1.], requires_grad=True)
                out = f(x) * 0
                for walk in (lambda: out.sum().backward(), lambda: torch.autograd.grad(out.sum(), x)):
                    try:
                        walk()
                    except RuntimeError as error:
                        told.append(str(error))
                    out = f(x) * 0
    for w in caught[1:]:
        where = "/".join(w.filename.split(os.sep)[-3:])
        told.append((where, w.lineno, str(w.message).splitlines()[0], "out = f(x) * 0" in str(w.message)))
    return told


@case
def forks_share_memory():
    import torch
    import torch.multiprocessing as mp
    shared, own = torch.zeros(3).share_memory_(), torch.zeros(3)
    layer = torch.nn.Linear(2, 1)
    layer.share_memory()
    before = layer.weight.detach().clone()

    def fill(i):
        shared[i] = own[i] = i + 1
        if i == 0:
            with torch.no_grad():
                layer.weight.add_(1)
    context = mp.get_context("fork")
    processes = [context.Process(target=fill, args=(i,)) for i in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    try:
        torch.zeros(3).share_memory_().resize_(9)
        said = ""
    except RuntimeError as error:
        said = str(error)
    view = shared[1:]
    view.mul_(2)
    return shared[:3].tolist(), own.tolist(), shared.is_shared(), view.is_shared(), (layer.weight - before).tolist(), said


@case
def operators_of_parameters_ask_the_other_class():
    import torch

    class Own(torch.Tensor):
        pass
    m, p, t = torch.ones(2).as_subclass(Own), torch.nn.Parameter(torch.ones(2)), torch.ones(2)
    return [(type(r).__name__, r.requires_grad) for r in (p * m, m * p, t * m, p @ m, p == m, p - m, p ** m, p / m, t > m, p.add(m))]


expressions('''
em(torch.tensor([9]))
em(torch.tensor([-1]))
em(torch.tensor([1.]))
em(torch.tensor([1], dtype=torch.int16))
torch.matmul(torch.ones(3, 3).half(), torch.ones(3, 3).half(), out=torch.empty(0))
torch.matmul(torch.arange(4), torch.ones(1), out=torch.empty(0))
torch.matmul(torch.ones(2, 1), torch.arange(1), out=torch.empty(0))
torch.matmul(torch.arange(3), torch.arange(3), out=torch.empty(0))
torch.mv(torch.ones(2, 2), torch.arange(2), out=torch.empty(0))
torch.bmm(torch.ones(2, 2, 2).half(), torch.ones(2, 2, 2).half(), out=torch.empty(0))
torch.dot(torch.ones(3).half(), torch.ones(3).half(), out=torch.empty(0))
torch.ones(2, 1).half().lerp(torch.ones(2, 2) > 0, 0.5)
torch.tensor(0).fmod_(torch.zeros(2, 2).long())
torch.tensor([0]).fmod_(torch.tensor([0]))
blocks([(3,), (3,), (1, 3), (2, 1), ()])
rest("fmod")
rest("remainder")
torch.addcmul(torch.tensor(1.), torch.tensor(1.), torch.ones(4).half())
F.binary_cross_entropy_with_logits(torch.ones(1).int(), torch.ones(1))
torch.ones(2).half().view(2, 1).expand(2, 2).clamp_min_(0)
torch.ones(2).half().view(2, 1).expand(2, 2).floor_()
torch.ones(2).half().view(2, 1).expand(2, 2).exp_()
pytree.tree_flatten([1, {"a": (2, 3)}, None, OrderedDict(b=1, a=2)])
pytree.tree_map_only(int, lambda x: x + 1, [1, "a", (2.,)]), pytree._broadcast_to_and_flatten([1, 2], pytree.tree_flatten([3, [4, 5]])[1])
pytree.tree_unflatten([1], pytree.tree_flatten([1, 2])[1])
''', em="nn.Embedding.from_pretrained(torch.ones(4, 3), max_norm=1.)", setup='''
import torch.utils._pytree as pytree
from collections import OrderedDict
def rest(name):
    x, divisor = torch.ones(2, 3, requires_grad=True), torch.tensor([.7, .5, .3])
    whole = getattr(x, name)(divisor).sum()
    divisor.fill_(3)
    return torch.autograd.grad(whole, x)[0]
def blocks(sizes):
    parts = [torch.ones(s, requires_grad=True) for s in sizes]
    whole = torch.block_diag(*parts)
    whole.backward(torch.ones_like(whole))
    return [(p.grad.storage_offset(), p.grad.storage().size(), p.grad.stride()) for p in parts]
''')

run(__file__)
