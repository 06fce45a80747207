"""Attention of four heads: the first position looks for the key word of a sequence."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

KEYS = 4  # words 2 to 5; all others say nothing
WORDS = 24
LENGTH = 12
WIDTH = 32
HEADS = 4


def make_data(n, seed):
    """Sequences (n, LENGTH) that begin with word 1 and have one key word somewhere behind it; which one, 0 to 3."""
    source = torch.Generator().manual_seed(seed)
    words = torch.randint(2 + KEYS, WORDS, (n, LENGTH), generator=source)
    key = torch.randint(KEYS, (n,), generator=source)
    words[torch.arange(n), torch.randint(1, LENGTH, (n,), generator=source)] = 2 + key
    words[:, 0] = 1
    return words, key


def split(x, heads):
    """(n, T, W) to (n, heads, T, W / heads): head i has the channels from i * W / heads on."""
    n, t, width = x.shape
    return x.view(n, heads, t, width // heads)


def merge(x):
    """(n, heads, T, d) back to (n, T, heads * d)."""
    n, heads, t, d = x.shape
    return x.reshape(n, t, heads * d)


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(width, width)
        self.value = nn.Linear(width, width)

    def weights(self, x):
        """How much each position (row) takes of each other (column), head by head: (n, heads, T, T)."""
        q, k = split(self.query(x), self.heads), split(self.key(x), self.heads)
        return (q @ k.transpose(2, 3) / math.sqrt(q.shape[3])).softmax(dim=-1)

    def forward(self, x):
        return merge(self.weights(x) @ split(self.value(x), self.heads))


class Reader(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(WORDS, WIDTH)
        self.attention = Attention(WIDTH, HEADS)
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, KEYS)

    def forward(self, words):
        x = self.embed(words)
        return self.head(self.norm(x + self.attention(x))[:, 0])


def train(model, words, key, epochs, lr=0.005):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        for i in range(0, len(words), 32):
            loss = F.cross_entropy(model(words[i:i + 32]), key[i:i + 32])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            gb.log("loss", losses[-1])
    return losses


@torch.no_grad()
def accuracy(model, words, key):
    return (model(words).argmax(dim=1) == key).float().mean().item()


def main():
    torch.manual_seed(0)
    words, key = make_data(512, seed=1)
    model = gb.watch(Reader())
    losses = train(model, words, key, epochs=12)
    for epoch in (1, 4, 8, 12):
        print(f"epoch {epoch:2d}  loss {losses[16 * epoch - 1]:.4f}")
    new_words, new_key = make_data(600, seed=2)
    print(f"accuracy on new sequences {accuracy(model, new_words, new_key):.3f}")
    place = (new_words[:, 1:] < 2 + KEYS).float().argmax(dim=1) + 1
    for low, high in ((1, 2), (3, 6), (7, 11)):
        here = (place >= low) & (place <= high)
        print(f"  key word at {low:2d} to {high:2d}: {accuracy(model, new_words[here], new_key[here]):.3f}")
    x = torch.randn(2, LENGTH, WIDTH)
    print(f"merge(split(x)) is x: {torch.equal(merge(split(x, HEADS)), x)}")
    names = torch.arange(3.0).view(3, 1) + torch.arange(4.0) / 10  # token 0 is 0.0 to 0.3, token 1 is 1.0 to 1.3, ...
    gb.show(split(names.unsqueeze(0), 2)[0, 0], "stride")
    print(f"head 0 of three tokens of four channels: {split(names.unsqueeze(0), 2)[0, 0].tolist()}")


if __name__ == "__main__":
    main()
