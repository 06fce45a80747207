import torch
import torch.nn.functional as F

from gradboard_check import check, close, equal, holds, person, put, source, taken, tape, torch_there, value


def block_numbers(channels_in, channels_out, stride):
    numbers = 9 * channels_out * (channels_in + channels_out) + 4 * channels_out
    changes = stride != 1 or channels_in != channels_out
    return numbers + (channels_in * channels_out + 2 * channels_out) * changes


def numbers(module):
    return sum(value(p).numel() for p in module.parameters())


def put_random(module):
    """Every parameter and running statistic gets a value of its own; they are returned by name."""
    state = value(module.state_dict())
    for name, t in state.items():
        if t.dtype.is_floating_point:
            state[name] = torch.rand_like(t) + 0.5 if name.endswith("running_var") else torch.randn_like(t) * (0.3 if t.dim() == 4 else 1)
    module.load_state_dict(state)
    return state


def norm(x, state, name):
    """BatchNorm in eval mode, by its formula."""
    mean, var, weight, bias = (state[f"{name}.{part}"][:, None, None] for part in ("running_mean", "running_var", "weight", "bias"))
    return (x - mean) / (var + 1e-5).sqrt() * weight + bias


def expected_block(x, state, stride):
    out = F.relu(norm(F.conv2d(x, state["conv1.weight"], stride=stride, padding=1), state, "bn1"))
    out = norm(F.conv2d(out, state["conv2.weight"], padding=1), state, "bn2")
    ways = [name for name, t in state.items() if name.startswith("shortcut") and t.dim() == 4]
    if ways:
        x = F.conv2d(x, state[ways[0]], stride=stride)
        x = norm(x, state, next(name for name in state if name.startswith("shortcut") and name.endswith("running_var"))[:-12])
    return F.relu(out + x)


@check("own")
def own():
    used = {name for name in source.uses() if name.split(".")[0] == "torchvision"}
    holds(not used, expected="nothing of torchvision", got=used)


@check("block")
def block():
    for channels_in, channels_out, stride, sizes in ((6, 6, 1, (5, 7)), (4, 8, 2, (8, 8)), (4, 8, 1, (6, 6)), (6, 6, 2, (7, 9))):
        layer = person.Block(channels_in, channels_out, stride)
        given = {"Block": f"({channels_in}, {channels_out}, {stride})"}
        equal(numbers(layer), block_numbers(channels_in, channels_out, stride), {**given, "what": "numbers in its parameters"})
        state = put_random(layer)
        layer.eval()
        x = torch.randn(2, channels_in, *sizes)
        close(layer(x), expected_block(x, state, stride), {**given, "x": x, "mode": "eval, random parameters"}, 1e-4)


@check("identity")
def identity():
    x = torch.randn(3, 6, 5, 5)
    for mode in (True, False):
        layer = person.Block(6, 6).train(mode)
        close(layer(x), x.relu(), {"Block": "(6, 6), as it begins", "training": mode, "x": x}, 1e-5)
    layer = person.Block(6, 6)
    layer(put(x)).pow(2).sum().backward()
    slope = value(layer.bn2.weight.grad)
    holds(bool((slope != 0).any()), {"Block": "(6, 6), as it begins", "gradient of": "bn2.weight"}, "not all 0: the branch can wake up", slope)


@check("shapes")
def shapes():
    for n, size, width, blocks, classes in ((5, 16, 8, 1, 4), (1, 16, 4, 2, 10), (2, 32, 8, 1, 4), (2, 20, 4, 1, 3)):
        net = person.SmallResNet(width=width, blocks=blocks, classes=classes).eval()
        given = {"SmallResNet": f"width={width}, blocks={blocks}, classes={classes}", "x": f"({n}, 3, {size}, {size})"}
        called = tape("Block.forward")
        out = value(net(torch.randn(n, 3, size, size)))
        equal(tuple(out.shape), (n, classes), given)
        equal(len(taken(called)), 3 * blocks, {**given, "what": "blocks that were passed"})


@check("numbers")
def count():
    for width, blocks, classes in ((8, 1, 4), (4, 3, 10)):
        expected = 27 * width + 2 * width + 4 * width * classes + classes
        for stage in range(3):
            out = width * 2 ** stage
            before = max(width, out // 2)
            expected += block_numbers(before, out, 2 if stage else 1) + (blocks - 1) * block_numbers(out, out, 1)
        given = {"SmallResNet": f"width={width}, blocks={blocks}, classes={classes}", "what": "numbers in its parameters"}
        equal(numbers(person.SmallResNet(width=width, blocks=blocks, classes=classes)), expected, given)


@check("gradients")
def gradients():
    net = person.SmallResNet(blocks=2)
    person_f = torch_there().nn.functional
    person_f.cross_entropy(net(torch.randn(8, 3, 16, 16)), torch.randint(0, 4, (8,))).backward()
    parameters = [(name, p) for name, p in net.named_parameters()]
    without = [name for name, p in parameters if p.grad is None]
    holds(not without, {"done": "one backward"}, "a gradient for every parameter", without)
    stem = [(name, p) for name, p in parameters if tuple(value(p).shape) == (8, 3, 3, 3)]
    holds(len(stem) == 1, {"what": "convolutions with weights (8, 3, 3, 3)"}, 1, len(stem))
    holds(float(value(stem[0][1].grad).norm()) > 0, {"gradient of": stem[0][0]}, "not 0", 0.0)


@check("learns")
def learns():
    net = person.SmallResNet()
    pictures, labels = put(torch.randn(32, 3, 16, 16)), put(torch.randint(0, 4, (32,)))
    optimizer = torch_there().optim.Adam(net.parameters(), lr=0.01)
    loss_of = torch_there().nn.functional.cross_entropy
    for _ in range(60):
        optimizer.zero_grad()
        loss = loss_of(net(pictures), labels)
        loss.backward()
        optimizer.step()
    given = {"pictures": "32, random, with random labels", "Adam": "lr 0.01, 60 steps"}
    holds(float(value(loss)) < 0.1, given, "loss < 0.1", float(value(loss)))
    net.eval()
    once, alone = value(net(pictures)), value(net(value(pictures)[:1]))
    close(net(pictures), once, {"mode": "eval", "what": "the same pictures once more"}, 0)
    close(alone, once[:1], {"mode": "eval", "what": "the first picture alone"}, 1e-4)
