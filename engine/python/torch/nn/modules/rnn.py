import math
import numbers
import warnings

import torch
from torch import _C

from .. import init
from ..parameter import Parameter
from ..utils.rnn import PackedSequence
from .module import Module

__all__ = ["RNNBase", "RNN", "LSTM", "GRU", "RNNCellBase", "RNNCell", "LSTMCell", "GRUCell"]

_GATES = {"LSTM": 4, "GRU": 3, "RNN_TANH": 1, "RNN_RELU": 1}


class RNNBase(Module):
    """Recurrent layers over (L, N, H) sequences, or (N, L, H) with batch_first."""

    __constants__ = ["mode", "input_size", "hidden_size", "num_layers", "bias", "batch_first", "dropout",
                     "bidirectional", "proj_size"]

    def __init__(self, mode, input_size, hidden_size, num_layers=1, bias=True, batch_first=False, dropout=0.0,
                 bidirectional=False, proj_size=0, device=None, dtype=None):
        super().__init__()
        if not isinstance(dropout, numbers.Number) or not 0 <= dropout <= 1 or isinstance(dropout, bool):
            raise ValueError("dropout should be a number in range [0, 1] representing the probability of an element "
                             "being zeroed")
        if dropout > 0 and num_layers == 1:
            warnings.warn("dropout option adds dropout after all but last recurrent layer, so non-zero dropout expects "
                          f"num_layers greater than 1, but got dropout={dropout} and num_layers={num_layers}")
        if proj_size != 0:
            raise NotImplementedError("torch.nn.RNNBase(proj_size != 0)")
        self.mode, self.input_size, self.hidden_size, self.num_layers = mode, input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, float(dropout)
        self.bidirectional, self.proj_size = bidirectional, proj_size
        directions = 2 if bidirectional else 1
        if mode not in _GATES:
            raise ValueError("Unrecognized RNN mode: " + mode)
        rows = _GATES[mode] * hidden_size
        self._all_weights = []
        for layer in range(num_layers):
            for direction in range(directions):
                width = input_size if layer == 0 else hidden_size * directions
                suffix = f"_l{layer}" + ("_reverse" if direction else "")
                shapes = {"weight_ih": (rows, width), "weight_hh": (rows, hidden_size)}
                if bias:
                    shapes.update(bias_ih=(rows,), bias_hh=(rows,))
                for name, shape in shapes.items():
                    setattr(self, name + suffix, Parameter(torch.empty(shape, device=device, dtype=dtype)))
                self._all_weights.append([name + suffix for name in shapes])
        self.reset_parameters()

    def reset_parameters(self):
        stdv = 1.0 / math.sqrt(self.hidden_size) if self.hidden_size > 0 else 0
        for weight in self.parameters():
            init.uniform_(weight, -stdv, stdv)

    def flatten_parameters(self):
        """Weights are used where they lie."""

    @property
    def all_weights(self):
        return [[getattr(self, name) for name in names] for names in self._all_weights]

    @property
    def _flat_weights(self):
        return [w for layer in self.all_weights for w in layer]

    def _check_hidden(self, hx, batch):
        expected = (self.num_layers * (2 if self.bidirectional else 1), batch, self.hidden_size)
        lstm = isinstance(hx, tuple)
        for i, h in enumerate(hx if lstm else (hx,)):
            if tuple(h.size()) != expected:
                what = f"hidden[{i}]" if lstm else "hidden"
                raise RuntimeError(f"Expected {what} size {expected}, got {list(h.size())}")

    def _check_input(self, input, batched_dims):
        if input.dim() != batched_dims:
            raise RuntimeError(f"input must have {batched_dims} dimensions, got {input.dim()}")
        if self.input_size != input.size(-1):
            raise RuntimeError(f"input.size(-1) must be equal to input_size. Expected {self.input_size}, got "
                               f"{input.size(-1)}")

    def forward(self, input, hx=None):
        packed = input if isinstance(input, PackedSequence) else None
        lstm = self.mode == "LSTM"
        if packed is not None:
            data, sizes, unsorted = packed.data, packed.batch_sizes, True
            batch, alone, first = int(sizes[0]), False, False
            self._check_input(data, 2)
        else:
            assert lstm or input.dim() in (2, 3), f"{type(self).__name__}: Expected input to be 2-D or 3-D but received {input.dim()}-D tensor"
            alone, sizes, unsorted = input.dim() != 3, None, False
            first = self.batch_first and not alone
            data = input.unsqueeze(1) if alone else input
            self._check_input(data, 3)
            batch = data.size(0 if first else 1)
            if alone and hx is not None:
                for h in hx if lstm else (hx,):
                    if h.dim() != 2:
                        raise RuntimeError(f"For unbatched 2-D input, hx {'and cx ' if lstm else ''}should also be 2-D but got "
                                           f"{'(' if lstm else ''}{', '.join(f'{x.dim()}-D' for x in (hx if lstm else (hx,)))}{')' if lstm else ''} tensor{'s' if lstm else ''}")
                hx = tuple(h.unsqueeze(1) for h in hx) if lstm else hx.unsqueeze(1)
        if hx is None:
            zeros = torch.zeros(self.num_layers * (2 if self.bidirectional else 1), batch, self.hidden_size,
                                dtype=data.dtype)
            hx = (zeros, zeros) if lstm else zeros
        elif unsorted and packed.sorted_indices is not None:
            hx = tuple(h.index_select(1, packed.sorted_indices) for h in hx) if lstm else hx.index_select(
                1, packed.sorted_indices)
        self._check_hidden(hx, batch)
        states = hx if lstm else (hx,)
        out, hidden = self._run(data, sizes, states, first)
        if packed is not None:
            out = PackedSequence(out, sizes, packed.sorted_indices, packed.unsorted_indices)
            if packed.unsorted_indices is not None:
                hidden = tuple(h.index_select(1, packed.unsorted_indices) for h in hidden)
        elif alone:
            out, hidden = out.squeeze(1), tuple(h.squeeze(1) for h in hidden)
        return out, hidden if lstm else hidden[0]

    def _run(self, data, sizes, states, first):
        """Layer by layer; each direction of a layer is one engine op over the whole sequence."""
        if first:
            data = data.transpose(0, 1)
        directions, last = 2 if self.bidirectional else 1, [[] for _ in states]
        for layer in range(self.num_layers):
            outs = []
            for direction in range(directions):
                i = layer * directions + direction
                weights = [getattr(self, name) for name in self._all_weights[i]]
                if not self.bias:
                    weights += [None, None]
                c = states[1][i] if len(states) > 1 else None
                out, *final = _C._nn.rnn_sequence(data, states[0][i], c, *weights, sizes, self.mode, direction == 1)
                outs.append(out)
                for place, value in zip(last, final):
                    place.append(value)
            data = outs[0] if directions == 1 else torch.cat(outs, -1)
            if self.dropout and layer < self.num_layers - 1:
                data = torch.dropout(data, self.dropout, self.training)
        return data.transpose(0, 1) if first else data, tuple(torch.stack(values) for values in last)

    def extra_repr(self):
        s = f"{self.input_size}, {self.hidden_size}"
        if self.num_layers != 1:
            s += f", num_layers={self.num_layers}"
        if self.bias is not True:
            s += f", bias={self.bias}"
        if self.batch_first is not False:
            s += f", batch_first={self.batch_first}"
        if self.dropout != 0:
            s += f", dropout={self.dropout}"
        if self.bidirectional is not False:
            s += f", bidirectional={self.bidirectional}"
        return s


