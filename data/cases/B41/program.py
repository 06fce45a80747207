"""Warm-up over the first hundred steps, then a decay with the square root: a schedule for a small attention model."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

KEYS = 4  # words 2 to 5; all others say nothing
WORDS = 20
LENGTH = 10
WIDTH = 32


def make_data(n, seed):
    """Sequences (n, LENGTH) that begin with word 1 and have one key word; which one, 0 to 3."""
    source = torch.Generator().manual_seed(seed)
    words = torch.randint(2 + KEYS, WORDS, (n, LENGTH), generator=source)
    key = torch.randint(KEYS, (n,), generator=source)
    words[torch.arange(n), torch.randint(1, LENGTH, (n,), generator=source)] = 2 + key
    words[:, 0] = 1
    return words, key


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(WORDS, WIDTH)
        self.query = nn.Linear(WIDTH, WIDTH)
        self.key = nn.Linear(WIDTH, WIDTH)
        self.value = nn.Linear(WIDTH, WIDTH)
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, KEYS)

    def forward(self, words):
        x = self.embed(words)
        weights = (self.query(x) @ self.key(x).transpose(1, 2) / math.sqrt(WIDTH)).softmax(dim=-1)
        return self.head(self.norm(x + weights @ self.value(x))[:, 0])


def share(step, warmup):
    """Of the highest rate, for the step of this number (1, 2, …): rises to 1 at `warmup`, then falls as 1/√step."""
    return min(step / warmup, math.sqrt(warmup / step))


def train(model, batches, epochs, lr, warmup):
    """Adam, one step for each batch; the rate of step k is lr * share(k, warmup).  The losses and the rates, step by step."""
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    scheduler = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda n: share(n + 1, warmup))
    losses, rates = [], []
    for epoch in range(epochs):
        for words, key in batches:
            loss = F.cross_entropy(model(words), key)
            optimizer.zero_grad()
            loss.backward()
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            losses.append(loss.item())
            gb.log("loss", losses[-1])
            gb.log("rate", rates[-1])
        scheduler.step()
    return losses, rates


@torch.no_grad()
def accuracy(model, words, key):
    return (model(words).argmax(dim=1) == key).float().mean().item()


def main():
    torch.manual_seed(0)
    words, key = make_data(640, seed=1)
    batches = [(words[i:i + 32], key[i:i + 32]) for i in range(0, len(words), 32)]
    model = gb.watch(Reader())
    losses, rates = train(model, batches, epochs=12, lr=0.005, warmup=100)
    for step in (1, 20, 100, 160, 240):
        print(f"step {step:3d}  loss {losses[step - 1]:.4f}  rate {rates[step - 1]:.6f}, planned {0.005 * share(step, 100):.6f}")
    print(f"accuracy on new sequences {accuracy(model, *make_data(400, seed=2)):.3f}")


if __name__ == "__main__":
    main()
