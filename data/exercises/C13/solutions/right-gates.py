# en: an axis for the gates; sigmoid by tanh
# zh: 门自成一维；用 tanh 表示 sigmoid
import torch
import torch.nn as nn


class LSTMCell(nn.Module):
    """Parts: i, f, g, o."""

    def __init__(self, input_size, hidden_size, forget_bias=None):
        super().__init__()
        self.H = hidden_size
        k = hidden_size ** -0.5
        for name, sizes in (("weight_ih", (input_size,)), ("weight_hh", (hidden_size,)), ("bias_ih", ()), ("bias_hh", ())):
            self.register_parameter(name, nn.Parameter(torch.empty((4 * hidden_size,) + sizes).uniform_(-k, k)))
        if forget_bias is not None:
            with torch.no_grad():
                self.bias_ih.view(4, -1)[1].fill_(forget_bias / 2)
                self.bias_hh.view(4, -1)[1].fill_(forget_bias / 2)

    def gate(self, nth, x, h):
        def part(p):
            return p.view(4, self.H, -1)[nth]
        return (part(self.weight_ih) * x.unsqueeze(-2)).sum(-1) + (part(self.weight_hh) * h.unsqueeze(-2)).sum(-1) \
            + part(self.bias_ih).squeeze(-1) + part(self.bias_hh).squeeze(-1)

    def forward(self, x, state=None):
        if state is None:
            zeros = torch.zeros(x.shape[:-1] + (self.H,)).to(x)
            state = (zeros, zeros)
        h, c = state
        i, f, o = ((self.gate(nth, x, h) / 2).tanh() / 2 + 0.5 for nth in (0, 1, 3))
        c = f.mul(c).add(i.mul(self.gate(2, x, h).tanh()))
        return o.mul(c.tanh()), c
