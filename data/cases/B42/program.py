"""A small decoder learns sentences of a toy language and speaks by sampling among the k most likely words."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

WORDS = 40
LENGTH = 12
WIDTH = 32


def make_data(n, seed):
    """Sentences (n, LENGTH): after a word w comes 3w + 1, 3w + 2 or 3w + 3, modulo WORDS, at random."""
    source = torch.Generator().manual_seed(seed)
    columns = [torch.randint(WORDS, (n,), generator=source)]
    while len(columns) < LENGTH:
        columns.append((3 * columns[-1] + 1 + torch.randint(3, (n,), generator=source)) % WORDS)
    return torch.stack(columns, dim=1)


def allowed(sentences):
    """The share of words that may follow the word before them."""
    step = (sentences[:, 1:] - 3 * sentences[:, :-1]) % WORDS
    return ((step >= 1) & (step <= 3)).float().mean().item()


class Decoder(nn.Module):
    """Scores (n, T, WORDS) from tokens (n, T); position t sees the tokens up to t."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(WORDS, WIDTH)
        self.query = nn.Linear(WIDTH, WIDTH)
        self.key = nn.Linear(WIDTH, WIDTH)
        self.value = nn.Linear(WIDTH, WIDTH)
        self.feed = nn.Sequential(nn.Linear(2 * WIDTH, 64), nn.ReLU(), nn.Linear(64, WORDS))

    def forward(self, tokens):
        x, t = self.embed(tokens), tokens.shape[1]
        scores = self.query(x) @ self.key(x).transpose(1, 2) / math.sqrt(WIDTH)
        weights = scores.masked_fill(torch.ones(t, t).triu(1).bool(), float("-inf")).softmax(dim=-1)
        return self.feed(torch.cat([x, weights @ self.value(x)], dim=2))


def probabilities(scores, k, temperature):
    """What to sample from: a softmax of scores / temperature (n, WORDS) among the k highest, all others 0."""
    lowest = scores.topk(k, dim=1).values[:, -1:]
    kept = torch.where(scores >= lowest, scores, torch.zeros_like(scores))
    return (kept / temperature).softmax(dim=1)


@torch.no_grad()
def speak(model, tokens, n, k=3, temperature=1.0):
    """The tokens (m, T) and n more for each, sampled."""
    for _ in range(n):
        p = probabilities(model(tokens)[:, -1], k, temperature)
        tokens = torch.cat([tokens, torch.multinomial(p, 1)], dim=1)
    return tokens


def train(model, tokens, epochs, lr=0.005):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        for i in range(0, len(tokens), 32):
            loss = F.cross_entropy(model(tokens[i:i + 32])[:, :-1].flatten(0, 1), tokens[i:i + 32, 1:].flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            gb.log("loss", losses[-1])
    return losses


def main():
    torch.manual_seed(0)
    model = gb.watch(Decoder())
    losses = train(model, make_data(512, seed=1), epochs=12)
    for epoch in (1, 4, 8, 12):
        print(f"epoch {epoch:2d}  loss {losses[16 * epoch - 1]:.4f}")
    print(f"the least possible, with three words to follow: {math.log(3):.4f}")
    new = make_data(200, seed=2)
    with torch.no_grad():
        scores = model(new[:, :1])[:, -1]
    follows = (scores.argmax(dim=1) - 3 * new[:, 0]) % WORDS
    print(f"its first choice is allowed: {((follows >= 1) & (follows <= 3)).float().mean():.3f}")
    print(f"of what it says by sampling is allowed: {allowed(speak(model, new[:, :1], LENGTH - 1)):.3f}")
    p = probabilities(scores[:1], 3, 1.0)[0]
    gb.show(probabilities(scores[:1], 3, 4.0).view(5, 8), "grid")
    print(f"scores from {scores[0].min():.1f} to {scores[0].max():.1f}; words with a probability: {(p > 0).sum()}")
    print(f"what the three highest have together: {p.topk(3).values.sum():.3f}")


if __name__ == "__main__":
    main()
