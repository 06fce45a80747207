import torch

from gradboard_check import check, close, equal, holds, person, put, torch_there, value

WORDS, LENGTH, WIDTH = 60, 6, 32


@check("one-table")
def one_table():
    model = person.Pointer()
    sizes = sorted(tuple(value(p).shape) for p in model.parameters())
    equal(sizes, [(LENGTH, LENGTH), (WORDS, WIDTH)], {"sizes of": "all parameters"})
    table = torch.randn(WORDS, WIDTH)
    model.embed.weight.data.copy_(table)
    x = torch.randn(3, WIDTH)
    close(model.head(x), x @ table.t(), {"embed": "given new values", "x": x, "then": "head(x)"}, 1e-5)


@check("one-gradient")
def one_gradient():
    model = person.Pointer()
    table, words = value(model.embed.weight.detach().clone()), torch.randint(WORDS, (4,))
    x = torch.randn(4, WIDTH)
    model.embed(words).mul(x).sum().add(model.head(x).sum()).backward()
    expected = torch.zeros(WORDS, WIDTH).index_add(0, words, x) + x.sum(dim=0)
    close(model.embed.weight.grad, expected, {"words": words, "gradient of": "the table, by way in and way out"}, 1e-4)
    optimizer = torch_there().optim.SGD(model.parameters(), lr=0.1)
    optimizer.step()
    for name in ("embed", "head"):
        close(getattr(model, name).weight.detach(), table - 0.1 * expected, {"step of": "SGD, rate 0.1", "weight": name}, 1e-4)


@check("first-values")
def first_values():
    for _ in range(2):
        lengths = value(person.Pointer().embed.weight).norm(dim=1)
        holds(0.8 < float(lengths.mean()) < 1.2, {"first values": "of the table"}, "vectors of length about 1", lengths)
    first, second = (value(person.Pointer().embed.weight) for _ in range(2))
    holds(not torch.equal(first, second), {"models": "two"}, "different first values", first[0])


@check("loaded")
def loaded():
    model, other = person.Pointer(), person.Pointer()
    other.load_state_dict(model.state_dict())
    words, place = torch.randint(WORDS, (5, LENGTH)), torch.randint(LENGTH, (5,))
    close(other(words, place), value(model(words, place)), {"words": words, "then": "saved and loaded"}, 1e-5)
    equal(len(value(model.state_dict())), 3, {"keys": "in the state_dict"})


@check("other-words")
def other_words():
    model = person.Pointer()
    person.train(model, value(person.make_data(768, 51)), 10)
    for low, high, least in ((0, 40, 0.9), (40, 60, 0.1)):
        score = person.accuracy(model, *value(person.make_data(300, 52, low, high)))
        holds(score >= least, {"trained on words": "0 to 39", "asked for words": f"{low} to {high - 1}"}, f"accuracy >= {least}", score)
