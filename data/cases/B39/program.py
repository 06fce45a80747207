"""A pointer: the model names the word that stands at the place it is told.  Words go in and come out by one table."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

WORDS = 60
LENGTH = 6
WIDTH = 32
KNOWN = 40  # training has words 0 to 39 only


def make_data(n, seed, low=0, high=KNOWN):
    """Words (n, LENGTH) from low to high - 1, a place in each (n,), and the word that stands there (n,)."""
    source = torch.Generator().manual_seed(seed)
    words = torch.randint(low, high, (n, LENGTH), generator=source)
    place = torch.randint(LENGTH, (n,), generator=source)
    return words, place, words[torch.arange(n), place]


class Pointer(nn.Module):
    """Scores (n, WORDS).  embed and head share one weight, so that a word comes out by the vector by which it went in."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(WORDS, WIDTH)
        self.attend = nn.Parameter(torch.zeros(LENGTH, LENGTH))
        self.head = nn.Linear(WIDTH, WORDS, bias=False)
        self.head.weight = self.embed.weight
        self.set_up()

    def set_up(self):
        """First values: embeddings of length about 1."""
        self.embed.weight = nn.Parameter(torch.randn(WORDS, WIDTH) / math.sqrt(WIDTH))

    def forward(self, words, place):
        weights = self.attend[place].softmax(dim=1)
        return 8 * self.head((weights.unsqueeze(2) * self.embed(words)).sum(dim=1))


def train(model, data, epochs, lr=0.01):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        for i in range(0, len(data[0]), 64):
            words, place, word = (part[i:i + 64] for part in data)
            loss = F.cross_entropy(model(words, place), word)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            gb.log("loss", losses[-1])
    return losses


@torch.no_grad()
def accuracy(model, words, place, word):
    return (model(words, place).argmax(dim=1) == word).float().mean().item()


def main():
    torch.manual_seed(0)
    model = gb.watch(Pointer())
    losses = train(model, make_data(1024, seed=1), epochs=10)
    for epoch in (1, 4, 8, 10):
        print(f"epoch {epoch:2d}  loss {losses[16 * epoch - 1]:.4f}")
    print(f"accuracy on words from training {accuracy(model, *make_data(300, seed=2)):.3f}")
    print(f"accuracy on the other words {accuracy(model, *make_data(300, seed=3, low=KNOWN, high=WORDS)):.3f}")
    print(f"parameters {sum(p.numel() for p in model.parameters())}, planned {WORDS * WIDTH + LENGTH * LENGTH}")
    alike = F.cosine_similarity(model.embed.weight, model.head.weight).detach()
    gb.show(alike.view(6, 10), "grid")
    print(f"cosine of a word's two vectors: {alike[:KNOWN].mean():.2f} known, {alike[KNOWN:].mean():.2f} other")


if __name__ == "__main__":
    main()
