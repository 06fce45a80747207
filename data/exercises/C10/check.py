import torch
import torch.nn.functional as F

from gradboard_check import check, close, gradients, holds, person, put, source, value


@check("no-library-function")
def no_library_function():
    names = ("log_softmax", "softmax", "cross_entropy", "nll_loss", "logsigmoid", "softmin")
    forbidden = {f"torch.nn.functional.{n}" for n in names} | {f"torch.{n}" for n in names} | {
        "torch.nn.LogSoftmax", "torch.nn.Softmax", "torch.nn.CrossEntropyLoss", "torch.nn.NLLLoss"}
    used = source.uses()
    own = {n for n in used if n.split(".")[-1] in names and n not in names}
    holds(not (used & forbidden or own), got=(used & forbidden) | own, expected="none of these")


@check("values")
def values():
    for sizes, dim in (((4, 5), -1), ((4, 5), 0), ((2, 3, 4), 1), ((6,), 0)):
        x = torch.randn(sizes) * 3
        close(person.log_softmax(x, dim), F.log_softmax(x, dim), {"x": x, "dim": dim}, 1e-5)


@check("large")
def large():
    x = torch.tensor([[1e4, 0.0, -1e4], [-1e4, -1e4, -1e4], [1e4, 1e4, 0.0]])
    # A float32 of 10⁴ is exact to about 10⁻³.
    close(person.log_softmax(x, 1), F.log_softmax(x, 1), {"x": x, "dim": 1}, 1e-3)
    target = torch.tensor([2, 0, 1])
    close(person.cross_entropy(x, target), F.cross_entropy(x, target), {"logits": x, "target": target}, 1e-3)


@check("loss")
def loss():
    for n in (1, 7):
        x, target = torch.randn(n, 5) * 2, torch.randint(5, (n,))
        close(person.cross_entropy(x, target), F.cross_entropy(x, target), {"logits": x, "target": target}, 1e-5)


@check("ignore-index")
def ignore_index():
    x = torch.randn(6, 4)
    for target, ignored in ((torch.tensor([1, -100, 3, -100, 0, 2]), -100), (torch.tensor([0, 1, 2, 0, 3, 0]), 0)):
        got = person.cross_entropy(x, target, ignore_index=ignored)
        close(got, F.cross_entropy(x, target, ignore_index=ignored), {"logits": x, "target": target, "ignore_index": ignored}, 1e-5)


@check("gradient")
def gradient():
    for scale in (1.0, 1e4):
        x, target = torch.randn(3, 4) * scale, torch.tensor([0, 3, 1])
        leaf = put(x, True)
        person.cross_entropy(leaf, target).backward()
        expected = (x.softmax(1) - F.one_hot(target, 4)) / 3
        close(leaf.grad, expected, {"logits": x, "target": target, "gradient": "(p - one-hot) / N"}, 1e-5 if scale == 1 else 1e-3)
    gradients(lambda x: person.log_softmax(x, 1), torch.randn(2, 3, dtype=torch.float64))
