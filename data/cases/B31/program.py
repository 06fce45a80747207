"""One layer of attention reads a padded sequence and says which of four key words is in it."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

PAD = 0
START = 1
KEYS = 4  # words 2 to 5; all others say nothing
WORDS = 20
LENGTH = 12
WIDTH = 32


def make_data(n, seed):
    """Sequences (n, LENGTH) that begin with START, have one key word and end in padding; which key word, 0 to 3."""
    source = torch.Generator().manual_seed(seed)
    words = torch.randint(2 + KEYS, WORDS, (n, LENGTH), generator=source)
    length = torch.randint(4, LENGTH, (n, 1), generator=source)
    key = torch.randint(KEYS, (n,), generator=source)
    place = 1 + (torch.rand(n, generator=source) * (length[:, 0] - 1)).long()
    words[torch.arange(n), place] = 2 + key
    words[:, 0] = START
    words[torch.arange(LENGTH) >= length] = PAD
    return words, key


def attention_weights(scores, words):
    """How much each position (row) takes of each other (column): (n, T, T) from scores (n, T, T) and words (n, T)."""
    real = (words != PAD).unsqueeze(1)
    return scores.masked_fill(real, float("-inf")).softmax(dim=-1)


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
        scores = self.query(x) @ self.key(x).transpose(1, 2) / math.sqrt(WIDTH)
        x = self.norm(x + attention_weights(scores, words) @ self.value(x))
        return self.head(x[:, 0])


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
    for epoch in (1, 2, 4, 8, 12):
        print(f"epoch {epoch:2d}  loss {losses[16 * epoch - 1]:.4f}")
    print(f"accuracy on new sequences {accuracy(model, *make_data(400, seed=2)):.3f}")
    with torch.no_grad():
        x = model.embed(words[:1])
        weights = attention_weights(model.query(x) @ model.key(x).transpose(1, 2) / math.sqrt(WIDTH), words[:1])
    names = ["-" if word == PAD else str(word) for word in words[0].tolist()]
    gb.show(weights[0], "grid", labels=[names, names])
    print(f"one sequence {words[0].tolist()}")
    print(f"what START takes of each {[round(w, 2) for w in weights[0, 0].tolist()]}")


if __name__ == "__main__":
    main()
