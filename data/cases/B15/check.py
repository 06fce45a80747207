import torch

from gradboard_check import check, close, equal, holds, person, value


def data(n, held_out):
    """Few points of pure noise: whatever is learnt of them is of no use on others."""
    return (torch.randn(n, 6), torch.randn(n, 1)), (torch.randn(held_out, 6), torch.randn(held_out, 1))


@check("best-score")
def best_score():
    for epochs in (1, 12, 30):
        model, (few, others) = person.Net(), data(16, 40)
        best, _, history = value(person.train(model, few, others, epochs, 0.02))
        given = {"epochs": epochs, "held-out losses": history}
        equal(len(history), epochs, given)
        close(best, min(history), given, 1e-6)


@check("restored")
def restored():
    for epochs in (12, 40):
        model, (few, others) = person.Net(), data(16, 40)
        best, _, history = value(person.train(model, few, others, epochs, 0.02))
        given = {"epochs": epochs, "best epoch": history.index(min(history)) + 1, "held-out loss there": min(history)}
        close(person.evaluate(model, *others), best, given, 1e-5)


@check("kept")
def kept():
    model, (few, others) = person.Net(), data(16, 40)
    best, state, _ = person.train(model, few, others, 15, 0.02)
    before = {name: value(tensor.clone()) for name, tensor in state.items()}
    fresh = person.Net()
    fresh.load_state_dict(before)
    close(person.evaluate(fresh, *others), best, {"loaded": "the state dict that came back, into a new model"}, 1e-5)
    person.train(model, few, others, 5, 0.02)
    for name, tensor in state.items():
        close(value(tensor.clone()).double(), before[name].double(), {"after five more epochs": name}, 0)


@check("goes-on")
def goes_on():
    """Keeping the best must not stop the weights from moving."""
    model, (few, others) = person.Net(), data(16, 40)
    _, _, history = value(person.train(model, few, others, 20, 0.02))
    holds(len(set(history)) > 15, {"epochs": 20}, "another held-out loss in each epoch", history)
