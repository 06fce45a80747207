"""How large are the numbers after twenty layers?

A layer multiplies the variance of what comes in by fan_in * Var(w), and ReLU
halves the mean square of what it lets through.  Whatever the factor of one layer
is, a stack has it to the power of its depth, forward and backward alike.
"""

import math
from pathlib import Path

import torch
import torch.nn as nn

import gradboard as gb

WIDTH = 256
INITS = {
    "zeros": nn.init.zeros_,
    "N(0, 1)": nn.init.normal_,
    "Xavier": nn.init.xavier_normal_,
    "Kaiming": lambda w: nn.init.kaiming_normal_(w, nonlinearity="relu"),
}
ACTIVATIONS = {"tanh": nn.Tanh, "ReLU": nn.ReLU}


def stack(depth, activation, init):
    """`depth` times Linear and activation, all weights drawn in one way."""
    torch.manual_seed(0)
    layers = []
    for _ in range(depth):
        linear = nn.Linear(WIDTH, WIDTH, bias=False)
        INITS[init](linear.weight)
        layers += [linear, ACTIVATIONS[activation]()]
    return nn.Sequential(*layers)


def rms(t):
    return t.double().pow(2).mean().sqrt().item()    # in float64, so that the square does not overflow


def walk(net, x):
    """What stands behind every activation."""
    outputs = []
    for layer in net:
        x = layer(x)
        if not isinstance(layer, nn.Linear):
            outputs.append(x)
    return outputs


def layers():
    """Root mean square of every layer's output, for all pairs; then one pair in full."""
    depth = gb.knob("depth", 20, 4, 40)
    x = torch.randn(128, WIDTH, generator=torch.Generator().manual_seed(1))
    gb.ask("xavier-relu")
    gb.ask("kaiming-relu")
    gb.ask("normal-relu")
    last, shown = {}, [d for d in (1, 2, 5, 10, 20, 40) if d <= depth]
    print("rms of the output of layer" + "".join(f"{d:>10}" for d in shown))
    with torch.no_grad():
        for activation in ACTIVATIONS:
            for init in INITS:
                outputs = walk(stack(depth, activation, init), x)
                print(f"{activation:<6}{init:<20}" + "".join(f"{rms(outputs[d - 1]):>10.2g}" for d in shown))
                last[activation, init] = outputs[-1]
    gain = math.log2(rms(last["ReLU", "Xavier"]) / rms(x))
    kept = rms(last["ReLU", "Kaiming"]) / rms(x)
    square = last["ReLU", "N(0, 1)"].pow(2).mean().item()
    print(f"\nReLU and Xavier: 2^{gain:.1f} of the input is left after {depth} layers")
    print(f"ReLU and N(0, 1): the mean square of the output in float32 is {square}")
    gb.tell("xavier-relu", gain)
    gb.tell("kaiming-relu", "vanishes" if kept < 0.1 else "explodes" if kept > 10 else "stays")
    gb.tell("normal-relu", "inf" if math.isinf(square) else "finite")
    gb.check("Xavier under ReLU loses half of the mean square per layer", abs(gain + depth / 2) < 1.6)

    init = gb.knob("init", "Xavier", choices=list(INITS))
    activation = gb.knob("activation", "ReLU", choices=list(ACTIVATIONS))
    net = gb.watch(stack(depth, activation, init))
    gb.mark(f"{activation}, {init}: forward and backward")
    with torch.no_grad():
        rows = [output[0, :24] for output in walk(net, x)]
        gb.show(torch.stack(rows), view="grid")          # a row per layer, a column per unit
    optimizer = torch.optim.SGD(net.parameters(), lr=0.0)    # its step measures, and moves nothing
    (net(x) * torch.randn(128, WIDTH, generator=torch.Generator().manual_seed(2))).mean().backward()
    optimizer.step()
    grads = [rms(layer.weight.grad) for layer in net if isinstance(layer, nn.Linear)]
    print(f"{activation}, {init}: rms of the weight gradient {grads[0]:.2g} in the first layer, {grads[-1]:.2g} in the last")


def load_digits():
    """1,437 digits to train on: 64 grey values, centred, and a label each."""
    path = Path(__file__).resolve().parents[2] / "datasets" / "digits.bin"
    records = torch.frombuffer(bytearray(path.read_bytes()), dtype=torch.uint8).reshape(-1, 65)[:1437]
    pixels = records[:, :64].float() / 8 - 1
    return pixels - pixels.mean(dim=0), records[:, 64].long()


