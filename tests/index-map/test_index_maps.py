"""Index maps against brute force: change one number, poison it with NaN, and see which results move.

Each case is an expression over leaves.  The program with all cases is recorded; the map of every element of every
result (index-map-dump) must name every element of a leaf that moves the result, and none that neither moves nor
poisons it: relu and max hide a change, padding hides none of the poison.  Ops that look at more than they take (where,
sort) may name more."""
import json
import subprocess
import sys
import tempfile
import os

gradboard, dump = sys.argv[1:3]

F = "torch.nn.functional"
# expression, leaves, "=" exact or ">" (the map may name more: what an op looked at and did not take)
CASES = [
    ("a + b", {"a": (2, 3), "b": (3,)}, "="), ("a * b", {"a": (2, 1, 3), "b": (4, 1)}, "="), ("a - 2", {"a": (3,)}, "="),
    ("a / b", {"a": (2, 2), "b": (2, 2)}, "="), ("a.exp()", {"a": (4,)}, "="), ("a.clone().add_(b)", {"a": (2, 2), "b": (2,)}, ">"),
    ("torch.where(c, a, b)", {"a": (2, 3), "b": (3,), "c": "torch.tensor([[True, False, True], [False, False, True]])"}, ">"),
    ("torch.lerp(a, b, 0.3)", {"a": (3,), "b": (3,)}, "="), ("torch.addcmul(a, b, c)", {"a": (2, 2), "b": (2, 2), "c": (2,)}, "="),
    ("torch.tril(a)", {"a": (3, 4)}, "="), ("torch.triu(a, 1)", {"a": (2, 3, 3)}, "="), ("F.prelu(a, b)", {"a": (2, 3, 2), "b": (3,)}, ">"),
    ("F.glu(a, 1)", {"a": (2, 4)}, "="),
    ("a.t()", {"a": (2, 3)}, "="), ("a.reshape(3, 2)", {"a": (2, 3)}, "="), ("a.t().reshape(6)", {"a": (2, 3)}, "="),
    ("a[:, 1:]", {"a": (3, 3)}, "="), ("a[1]", {"a": (3, 2)}, "="), ("a.permute(2, 0, 1)", {"a": (2, 3, 4)}, "="),
    ("a.unsqueeze(1).expand(2, 3, 2)", {"a": (2, 2)}, "="), ("a.unfold(0, 3, 2)", {"a": (7,)}, "="), ("a.flip(0)", {"a": (3, 2)}, "="),
    ("a.roll((1, -1), (0, 1))", {"a": (3, 4)}, "="), ("a.roll(2)", {"a": (2, 3)}, "="), ("a.repeat(2, 3)", {"a": (2, 2)}, "="),
    ("torch.cat([a, b], 1)", {"a": (2, 1), "b": (2, 3)}, "="), ("torch.stack([a, b], 1)", {"a": (2, 3), "b": (2, 3)}, "="),
    ("F.pad(a, (1, 2, 0, 1))", {"a": (2, 3)}, "="), ("torch.diag(a, 1)", {"a": (3,)}, "="), ("torch.diag(a)", {"a": (3, 3)}, "="),
    ("a.diagonal()", {"a": (3, 4)}, "="), ("torch.rot90(a)", {"a": (2, 3)}, "="), ("a.movedim(0, 2)", {"a": (2, 3, 2)}, "="),
    ("torch.tile(a, (2,))", {"a": (3,)}, "="), ("torch.hstack([a, b])", {"a": (2, 1), "b": (2, 2)}, "="),
    ("a.sum()", {"a": (2, 3)}, "="), ("a.sum(1)", {"a": (2, 3)}, "="), ("a.mean((0, 2), keepdim=True)", {"a": (2, 3, 2)}, "="),
    ("a.prod(0)", {"a": (3, 2)}, "="), ("a.var(-1)", {"a": (2, 4)}, "="), ("a.norm(dim=1)", {"a": (2, 3)}, "="), ("a.norm()", {"a": (2, 3)}, "="),
    ("a.amax(0)", {"a": (3, 2)}, "="), ("a.max(1)[0]", {"a": (2, 3)}, "="), ("a.logsumexp(1)", {"a": (2, 3)}, "="),
    ("a.cumsum(1)", {"a": (2, 4)}, "="), ("a.cumprod(0)", {"a": (3, 2)}, "="), ("a.softmax(1)", {"a": (2, 4)}, "="),
    ("a.log_softmax(0)", {"a": (3, 2)}, "="), ("a.sort(1)[0]", {"a": (2, 4)}, ">"), ("a.topk(2)[0]", {"a": (2, 4)}, ">"),
    ("F.layer_norm(a, (3,), b, c)", {"a": (2, 3), "b": (3,), "c": (3,)}, "="),
    ("F.group_norm(a, 2, b, c)", {"a": (2, 4, 3), "b": (4,), "c": (4,)}, "="),
    ("F.batch_norm(a, None, None, b, c, True)", {"a": (3, 2, 2), "b": (2,), "c": (2,)}, "="),
    ("F.batch_norm(a, b, c.abs())", {"a": (3, 2, 2), "b": (2,), "c": (2,)}, ">"),
    ("F.instance_norm(a)", {"a": (2, 2, 3)}, "="),
    ("F.mse_loss(a, b)", {"a": (2, 3), "b": (2, 3)}, "="), ("F.l1_loss(a, b, reduction='none')", {"a": (2, 2), "b": (2, 2)}, "="),
    ("F.cross_entropy(a, c)", {"a": (3, 4), "c": "torch.tensor([1, 0, 3])"}, "="),
    ("F.nll_loss(a, c, reduction='none')", {"a": (3, 4), "c": "torch.tensor([1, 0, 3])"}, "="),
    ("F.binary_cross_entropy_with_logits(a, b)", {"a": (4,), "b": (4,)}, "="),
    ("a @ b", {"a": (2, 3), "b": (3, 4)}, "="), ("torch.bmm(a, b)", {"a": (2, 2, 3), "b": (2, 3, 2)}, "="),
    ("torch.matmul(a, b)", {"a": (2, 2, 3), "b": (3, 2)}, "="), ("torch.matmul(a, b)", {"a": (2, 1, 2, 3), "b": (3, 3, 2)}, "="),
    ("torch.mv(a, b)", {"a": (2, 3), "b": (3,)}, "="), ("torch.dot(a, b)", {"a": (4,), "b": (4,)}, "="),
    ("torch.outer(a, b)", {"a": (2,), "b": (3,)}, "="), ("torch.addmm(a, b, c)", {"a": (3,), "b": (2, 2), "c": (2, 3)}, "="),
    ("F.linear(a, b, c)", {"a": (2, 3), "b": (4, 3), "c": (4,)}, "="), ("F.linear(a, b)", {"a": (2, 2, 3), "b": (4, 3)}, "="),
    ("torch.einsum('bij,bjk->bik', a, b)", {"a": (2, 2, 3), "b": (2, 3, 2)}, "="), ("torch.einsum('ij->ji', a)", {"a": (2, 3)}, "="),
    ("torch.tensordot(a, b, 1)", {"a": (2, 3), "b": (3, 2)}, "="), ("torch.kron(a, b)", {"a": (2, 2), "b": (2, 2)}, "="),
    ("F.bilinear(a, b, c)", {"a": (2, 2), "b": (2, 3), "c": (2, 2, 3)}, "="),
    ("F.conv2d(a, b, c, stride=2, padding=1)", {"a": (1, 2, 5, 4), "b": (3, 2, 3, 3), "c": (3,)}, "="),
    ("F.conv2d(a, b, groups=2, dilation=2)", {"a": (2, 4, 5, 5), "b": (4, 2, 2, 2)}, "="),
    ("F.conv1d(a, b, padding='same')", {"a": (2, 1, 6), "b": (2, 1, 4)}, "="), ("F.conv1d(a, b)", {"a": (2, 5), "b": (2, 2, 3)}, "="),
    ("F.conv3d(a, b)", {"a": (1, 1, 3, 3, 3), "b": (2, 1, 2, 2, 2)}, "="),
    ("F.conv_transpose2d(a, b, c, stride=2, padding=1)", {"a": (1, 2, 3, 3), "b": (2, 3, 3, 3), "c": (3,)}, "="),
    ("F.conv_transpose1d(a, b, groups=2)", {"a": (1, 4, 3), "b": (4, 2, 2)}, "="),
    ("F.max_pool2d(a, 2)", {"a": (1, 2, 5, 4)}, "="), ("F.max_pool1d(a, 3, stride=2, padding=1)", {"a": (1, 1, 7)}, "="),
    ("F.avg_pool2d(a, 3, stride=2, padding=1)", {"a": (1, 1, 5, 5)}, "="), ("F.adaptive_avg_pool2d(a, (2, 3))", {"a": (1, 2, 5, 5)}, "="),
    ("F.adaptive_max_pool1d(a, 3)", {"a": (1, 2, 7)}, "="), ("F.unfold(a, 2, padding=1, stride=2)", {"a": (1, 2, 4, 3)}, "="),
    ("a.gather(1, c)", {"a": (2, 3), "c": "torch.tensor([[0, 2], [1, 1]])"}, "="), ("a[c]", {"a": (4, 2), "c": "torch.tensor([3, -1, 0])"}, "="),
    ("a[c, :, d]", {"a": (3, 2, 4), "c": "torch.tensor([[0], [2]])", "d": "torch.tensor([1, 3])"}, "="),
    ("a[:, c]", {"a": (2, 4), "c": "torch.tensor([[1, 0], [3, 3]])"}, "="),
    ("a.index_select(1, c)", {"a": (2, 4), "c": "torch.tensor([2, 0])"}, "="), ("F.embedding(c, a)", {"a": (5, 3), "c": "torch.tensor([[1, 4], [0, 1]])"}, "="),
    ("a.take(c)", {"a": (2, 3), "c": "torch.tensor([5, 0])"}, "="), ("torch.take_along_dim(a, c, 1)", {"a": (2, 3), "c": "torch.tensor([[0], [2]])"}, "="),
    ("a.scatter(1, c, b)", {"a": (2, 3), "b": (2, 2), "c": "torch.tensor([[0, 2], [1, 0]])"}, "="),
    ("a.scatter_add(0, c, b)", {"a": (3, 2), "b": (2, 2), "c": "torch.tensor([[0, 2], [0, 1]])"}, "="),
    ("a.index_add(0, c, b)", {"a": (3, 2), "b": (2, 2), "c": "torch.tensor([2, 2])"}, "="),
    ("a.index_copy(1, c, b)", {"a": (2, 3), "b": (2, 1), "c": "torch.tensor([1])"}, "="),
    ("a.masked_fill(c, 0.5)", {"a": (3,), "c": "torch.tensor([True, False, True])"}, ">"),
    ("F.interpolate(a, scale_factor=2)", {"a": (1, 1, 3, 2)}, "="), ("F.interpolate(a, size=5)", {"a": (1, 2, 3)}, "="),
    ("F.interpolate(a, size=(5, 3), mode='bilinear')", {"a": (1, 1, 3, 2)}, ">"),
    ("F.interpolate(a, size=5, mode='linear', align_corners=True)", {"a": (1, 1, 3)}, ">"),
    ("F.interpolate(a, size=5, mode='nearest-exact')", {"a": (1, 1, 3)}, "="),
    ("F.pad(a, (2, 1), mode='reflect')", {"a": (1, 2, 4)}, "="), ("F.pad(a, (1, 2, 0, 1), mode='replicate')", {"a": (1, 1, 2, 3)}, "="),
    ("F.pixel_shuffle(a, 2)", {"a": (1, 4, 2, 2)}, "="), ("F.pixel_unshuffle(a, 2)", {"a": (1, 1, 4, 2)}, "="),
    ("F.channel_shuffle(a, 2)", {"a": (1, 4, 2)}, "="), ("F.interpolate(a, size=(5, 3), mode='bicubic')", {"a": (1, 2, 3, 2)}, ">"),
    ("torch.inverse(a)", {"a": (2, 2, 2)}, "="), ("torch.linalg.det(a)", {"a": (2, 2, 2)}, "="), ("a.trace()", {"a": (3, 3)}, ">"),
    ("torch.cdist(a, b)", {"a": (2, 3), "b": (2, 3)}, ">"), ("F.cosine_similarity(a, b)", {"a": (2, 3), "b": (2, 3)}, "="),
]

