# en: the bias of the first part, the input gate
# zh: 填的是第一段，也就是输入门
import torch
import torch.nn as nn


class LSTMCell(nn.Module):
    def __init__(self, input_size, hidden_size, forget_bias=None):
        super().__init__()
        H = hidden_size
        self.hidden_size = H
        self.weight_ih = nn.Parameter(torch.empty(4 * H, input_size))
        self.weight_hh = nn.Parameter(torch.empty(4 * H, H))
        self.bias_ih = nn.Parameter(torch.empty(4 * H))
        self.bias_hh = nn.Parameter(torch.empty(4 * H))
        for p in self.parameters():
            nn.init.uniform_(p, -H ** -0.5, H ** -0.5)
        if forget_bias is not None:
            with torch.no_grad():
                self.bias_ih[:H] = forget_bias
                self.bias_hh[:H] = 0.0

    def forward(self, x, state=None):
        if state is None:
            zero = x.new_zeros(x.shape[:-1] + (self.hidden_size,))
            state = zero, zero
        h, c = state
        gates = x @ self.weight_ih.t() + self.bias_ih + h @ self.weight_hh.t() + self.bias_hh
        i, f, g, o = gates.chunk(4, dim=-1)
        c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
        return torch.sigmoid(o) * torch.tanh(c), c