def learn():
    """The same net four times, ten hidden layers of 64; only the first weights differ."""
    x, y = load_digits()
    nets = nn.ModuleDict()
    for name, init in INITS.items():
        torch.manual_seed(0)
        sizes = [64] * 11 + [10]
        linears = [nn.Linear(m, n) for m, n in zip(sizes, sizes[1:])]
        for linear in linears:
            init(linear.weight)
            nn.init.zeros_(linear.bias)
        nets[name] = nn.Sequential(*(part for linear in linears[:-1] for part in (linear, nn.ReLU())), linears[-1])
    gb.watch(nets)
    optimizer = torch.optim.SGD(nets.parameters(), lr=gb.knob("lr", 0.1, 0.001, 1.0, log=True))

    gb.ask("first-to-learn")
    torch.manual_seed(0)
    right = {name: 0.0 for name in INITS}
    first_losses = {}
    for step in range(80):
        batch = torch.randint(len(x), (128,))
        optimizer.zero_grad()
        total = 0.0
        for name, net in nets.items():
            scores = net(x[batch])
            loss = nn.functional.cross_entropy(scores, y[batch])
            first_losses.setdefault(name, loss.item())
            share = (scores.argmax(dim=1) == y[batch]).float().mean().item()
            right[name] = 0.9 * right[name] + 0.1 * share
            gb.log(f"right, {name}", share)
            total = total + loss
        total.backward()
        optimizer.step()
    print("init        first loss   right at the end")
    for name in INITS:
        print(f"{name:<12}{first_losses[name]:>10.4g}{right[name]:>15.0%}")
    gb.tell("first-to-learn", max(right, key=right.get))
    gb.check("zeros: nothing but the last bias has moved",
             all(not p.any() for n, p in nets["zeros"].named_parameters() if n != "20.bias"))


def two_layers(width=32):
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, width), nn.Tanh(), nn.Linear(width, 10))


def first_loss():
    """Before the first step one can say what the loss has to be, and after fifty whether units differ."""
    x, y = load_digits()
    gb.ask("zero-head")
    gb.ask("prior-bias")
    gb.ask("constant-rows")
    nets = {name: two_layers() for name in ("default", "N(0, 1)", "zero head", "constant")}
    with torch.no_grad():
        for parameter in nets["N(0, 1)"].parameters():
            parameter.normal_()
        nets["zero head"][2].weight.zero_()
        nets["zero head"][2].bias.zero_()
        for parameter in nets["constant"].parameters():
            parameter.fill_(0.05)
        losses = {name: nn.functional.cross_entropy(net(x), y).item() for name, net in nets.items()}
    for name, loss in losses.items():
        print(f"{name:<10} loss at step 0: {loss:.4f}")
    gb.tell("zero-head", losses["zero head"])
    gb.check("ten equal scores cost ln 10", abs(losses["zero head"] - math.log(10)) < 1e-4)

    seven = (y == 7).float()
    p = seven.mean()
    plain = nn.functional.binary_cross_entropy_with_logits(torch.zeros(len(y)), seven)
    prior = nn.functional.binary_cross_entropy_with_logits((p / (1 - p)).log().expand(len(y)), seven)
    print(f"is it a 7 ({p:.3f} of them are)? bias 0: {plain.item():.4f}, bias log(p / (1 - p)): {prior.item():.4f}")
    gb.tell("prior-bias", "lower" if prior < plain - 0.1 else "same")

    for name in ("default", "constant"):
        parameters = list(nets[name].parameters())
        for step in range(50):
            loss = nn.functional.cross_entropy(nets[name](x), y)
            grads = torch.autograd.grad(loss, parameters)
            with torch.no_grad():
                for parameter, grad in zip(parameters, grads):
                    parameter -= 0.1 * grad
            gb.log(f"loss, {name}", loss, step, "step")
    spread = {name: (nets[name][0].weight - nets[name][0].weight[0]).abs().max().item() for name in ("default", "constant")}
    hidden_rows = nets["constant"][0].weight.detach()[:8, :16].clone()
    gb.show(hidden_rows, view="grid")
    for name, value in spread.items():
        print(f"{name:<10} after 50 steps: rows of the first layer {'differ' if value > 1e-4 else 'are the same'}")
    gb.tell("constant-rows", "differ" if spread["constant"] > 1e-4 else "same")
    gb.check("drawn at random, rows differ", spread["default"] > 1e-2)


def zero_gamma():
    """x + gamma * f(x) with gamma 0: the identity at first; f hears of the loss once gamma has moved."""
    torch.manual_seed(0)
    weights = [(torch.randn(16, 16) / 4).requires_grad_() for _ in range(30)]
    gammas = [torch.zeros(1, requires_grad=True) for _ in range(30)]
    x, target = torch.randn(32, 16), torch.randn(32, 16)
    gb.ask("identity")
    for step in range(2):
        out = x
        for weight, gamma in zip(weights, gammas):
            out = out + gamma * torch.relu(out @ weight)
        same = torch.equal(out, x)
        if step == 0:
            gb.tell("identity", "yes" if same else "no")
        grads = torch.autograd.grad((out - target).pow(2).mean(), weights + gammas)
        inner = max(grad.abs().max().item() for grad in grads[:30])
        outer = max(grad.abs().max().item() for grad in grads[30:])
        print(f"step {step}: output is the input {same}, gradient of gammas {'yes' if outer else 'none'}, of the weights inside {'yes' if inner else 'none'}")
        if step == 0:
            gb.check("inside, the first gradient is zero", inner == 0 and outer > 0)
        with torch.no_grad():
            for parameter, grad in zip(weights + gammas, grads):
                parameter -= 0.1 * grad


if __name__ == "__main__":
    layers()
    print()
    learn()
    print()
    first_loss()
    print()
    zero_gamma()