# gradients: the op of the backward pass, forward expression, leaves; g is the gradient that arrives.  Who won a pool
# is no derivative: there only g is moved.
BACKWARD = [
    ("_softmax_backward_data", "a.softmax(1)", {"a": (2, 3)}), ("_log_softmax_backward_data", "a.log_softmax(1)", {"a": (2, 3)}),
    ("convolution_backward", "F.conv2d(a, b, stride=2, padding=1)", {"a": (2, 2, 5, 4), "b": (2, 2, 3, 3)}),
    ("convolution_backward", "F.conv1d(b, a, groups=2)", {"a": (4, 1, 2), "b": (2, 2, 5)}),
    ("native_layer_norm_backward", "F.layer_norm(a, (3,))", {"a": (2, 3)}), ("native_batch_norm_backward", "F.batch_norm(a, None, None, None, None, True)", {"a": (3, 2)}),
    ("_max_pool_scatter", "F.max_pool2d(a, 3, stride=2)", {"a": (1, 1, 5, 5)}, "g"), ("_avg_pool_spread", "F.avg_pool2d(a, 2)", {"a": (1, 1, 5, 4)}),
    ("embedding_dense_backward", "F.embedding(c, a)", {"a": (3, 2), "c": "torch.tensor([1, 0, 1])"}), ("mm", "a @ b", {"a": (2, 3), "b": (3, 2)}),
    ("threshold_backward", "F.threshold(a, 0., 0.)", {"a": (4,)}), ("select_backward", "a[:, 1]", {"a": (2, 3)}), ("slice_backward", "a[1:, ::2]", {"a": (3, 5)}),
    ("tanh_backward", "a.tanh()", {"a": (3,)}),
]


