"""Twelve short questions about tensors, autograd, modules and training: first your answer and how sure you are, then the run.

Then five derivatives by hand, each compared with a difference quotient.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb


def concepts():
    """Of sections one and two."""
    torch.manual_seed(0)
    gb.ask("halves")
    gb.tell("halves", str((torch.tensor([7]) // 2).dtype).replace("torch.", ""))
    gb.ask("wrap")
    gb.tell("wrap", int(torch.tensor([127], dtype=torch.int8).add(1)))
    gb.ask("stride-of-t")
    x = torch.arange(12).reshape(3, 4)
    gb.tell("stride-of-t", list(x.t().stride()))
    gb.ask("broadcast")
    gb.tell("broadcast", list((torch.ones(5, 1, 4) + torch.ones(3, 1)).shape))
    gb.ask("shared")
    row = x[1]
    row[0] = 99
    gb.tell("shared", int(x[1, 0]))
    gb.ask("three-times")
    w = torch.ones(2, requires_grad=True)
    for _ in range(3):
        (w * torch.tensor([1.0, 2.0])).sum().backward()
    gb.tell("three-times", w.grad[1].item())
    gb.ask("second-backward")
    a = torch.ones(2, requires_grad=True)
    product = (a * a).sum()
    product.backward()
    try:
        product.backward()
        gb.tell("second-backward", "works")
    except RuntimeError:
        gb.tell("second-backward", "fails")
    gb.ask("keys")
    norm = nn.BatchNorm1d(4)
    gb.tell("keys", len(norm.state_dict()))
    gb.ask("eval-flags")
    net = nn.Sequential(nn.Linear(4, 3), nn.Dropout(0.5), nn.Linear(3, 2))
    net.eval()
    gb.tell("eval-flags", sum(p.requires_grad for p in net.parameters()))
    gb.ask("tied")
    emb, out = nn.Embedding(10, 4), nn.Linear(4, 10, bias=False)
    out.weight = emb.weight
    gb.tell("tied", sum(p.numel() for p in nn.ModuleList([emb, out]).parameters()))
    gb.ask("conv")
    gb.tell("conv", nn.Conv2d(3, 8, 3, stride=2, padding=1)(torch.zeros(1, 3, 32, 32)).shape[-1])
    gb.ask("uniform-loss")
    gb.tell("uniform-loss", round(F.cross_entropy(torch.zeros(1, 10), torch.tensor([3])).item(), 4))
    gb.check("the answers are those of the documentation",
             [w.grad[1].item(), len(norm.state_dict())] == [6.0, 5])


def quotient(function, at, step=1e-4):
    """The slope of a function of one float64 number, from both sides."""
    at = torch.tensor(float(at), dtype=torch.float64)
    return ((function(at + step) - function(at - step)) / (2 * step)).item()


def slope(function, at, off):
    """Autograd's; how far the difference quotient is from it goes into off."""
    x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
    function(x).backward()
    off.append(abs(quotient(function, at) - x.grad.item()))
    print(f"autograd {x.grad.item():.6f}, difference quotient {quotient(function, at):.6f}")
    return x.grad.item()


def derive():
    """A derivative by hand, autograd's, and the difference quotient's."""
    def nll(z0):
        z = torch.stack([z0, torch.zeros_like(z0), torch.zeros_like(z0)])
        return -torch.log_softmax(z, 0)[0]

    off = []
    gb.ask("d-softmax")
    gb.tell("d-softmax", slope(nll, 0.0, off))
    gb.ask("d-sigmoid")
    gb.tell("d-sigmoid", slope(torch.sigmoid, 0.0, off))
    gb.ask("d-tanh")
    gb.tell("d-tanh", slope(lambda x: torch.tanh(0.5 * x), 2.0, off))
    gb.ask("d-bce")
    gb.tell("d-bce", slope(lambda z: F.binary_cross_entropy_with_logits(z, torch.ones_like(z)), 0.0, off))
    gb.ask("d-mse")
    gb.tell("d-mse", slope(lambda x: ((x * 3 - 1) ** 2) / 2, 1.0, off))
    gb.check("autograd agrees with the difference quotient", max(off) < 1e-6)


if __name__ == "__main__":
    concepts()
    derive()