class RNN(RNNBase):
    """h = tanh(W_ih x + b_ih + W_hh h + b_hh), or relu."""

    def __init__(self, *args, **kwargs):
        nonlinearity = kwargs.pop("nonlinearity", "tanh")
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"Unknown nonlinearity '{nonlinearity}'")
        super().__init__("RNN_" + nonlinearity.upper(), *args, **kwargs)
        self.nonlinearity = nonlinearity


class LSTM(RNNBase):
    """Long short-term memory.  Source: Hochreiter and Schmidhuber 1997."""

    def __init__(self, *args, **kwargs):
        super().__init__("LSTM", *args, **kwargs)


class GRU(RNNBase):
    """Gated recurrent units.  Source: Cho et al. 2014."""

    def __init__(self, *args, **kwargs):
        super().__init__("GRU", *args, **kwargs)


class RNNCellBase(Module):
    __constants__ = ["input_size", "hidden_size", "bias"]

    def __init__(self, input_size, hidden_size, bias, num_chunks, device=None, dtype=None):
        kw = {"device": device, "dtype": dtype}
        super().__init__()
        self.input_size, self.hidden_size, self.bias = input_size, hidden_size, bias
        rows = num_chunks * hidden_size
        self.weight_ih = Parameter(torch.empty((rows, input_size), **kw))
        self.weight_hh = Parameter(torch.empty((rows, hidden_size), **kw))
        if bias:
            self.bias_ih = Parameter(torch.empty(rows, **kw))
            self.bias_hh = Parameter(torch.empty(rows, **kw))
        else:
            self.register_parameter("bias_ih", None)
            self.register_parameter("bias_hh", None)
        self.reset_parameters()

    def reset_parameters(self):
        RNNBase.reset_parameters(self)

    def _weights(self):
        return self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh

    def _batched(self, input, hx):
        assert input.dim() in (1, 2), f"{type(self).__name__}: Expected input to be 1-D or 2-D but received {input.dim()}-D tensor"
        alone = input.dim() == 1
        input = input.unsqueeze(0) if alone else input
        if hx is None:
            hx = torch.zeros(input.size(0), self.hidden_size, dtype=input.dtype)
        elif alone:
            hx = hx.unsqueeze(0)
        return input, hx, alone

    def extra_repr(self):
        s = f"{self.input_size}, {self.hidden_size}"
        return s if self.bias is True else s + f", bias={self.bias}"


class RNNCell(RNNCellBase):
    def __init__(self, input_size, hidden_size, bias=True, nonlinearity="tanh", device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 1, device, dtype)
        self.nonlinearity = nonlinearity

    def forward(self, input, hx=None):
        input, hx, alone = self._batched(input, hx)
        if self.nonlinearity not in ("tanh", "relu"):
            raise RuntimeError(f"Unknown nonlinearity: {self.nonlinearity}")
        out = getattr(torch, f"rnn_{self.nonlinearity}_cell")(input, hx, *self._weights())
        return out.squeeze(0) if alone else out

    def extra_repr(self):
        s = super().extra_repr()
        return s if self.nonlinearity == "tanh" else s + f", nonlinearity={self.nonlinearity}"


class LSTMCell(RNNCellBase):
    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 4, device, dtype)

    def forward(self, input, hx=None):
        h, c = (None, None) if hx is None else hx
        batched, h, alone = self._batched(input, h)
        _, c, _ = self._batched(input, c)
        h, c = torch.lstm_cell(batched, (h, c), *self._weights())
        return (h.squeeze(0), c.squeeze(0)) if alone else (h, c)


class GRUCell(RNNCellBase):
    def __init__(self, input_size, hidden_size, bias=True, device=None, dtype=None):
        super().__init__(input_size, hidden_size, bias, 3, device, dtype)

    def forward(self, input, hx=None):
        input, hx, alone = self._batched(input, hx)
        out = torch.gru_cell(input, hx, *self._weights())
        return out.squeeze(0) if alone else out
