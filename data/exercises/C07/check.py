import torch
import torch.nn.functional as F

from gradboard_check import check, close, equal, gradients, holds, person, put, raises, source, torch_there, value


@check("own")
def own():
    used = {n for n in source.uses() if n.split(".")[0] == "torch" and n.split(".")[-1].lower().replace("_", "") in (
        "batchnorm", "batchnorm1d", "batchnorm2d", "batchnorm3d", "syncbatchnorm", "nativebatchnorm", "lazybatchnorm1d",
        "instancenorm", "instancenorm1d", "layernorm", "groupnorm")}
    holds(not used, got=used, expected="none of these")


def mirrored(features, momentum=0.1, eps=1e-5):
    """One over there, and PyTorch's own with the same values."""
    layer = person.BatchNorm1d(features, eps=eps, momentum=momentum)
    other = torch.nn.BatchNorm1d(features, eps=eps, momentum=momentum)
    state = {"weight": torch.randn(features), "bias": torch.randn(features), "running_mean": torch.randn(features),
             "running_var": torch.rand(features) + 0.5, "num_batches_tracked": torch.tensor(0)}
    layer.load_state_dict(state)
    other.load_state_dict(state)
    return layer, other


@check("state")
def state():
    layer = person.BatchNorm1d(3)
    expected = {"weight": [1.0] * 3, "bias": [0.0] * 3, "running_mean": [0.0] * 3, "running_var": [1.0] * 3, "num_batches_tracked": 0}
    got = value(layer.state_dict())
    equal({name: t.tolist() for name, t in got.items()}, expected, {"call": "BatchNorm1d(3).state_dict()"})
    equal(sorted(name for name, _ in layer.named_parameters()), ["bias", "weight"], {"what": "names of parameters"})
    dtypes = {name: str(t.dtype)[6:] for name, t in value(layer.double().state_dict()).items()}
    equal(dtypes, {**dict.fromkeys(expected, "float64"), "num_batches_tracked": "int64"}, {"call": ".double()", "what": "dtypes"})


@check("train")
def train():
    for sizes, momentum, eps in (((6, 4), 0.1, 1e-5), ((2, 4), 0.3, 1e-2), ((3, 4, 5), 0.1, 1e-5), ((1, 4, 2), 0.5, 1e-5)):
        layer, other = mirrored(4, momentum, eps)
        for batch in range(3):
            x = torch.randn(sizes) * 3 + 2
            close(layer(x), other(x).detach(), {"x": x, "momentum": momentum, "eps": eps, "batch": batch + 1, "mode": "train"}, 1e-5)


@check("running")
def running():
    layer = person.BatchNorm1d(1)
    layer(torch.tensor([[4.0], [6.0]]))
    given = {"x": [[4.0], [6.0]], "momentum": 0.1}
    close(layer.running_mean, torch.tensor([0.5]), {**given, "what": "running_mean"}, 1e-5)
    close(layer.running_var, torch.tensor([1.1]), {**given, "what": "running_var"}, 1e-5)
    for sizes, momentum in (((5, 3), 0.1), ((2, 3, 4), 0.25)):
        layer, other = mirrored(3, momentum)
        for batch in range(3):
            x = torch.randn(sizes) * 2 + 1
            layer(put(x, True)), other(x)
            given = {"x": x, "momentum": momentum, "batch": batch + 1}
            close(layer.running_mean, other.running_mean, {**given, "what": "running_mean"}, 1e-5)
            close(layer.running_var, other.running_var, {**given, "what": "running_var"}, 1e-5)
        equal(int(value(layer.num_batches_tracked)), 3, {"batches": 3, "what": "num_batches_tracked"})
        holds(not layer.running_mean.requires_grad and not layer.running_var.requires_grad, {"what": "requires_grad of the running statistics"}, False, True)


@check("eval")
def evaluates():
    layer, other = mirrored(4)
    layer.eval(), other.eval()
    for sizes in ((5, 4), (1, 4), (2, 4, 3)):
        x = torch.randn(sizes)
        close(layer(x), other(x).detach(), {"x": x, "mode": "eval"}, 1e-5)
    close(layer.running_mean, other.running_mean, {"what": "running_mean after eval"}, 0)
    equal(int(value(layer.num_batches_tracked)), 0, {"what": "num_batches_tracked after eval"})


@check("one")
def one():
    for sizes in ((1, 3), (1, 3, 1)):
        raises("ValueError", person.BatchNorm1d(3), torch.randn(sizes), given={"x": sizes, "mode": "train"})
    layer = person.BatchNorm1d(3)
    try:
        layer(torch.randn(1, 3))
    except Exception:
        pass
    close(layer.running_var, torch.ones(3), {"what": "running_var after the error"}, 0)


@check("gradients")
def gradients_agree():
    for sizes in ((4, 2), (2, 2, 3)):
        layer = person.BatchNorm1d(2).double()
        gradients(layer, torch.randn(sizes, dtype=torch.float64), tolerance=1e-3)
    layer, other = mirrored(3)
    x = torch.randn(5, 3)
    layer(x).pow(2).sum().backward(), other(x).pow(2).sum().backward()
    close(layer.weight.grad, other.weight.grad, {"x": x, "gradient of": "weight"}, 1e-4)
    close(layer.bias.grad, other.bias.grad, {"x": x, "gradient of": "bias"}, 1e-4)
