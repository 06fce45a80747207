import torch
import torch.nn.functional as F

from gradboard_check import Raised, check, close, equal, holds, person, put, taken, tape, torch_there, value

LR = 0.5


def batches(sizes=(5, 5, 1), classes=3, seed_labels=None):
    return [(torch.randn(n, 4), torch.randint(0, classes, (n,))) for n in sizes]


def linear():
    return torch_there().nn.Linear(4, 3)


def sgd(model, lr=LR):
    return torch_there().optim.SGD(model.parameters(), lr=lr)


def trained(state, several, lr=LR, dropped=False):
    """Weights of a linear model after an epoch of SGD, and its mean loss per sample."""
    w, b = state["weight"].clone().requires_grad_(), state["bias"].clone().requires_grad_()
    total = 0.0
    for x, y in several:
        loss = F.cross_entropy(F.linear(x * (not dropped), w, b), y)
        dw, db = torch.autograd.grad(loss, [w, b])
        with torch.no_grad():
            w -= lr * dw
            b -= lr * db
        total += loss.item() * len(y)
    return {"weight": w.detach(), "bias": b.detach()}, total / sum(len(y) for _, y in several)


def scored(state, several):
    x, y = torch.cat([x for x, _ in several]), torch.cat([y for _, y in several])
    out = F.linear(x, state["weight"], state["bias"])
    return F.cross_entropy(out, y).item(), (out.argmax(dim=1) == y).float().mean().item()


def sizes(several):
    return [len(y) for _, y in several]


def near(got, expected, given, tolerance=1e-4):
    close(torch.tensor(value(got), dtype=torch.float64), torch.tensor(expected, dtype=torch.float64), given, tolerance)


@check("updates")
def updates():
    model, several = linear(), batches()
    optimizer = sgd(model)
    model(torch.ones(2, 4)).sum().backward()               # what an earlier backward left
    expected, mean = trained(value(model.state_dict()), several)
    given = {"model": "Linear(4, 3), with gradients from an earlier backward", "batches of": sizes(several), "SGD": f"lr {LR}"}
    got = person.train_epoch(model, several, optimizer)
    state = value(model.state_dict())
    for name in expected:
        close(state[name], expected[name], {**given, "after the epoch": name}, 1e-4)
    near(got, mean, {**given, "what": "mean loss per sample"})


@check("order")
def order():
    model, several = linear(), batches((4, 4))
    optimizer = sgd(model)
    seen = tape("torch.Tensor.backward", "torch.optim.SGD.step")
    person.train_epoch(model, several, optimizer)
    person.evaluate(model, several)
    equal([name.split(".")[-1] for name in taken(seen)], ["backward", "step"] * 2, {"calls in": "train_epoch with 2 batches, then evaluate"})


@check("scores")
def scores():
    for some in ((6,), (5, 5, 1), (1, 8)):
        model, several = linear(), batches(some)
        expected = scored(value(model.state_dict()), several)
        near(person.evaluate(model, several), expected, {"batches of": sizes(several), "what": "(mean loss per sample, accuracy)"})


@check("modes")
def modes():
    nn = torch_there().nn
    model = nn.Sequential(nn.BatchNorm1d(4), nn.Dropout(0.5), nn.Linear(4, 3))
    several = batches((6, 6))
    model.eval()
    person.train_epoch(model, several, sgd(model))
    given = {"model": "BatchNorm1d, Dropout, Linear"}
    equal(int(value(model.state_dict())["0.num_batches_tracked"]), 2, {**given, "done": "train_epoch with 2 batches, the model came in eval mode", "what": "batches that BatchNorm has counted"})
    for mode in (True, False):
        model.train(mode)
        before = value(model.state_dict())
        first, second = value(person.evaluate(model, several)), value(person.evaluate(model, several))
        given = {**given, "done": "evaluate, twice", "training before": mode}
        near(second, list(first), {**given, "what": "the second result"}, 1e-6)
        after = value(model.state_dict())
        for name in before:
            close(after[name].double(), before[name].double(), {**given, "unchanged": name}, 0)
        equal([m.training for m in model.modules()], [mode] * 4, {**given, "what": "training afterwards"})


