import torch

from gradboard_check import check, equal, holds, person, value

DEPTH, WIDTH = 20, 32


@check("all-layers")
def all_layers():
    model, x = person.Net(), value(person.make_data(64, 70))[0]
    before = value(model(x))
    sizes = [tuple(value(layer.weight).shape) for layer in model.layers]
    equal(sizes, [(WIDTH, WIDTH)] * DEPTH, {"weights of": "the layers"})
    equal(sum(value(p).numel() for p in model.parameters()) >= DEPTH * WIDTH * WIDTH, True, {"parameters": "of twenty layers"})
    for nth in (0, 9, 19):
        kept = value(model.layers[nth].weight.detach().clone())
        model.layers[nth].weight.data.copy_(kept + 0.5 * torch.randn(WIDTH, WIDTH))
        moved = float((value(model(x)) - before).abs().max())
        holds(moved > 1e-3, {"layer": nth + 1, "its weights": "changed at random"}, "another output", {"moved by": moved})
        model.layers[nth].weight.data.copy_(kept)


@check("gradients")
def gradients():
    ratios = []
    for seed in (71, 72, 73, 74, 75):
        norms = value(person.gradient_norms(person.Net(), *value(person.make_data(128, seed))))
        ratios.append(norms[0] / norms[-1] if norms[-1] else 0.0)
        holds(min(norms) > 1e-3 * max(norms), {"gradients": "at the start"}, "no layer below a thousandth of another", norms)
    middle = sorted(ratios)[2]
    holds(0.1 <= middle <= 10, {"gradients": "at the start", "of": "layer 1 over layer 20", "nets": 5}, "between 0.1 and 10 in the median", middle)


@check("learns")
def learns():
    scores = []
    while len(scores) < 2 and max(scores, default=0) < 0.9:
        model = person.Net()
        person.train(model, *value(person.make_data(384, 81)), 8)
        scores.append(person.accuracy(model, *value(person.make_data(300, 82))))
    holds(max(scores) >= 0.9, {"epochs": 8, "new points": 300, "nets": 2}, "accuracy >= 0.9 of the better", scores)