SEED = 11


def leaf(shape):
    return shape if isinstance(shape, str) else f"torch.randn({shape})"


def write(path):
    """The program; returns for each case (line of each leaf, line of the expression)."""
    lines = ["import torch", "import torch.nn.functional as F"]
    places = []
    for expression, leaves, *_ in [*CASES, *(row[1:] for row in BACKWARD)]:
        backward = len(places) >= len(CASES)
        at = {}
        lines.append(f"torch.manual_seed({SEED + len(places)})")  # where a maximum stands is part of the map
        for name, shape in leaves.items():
            lines.append(f"{name} = {leaf(shape)}")
            at[name] = len(lines)
        if backward:
            lines.append("a.requires_grad_()")
        lines.append(f"y = {expression}")
        at["y"] = len(lines)
        if backward:
            at["forward"] = at["y"]
            lines.append("g = torch.randn(y.shape)")
            at["g"] = len(lines)
            lines.append("torch.autograd.grad(y, a, g)")
            at["y"] = len(lines)
        places.append(at)
    with open(path, "w") as f:
        f.write("\n".join(lines) + "\n")
    return places


def answers(torch, run, leaves, only):
    """For each element of the result the sets of (leaf, place) that move it, and that move or poison it."""
    base = run(leaves).detach().reshape(-1)
    moving, found = ([set() for _ in range(base.numel())] for _ in range(2))
    for name, value in leaves.items():
        if not value.is_floating_point() or (only and name not in only):
            continue
        for place in range(value.numel()):
            for change in (0.37, -0.21, float("nan")):
                other = {k: v.detach().clone() for k, v in leaves.items()}
                other[name].view(-1)[place] += change
                moved = run(other).detach().reshape(-1)
                for i in (moved != base).nonzero().reshape(-1).tolist():
                    found[i].add((name, place))
                    if change == change:
                        moving[i].add((name, place))
    return list(zip(moving, found))


