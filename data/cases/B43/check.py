import torch

from gradboard_check import check, close, equal, holds, person, value


@check("parameters")
def parameters():
    one = sum(value(p).numel() for p in person.Block(24).parameters())
    equal(one, 2 * 24 + 2 * 24 * 48 + 48 + 24, {"parameters": "of a block"})
    for depth in (1, 2, 5):
        net = person.Net(depth)
        equal(len(net.blocks), depth, {"depth": depth})
        equal(sum(value(p).numel() for p in net.parameters()), depth * one + 2 * 24 + 25, {"Net": f"of {depth} blocks", "parameters": f"{one} in a block"})


@check("apart")
def apart():
    blocks = person.stack(4, 8)
    for name in ("up", "down", "norm"):
        before = [value(getattr(block, name).weight.detach().clone()) for block in blocks]
        getattr(blocks[1], name).weight.data.add_(1.0)
        for nth, block in enumerate(blocks):
            close(getattr(block, name).weight.detach(), before[nth] + (nth == 1), {"changed": f"{name}.weight of block 1", "block": nth}, 1e-6)


@check("first-values")
def first_values():
    blocks = person.stack(3, 8)
    weights = [value(block.up.weight) for block in blocks]
    for a in range(2):
        holds(float((weights[a] - weights[a + 1]).abs().max()) > 1e-3, {"blocks": [a, a + 1], "weight": "up"}, "different first values", weights[a][:2])


@check("gradients")
def gradients():
    net, x = person.Net(3), torch.randn(6, 1)
    net(x).pow(2).sum().backward()
    grads = [value(block.up.weight.grad) for block in net.blocks]
    for a in range(2):
        holds(float((grads[a] - grads[a + 1]).abs().max()) > 1e-7, {"blocks": [a, a + 1], "gradients": "of up"}, "each its own", grads[a][:2])
    equal(len([name for name, _ in net.named_parameters()]), 3 * 6 + 4, {"Net": "of 3 blocks", "parameters": "by name"})


@check("learns")
def learns():
    net = person.Net()
    losses = person.train(net, *value(person.make_data(384, 31)), 12)
    first, last = sum(losses[:6]) / 6, sum(losses[-6:]) / 6
    holds(last < 0.6 * first, {"epochs": 12, "mean loss of the first 6 steps": first}, "below 0.6 of it in the last 6", last)
