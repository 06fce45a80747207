"""A small decoder learns to repeat a word; a cache of keys and values makes it fast at saying it."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

LETTERS = 12
HALF = 6
LENGTH = 2 * HALF
WIDTH = 48


def make_data(n, seed):
    """Sequences (n, LENGTH): HALF letters at random, and the same once more."""
    word = torch.randint(LETTERS, (n, HALF), generator=torch.Generator().manual_seed(seed))
    return torch.cat([word, word], dim=1)


class Decoder(nn.Module):
    """Scores (n, T, LETTERS) from tokens (n, T); position t sees the tokens up to t."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(LETTERS, WIDTH)
        self.place = nn.Embedding(LENGTH, WIDTH)
        self.query = nn.Linear(WIDTH, WIDTH)
        self.key = nn.Linear(WIDTH, WIDTH)
        self.value = nn.Linear(WIDTH, WIDTH)
        self.feed = nn.Sequential(nn.Linear(WIDTH, 2 * WIDTH), nn.ReLU(), nn.Linear(2 * WIDTH, WIDTH))
        self.norm = nn.LayerNorm(WIDTH)
        self.head = nn.Linear(WIDTH, LETTERS)

    def attend(self, x, keys, values, hidden=None):
        scores = self.query(x) @ keys.transpose(1, 2) / math.sqrt(WIDTH)
        if hidden is not None:
            scores = scores.masked_fill(hidden, float("-inf"))
        x = x + scores.softmax(dim=-1) @ values
        return self.head(self.norm(x + self.feed(x)))

    def forward(self, tokens):
        length = tokens.shape[1]
        x = self.embed(tokens) + self.place(torch.arange(length))
        return self.attend(x, self.key(x), self.value(x), torch.ones(length, length).triu(1).bool())


def step(model, token, cache):
    """The next token: scores (n, LETTERS) after `token` (n,) and all that the cache has seen; the cache, one longer.

    `cache` is None at the beginning, later keys and values (n, T, WIDTH) of the T tokens so far.
    """
    place = 1 if cache is None else cache[0].shape[1] + 1
    x = (model.embed(token) + model.place(torch.tensor(place))).unsqueeze(1)
    keys, values = model.key(x), model.value(x)
    if cache is not None:
        keys, values = torch.cat([cache[0], keys], dim=1), torch.cat([cache[1], values], dim=1)
    return model.attend(x, keys, values)[:, 0], (keys, values)


@torch.no_grad()
def generate(model, tokens, n):
    """The tokens (m, T) and n more for each, always the most likely one, with a cache."""
    cache = None
    for t in range(tokens.shape[1] + n - 1):
        scores, cache = step(model, tokens[:, t], cache)
        if t >= tokens.shape[1] - 1:
            tokens = torch.cat([tokens, scores.argmax(dim=1, keepdim=True)], dim=1)
    return tokens


@torch.no_grad()
def generate_slowly(model, tokens, n):
    """The same without a cache: all of it anew for every token."""
    for _ in range(n):
        tokens = torch.cat([tokens, model(tokens)[:, -1].argmax(dim=1, keepdim=True)], dim=1)
    return tokens


def train(model, tokens, epochs, lr=0.003):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        for i in range(0, len(tokens), 64):
            scores = model(tokens[i:i + 64])[:, HALF - 1:-1]
            loss = F.cross_entropy(scores.flatten(0, 1), tokens[i:i + 64, HALF:].flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            gb.log("loss", losses[-1])
    return losses


def main():
    torch.manual_seed(0)
    model = gb.watch(Decoder())
    losses = train(model, make_data(1024, seed=1), epochs=12)
    for nth in (1, 32, 96, len(losses)):
        print(f"step {nth:3d}  loss {losses[nth - 1]:.4f}")
    new = make_data(200, seed=2)
    for name, function in (("without a cache", generate_slowly), ("with a cache", generate)):
        said = function(model, new[:, :HALF], HALF)
        print(f"{name}: {(said[:, HALF:] == new[:, HALF:]).float().mean():.3f} of the letters are right")
        print(f"  word {new[0, :HALF].tolist()}  said {said[0, HALF:].tolist()}")
    with torch.no_grad():
        cache, rows = None, []
        for t in range(LENGTH - 1):
            scores, cache = step(model, new[:1, t], cache)
            rows.append(scores[0])
        difference = (torch.stack(rows) - model(new[:1, :-1])[0]).abs()
    gb.show(difference, "grid")
    print(f"largest difference of the scores, with and without: {difference.max():.2f}")


if __name__ == "__main__":
    main()