def main():
    import torch
    import torch.nn.functional as F
    with tempfile.TemporaryDirectory() as folder:
        program, recording = os.path.join(folder, "cases.py"), os.path.join(folder, "cases.gbt")
        places = write(program)
        done = subprocess.run([gradboard, "run", program, "--trace", recording], capture_output=True, text=True)
        if done.returncode:
            sys.exit(done.stdout + done.stderr)
        dumped = subprocess.run([dump, recording], capture_output=True, text=True, check=True)
        entries = [json.loads(line) for line in dumped.stdout.splitlines()]
    by_line = {}
    for entry in entries:
        by_line.setdefault(entry["line"], []).append(entry)
    print(f"1..{len(places) + 1}")
    failed = 0
    for number, at in enumerate(places):
        backward = number >= len(CASES)
        op, expression, shapes, *only = BACKWARD[number - len(CASES)] if backward else (None, *CASES[number][:2])
        exact = not backward and CASES[number][2] == "="
        torch.manual_seed(SEED + number)
        leaves = {name: eval(leaf(shape), {"torch": torch}) for name, shape in shapes.items()}
        leaf_of = {by_line[line][-1]["output"]: name for name, line in at.items() if name not in ("y", "forward") and line in by_line and "output" in by_line[line][-1]}
        here = [e for e in by_line.get(at["y"], []) if (e["backward"] and e["op"] == op if backward else e["top"])]
        problem = None
        if not here:
            problem = f"no record of {op or 'an op'}: {[e['op'] for e in by_line.get(at['y'], [])]}"
        elif "why" in here[-1]:
            problem = here[-1]["why"]
        else:
            if backward:
                y = eval(expression, {"torch": torch, "F": F, **leaves})
                leaves["g"] = torch.randn(y.shape)

                def run(values):
                    values = dict(values)
                    g = values.pop("g")
                    values["a"] = values["a"].clone().requires_grad_()
                    return torch.autograd.grad(eval(expression, {"torch": torch, "F": F, **values}), values["a"], g)[0]
            else:
                def run(values):
                    return eval(expression, {"torch": torch, "F": F, **values})
            entry = here[-1]
            told = chain(entry, by_line[at["y"]] + [e for line in at.values() for e in by_line.get(line, [])], leaf_of)
            exact = exact and "untold" not in entry
            truth = answers(torch, run, leaves, only)
            if len(told) != len(truth):
                problem = f"{len(told)} elements, {len(truth)} in truth"
            for i, (mine, (moving, real)) in enumerate(zip(told, truth)):
                if not problem and not (moving <= mine and (mine <= real or not exact)):
                    problem = f"element {i}: map {sorted(mine)}, moving {sorted(moving)}, with poison {sorted(real)}"
        failed += problem is not None
        print(f"{'not ok' if problem else 'ok'} {number + 1} - {expression}{' backwards' if backward else ''}")
        if problem:
            print(f"# {problem}")
    checked, wrong = (sum(entry.get(key, 0) for entry in entries) for key in ("checked", "wrong"))
    off = checked < 500 or wrong > 0
    print(f"{'not ok' if off else 'ok'} {len(places) + 1} - arithmetic in numbers: {checked} done over, {wrong} wrong")
    for line in dumped.stderr.splitlines():
        print("#", line)
    return failed or off


def chain(entry, others, leaf_of):
    """The entry's map; elements of tensors that are no leaves are followed through the other ops of the case."""
    makers = {}
    storages = {int(t): storage for other in [*others, entry] for t, storage in other["storages"].items()}
    for other in others:
        if other["top"] and other is not entry and "output" in other and other["output"] not in leaf_of and other.get("elements"):
            makers.setdefault(other["output"], other)
            makers.setdefault(("storage", other["storages"][str(other["output"])]), other)

    leaf_storages = {storages[tensor]: name for tensor, name in leaf_of.items() if tensor in storages}

    def follow(tensor, place, depth):
        maker = makers.get(tensor)
        if maker is None:  # what backward unpacks has ids of its own
            storage = storages.get(tensor)
            name = leaf_of.get(tensor) or leaf_storages.get(storage)
            if name:
                return {(name, place)}
            maker = makers.get(("storage", storage))
        if maker is None or depth > 8 or place >= len(maker["elements"]):
            return set()
        return set().union(*(follow(t, p, depth + 1) for t, p in maker["elements"][place])) if maker["elements"][place] else set()

    return [set().union(set(), *(follow(t, p, 0) for t, p in element)) for element in entry["elements"]]


sys.exit(1 if main() else 0)
