"""Which of two words comes first?  Attention with sinusoidal positions reads the sequence."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

FIRST = 1
SECOND = 2
WORDS = 16
LENGTH = 10
WIDTH = 32
MOST = 64  # the longest sequence


def make_data(n, seed):
    """Sequences (n, LENGTH) that begin with word 0 and have both words once; 1 where SECOND comes before FIRST."""
    source = torch.Generator().manual_seed(seed)
    words = torch.randint(3, WORDS, (n, LENGTH), generator=source)
    places = torch.rand(n, LENGTH - 1, generator=source).argsort(dim=1)[:, :2] + 1
    words[:, 0] = 0
    words.scatter_(1, places, torch.tensor([[FIRST, SECOND]]).expand(n, 2))
    return words, (places[:, 1] < places[:, 0]).long()


class Positions(nn.Module):
    """Adds sines and cosines of a token's position to x (n, T, WIDTH)."""

    def __init__(self):
        super().__init__()
        place = torch.arange(MOST).unsqueeze(1)
        rate = torch.exp(torch.arange(0, WIDTH, 2) * (-math.log(100.0) / WIDTH))
        table = torch.zeros(MOST, 1, WIDTH)
        table[:, 0, 0::2] = torch.sin(place * rate)
        table[:, 0, 1::2] = torch.cos(place * rate)
        self.register_buffer("table", table)

    def forward(self, x):
        return x + self.table[:x.size(0)]


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(WORDS, WIDTH)
        self.positions = Positions()
        self.query = nn.Linear(WIDTH, WIDTH)
        self.key = nn.Linear(WIDTH, WIDTH)
        self.value = nn.Linear(WIDTH, WIDTH)
        self.feed = nn.Sequential(nn.Linear(2 * WIDTH, 64), nn.ReLU(), nn.Linear(64, 2))

    def forward(self, words):
        x = self.positions(self.embed(words))
        weights = (self.query(x) @ self.key(x).transpose(1, 2) / math.sqrt(WIDTH)).softmax(dim=-1)
        y = weights @ self.value(x)
        return self.feed(torch.cat([y[:, 0], y.mean(dim=1)], dim=1))


def train(model, words, order, epochs, lr=0.003):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        for i in range(0, len(words), 32):
            loss = F.cross_entropy(model(words[i:i + 32]), order[i:i + 32])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            gb.log("loss", losses[-1])
    return losses


@torch.no_grad()
def accuracy(model, words, order):
    right = [model(words[i:i + 32]).argmax(dim=1) == order[i:i + 32] for i in range(0, len(words), 32)]
    return torch.cat(right).float().mean().item()


def main():
    torch.manual_seed(0)
    model = gb.watch(Reader())
    losses = train(model, *make_data(1024, seed=1), epochs=10)
    for epoch in (1, 4, 7, 10):
        print(f"epoch {epoch:2d}  loss {losses[32 * epoch - 1]:.4f}")
    words, order = make_data(320, seed=2)
    print(f"accuracy on new sequences {accuracy(model, words, order):.3f}")
    with torch.no_grad():
        same = model(words[:1].expand(4, LENGTH))
        print(f"one sequence four times in a batch: {[round(s, 3) for s in (same[:, 1] - same[:, 0]).tolist()]}")
        added = model.positions(torch.zeros(4, LENGTH, WIDTH))
    gb.show(added[:, :, 0], "grid")
    try:
        model(words[:MOST + 1])
    except RuntimeError as error:
        print(f"in a batch of {MOST + 1}: {error}")


if __name__ == "__main__":
    main()
