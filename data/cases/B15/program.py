"""A network overfits a few noisy points; the weights of its best epoch are kept and put back at the end."""

import torch
import torch.nn as nn
import torch.nn.functional as F

import gradboard as gb


def make_data(n, seed):
    """Points (n, 6) and a noisy target (n, 1) that depends on two of their six numbers."""
    source = torch.Generator().manual_seed(seed)
    x = torch.randn(n, 6, generator=source)
    y = torch.sin(2 * x[:, :1]) + x[:, 1:2]
    return x, y + 0.4 * torch.randn(n, 1, generator=source)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = nn.Linear(6, 96)
        self.norm = nn.BatchNorm1d(96)
        self.head = nn.Linear(96, 1)

    def forward(self, x):
        return self.head(torch.relu(self.norm(self.hidden(x))))


@torch.no_grad()
def evaluate(model, x, y):
    """The mean squared error, in evaluation mode."""
    model.eval()
    loss = F.mse_loss(model(x), y).item()
    model.train()
    return loss


def train(model, data, held_out, epochs, lr=0.01):
    """Adam on the whole of data=(x, y); at the end the model has the weights of its best epoch.

    The best held-out loss, the state dict of that epoch, and the held-out losses of all epochs.
    """
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    best_loss, best, history = float("inf"), None, []
    for epoch in range(epochs):
        loss = F.mse_loss(model(data[0]), data[1])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        history.append(evaluate(model, *held_out))
        gb.log("loss", loss.item())
        gb.log("held-out loss", history[-1])
        if history[-1] < best_loss:
            best_loss = history[-1]
            best = model.state_dict()
    model.load_state_dict(best)
    return best_loss, best, history


def main():
    torch.manual_seed(0)
    model = gb.watch(Net())
    held_out = make_data(200, seed=2)
    best_loss, best, history = train(model, make_data(48, seed=1), held_out, epochs=150)
    for epoch in (1, 10, 20, 40, 80, 150):
        print(f"epoch {epoch:3d}  held-out loss {history[epoch - 1]:.4f}")
    print(f"the best was epoch {history.index(best_loss) + 1} with {best_loss:.4f}")
    print(f"the restored model has {evaluate(model, *held_out):.4f}")


if __name__ == "__main__":
    main()