@check("no-graph")
def no_graph():
    model = torch_there().nn.ReLU(inplace=True)            # which may not overwrite such a leaf while a graph is recorded
    several = [(put(torch.randn(4, 3), True), torch.randint(0, 3, (4,)))]
    try:
        person.evaluate(model, several)
    except Raised as error:
        holds("in-place" not in error.text, {"call": "evaluate"}, "nothing is recorded for backward", "forward was recorded")
        raise


def expected_fit(state, train, val, epochs, lr, dropped=False):
    history, best, kept = [], float("inf"), state
    for _ in range(epochs):
        state, loss = trained(state, train, lr, dropped)
        val_loss, accuracy = scored(state, val)
        history.append([loss, val_loss, accuracy])
        if val_loss < best:
            best, kept = val_loss, state
    return history, kept


def contested(state, epochs):
    """Data for which the lowest validation loss is neither in the last epoch nor in that of the best accuracy."""
    while True:
        train = batches((8, 8))
        far = torch.randn(3, 4) * 8                        # a few that it gets more and more wrong
        val = [*train, (far, F.linear(far, state["weight"]).argmin(dim=1))]
        expected, kept = expected_fit(state, train, val, epochs, LR)
        losses, right = [row[1] for row in expected], [row[2] for row in expected]
        lowest = losses.index(min(losses))
        if epochs == 1 or (lowest < epochs - 1 and right.index(max(right)) != lowest):
            return train, val, expected, kept


def same_history(got, expected, given):
    equal(len(got), len(expected), {**given, "what": "rows of the history"})
    for epoch, row in enumerate(expected):
        numbers = [value(got[epoch][name]) for name in ("train_loss", "val_loss", "val_accuracy")]
        near(numbers, row, {**given, "epoch": epoch, "what": "train_loss, val_loss, val_accuracy"}, 1e-3)


@check("history")
def history():
    model, train, val = linear(), batches((6, 6, 2)), batches((5, 2))
    expected, _ = expected_fit(value(model.state_dict()), train, val, 4, LR)
    given = {"model": "Linear(4, 3)", "epochs": 4}
    same_history(value(person.fit(model, train, val, sgd(model), 4)), expected, given)

    nn = torch_there().nn
    model = nn.Sequential(nn.Dropout(1.0), nn.Linear(4, 3))
    state = {name[2:]: t for name, t in value(model.state_dict()).items()}
    expected, _ = expected_fit(state, train, val, 3, LR, dropped=True)
    same_history(value(person.fit(model, train, val, sgd(model), 3)), expected, {"model": "Dropout(1.0), Linear(4, 3)", "epochs": 3})


@check("best")
def best():
    for epochs in (1, 6):
        model = linear()
        train, val, expected, kept = contested(value(model.state_dict()), epochs)
        given = {"model": "Linear(4, 3)", "epochs": epochs, "val_loss": [round(row[1], 4) for row in expected],
                 "val_accuracy": [round(row[2], 4) for row in expected]}
        person.fit(model, train, val, sgd(model), epochs)
        state = value(model.state_dict())
        for name in kept:
            close(state[name], kept[name], {**given, "at the end": name}, 1e-4)
        near(person.evaluate(model, val)[0], min(row[1] for row in expected), {**given, "what": "validation loss at the end"})


@check("learns")
def learns():
    data = torch_there().utils.data
    loaders = [data.DataLoader(data.TensorDataset(*person.make_data(n, seed)), batch_size=size, shuffle=shuffle)
               for n, seed, size, shuffle in ((600, 100, 32, True), (193, 101, 64, False))]
    model = person.make_model()
    optimizer = torch_there().optim.Adam(model.parameters(), lr=0.01)
    person.fit(model, *loaders, optimizer, 8)
    accuracy = value(person.evaluate(model, loaders[1]))[1]
    holds(accuracy >= 0.95, {"make_data": "other seeds", "epochs": 8}, "accuracy of 0.95 or more", accuracy)
