"""Attention with four heads reads sequences that are filled up with PAD and names the last word before it."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

PAD = 0
KINDS = 6  # words 1 to 6
LENGTH = 10
WIDTH = 32
HEADS = 4
BATCH = 4


def make_data(n, seed):
    """Sequences (n, LENGTH) of at least three words and then PAD; the last word of each, 0 to 5."""
    source = torch.Generator().manual_seed(seed)
    words = torch.randint(1, KINDS + 1, (n, LENGTH), generator=source)
    length = torch.randint(3, LENGTH + 1, (n,), generator=source)
    last = words[torch.arange(n), length - 1] - 1
    words[torch.arange(LENGTH) >= length.unsqueeze(1)] = PAD
    return words, last


def attention_weights(scores, words):
    """How much each position takes of each other, no PAD among them: (n, HEADS, T, T) from scores (n, HEADS, T, T) and words (n, T)."""
    hidden = (words == PAD).unsqueeze(1)
    return scores.masked_fill(hidden, float("-inf")).softmax(dim=-1)


class Reader(nn.Module):
    """Reads at position 0, what attention brings there."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(KINDS + 1, WIDTH)
        self.place = nn.Parameter(0.3 * torch.randn(LENGTH, WIDTH))
        self.query = nn.Linear(WIDTH, WIDTH)
        self.key = nn.Linear(WIDTH, WIDTH)
        self.value = nn.Linear(WIDTH, WIDTH)
        self.head = nn.Sequential(nn.Linear(WIDTH, 2 * WIDTH), nn.ReLU(), nn.Linear(2 * WIDTH, KINDS))

    def scores(self, words):
        x = self.embed(words) + self.place[:words.shape[1]]
        q, k, v = (f(x).unflatten(2, (HEADS, WIDTH // HEADS)).transpose(1, 2) for f in (self.query, self.key, self.value))
        return q @ k.transpose(2, 3) / math.sqrt(WIDTH // HEADS), v

    def forward(self, words):
        scores, v = self.scores(words)
        return self.head((attention_weights(scores, words) @ v)[:, :, 0].flatten(1))


def train(model, words, last, epochs, lr=0.004):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        for i in range(0, len(words), BATCH):
            loss = F.cross_entropy(model(words[i:i + BATCH]), last[i:i + BATCH])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            gb.log("loss", losses[-1])
    return losses


@torch.no_grad()
def accuracy(model, words, last, batch):
    """Over new sequences, `batch` of them at a time."""
    right = [model(words[i:i + batch]).argmax(dim=1) == last[i:i + batch] for i in range(0, len(words), batch)]
    return torch.cat(right).float().mean().item()


def main():
    torch.manual_seed(0)
    words, last = make_data(1024, seed=1)
    model = gb.watch(Reader())
    losses = train(model, words, last, epochs=2)
    for nth in range(0, len(losses), 128):
        print(f"steps {nth + 1:3d} to {nth + 128:3d}  loss {sum(losses[nth:nth + 128]) / 128:.4f}")
    new = make_data(240, seed=2)
    for batch in (1, 4):
        print(f"accuracy in batches of {batch}: {accuracy(model, *new, batch):.3f}")
    try:
        print(f"accuracy in batches of 6: {accuracy(model, *new, 6):.3f}")
    except RuntimeError as error:
        print(f"in batches of 6: {error}")
    some = new[0][(new[0] != PAD).sum(dim=1).argsort()[[5, 80, 160, 235]]]
    weights = attention_weights(torch.zeros(4, HEADS, LENGTH, LENGTH), some)
    gb.show(weights[3, :, 0], "grid")
    print(f"words in four sequences: {(some != PAD).sum(dim=1).tolist()}")
    print(f"positions that the four heads of the last one see: {(weights[3, :, 0] > 0).sum(dim=1).tolist()}")


if __name__ == "__main__":
    main()
