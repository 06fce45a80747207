"""A long short-term memory cell."""

import torch
import torch.nn as nn

import gradboard as gb


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
    cell = gb.watch(LSTMCell(10, 20, forget_bias=1.0))
    print(sum(p.numel() for p in cell.parameters()), "parameters")
    state, cells = None, []
    for step, x in enumerate(torch.randn(12, 3, 10)):
        state = cell(x, state)
        cells.append(state[1][0].detach())
        gb.log("mean |c|", state[1].abs().mean().item(), step, "step")
    gb.show(torch.stack(cells), "grid")
    state[0].sum().backward()
    print(state[0].shape, state[1].abs().mean().item())
