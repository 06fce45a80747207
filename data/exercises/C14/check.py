import math

import torch

from gradboard_check import Raised, check, close, equal, gradients, holds, person, put, raises, source, value


def expected(q, k, v, mask=None, causal=False):
    """Row by row, in float64."""
    q, k, v = q.double(), k.double(), v.double()
    t, s = q.shape[-2], k.shape[-2]
    seen = torch.ones(t, s, dtype=torch.bool)
    if causal:
        seen = torch.arange(s) <= torch.arange(t)[:, None] + s - t
    scores = (q.unsqueeze(-2) * k.unsqueeze(-3)).sum(-1) / math.sqrt(q.shape[-1])
    seen = (seen if mask is None else seen & mask).expand(scores.shape)
    top = scores.masked_fill(~seen, -1e300).amax(-1, keepdim=True)
    weights = (scores - top).clamp(max=0).exp() * seen
    total = weights.sum(-1, keepdim=True)
    weights = weights / total.masked_fill(total == 0, 1.0)
    return (weights.unsqueeze(-1) * v.unsqueeze(-3)).sum(-2), weights


def compare(q, k, v, given=None, tolerance=1e-5, **named):
    given = {**(given or {}), "q": q, "k": k, "v": v, **named}
    out, weights = person.attention(q, k, v, **named)
    right_out, right_weights = expected(q, k, v, **named)
    close(weights, right_weights, {**given, "what": "weights"}, tolerance)
    close(out, right_out, {**given, "what": "output"}, tolerance)
    equal(str(value(out).dtype), str(q.dtype), {**given, "what": "dtype of the output"})


def some(*leading, t=3, s=4, d=5, e=2):
    return torch.randn(*leading, t, d), torch.randn(*leading, s, d), torch.randn(*leading, s, e)


@check("own")
def own():
    names = ("MultiheadAttention", "TransformerEncoderLayer", "TransformerDecoderLayer", "Transformer", "multi_head_attention_forward",
             "scaled_dot_product_attention", "_scaled_dot_product_attention", "_native_multi_head_attention")
    used = {name for name in source.uses() if name.split(".")[0] == "torch" and name.split(".")[-1] in names}
    holds(not used, expected="no attention of the library", got=used)


@check("values")
def values():
    for leading in ((), (2,), (2, 3)):
        compare(*some(*leading))
    compare(*some(t=1, s=1, d=1, e=1))
    compare(*some(t=2, s=6, d=64, e=3))
    q, k, v = some()
    compare(q * 100, k * 100, v, {"what": "large scores"}, 1e-3)
    compare(*(x.double() for x in some(2)))
    out, weights = person.attention(q, torch.zeros(4, 5), v)
    close(weights, torch.full((3, 4), 0.25), {"k": "zeros (4, 5): equal scores", "what": "weights"})


@check("causal")
def causal():
    for t, s in ((4, 4), (1, 5), (2, 5), (1, 1)):
        compare(*some(t=t, s=s), causal=True)
    compare(*some(2, 2, t=3, s=3), causal=True)
    q, k, v = some(t=4, s=4)
    before = value(person.attention(q, k, v, causal=True)[0])
    k[3], v[3] = torch.randn(5), torch.randn(2)
    close(value(person.attention(q, k, v, causal=True)[0])[:3], before[:3], {"changed": "the last key and value", "what": "outputs before it"}, 0)


@check("mask")
def masked():
    q, k, v = some(2, 3)
    for sizes in ((3, 4), (2, 1, 1, 4), (2, 3, 3, 4), (4,)):
        mask = torch.rand(sizes) < 0.6
        mask[..., 0] = True
        compare(q, k, v, mask=mask)
    q, k, v = some(2, t=4, s=4)
    mask = torch.tensor([[[True, False, True, True]], [[True, True, True, False]]])
    compare(q, k, v, mask=mask, causal=True)
    weights = value(person.attention(q * 50, k, v, mask=mask)[1])
    holds(bool((weights[~mask.expand(2, 4, 4)] == 0).all()), {"mask": mask}, "exactly 0 where nothing may be seen", weights)


@check("nothing")
def nothing():
    q, k, v = some(2)
    mask = torch.rand(2, 3, 4) < 0.6
    mask[0, 1] = False
    mask[1] = False
    compare(q, k, v, mask=mask)
    compare(*some(t=5, s=3), causal=True)                       # the first two queries come before every key
    leaves = [put(x, True) for x in (q, k, v)]
    person.attention(*leaves, mask=mask)[0].sum().backward()
    mine = [x.double().requires_grad_() for x in (q, k, v)]
    expected(*mine, mask=mask)[0].sum().backward()
    for name, leaf, right in zip("qkv", leaves, mine):
        close(leaf.grad, right.grad, {"q": q, "k": k, "v": v, "mask": mask, "gradient of the sum of outputs by": name}, 1e-4)


