import torch

from gradboard_check import check, close, equal, gradients, holds, person, put, source, value


def expected_of(state, x):
    y = x.reshape(-1, x.shape[-1]) @ state["weight"].t()
    y = y + state["bias"] if "bias" in state else y
    return y.reshape(*x.shape[:-1], state["weight"].shape[0])


@check("no-library-layer")
def no_library_layer():
    forbidden = {"torch.nn.Linear", "torch.nn.LazyLinear", "torch.nn.functional.linear", "torch.nn.Bilinear"}
    holds(not source.uses() & forbidden, got=source.uses() & forbidden, expected="none of these")


@check("parameters")
def parameters():
    for bias in (True, False):
        layer = person.Linear(5, 3, bias=bias)
        got = {name: tuple(value(p).shape) for name, p in layer.named_parameters()}
        equal(got, {"weight": (3, 5), "bias": (3,)} if bias else {"weight": (3, 5)}, given={"bias": bias})
        equal(sorted(layer.state_dict()), sorted(got), given={"bias": bias})
    moved = person.Linear(5, 3).double()
    holds(value(moved.weight).dtype == torch.float64, given={"call": ".double()"}, expected="float64", got=str(value(moved.weight).dtype))


@check("values")
def values():
    for bias in (True, False):
        layer = person.Linear(4, 6, bias=bias)
        state = value(layer.state_dict())
        for sizes in ((4,), (3, 4), (2, 3, 4), (1, 2, 3, 4)):
            x = torch.randn(sizes)
            close(layer(x), expected_of(state, x), {"x": x, "bias": bias})
        x = torch.randn(4, 5).t()
        close(layer(x), expected_of(state, x), {"x": x, "bias": bias, "strides": x.stride()})
    layer.load_state_dict({"weight": torch.ones(6, 4)})
    close(layer(torch.ones(2, 4)), torch.full((2, 6), 4.0), {"weight": "ones", "x": "ones"})


@check("gradients")
def gradients_agree():
    layer = person.Linear(3, 2).double()
    gradients(layer, torch.randn(2, 3, dtype=torch.float64))
    x = torch.randn(5, 3, dtype=torch.float64)
    layer.zero_grad()
    layer(x).sum().backward()
    close(layer.weight.grad, torch.ones(5, 2, dtype=torch.float64).t() @ x, {"x": x, "gradient of": "weight"})
    close(layer.bias.grad, torch.full((2,), 5.0, dtype=torch.float64), {"x": x, "gradient of": "bias"})


@check("first-values")
def first_values():
    for n in (4, 100, 1600):
        bound = n ** -0.5
        layer = person.Linear(n, 64)
        for name in ("weight", "bias"):
            w = value(getattr(layer, name))
            given = {"in_features": n, "parameter": name}
            holds(float(w.abs().max()) <= bound * 1.0001, given=given, expected=f"|{name}| <= {bound:.4f}", got=float(w.abs().max()))
            holds(float(w.std()) > 0.4 * bound, given=given, expected=f"uniform, std near {bound / 3 ** 0.5:.4f}", got=float(w.std()))
