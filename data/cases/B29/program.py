"""Places on a map are found from the distances between them."""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb

PLACES = 30


def make_data(n, seed):
    """Pairs of places (n, 2), now and then one place with itself, and how far apart they are (n,)."""
    places = torch.rand(PLACES, 2, generator=torch.Generator().manual_seed(11)) * 4
    source = torch.Generator().manual_seed(seed)
    pairs = torch.randint(PLACES, (n, 2), generator=source)
    return pairs, (places[pairs[:, 0]] - places[pairs[:, 1]]).pow(2).sum(dim=1).sqrt()


def root(x):
    """The square root where x is positive, 0 elsewhere."""
    return torch.where(x > 0, x.sqrt(), torch.zeros_like(x))


class Map(nn.Module):
    def __init__(self):
        super().__init__()
        self.places = nn.Parameter(torch.randn(PLACES, 2))

    def forward(self, pairs):
        apart = self.places[pairs[:, 0]] - self.places[pairs[:, 1]]
        return root(apart.pow(2).sum(dim=1))


def train(model, pairs, distances, epochs, lr=0.05):
    """Adam on batches of 16 pairs; the loss of each step."""
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(epochs):
        for i in range(0, len(pairs), 16):
            loss = F.mse_loss(model(pairs[i:i + 16]), distances[i:i + 16])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            gb.log("loss", losses[-1])
            gb.log("places that are NaN", model.places.isnan().any(dim=1).sum())
    return losses


def main():
    torch.manual_seed(0)
    pairs, distances = make_data(512, seed=13)
    model = gb.watch(Map())
    losses = train(model, pairs, distances, epochs=8)
    for step in (1, 4, 8, 9, 10, 12, 16, 32, 64, 256):
        print(f"step {step:3d}  loss {losses[step - 1]:.4f}")
    print(f"{int((distances == 0).sum())} of {len(pairs)} pairs are a place with itself")
    print(f"{int(model.places.isnan().any(dim=1).sum())} of {PLACES} places are nowhere (NaN)")


if __name__ == "__main__":
    main()
