# en: x and h side by side times both weights side by side
# zh: x 与 h 并在一起，乘上并在一起的权重
import torch
import torch.nn.functional as F
from torch import nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, forget_bias=None):
        super().__init__()
        bound = 1 / hidden_size ** 0.5

        def parameter(*sizes):
            return nn.Parameter((torch.rand(*sizes) * 2 - 1) * bound)
        self.weight_ih = parameter(4 * hidden_size, input_size)
        self.weight_hh = parameter(4 * hidden_size, hidden_size)
        self.bias_ih = parameter(4 * hidden_size)
        self.bias_hh = parameter(4 * hidden_size)
        if forget_bias is not None:
            part = slice(hidden_size, 2 * hidden_size)
            self.bias_hh.data[part] = forget_bias - self.bias_ih.data[part]

    def forward(self, x, state=None):
        H = self.weight_hh.shape[1]
        if state is None:
            state = (torch.zeros(*x.shape[:-1], H, dtype=x.dtype),) * 2
        h, c = state
        both = F.linear(torch.cat([x, h], -1), torch.cat([self.weight_ih, self.weight_hh], 1), self.bias_ih + self.bias_hh)
        sigmoids = both.sigmoid()
        new_c = sigmoids[..., H:2 * H] * c + sigmoids[..., :H] * both[..., 2 * H:3 * H].tanh()
        return sigmoids[..., 3 * H:] * new_c.tanh(), new_c
