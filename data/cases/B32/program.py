"""A small decoder-only transformer learns to say a word a second time."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

LETTERS = 10
HALF = 5
LENGTH = 2 * HALF
WIDTH = 48


def make_data(n, seed):
    """Sequences (n, LENGTH): HALF letters at random, then the same letters again."""
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

    def forward(self, tokens):
        length = tokens.shape[1]
        x = self.embed(tokens) + self.place(torch.arange(length))
        future = torch.ones(length, length).triu(1).bool()
        scores = self.query(x) @ self.key(x).transpose(1, 2) / math.sqrt(WIDTH)
        x = x + scores.masked_fill(future, float("-inf")).softmax(dim=-1) @ self.value(x)
        return self.head(self.norm(x + self.feed(x)))


def loss_of(model, tokens):
    """The mean cross-entropy over all tokens that the model is to predict."""
    scores = model(tokens)
    return F.cross_entropy(scores.flatten(0, 1), tokens.flatten())


def train(model, tokens, epochs, lr=0.003):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        for i in range(0, len(tokens), 64):
            loss = loss_of(model, tokens[i:i + 64])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            gb.log("loss", losses[-1])
    return losses


@torch.no_grad()
def generate(model, tokens, n):
    """The tokens (1, T) and n more, each the most likely one."""
    for _ in range(n):
        best = model(tokens)[:, -1].argmax(dim=1, keepdim=True)
        tokens = torch.cat([tokens, best], dim=1)
    return tokens


def main():
    torch.manual_seed(0)
    tokens = make_data(1024, seed=1)
    model = gb.watch(Decoder())
    losses = train(model, tokens, epochs=10)
    for step in (1, 16, 64, 128, len(losses)):
        print(f"step {step:3d}  loss {losses[step - 1]:.4f}")
    print(f"guessing one of {LETTERS} letters costs {math.log(LETTERS):.4f}")
    for sequence in make_data(3, seed=2):
        said = generate(model, sequence[None, :HALF], HALF)[0, HALF:]
        print(f"word {sequence[:HALF].tolist()}  said again {said.tolist()}")


if __name__ == "__main__":
    main()