@check("gradients")
def gradients_agree():
    q, k, v = (x.double() for x in some(t=2, s=3, d=2, e=2))
    mask = torch.tensor([[True, False, True], [True, True, True]])
    gradients(lambda q, k, v: person.attention(q, k, v, mask=mask)[0], q, k, v)
    layer = person.MultiHead(4, 2).double()
    gradients(lambda x: layer(x, causal=True), torch.randn(1, 3, 4, dtype=torch.float64))
    without = [name for name, p in layer.named_parameters() if p.grad is None or not bool(value(p.grad).isfinite().all())]
    holds(not without, {"module": "MultiHead(4, 2)"}, "a gradient for every parameter", without)


@check("parameters")
def parameters():
    for d, heads in ((64, 4), (64, 8), (6, 1)):
        state = value(person.MultiHead(d, heads).state_dict())
        sizes = {f"{name}_proj.{kind}": (d, d) if kind == "weight" else (d,) for name in ("q", "k", "v", "out") for kind in ("weight", "bias")}
        given = {"module": f"MultiHead({d}, {heads})"}
        equal({name: tuple(t.shape) for name, t in sorted(state.items())}, dict(sorted(sizes.items())), given)
        equal(sum(t.numel() for t in state.values()), 4 * (d * d + d), {**given, "what": "numbers in its parameters"})
    for d, heads in ((6, 4), (4, 8)):
        raises("ValueError", person.MultiHead, d, heads, given={"d_model": d, "heads": heads})


def looped(state, x, heads, mask=None, causal=False):
    """One head after the other, one sequence after the other."""
    state = {name: t.double() for name, t in state.items()}
    x = x.double()
    rows = []
    for nth in range(x.shape[0]):
        q, k, v = (x[nth] @ state[f"{name}_proj.weight"].t() + state[f"{name}_proj.bias"] for name in "qkv")
        seen = None if mask is None else mask[nth]
        outs = [expected(a, b, c, seen, causal)[0] for a, b, c in zip(*(part.chunk(heads, dim=-1) for part in (q, k, v)))]
        rows.append(torch.cat(outs, dim=-1) @ state["out_proj.weight"].t() + state["out_proj.bias"])
    return torch.stack(rows)


def made(d, heads):
    """A module with larger weights than it begins with, so that heads and keys differ."""
    layer = person.MultiHead(d, heads)
    state = {name: torch.randn(t.shape) * (1.5 / math.sqrt(d) if t.dim() == 2 else 0.5) for name, t in value(layer.state_dict()).items()}
    layer.load_state_dict(state)
    return layer, state


@check("heads")
def heads_agree():
    for d, heads, n, t in ((6, 1, 2, 3), (6, 2, 1, 1), (6, 3, 2, 4), (6, 6, 3, 2), (8, 2, 2, 7)):
        layer, state = made(d, heads)
        x = torch.randn(n, t, d)
        for causal_ in (False, True):
            given = {"module": f"MultiHead({d}, {heads})", "x": x, "causal": causal_}
            close(layer(x, causal=causal_), looped(state, x, heads, causal=causal_), given, 1e-5)
    layer, state = made(6, 2)
    x = torch.randn(6, 3, 2).transpose(0, 2)
    close(layer(x), looped(state, x, 2), {"module": "MultiHead(6, 2)", "x": x, "strides": x.stride()}, 1e-5)


@check("padding")
def padding():
    layer, state = made(6, 2)
    x = torch.randn(4, 5, 6)
    lengths = torch.tensor([5, 3, 1, 4])
    right = torch.arange(5) < lengths[:, None]
    left = right.flip(1)
    nobody = right.clone()
    nobody[2] = False
    for name, mask in (("padded behind", right), ("padded in front", left), ("one sequence of padding only", nobody)):
        for causal_ in (False, True):
            given = {"module": "MultiHead(6, 2)", "x": x, "mask": mask, "what": name, "causal": causal_}
            close(layer(x, mask=mask, causal=causal_), looped(state, x, 2, mask, causal_), given, 1e-5)
    noisy = torch.where(right[:, :, None], x, torch.randn(4, 5, 6) * 50)
    out = value(layer(x, mask=right))
    close(value(layer(noisy, mask=right))[right], out[right], {"changed": "x at padding", "mask": right, "what": "outputs of real tokens"}, 1e-6)
