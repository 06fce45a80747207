import math

import torch
import torch.nn.functional as F

from gradboard_check import check, close, equal, gradients, holds, person, put, raises, value

GAMMAS = (0.0, 0.5, 1.0, 2.0, 3.5)


def expected(logits, target, gamma, alpha=None):
    """For each row, in float64; 1 - p as the sum of the other classes, which does not vanish."""
    logits = logits.double()
    rows = torch.arange(len(target))
    log_p = torch.log_softmax(logits, 1)
    others = log_p.masked_fill(F.one_hot(target, logits.shape[1]).bool(), -math.inf)
    loss = -(gamma * torch.logsumexp(others, 1)).exp() * log_p[rows, target] if gamma else -log_p[rows, target]
    return loss if alpha is None else loss * torch.as_tensor(alpha).double()[target]


def some(n=6, classes=4, scale=2.0):
    return torch.randn(n, classes) * scale, torch.randint(0, classes, (n,))


@check("cross-entropy")
def cross_entropy():
    for n, classes in ((1, 2), (6, 4)):
        logits, target = some(n, classes)
        given = {"gamma": 0.0, "logits": logits, "target": target}
        close(person.FocalLoss(gamma=0.0)(logits, target), F.cross_entropy(logits, target), given, 1e-6)


@check("values")
def values():
    for p in (0.9, 0.5, 0.1):
        logits = torch.tensor([[p, 1 - p]], dtype=torch.float64).log()
        got = person.FocalLoss(gamma=2.0, reduction="none")(logits, torch.tensor([0]))
        close(value(got) / -math.log(p), torch.tensor([(1 - p) ** 2], dtype=torch.float64), {"gamma": 2.0, "p": p, "what": "loss / -log p, the weight"}, 1e-9)
    for gamma in GAMMAS:
        logits, target = some()
        given = {"gamma": gamma, "logits": logits, "target": target}
        close(person.FocalLoss(gamma=gamma)(logits, target), expected(logits, target, gamma).mean().float(), given, 1e-5)
    logits, target = some()
    close(person.FocalLoss()(logits, target), expected(logits, target, 2.0).mean().float(), {"FocalLoss": "with its defaults", "logits": logits, "target": target}, 1e-5)


@check("alpha")
def alpha():
    weights = [0.2, 1.0, 3.0, 0.5]
    for form in (torch.tensor(weights), weights):
        logits, target = some(8)
        loss = person.FocalLoss(gamma=2.0, alpha=form)
        given = {"gamma": 2.0, "alpha": form, "logits": logits, "target": target}
        close(loss(logits, target), expected(logits, target, 2.0, weights).mean().float(), given, 1e-5)
    equal([name for name, _ in loss.named_parameters()], [], {"alpha": weights, "what": "parameters"})
    loss.double()
    logits = logits.double()
    got = loss(logits, target)
    close(got, expected(logits, target, 2.0, torch.tensor(weights)).mean(), {"alpha": weights, "module": "after .double()", "logits": logits, "target": target}, 1e-9)
    held = [str(value(t).dtype) for _, t in loss.named_buffers()]
    holds("torch.float64" in held, {"alpha": weights, "module": "after .double()"}, "alpha moves with the module, as float64", held)


@check("reduction")
def reduction():
    logits, target = some(5)
    rows = expected(logits, target, 2.0, [1.0, 2.0, 0.5, 4.0])
    for how, right in (("none", rows), ("sum", rows.sum()), ("mean", rows.mean())):
        loss = person.FocalLoss(2.0, torch.tensor([1.0, 2.0, 0.5, 4.0]), how)
        given = {"gamma": 2.0, "alpha": [1.0, 2.0, 0.5, 4.0], "reduction": how, "logits": logits, "target": target}
        close(loss(logits, target), right.float(), given, 1e-5)
    for how in ("average", None):
        raises("ValueError", person.FocalLoss, 2.0, None, how, given={"reduction": how})


@check("graph")
def graph():
    logits, target = some()
    leaf = put(logits.clone(), True)
    loss = person.FocalLoss(alpha=[1.0, 2.0, 3.0, 4.0])(leaf, target)
    holds(in_graph(loss), {"what": "loss"}, "a tensor that requires gradients", loss)
    close(leaf.detach().clone(), logits, {"what": "logits after the call"}, 0)
    loss.backward()
    mine = logits.double().requires_grad_()
    expected(mine, target, 2.0, [1.0, 2.0, 3.0, 4.0]).mean().backward()
    close(leaf.grad, mine.grad.float(), {"gamma": 2.0, "alpha": [1.0, 2.0, 3.0, 4.0], "logits": logits, "target": target, "gradient by": "logits"}, 1e-5)


def in_graph(loss):
    return isinstance(value(loss), torch.Tensor) and loss.requires_grad


@check("gradients")
def gradients_agree():
    target = torch.tensor([0, 2, 1])
    for gamma in GAMMAS:
        loss = person.FocalLoss(gamma=gamma, alpha=torch.tensor([0.5, 1.0, 2.0], dtype=torch.float64), reduction="sum")
        gradients(lambda x: loss(x, target), torch.randn(3, 3, dtype=torch.float64) * 2)


@check("edges")
def edges():
    for gamma in GAMMAS:
        for size in (15.0, 30.0, 200.0, 1000.0):
            logits = torch.tensor([[size, 0.0, -size], [size, 0.0, -size], [0.0, 0.0, 0.0]])
            for target in (torch.tensor([0, 1, 2]), torch.tensor([2, 0, 1])):
                given = {"gamma": gamma, "logits": logits, "target": target}
                leaf = put(logits, True)
                loss = person.FocalLoss(gamma=gamma, reduction="sum")(leaf, target)
                mine = logits.double().requires_grad_()
                right = expected(mine, target, gamma).sum()
                close(loss, right.detach().float(), given, 2e-3)
                loss.backward()
                right.backward()
                close(leaf.grad, mine.grad.float(), {**given, "gradient by": "logits"}, 2e-3)
