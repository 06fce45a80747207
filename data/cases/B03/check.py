import torch
import torch.nn.functional as F

from gradboard_check import check, close, holds, person, value

SHAPES = {"hidden.weight": (48, 36), "hidden.bias": (48,), "head.weight": (10, 48), "head.bias": (10,)}


def model_with(state):
    model = person.Net()
    model.load_state_dict(state)
    return model


def scores(state, x):
    return F.linear(F.relu(F.linear(x, state["hidden.weight"], state["hidden.bias"])), state["head.weight"], state["head.bias"])


def random_state(scale):
    return {name: scale * torch.randn(shape) for name, shape in SHAPES.items()}


def constant_state(bias):
    """A model that gives these scores for any input."""
    return {**{name: torch.zeros(shape) for name, shape in SHAPES.items()}, "head.bias": bias}


@check("perfect-scores")
def perfect_scores():
    for label in (0, 7):
        model = model_with(constant_state(20 * F.one_hot(torch.tensor(label), 10).float()))
        loss = value(person.loss_of(model, torch.randn(6, 36), torch.full((6,), label)))
        holds(float(loss) < 0.01, given={"scores": "20 for the right class, 0 for the others"}, expected="loss < 0.01", got=loss)


@check("loss")
def loss():
    for scale in (0.1, 0.5):
        state, x, y = random_state(scale), torch.randn(8, 36), torch.randint(10, (8,))
        expected = F.cross_entropy(scores(state, x), y)
        got = person.loss_of(model_with(state), x, y)
        close(got, expected, {"scores": scores(state, x)[0], "label": int(y[0])}, 1e-4)


@check("sure-and-wrong")
def sure_and_wrong():
    bias = 200 * F.one_hot(torch.tensor(3), 10).float()
    model = model_with(constant_state(bias))
    loss = person.loss_of(model, torch.randn(4, 36), torch.full((4,), 5))
    close(loss, 200.0, {"scores": bias, "label": 5}, 1e-4)
    loss.backward()
    expected = torch.zeros(10)
    expected[3], expected[5] = 1, -1
    close(model.head.bias.grad, expected, {"scores": bias, "label": 5, "gradient of": "head.bias"}, 1e-4)


@check("learns")
def learns():
    x, y = value(person.make_data(640, 91))
    model = person.Net()
    losses = person.train(model, x, y, 15)
    holds(losses[-1] < 0.2, given={"epochs": 15}, expected="loss < 0.2", got=losses[-1])
    score = person.accuracy(model, *value(person.make_data(300, 92)))
    holds(score >= 0.95, given={"new patterns": 300}, expected="accuracy >= 0.95", got=score)
