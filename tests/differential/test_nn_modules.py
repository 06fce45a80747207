"""Modules: printed form, initialisation by seed, registration rules, state and error texts."""

import copy
import warnings

from harness import case, expressions, run

import torch
import torch.nn as nn

MODULES = """
Linear(3, 4, bias=False)
Bilinear(2, 3, 4)
Conv1d(3, 4, 5)
Conv2d(3, 6, 3, 2, 1, 2, 3, False)
Conv2d(3, 6, 3, padding="same", padding_mode="reflect")
ConvTranspose2d(4, 6, 3, 2, 1, 1)
MaxPool2d(2)
AvgPool1d(2)
AdaptiveAvgPool2d((1, 1))
BatchNorm2d(4, affine=False)
InstanceNorm2d(3)
LayerNorm((2, 3))
GroupNorm(2, 4)
ReLU(True)
LeakyReLU(0.2)
GELU()
Softmax(dim=1)
PReLU()
Dropout(0.1, True)
Embedding(3, 4, padding_idx=-1, max_norm=1)
EmbeddingBag(3, 4)
Flatten()
Unflatten(1, (2, 3))
Upsample(scale_factor=2)
Fold((4, 4), 2)
ConstantPad1d(1, 2.0)
RNN(3, 4)
LSTM(3, 4, 2, batch_first=True, dropout=0.1, bidirectional=True)
GRU(3, 4, bias=False)
LSTMCell(3, 4)
MultiheadAttention(4, 2)
TransformerEncoderLayer(4, 2, 8)
Transformer(4, 2, 1, 1, 8)
CrossEntropyLoss()
ModuleDict({"a": nn.ReLU()})
ParameterList([nn.Parameter(torch.ones(2, 3))])
Sequential(nn.Linear(2, 2), nn.Sequential(nn.ReLU(), nn.Tanh()))
"""

for source in MODULES.strip().splitlines():
    def construct(source=source):
        torch.manual_seed(1)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = eval("nn." + source)
        return repr(module), {name: value for name, value in module.state_dict().items()}
    construct.__name__ = source
    case(construct)

ERRORS = """
nn.Linear(3, 4)(torch.ones(2, 5))
nn.Linear(3, 4)(torch.ones(2, 3).double())
nn.Conv2d(3, 4, 3)(torch.ones(2, 5, 8, 8))
nn.Conv2d(3, 4, 3)(torch.ones(2, 3))
nn.Conv2d(3, 4, 3)(torch.ones(1, 3, 2, 2))
nn.Conv2d(3, 4, 3, groups=2)
nn.MaxPool2d(3)(torch.ones(1, 1, 2, 2))
nn.BatchNorm1d(3)(torch.ones(2, 3, 4, 4))
nn.BatchNorm1d(3)(torch.ones(1, 3))
nn.BatchNorm2d(3)(torch.ones(2, 4, 4, 4))
nn.LayerNorm(4)(torch.ones(2, 3))
nn.Embedding(3, 2)(torch.tensor([3]))
nn.Embedding(3, 2)(torch.ones(2))
nn.LSTM(3, 4)(torch.ones(2, 2, 5))
nn.LSTM(3, 4)(torch.ones(2, 2, 3), (torch.zeros(1, 3, 4), torch.zeros(1, 2, 4)))
nn.LSTMCell(3, 4)(torch.ones(2, 5))
nn.CrossEntropyLoss()(torch.ones(4, 5), torch.tensor([0, 1, 2]))
nn.CrossEntropyLoss()(torch.ones(4, 5), torch.tensor([0, 1, 2, 10]))
nn.CrossEntropyLoss()(torch.ones(4, 5), torch.ones(4))
nn.CrossEntropyLoss()(torch.ones(4, 5), torch.tensor([0, 1, 2, 3]).int())
nn.BCELoss()(torch.ones(4) + 1, torch.ones(4))
nn.BCEWithLogitsLoss()(torch.ones(4), torch.ones(3))
nn.MSELoss()(torch.ones(4, 5), torch.ones(4, 1))
nn.KLDivLoss()(torch.zeros(2, 2), torch.ones(2, 2))
nn.Dropout(1.5)
nn.Module(3)
nn.Module()(1)
nn.ReLU().weight
nn.ModuleList([nn.ReLU()])[3]
nn.Sequential(3)
nn.Parameter(torch.ones(2).long())
nn.functional.softmax(torch.ones(2, 3))
nn.utils.clip_grad_norm_([nn.Parameter(torch.ones(1))], 0.1)
"""

expressions(ERRORS)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(2, 3), nn.Parameter(torch.ones(2))
        self.register_buffer("c", torch.zeros(2))
        self.register_buffer("d", torch.zeros(1), persistent=False)

    def forward(self, x):
        return self.a(x * self.b)


class Careless(nn.Module):
    def __init__(self):
        self.a = nn.Linear(1, 1)


