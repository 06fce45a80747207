import torch
import torch.nn.functional as F

from gradboard_check import ask, check, close, equal, holds, is_kind, person, source, value

# Beside the program: a model like its own, whose forward leaves a token in the graph.  Tokens that are alive at one
# time tell how many graphs are.
METER = '''

class _Token:
    alive = most = 0

    def __init__(self):
        _Token.alive += 1
        _Token.most = max(_Token.most, _Token.alive)

    def __del__(self):
        _Token.alive -= 1


class _Metered(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.token = _Token()
        return x * 1

    @staticmethod
    def backward(ctx, gradient):
        return gradient


class MeteredNet(Net):
    def forward(self, x):
        return _Metered.apply(super().forward(x))

    def most(self):
        return _Token.most
'''


def batches(n, size=6):
    return [(torch.randn(size, 8), torch.randint(2, (size,))) for _ in range(n)]


def reference(model, several):
    state = value(model.state_dict())
    losses = 0.0
    for x, y in several:
        scores = F.linear(F.relu(F.linear(x, state["hidden.weight"], state["hidden.bias"])), state["head.weight"], state["head.bias"])
        losses += F.cross_entropy(scores, y, reduction="sum").item()
    return losses / sum(len(y) for _, y in several)


@check("mean")
def mean():
    for sizes in ((6,), (6, 6, 6), (9, 4, 1)):
        model, several = person.Net(), [batches(1, size)[0] for size in sizes]
        got = person.evaluate(model, several)
        given = {"batches of": list(sizes)}
        holds(not is_kind(got, "Tensor"), given, "a number", "a tensor")
        close(got, reference(model, several), given, 1e-5)


@check("memory")
def memory():
    ask("load", source.text + METER, source.path, "program")
    model = person.MeteredNet()
    person.evaluate(model, batches(60))
    most = model.most()
    holds(most <= 3, {"batches": 60}, "the graphs of at most 3 batches alive at one time", most)


@check("trains-on")
def trains_on():
    """Whatever keeps evaluate from growing must not follow the model into its next epoch."""
    model, several = person.Net(), batches(4)
    person.evaluate(model, several)
    before = value(model.state_dict())
    person.train(model, several)
    after = value(model.state_dict())
    holds(all(not torch.equal(after[name], before[name]) for name in before), {"evaluate": "then train"}, "weights that move", "weights that stay")
