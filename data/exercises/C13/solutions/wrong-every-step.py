# en: the forget bias is added in every step
# zh: 每一步都加一次遗忘偏置
import torch
import torch.nn as nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, forget_bias=None):
        super().__init__()
        H = hidden_size
        self.hidden_size, self.forget_bias = H, forget_bias or 0.0
        self.weight_ih = nn.Parameter(torch.empty(4 * H, input_size))
        self.weight_hh = nn.Parameter(torch.empty(4 * H, H))
        self.bias_ih = nn.Parameter(torch.empty(4 * H))
        self.bias_hh = nn.Parameter(torch.empty(4 * H))
        for p in self.parameters():
            nn.init.uniform_(p, -H ** -0.5, H ** -0.5)

    def forward(self, x, state=None):
        if state is None:
            zero = x.new_zeros(x.shape[:-1] + (self.hidden_size,))
            state = zero, zero
        h, c = state
        gates = x @ self.weight_ih.t() + self.bias_ih + h @ self.weight_hh.t() + self.bias_hh
        i, f, g, o = gates.chunk(4, dim=-1)
        c = torch.sigmoid(f + self.forget_bias) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c
