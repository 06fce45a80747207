"""Two ways to do without a graph: build none, or cut it at one tensor.

Under no_grad results have no grad_fn, whatever their inputs are.  detach() gives the
same numbers in the same memory, without a past.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb


def nodes_behind(tensor):
    """Operation nodes of the backward graph, each once, leaves left out."""
    found, queue = [], [tensor.grad_fn]
    while queue:
        node = queue.pop()
        if node is None or node in found or type(node).__name__ == "AccumulateGrad":
            continue
        found.append(node)
        queue += [following for following, _ in node.next_functions]
    return found


def cut():
    """detach cuts the past off; it does not copy the numbers."""
    a = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
    h = a * 2
    d = h.detach()
    loss = (h * d).sum()                     # the second factor counts as a constant
    gb.watch(loss)
    loss.backward()
    print("loss = sum(h * h.detach()), h = 2a")
    print(f"a.grad {a.grad.tolist()}: one factor only; without detach it would be {(8 * a.detach()).tolist()}")
    gb.check("the gradient came through one factor", torch.equal(a.grad, 2 * d))

    gb.ask("shared-write")
    x = torch.tensor([1.0, 2.0, 3.0])
    shared = x.detach()
    shared[0] = 5
    gb.tell("shared-write", "yes" if x[0].item() == 5 else "no")
    print("after x.detach()[0] = 5: x is", x.tolist(), "and a clone would have kept", [1.0, 2.0, 3.0])

    for name in ("detach()", "data"):
        w = torch.tensor([1.0, 2.0, 3.0], requires_grad=True)
        square = w * w                       # keeps w for the walk back
        other = w.detach() if name == "detach()" else w.data
        other[0] = 5
        try:
            square.sum().backward()
            print(f"w.{name}[0] = 5 before backward: w.grad {w.grad.tolist()}, and it should be [2.0, 4.0, 6.0]")
        except RuntimeError as error:
            print(f"w.{name}[0] = 5 before backward: RuntimeError: {' '.join(str(error).split()[:8])}")


def network():
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(64, 256), nn.Tanh(), nn.Linear(256, 256), nn.Tanh(), nn.Linear(256, 1))


def kept_bytes(outputs):
    """Bytes of the results which tanh nodes behind `outputs` keep for backward."""
    kept = [node._saved_result for output in outputs for node in nodes_behind(output)
            if hasattr(node, "_saved_result")]
    return sum(t.numel() * t.element_size() for t in kept)


def evaluate():
    """An evaluation needs outputs, not a way back.  Whoever keeps a loss keeps all that led to it."""
    torch.manual_seed(1)
    model, batches = network().eval(), torch.randn(4, 512, 64)
    gb.mark("evaluation, nothing said")
    losses = []
    for x in batches:
        losses.append(model(x).pow(2).mean())
    print(f"as it is: grad_fn {type(losses[0].grad_fn).__name__}, tanh keeps {kept_bytes(losses)} bytes for 4 batches")
    gb.check("eval() does not stop the graph", losses[0].requires_grad)
    plain = [loss.item() for loss in losses]
    del losses, x

    gb.mark("evaluation under no_grad")
    gb.ask("inside")
    with torch.no_grad():
        losses = []
        for x in batches:
            losses.append(model(x).pow(2).mean())
        w = torch.ones(2, requires_grad=True)
        y = w * 2
    gb.tell("inside", str(y.requires_grad))
    print(f"no_grad:  grad_fn {losses[0].grad_fn}, tanh keeps {kept_bytes(losses)} bytes")
    print(f"          y.requires_grad {y.requires_grad}, w.requires_grad {w.requires_grad}")
    gb.check("the numbers are the same", plain == [loss.item() for loss in losses])


def target():
    """A temporal-difference loss must not pull its own target along."""
    torch.manual_seed(0)
    q = nn.Linear(3, 1)
    now, later, reward, gamma = torch.randn(8, 3), torch.randn(8, 3), torch.randn(8, 1), 0.9
    gb.ask("other-gradient")
    gradients = {}
    for name in ("detach", "no_grad", "nothing"):
        q.zero_grad()
        if name == "detach":
            goal = reward + gamma * q(later).detach()
        elif name == "no_grad":
            with torch.no_grad():
                goal = reward + gamma * q(later)
        else:
            goal = reward + gamma * q(later)
        loss = F.mse_loss(q(now), goal)
        loss.backward()
        gradients[name] = q.weight.grad.clone()
        print(f"{name:<8} loss {loss.item():.4f}  q.weight.grad {[round(g, 4) for g in q.weight.grad[0].tolist()]}")
    gb.check("the loss is the same number in all three; only the way back differs",
             torch.equal(gradients["detach"], gradients["no_grad"]))
    differs = [n for n, g in gradients.items() if sum(torch.allclose(g, other) for other in gradients.values()) == 1]
    gb.tell("other-gradient", differs[0])


def running():
    """total = total + loss keeps the graph of every step; total += loss.item() keeps a number."""
    steps = gb.knob("steps", 8, 2, 20)
    x, y = torch.ones(256, 64), torch.zeros(256, 1)
    gb.ask("nodes-behind")
    for name in ("loss.item()", "loss"):
        model = network()
        optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
        gb.mark(f"total += {name}")
        total = 0.0
        for _ in range(steps):
            optimizer.zero_grad()
            loss = F.mse_loss(model(x), y)
            loss.backward()
            optimizer.step()
            total = total + (loss.item() if name == "loss.item()" else loss)
            held = len(nodes_behind(total)) if torch.is_tensor(total) else 0
            gb.log(f"nodes behind total, {name}", held)
        print(f"total += {name:<12} {float(total):.4f}, {held} nodes behind it after {steps} steps")
    gb.tell("nodes-behind", held)


if __name__ == "__main__":
    for tab in (cut, evaluate, target, running):
        tab()
        print()
