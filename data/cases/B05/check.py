import math

import torch
import torch.nn.functional as F

from gradboard_check import check, close, equal, holds, person, value


def chunks(x, heads):
    """The heads one by one: (n, T, d) each."""
    d = x.shape[2] // heads
    return [x[:, :, i * d:(i + 1) * d] for i in range(heads)]


def by_loop(state, x, heads):
    """The weights and the output of attention, head after head."""
    q, k, v = (chunks(F.linear(x, state[f"{name}.weight"], state[f"{name}.bias"]), heads) for name in ("query", "key", "value"))
    weights = [(a @ b.transpose(1, 2) / math.sqrt(a.shape[2])).softmax(dim=-1) for a, b in zip(q, k)]
    return torch.stack(weights, dim=1), torch.cat([w @ c for w, c in zip(weights, v)], dim=2)


@check("one-token")
def one_token():
    for n, t, width, heads in ((1, 3, 4, 2), (2, 5, 6, 3), (3, 8, 8, 4)):
        x = torch.randn(n, t, width)
        before = value(person.split(x, heads))
        equal(before.shape, (n, heads, t, width // heads), {"sizes": x.shape, "heads": heads})
        for token in (0, t // 2, t - 1):
            moved = x.clone()
            moved[:, token] += 1
            rows = (value(person.split(moved, heads)) != before).any(dim=3).any(dim=1).any(dim=0)
            expected = torch.arange(t) == token
            equal(rows, expected, {"sizes": x.shape, "heads": heads, "changed": f"token {token}", "rows that change": "in any head"})


@check("heads")
def heads_():
    for n, t, width, heads in ((1, 3, 4, 2), (2, 7, 12, 3), (2, 4, 6, 1), (1, 1, 8, 4)):
        x = torch.randn(n, t, width)
        given = {"x": x, "heads": heads}
        close(person.split(x, heads), torch.stack(chunks(x, heads), dim=1), given, 0)
        close(person.merge(torch.stack(chunks(x, heads), dim=1)), x, given, 0)


@check("loop")
def loop():
    for n, t, width, heads in ((2, 5, 8, 2), (3, 12, 32, 4), (1, 7, 6, 3), (2, 4, 4, 4)):
        attention, x = person.Attention(width, heads), torch.randn(n, t, width)
        weights, expected = by_loop(value(attention.state_dict()), x, heads)
        given = {"sizes": x.shape, "heads": heads}
        close(attention.weights(x), weights, {**given, "weights": "of a loop over heads"}, 1e-5)
        close(attention(x), expected, {**given, "output": "of a loop over heads"}, 1e-5)


@check("learns")
def learns():
    model = person.Reader()
    person.train(model, *value(person.make_data(384, 71)), 10)
    score = person.accuracy(model, *value(person.make_data(300, 72)))
    holds(score >= 0.95, {"epochs": 10, "new sequences": 300}, "accuracy >= 0.95", score)