def attempt(function):
    try:
        return str(function())
    except Exception as error:
        return f"{type(error).__name__}: {error}"


@case
def registration():
    m = Net()
    return [attempt(f) for f in (
        Careless, lambda: setattr(m, "b", torch.ones(2)), lambda: setattr(m, "a", 3), lambda: setattr(m, "c", "x"),
        lambda: m.register_buffer("a", None), lambda: m.register_parameter("x.y", None), lambda: m.add_module("", nn.ReLU()),
        lambda: m.add_module("q", 3), lambda: m.register_parameter("p", torch.ones(1)),
        lambda: m.register_parameter("p", nn.Parameter(torch.ones(1)) * 2), lambda: setattr(m, "b", None) or m.b,
        lambda: m.nothing, lambda: delattr(m, "nothing"), lambda: m.get_submodule("a.x"), lambda: m.get_buffer("b"),
        lambda: m.train(3), lambda: m.to(torch.int))]


@case
def states():
    m = Net()
    good = m.state_dict()
    return [list(good)] + [attempt(lambda: m.load_state_dict(state, strict)) for state, strict in (
        (good, True), ({}, True), ({**good, "zz": 1, "a.q": 2}, True), ({**good, "b": torch.ones(3)}, True),
        ({"zz": torch.ones(1), "b": torch.ones(5)}, True), ({"b": torch.ones(2), "x": 1}, False), (3, True),
        ({**good, "b": 3}, True))]


@case
def walking():
    m = Net()
    twin = copy.deepcopy(m)
    twin.double().eval()
    return ([n for n, _ in m.named_parameters()], [n for n, _ in m.named_buffers()], [n for n, _ in m.named_modules()],
            [str(p.dtype) for p in twin.parameters()], twin.a.training, m.training, str(m) == str(twin))


@case
def hooks():
    heard, layer, x = [], nn.Linear(2, 2), torch.ones(3, 2, requires_grad=True)
    with torch.no_grad():
        layer.weight.fill_(1)
        layer.bias.fill_(0)
    handles = [layer.register_forward_pre_hook(lambda m, i: (i[0] * 2,)),
               layer.register_forward_hook(lambda m, i, o: o + 1),
               layer.register_full_backward_hook(lambda m, gi, go: heard.append((gi[0].clone(), go[0].clone())))]
    y = layer(x)
    y.sum().backward()
    for handle in handles:
        handle.remove()
    return y.detach(), x.grad, heard, layer(x)


@case
def initialisers():
    results = []
    for function in (nn.init.uniform_, nn.init.normal_, nn.init.xavier_uniform_, nn.init.xavier_normal_,
                     nn.init.kaiming_uniform_, nn.init.kaiming_normal_, nn.init.trunc_normal_, nn.init.eye_, nn.init.ones_):
        torch.manual_seed(2)
        results.append(function(torch.empty(4, 5)))
    return results + [nn.init.calculate_gain("leaky_relu", 0.2), nn.init.calculate_gain("tanh")]


@case
def padding_is_cut_off_without_gradients():
    encoder = torch.nn.TransformerEncoder(torch.nn.TransformerEncoderLayer(4, 2, 8, batch_first=True), 2).eval()
    x, padding = torch.randn(2, 3, 4), torch.tensor([[False, False, True], [False, True, True]])
    with torch.no_grad():
        results = [encoder(x, src_key_padding_mask=padding), encoder(x, src_key_padding_mask=padding.flip(1)),
                   encoder(x, torch.zeros(3, 3), padding), encoder(x)]
    return results + [encoder(x, src_key_padding_mask=padding)]


@case
def response_across_channels():
    results = []
    for size, channels in ((2, 3), (3, 5), (4, 8), (5, 2)):
        x = torch.randn(2, channels, 2, 2, requires_grad=True)
        y = torch.nn.CrossMapLRN2d(size, 0.1, 0.5, 2.0)(x)
        y.backward(torch.randn_like(y))
        results += [y, x.grad]
    return results


@case
def lengths_beyond_the_sequence():
    return torch.nn.utils.rnn.pack_padded_sequence(torch.ones(3, 2, 1), [4, 3])


@case
def implicit_dimensions_warn_where_the_module_is_called():
    import os
    import warnings
    import torch
    from torch import nn

    class Holder(nn.Module):
        def __init__(self):
            super().__init__()
            self.soft = nn.Softmax()

        def forward(self, x):
            return self.soft(x)

    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        nn.Softmax()(torch.ones(1, 2))
        Holder()(torch.ones(1, 2))
        nn.Sequential(nn.LogSoftmax())(torch.ones(1, 2))
    first = implicit_dimensions_warn_where_the_module_is_called.__code__.co_firstlineno
    return [(os.path.basename(w.filename), w.lineno - first if w.filename == __file__ else None, str(w.message)) for w in seen]


run(__file__)
