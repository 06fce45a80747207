"""A small decoder-only transformer says a word backwards; in training it is better than in use."""

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
    """Sequences (n, LENGTH): HALF letters at random, then the same letters from the last to the first."""
    word = torch.randint(LETTERS, (n, HALF), generator=torch.Generator().manual_seed(seed))
    return torch.cat([word, word.flip(1)], dim=1)


def causal_weights(scores):
    """How much each position (row) takes of itself and of those before it (columns), from scores (n, T, T)."""
    length = scores.shape[-1]
    future = torch.ones(length, length).triu(1).bool()
    return scores.masked_fill(future, float("-inf")).softmax(dim=1)


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
        scores = self.query(x) @ self.key(x).transpose(1, 2) / math.sqrt(WIDTH)
        x = x + causal_weights(scores) @ self.value(x)
        return self.head(self.norm(x + self.feed(x)))


def loss_of(model, tokens):
    """The mean cross-entropy over all tokens that the model is to predict."""
    scores = model(tokens)[:, :-1]
    return F.cross_entropy(scores.flatten(0, 1), tokens[:, 1:].flatten())


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
    """The tokens (m, T) and n more for each, always the most likely one."""
    for _ in range(n):
        best = model(tokens)[:, -1].argmax(dim=1, keepdim=True)
        tokens = torch.cat([tokens, best], dim=1)
    return tokens


@torch.no_grad()
def taught(model, tokens):
    """The share of letters of the second half that are right when the model reads those before them."""
    return (model(tokens)[:, HALF - 1:-1].argmax(dim=2) == tokens[:, HALF:]).float().mean().item()


def main():
    torch.manual_seed(0)
    tokens = make_data(1024, seed=1)
    model = gb.watch(Decoder())
    losses = train(model, tokens, epochs=16)
    for step in (1, 16, 64, 128, len(losses)):
        print(f"step {step:3d}  loss {losses[step - 1]:.4f}")
    print(f"the least possible, with random letters in 4 of 9 places: {4 / 9 * math.log(LETTERS):.4f}")
    new = make_data(200, seed=2)
    said = generate(model, new[:, :HALF], HALF)[:, HALF:]
    print(f"right when it reads the letters before: {taught(model, new):.3f}")
    print(f"right when it says them itself: {(said == new[:, HALF:]).float().mean():.3f}")
    with torch.no_grad():
        x = model.embed(new[:1]) + model.place(torch.arange(LENGTH))
        weights = causal_weights(model.query(x) @ model.key(x).transpose(1, 2) / math.sqrt(WIDTH))[0]
    names = [str(letter) for letter in new[0].tolist()]
    gb.show(weights, "grid", labels=[names, names])
    print(f"what each position takes in all {[round(w, 2) for w in weights.sum(dim=1).tolist()]}")


if __name__ == "__main__":
    main()
