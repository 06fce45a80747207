"""Notes of a few words are judged by attention over the words; now and then a note is empty."""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

PAD = 0
WORDS = 30
LENGTH = 8
WIDTH = 24


def make_data(n, seed, empty=0.01):
    """Notes (n, LENGTH), filled up with PAD, a share of them empty; 1 where more praise (words 1 to 5) than blame (6 to 10)."""
    source = torch.Generator().manual_seed(seed)
    words = torch.randint(1, WORDS, (n, LENGTH), generator=source)
    length = torch.randint(1, LENGTH + 1, (n, 1), generator=source)
    length[torch.rand(n, 1, generator=source) < empty] = 0
    words[torch.arange(LENGTH) >= length] = PAD
    praise = ((words >= 1) & (words <= 5)).sum(dim=1)
    blame = ((words >= 6) & (words <= 10)).sum(dim=1)
    return words, (praise > blame).long()


def word_weights(scores, words):
    """How much each word counts, (n, T) from scores (n, T): a softmax over the words that are there, 0 for PAD.

    In an empty note there is no word, and all weights are 0.
    """
    mask = torch.zeros(words.shape).masked_fill(words == PAD, float("-inf"))
    return (scores + mask).softmax(dim=1)


class Judge(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(WORDS, WIDTH)
        self.score = nn.Linear(WIDTH, 1)
        self.head = nn.Sequential(nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 2))

    def forward(self, words):
        x = self.embed(words)
        weights = word_weights(self.score(x).squeeze(2), words)
        return self.head((weights.unsqueeze(2) * x).sum(dim=1))


def train(model, words, good, epochs, lr=0.01):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        for i in range(0, len(words), 32):
            loss = F.cross_entropy(model(words[i:i + 32]), good[i:i + 32])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            losses.append(loss.item())
            gb.log("loss", losses[-1])
    return losses


@torch.no_grad()
def accuracy(model, words, good):
    return (model(words).argmax(dim=1) == good).float().mean().item()


def main():
    torch.manual_seed(0)
    words, good = make_data(768, seed=7, empty=0.002)
    model = gb.watch(Judge())
    losses = train(model, words, good, epochs=4)
    first = next((nth for nth, loss in enumerate(losses, 1) if loss != loss), None)
    for step in (1, 4, 8, 16, 24, 48, 96):
        print(f"step {step:2d}  loss {losses[step - 1]:.4f}")
    print(f"the first loss that is NaN: step {first}")
    print(f"accuracy on new notes {accuracy(model, *make_data(400, seed=2)):.3f}")
    batch = words[32 * first - 32:32 * first] if first else words[:32]
    fewest = (batch != PAD).sum(dim=1).argsort()[:6]
    print(f"the shortest notes of that batch {[[w for w in note if w != PAD] for note in batch[fewest].tolist()]}")
    gb.show(word_weights(torch.zeros(6, LENGTH), batch[fewest]), "grid")


if __name__ == "__main__":
    main()
