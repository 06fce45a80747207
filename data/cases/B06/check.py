import torch
import torch.nn.functional as F

from gradboard_check import check, close, equal, holds, person, value


def batches(n, size=12):
    return [(2 + 3 * torch.randn(size, 24), torch.randint(4, (size,))) for _ in range(n)]


def trained():
    """A model after one epoch, in training mode, as an epoch leaves it."""
    model = person.Net()
    person.train(model, batches(3), batches(1), 1)
    model.train()
    return model


def reference(state, several):
    """Loss and accuracy with running statistics and without dropout."""
    x, y = torch.cat([x for x, _ in several]), torch.cat([y for _, y in several])
    x = (x - state["norm.running_mean"]) / (state["norm.running_var"] + 1e-5).sqrt() * state["norm.weight"] + state["norm.bias"]
    hidden = F.relu(F.linear(x, state["hidden.weight"], state["hidden.bias"]))
    scores = F.linear(hidden, state["head.weight"], state["head.bias"])
    return F.cross_entropy(scores, y).item(), (scores.argmax(dim=1) == y).float().mean().item()


@check("same-again")
def same_again():
    model, several = trained(), batches(4)
    first = value(person.validate(model, several))
    again = value(person.validate(model, several))
    close(torch.tensor(again), torch.tensor(first), {"batches": 4, "passes": 2}, 1e-6)


@check("statistics")
def statistics():
    model, several = trained(), batches(4)
    before = value(model.state_dict())
    person.validate(model, several)
    after = value(model.state_dict())
    for name in before:
        close(after[name].double(), before[name].double(), {"batches": 4, "after validate": name}, 0)


@check("score")
def score():
    model = trained()
    for n in (1, 3):
        several = batches(n)
        expected = reference(value(model.state_dict()), several)
        model.train()
        close(torch.tensor(value(person.validate(model, several))), torch.tensor(expected), {"batches": n}, 1e-4)


@check("trains-on")
def trains_on():
    for epochs, n in ((1, 4), (3, 2)):
        model = person.Net()
        person.train(model, batches(n), batches(3), epochs)
        seen = int(value(model.norm.num_batches_tracked))
        equal(seen, epochs * n, {"epochs": epochs, "batches": n, "held-out batches": 3, "count": "norm.num_batches_tracked"})
    # Dropout in every epoch: with the same data from the same weights two runs differ.
    state, several, ends = value(person.Net().state_dict()), batches(2), []
    for _ in range(2):
        model = person.Net()
        person.train(model, several, several, 1)
        model.load_state_dict(state)
        person.train(model, several, several, 1)
        ends.append(value(model.state_dict())["head.weight"])
    holds(not torch.equal(*ends), {"runs": "two, from the same weights on the same data"}, "weights that differ, by dropout", ends[1])


@check("learns")
def learns():
    x, y = value(person.make_data(384, 21))
    model = person.Net()
    held_x, held_y = value(person.make_data(160, 22))
    order = held_y.argsort()
    history = person.train(model, [(x[i:i + 64], y[i:i + 64]) for i in range(0, 384, 64)],
                           [(held_x[order[i:i + 16]], held_y[order[i:i + 16]]) for i in range(0, 160, 16)], 6)
    holds(history[-1][1] >= 0.95, {"epochs": 6, "held-out samples": "160, class by class"}, "accuracy >= 0.95", history[-1])
