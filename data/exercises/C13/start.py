"""A long short-term memory cell."""

import torch
import torch.nn as nn


class LSTMCell(nn.Module):
    """One step of an LSTM.  Parts of weights and biases: i, f, g, o."""

    def __init__(self, input_size, hidden_size, forget_bias=None):
        super().__init__()
        raise NotImplementedError("your turn")

    def forward(self, x, state=None):
        """x (N, input) or (input,); state (h, c).  Returns the new (h, c)."""
        raise NotImplementedError("your turn")


if __name__ == "__main__":
    torch.manual_seed(0)
    cell = LSTMCell(10, 20, forget_bias=1.0)
    print(sum(p.numel() for p in cell.parameters()), "parameters")
    state = None
    for x in torch.randn(5, 3, 10):
        state = cell(x, state)
    print(state[0].shape, state[1].abs().mean())
