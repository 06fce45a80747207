import torch

from gradboard_check import check, close, equal, gradients, holds, person, put, source, value


def made(dim, eps=1e-6, dtype=torch.float32):
    """A layer with a weight of its own, and that weight."""
    weight = torch.randn(dim, dtype=dtype) + 2
    layer = person.RMSNorm(dim, eps).to(dtype)
    layer.load_state_dict({"weight": weight})
    return layer, weight


def expected_of(x, weight, eps):
    x = x.double()
    return x / (x.pow(2).mean(dim=-1, keepdim=True) + eps).sqrt() * weight.double()


@check("own")
def own():
    used = {n for n in source.uses() if n.split(".")[0] == "torch" and n.split(".")[-1].lower().replace("_", "") in (
        "rmsnorm", "layernorm", "groupnorm", "instancenorm", "batchnorm", "batchnorm1d", "nativelayernorm")}
    holds(not used, got=used, expected="none of these")


@check("parameters")
def parameters():
    layer = person.RMSNorm(5)
    got = {name: value(p).tolist() for name, p in layer.named_parameters()}
    equal(got, {"weight": [1.0] * 5}, {"call": "RMSNorm(5)", "what": "parameters and their first values"})
    equal(sorted(layer.state_dict()), ["weight"], {"call": "RMSNorm(5).state_dict()"})


@check("values")
def values():
    for sizes, eps in (((4,), 1e-6), ((3, 4), 1e-6), ((2, 3, 4), 0.1), ((2, 1, 3, 4), 1e-5)):
        layer, weight = made(4, eps)
        x = torch.randn(sizes) + 1
        close(layer(x), expected_of(x, weight, eps).float(), {"x": x, "weight": weight, "eps": eps}, 1e-5)
    x = torch.randn(4, 3)
    close(layer(put(x).t()), expected_of(x.t(), weight, 1e-5).float(), {"x": x.t(), "strides": "of a transposed tensor", "weight": weight}, 1e-5)


@check("independent")
def independent():
    layer, weight = made(6)
    x = torch.randn(4, 6)
    alone = value(layer(x))[2]
    other = torch.randn(4, 6) * 50
    other[2] = x[2]
    close(value(layer(other))[2], alone, {"row": x[2], "what": "its result beside other rows"}, 1e-6)


@check("scale")
def scale():
    layer, weight = made(4)
    x = torch.randn(3, 4) + 0.5
    for factor in (1e3, 1e-1, -2.0):
        sign = 1.0 if factor > 0 else -1.0
        close(layer(x * factor), sign * value(layer(x)), {"x": x, "times": factor}, 1e-3)
    zeros = put(torch.zeros(2, 4), True)
    out = layer(zeros)
    close(out, torch.zeros(2, 4), {"x": "zeros"}, 0)
    out.sum().backward()
    expected = (weight / 1e-3).expand(2, 4)
    close(zeros.grad, expected, {"x": "zeros", "gradient of": "x", "eps": 1e-6}, 1e-3)


@check("half")
def half():
    for dtype in (torch.float16, torch.bfloat16):
        x = torch.tensor([[300.0, -400.0, 0.0, 500.0], [0.5, 1.0, -1.5, 2.0]]).to(dtype)
        layer, weight = made(4)
        got = value(layer(x))
        given = {"x": x.float(), "dtype of x": str(dtype)[6:], "weight": weight}
        equal(str(got.dtype), str(dtype), {**given, "what": "dtype of the result"})
        close(got.float(), expected_of(x, weight, 1e-6).float(), given, 1e-2)


@check("gradients")
def gradients_agree():
    layer, weight = made(3, dtype=torch.float64)
    gradients(layer, torch.randn(2, 3, dtype=torch.float64))
    x = torch.randn(5, 3, dtype=torch.float64)
    layer.zero_grad()
    layer(x).sum().backward()
    close(layer.weight.grad, (expected_of(x, torch.ones(3), 1e-6)).sum(dim=0), {"x": x, "gradient of": "weight"}, 1e-6)
