"""Modules of one's own: RMSNorm and a gated block, and the tests that each has to pass.

A new module is done when its parameters are registered, its gradients agree with nudging,
a sample does not depend on its company, and a copy loaded from its state_dict agrees.
"""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.autograd import gradcheck

import gradboard as gb


class RMSNorm(nn.Module):
    """x divided by its root mean square over the last axis, times a learned weight."""

    def __init__(self, dim, eps=1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim))

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight

    def extra_repr(self):
        return f"{len(self.weight)}, eps={self.eps}"


class GatedBlock(nn.Module):
    """x + down(silu(gate(norm(x))) * up(norm(x)))"""

    def __init__(self, dim, hidden):
        super().__init__()
        self.norm = RMSNorm(dim)
        self.gate = nn.Linear(dim, hidden, bias=False)
        self.up = nn.Linear(dim, hidden, bias=False)
        self.down = nn.Linear(hidden, dim, bias=False)

    def forward(self, x):
        y = self.norm(x)
        return x + self.down(F.silu(self.gate(y)) * self.up(y))


class WrongNorm(RMSNorm):
    """The mean over everything: one sample's output depends on the others."""

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean() + self.eps) * self.weight


class ForgottenNorm(nn.Module):
    """Its weight is a plain tensor."""

    def __init__(self, dim):
        super().__init__()
        self.weight = torch.ones(dim, requires_grad=True)

    def forward(self, x):
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6) * self.weight


def tests(make):
    """What anyone who wrote `make()` would want to know, as name: passed."""
    torch.manual_seed(0)
    module, x = make().double(), torch.randn(3, 4, dtype=torch.float64)
    result = {"registered": len(list(module.parameters())) > 0}
    try:
        out = module(x)
        result["gradcheck"] = bool(gradcheck(module, (x.clone().requires_grad_(),), raise_exception=False))
        result["alone as in company"] = torch.allclose(module(x[:1]), out[:1])
        copy = make().double()
        with torch.no_grad():
            for p in module.parameters():
                p.mul_(2)
        copy.load_state_dict(module.state_dict())
        changed = not torch.allclose(module(x), out)
        result["survives save and load"] = changed and torch.allclose(copy(x), module(x))
    except (RuntimeError, TypeError) as error:
        print("   raised:", str(error).split("\n")[0][:80])
    return result


def four_modules():
    """Two right ones, two wrong ones: which test finds what?"""
    gb.ask("wrong-found")
    gb.ask("forgotten-count")
    made = {"RMSNorm": lambda: RMSNorm(4), "GatedBlock": lambda: GatedBlock(4, 8), "WrongNorm": lambda: WrongNorm(4), "ForgottenNorm": lambda: ForgottenNorm(4)}
    results = {}
    for name, make in made.items():
        results[name] = tests(make)
        failed = [test for test, passed in results[name].items() if not passed]
        print(f"{name:<14} {'passes' if not failed else 'fails: ' + ', '.join(failed)}")
    gb.tell("wrong-found", "gradcheck" if not results["WrongNorm"]["gradcheck"] else "company" if not results["WrongNorm"]["alone as in company"] else "nothing")
    gb.tell("forgotten-count", len(list(ForgottenNorm(4).parameters())))
    gb.check("the right ones pass", all(results["RMSNorm"].values()) and all(results["GatedBlock"].values()))
    gb.check("gradcheck is content with the wrong norm", results["WrongNorm"]["gradcheck"])


def tree():
    """The modules and what they count."""
    dim = gb.knob("dim", 16, choices=[4, 8, 16, 64])
    gb.ask("rms-params")
    gb.ask("block-params")
    block = gb.watch(GatedBlock(dim, 2 * dim))
    print(block)
    for name, p in block.named_parameters():
        print(f"{name:<12} {tuple(p.shape)}")
    x = torch.randn(5, dim)
    out = block(x)
    out.pow(2).mean().backward()
    gb.tell("rms-params", sum(p.numel() for p in RMSNorm(64).parameters()))
    gb.tell("block-params", sum(p.numel() for p in GatedBlock(16, 32).parameters()))
    norm = block.norm
    gb.check("rms 1 on the way out", torch.allclose(norm(x).pow(2).mean(-1), torch.ones(5), atol=1e-3))
    gb.check("a larger input, the same output", torch.allclose(norm(x), norm(10 * x), atol=1e-4))


if __name__ == "__main__":
    for tab in (four_modules, tree):
        tab()
        print()
