"""Methods of layers in the form that the compiler takes, where the ones in torch.nn choose among Python objects.

Each stands for the method of the same name: what it computes is the same."""

import types
from typing import List, Optional, Tuple

import torch
from torch import Tensor
from torch.nn import functional as F


class _Sequential:
    def forward(self, input):
        for module in self:
            input = module(input)
        return input


class _BatchNorm:
    def forward(self, input: Tensor) -> Tensor:
        self._check_input_dim(input)
        if self.momentum is None:
            average = 0.0
        else:
            average = self.momentum
        if self.training and self.track_running_stats:
            if self.num_batches_tracked is not None:
                self.num_batches_tracked.add_(1)
                if self.momentum is None:
                    average = 1.0 / float(self.num_batches_tracked)
        bn_training = True if self.training else self.running_mean is None and self.running_var is None
        keep = not self.training or self.track_running_stats
        return F.batch_norm(input, self.running_mean if keep else None, self.running_var if keep else None, self.weight,
                            self.bias, bn_training, average, self.eps)


class _BatchNorm1d(_BatchNorm):
    def _check_input_dim(self, input):
        if input.dim() != 2 and input.dim() != 3:
            raise ValueError("expected 2D or 3D input (got {}D input)".format(input.dim()))


class _BatchNorm2d(_BatchNorm):
    def _check_input_dim(self, input):
        if input.dim() != 4:
            raise ValueError("expected 4D input (got {}D input)".format(input.dim()))


class _BatchNorm3d(_BatchNorm):
    def _check_input_dim(self, input):
        if input.dim() != 5:
            raise ValueError("expected 5D input (got {}D input)".format(input.dim()))


class _InstanceNorm1d:
    def forward(self, input: Tensor) -> Tensor:
        self._check_input_dim(input)
        if input.dim() == 2:
            return self._apply_instance_norm(input.unsqueeze(0)).squeeze(0)
        return self._apply_instance_norm(input)

    def _apply_instance_norm(self, input):
        return F.instance_norm(input, self.running_mean, self.running_var, self.weight, self.bias,
                               self.training or not self.track_running_stats, self.momentum if self.momentum is not None else 0.0,
                               self.eps)

    def _check_input_dim(self, input):
        if input.dim() != 2 and input.dim() != 3:
            raise ValueError("expected 2D or 3D input (got {}D input)".format(input.dim()))


class _InstanceNorm2d:
    def forward(self, input: Tensor) -> Tensor:
        self._check_input_dim(input)
        if input.dim() == 3:
            return self._apply_instance_norm(input.unsqueeze(0)).squeeze(0)
        return self._apply_instance_norm(input)

    def _apply_instance_norm(self, input):
        return F.instance_norm(input, self.running_mean, self.running_var, self.weight, self.bias,
                               self.training or not self.track_running_stats, self.momentum if self.momentum is not None else 0.0,
                               self.eps)

    def _check_input_dim(self, input):
        if input.dim() != 3 and input.dim() != 4:
            raise ValueError("expected 3D or 4D input (got {}D input)".format(input.dim()))


class _InstanceNorm3d:
    def forward(self, input: Tensor) -> Tensor:
        self._check_input_dim(input)
        if input.dim() == 4:
            return self._apply_instance_norm(input.unsqueeze(0)).squeeze(0)
        return self._apply_instance_norm(input)

    def _apply_instance_norm(self, input):
        return F.instance_norm(input, self.running_mean, self.running_var, self.weight, self.bias,
                               self.training or not self.track_running_stats, self.momentum if self.momentum is not None else 0.0,
                               self.eps)

    def _check_input_dim(self, input):
        if input.dim() != 4 and input.dim() != 5:
            raise ValueError("expected 4D or 5D input (got {}D input)".format(input.dim()))


class _Conv1d:
    def forward(self, input: Tensor) -> Tensor:
        return self._conv_forward(input, self.weight, self.bias)

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Optional[Tensor]):
        if self.padding_mode != "zeros":
            return torch.conv1d(torch._C._nn.pad(input, self._reversed_padding_repeated_twice, self.padding_mode), weight, bias,
                                self.stride, [0], self.dilation, self.groups)
        return torch.conv1d(input, weight, bias, self.stride, self.padding, self.dilation, self.groups)


class _Conv2d:
    def forward(self, input: Tensor) -> Tensor:
        return self._conv_forward(input, self.weight, self.bias)

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Optional[Tensor]):
        if self.padding_mode != "zeros":
            return torch.conv2d(torch._C._nn.pad(input, self._reversed_padding_repeated_twice, self.padding_mode), weight, bias,
                                self.stride, [0, 0], self.dilation, self.groups)
        return torch.conv2d(input, weight, bias, self.stride, self.padding, self.dilation, self.groups)


class _Conv3d:
    def forward(self, input: Tensor) -> Tensor:
        return self._conv_forward(input, self.weight, self.bias)

    def _conv_forward(self, input: Tensor, weight: Tensor, bias: Optional[Tensor]):
        if self.padding_mode != "zeros":
            return torch.conv3d(torch._C._nn.pad(input, self._reversed_padding_repeated_twice, self.padding_mode), weight, bias,
                                self.stride, [0, 0, 0], self.dilation, self.groups)
        return torch.conv3d(input, weight, bias, self.stride, self.padding, self.dilation, self.groups)


def _output_padding(input: Tensor, output_size: List[int], stride: List[int], padding: List[int], dilation: List[int],
                    kernel_size: List[int]) -> List[int]:
    n = len(kernel_size)
    spatial = 2 if input.dim() == n + 2 else 1
    if len(output_size) == spatial + n:
        output_size = output_size[spatial:]
    if len(output_size) != n:
        raise ValueError("ConvTranspose{}D: for {}D input, output_size must have {} or {} elements (got {})".format(
            n, input.dim(), n, spatial + n, len(output_size)))
    more: List[int] = []
    for d in range(n):
        low = (input.size(d + spatial) - 1) * stride[d] - 2 * padding[d] + dilation[d] * (kernel_size[d] - 1) + 1
        if output_size[d] < low or output_size[d] > low + stride[d] - 1:
            raise ValueError("requested an output size of {}, which is out of range".format(output_size))
        more.append(output_size[d] - low)
    return more


class _ConvTranspose1d:
    def forward(self, input: Tensor, output_size: Optional[List[int]] = None) -> Tensor:
        more: List[int] = list(self.output_padding)
        if output_size is not None:
            more = _output_padding(input, output_size, list(self.stride), list(self.padding), list(self.dilation),
                                   list(self.kernel_size))
        return torch.conv_transpose1d(input, self.weight, self.bias, self.stride, self.padding, more, self.groups, self.dilation)


class _ConvTranspose2d:
    def forward(self, input: Tensor, output_size: Optional[List[int]] = None) -> Tensor:
        more: List[int] = list(self.output_padding)
        if output_size is not None:
            more = _output_padding(input, output_size, list(self.stride), list(self.padding), list(self.dilation),
                                   list(self.kernel_size))
        return torch.conv_transpose2d(input, self.weight, self.bias, self.stride, self.padding, more, self.groups, self.dilation)


class _ConvTranspose3d:
    def forward(self, input: Tensor, output_size: Optional[List[int]] = None) -> Tensor:
        more: List[int] = list(self.output_padding)
        if output_size is not None:
            more = _output_padding(input, output_size, list(self.stride), list(self.padding), list(self.dilation),
                                   list(self.kernel_size))
        return torch.conv_transpose3d(input, self.weight, self.bias, self.stride, self.padding, more, self.groups, self.dilation)


class _Flatten:
    def forward(self, input: Tensor) -> Tensor:
        return input.flatten(self.start_dim, self.end_dim)


class _Linear:
    def forward(self, input: Tensor) -> Tensor:
        return torch._C._nn.linear(input, self.weight, self.bias)


class _LayerNorm:
    def forward(self, input: Tensor) -> Tensor:
        return F.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)


class _GroupNorm:
    def forward(self, input: Tensor) -> Tensor:
        return F.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)


class _Embedding:
    def forward(self, input: Tensor) -> Tensor:
        return F.embedding(input, self.weight, self.padding_idx, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.sparse)


class _ReLU:
    def forward(self, input: Tensor) -> Tensor:
        return F.relu(input, inplace=self.inplace)


class _Dropout:
    def forward(self, input: Tensor) -> Tensor:
        return F.dropout(input, self.p, self.training, self.inplace)


class _MaxPool2d:
    def forward(self, input: Tensor):
        return F.max_pool2d(input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices)


class _AvgPool2d:
    def forward(self, input: Tensor) -> Tensor:
        return torch._C._nn.avg_pool2d(input, self.kernel_size, self.stride, self.padding, self.ceil_mode,
                                       self.count_include_pad, self.divisor_override)


class _AdaptiveAvgPool2d:
    def forward(self, input: Tensor) -> Tensor:
        return F.adaptive_avg_pool2d(input, self.output_size)


class _Tanh:
    def forward(self, input: Tensor) -> Tensor:
        return torch.tanh(input)


class _Sigmoid:
    def forward(self, input: Tensor) -> Tensor:
        return torch.sigmoid(input)


class _GELU:
    def forward(self, input: Tensor) -> Tensor:
        return torch._C._nn.gelu(input, approximate=self.approximate)


class _LeakyReLU:
    def forward(self, input: Tensor) -> Tensor:
        return F.leaky_relu(input, self.negative_slope, self.inplace)


class _Softmax:
    def forward(self, input: Tensor) -> Tensor:
        return F.softmax(input, self.dim, 5)


class _LogSoftmax:
    def forward(self, input: Tensor) -> Tensor:
        return F.log_softmax(input, self.dim, 5)


class _Identity:
    def forward(self, input: Tensor) -> Tensor:
        return input


class _Softmin:
    def forward(self, input: Tensor) -> Tensor:
        return F.softmin(input, self.dim, 5)


class _MaxPool1d:
    def forward(self, input: Tensor):
        return F.max_pool1d(input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices)


class _MaxPool3d:
    def forward(self, input: Tensor):
        return F.max_pool3d(input, self.kernel_size, self.stride, self.padding, self.dilation, self.ceil_mode, self.return_indices)


class _AdaptiveMaxPool1d:
    def forward(self, input: Tensor):
        return F.adaptive_max_pool1d(input, self.output_size, self.return_indices)


class _AdaptiveMaxPool2d:
    def forward(self, input: Tensor):
        return F.adaptive_max_pool2d(input, self.output_size, self.return_indices)


class _AdaptiveMaxPool3d:
    def forward(self, input: Tensor):
        return F.adaptive_max_pool3d(input, self.output_size, self.return_indices)


class _AdaptiveAvgPool1d:
    def forward(self, input: Tensor) -> Tensor:
        return torch.adaptive_avg_pool1d(input, self.output_size)


class _AdaptiveAvgPool3d:
    def forward(self, input: Tensor) -> Tensor:
        return F.adaptive_avg_pool3d(input, self.output_size)


class _LPPool1d:
    def forward(self, input: Tensor) -> Tensor:
        return F.lp_pool1d(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)


class _LPPool2d:
    def forward(self, input: Tensor) -> Tensor:
        return F.lp_pool2d(input, float(self.norm_type), self.kernel_size, self.stride, self.ceil_mode)


class _RNN:
    def forward(self, input: Tensor, hx: Optional[Tensor] = None) -> Tuple[Tensor, Tensor]:
        batched = input.dim() == 3
        batch_dim = 0 if self.batch_first else 1
        _check_rank(input)
        if not batched:
            input = input.unsqueeze(batch_dim)
        if hx is None:
            layers = self.num_layers * (2 if self.bidirectional else 1)
            hx = torch.zeros(layers, input.size(batch_dim), self.hidden_size, dtype=input.dtype)
        elif batched:
            if hx.dim() != 3:
                raise RuntimeError(f"For batched 3-D input, hx should also be 3-D but got {hx.dim()}-D tensor")
        else:
            if hx.dim() != 2:
                raise RuntimeError(f"For unbatched 2-D input, hx should also be 2-D but got {hx.dim()}-D tensor")
            hx = hx.unsqueeze(1)
        _check_width(input, self.input_size)
        out, h = self._run(input, hx)
        if not batched:
            out, h = out.squeeze(batch_dim), h.squeeze(1)
        return out, h

    def _run(self, input: Tensor, hx: Tensor) -> Tuple[Tensor, Tensor]:
        if self.mode == "RNN_TANH":
            return torch.rnn_tanh(input, hx, self._flat_weights, self.bias, self.num_layers, self.dropout, self.training,
                                  self.bidirectional, self.batch_first)
        return torch.rnn_relu(input, hx, self._flat_weights, self.bias, self.num_layers, self.dropout, self.training,
                              self.bidirectional, self.batch_first)


class _GRU(_RNN):
    def _run(self, input: Tensor, hx: Tensor) -> Tuple[Tensor, Tensor]:
        return torch.gru(input, hx, self._flat_weights, self.bias, self.num_layers, self.dropout, self.training,
                         self.bidirectional, self.batch_first)


class _LSTM:
    def forward(self, input: Tensor, hx: Optional[Tuple[Tensor, Tensor]] = None) -> Tuple[Tensor, Tuple[Tensor, Tensor]]:
        batched = input.dim() == 3
        batch_dim = 0 if self.batch_first else 1
        _check_rank(input)
        if not batched:
            input = input.unsqueeze(batch_dim)
        layers = self.num_layers * (2 if self.bidirectional else 1)
        width = self.proj_size if self.proj_size > 0 else self.hidden_size
        if hx is None:
            h = torch.zeros(layers, input.size(batch_dim), width, dtype=input.dtype)
            c = torch.zeros(layers, input.size(batch_dim), self.hidden_size, dtype=input.dtype)
        else:
            h, c = hx
            if batched:
                if h.dim() != 3 or c.dim() != 3:
                    raise RuntimeError(
                        f"For batched 3-D input, hx and cx should also be 3-D but got ({h.dim()}-D, {c.dim()}-D) tensors")
            else:
                if h.dim() != 2 or c.dim() != 2:
                    raise RuntimeError(
                        f"For unbatched 2-D input, hx and cx should also be 2-D but got ({h.dim()}-D, {c.dim()}-D) tensors")
                h, c = h.unsqueeze(1), c.unsqueeze(1)
        _check_width(input, self.input_size)
        out, h, c = torch.lstm(input, [h, c], self._flat_weights, self.bias, self.num_layers, self.dropout, self.training,
                               self.bidirectional, self.batch_first)
        if not batched:
            out, h, c = out.squeeze(batch_dim), h.squeeze(1), c.squeeze(1)
        return out, (h, c)


def _check_rank(input: Tensor):
    assert input.dim() == 2 or input.dim() == 3, f"LSTM: Expected input to be 2-D or 3-D but received {input.dim()}-D tensor"


def _check_width(input: Tensor, width: int):
    if input.size(-1) != width:
        raise RuntimeError(f"input.size(-1) must be equal to input_size. Expected {width}, got {input.size(-1)}")


class _RNNCell:
    def forward(self, input: Tensor, hx: Optional[Tensor] = None) -> Tensor:
        batched = input.dim() == 2
        if not batched:
            input = input.unsqueeze(0)
        if hx is None:
            hx = torch.zeros(input.size(0), self.hidden_size, dtype=input.dtype)
        elif not batched:
            hx = hx.unsqueeze(0)
        if self.nonlinearity == "tanh":
            ret = torch.rnn_tanh_cell(input, hx, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        elif self.nonlinearity == "relu":
            ret = torch.rnn_relu_cell(input, hx, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        else:
            raise RuntimeError("Unknown nonlinearity: {}".format(self.nonlinearity))
        return ret if batched else ret.squeeze(0)


class _MultiheadAttention:
    def forward(self, query: Tensor, key: Tensor, value: Tensor, key_padding_mask: Optional[Tensor] = None,
                need_weights: bool = True, attn_mask: Optional[Tensor] = None,
                average_attn_weights: bool = True) -> Tuple[Tensor, Optional[Tensor]]:
        turned = self.batch_first and query.dim() == 3
        if turned:
            query, key, value = query.transpose(1, 0), key.transpose(1, 0), value.transpose(1, 0)
        out, weights = F.multi_head_attention_forward(
            query, key, value, self.embed_dim, self.num_heads, self.in_proj_weight, self.in_proj_bias, self.bias_k, self.bias_v,
            self.add_zero_attn, self.dropout, self.out_proj.weight, self.out_proj.bias, self.training, key_padding_mask,
            need_weights, attn_mask, not self._qkv_same_embed_dim, self.q_proj_weight, self.k_proj_weight, self.v_proj_weight,
            None, None, average_attn_weights)
        return (out.transpose(1, 0) if turned else out), weights


class _TransformerEncoderLayer:
    def forward(self, src: Tensor, src_mask: Optional[Tensor] = None, src_key_padding_mask: Optional[Tensor] = None) -> Tensor:
        x = src
        if self.norm_first:
            x = x + self._sa_block(self.norm1(x), src_mask, src_key_padding_mask)
            x = x + self._ff_block(self.norm2(x))
        else:
            x = self.norm1(x + self._sa_block(x, src_mask, src_key_padding_mask))
            x = self.norm2(x + self._ff_block(x))
        return x

    def _sa_block(self, x: Tensor, attn_mask: Optional[Tensor], key_padding_mask: Optional[Tensor]) -> Tensor:
        x = self.self_attn(x, x, x, attn_mask=attn_mask, key_padding_mask=key_padding_mask, need_weights=False)[0]
        return self.dropout1(x)

    def _ff_block(self, x: Tensor) -> Tensor:
        return self.dropout2(self.linear2(self.dropout(self.activation(self.linear1(x)))))


class _TransformerDecoderLayer:
    def forward(self, tgt: Tensor, memory: Tensor, tgt_mask: Optional[Tensor] = None, memory_mask: Optional[Tensor] = None,
                tgt_key_padding_mask: Optional[Tensor] = None, memory_key_padding_mask: Optional[Tensor] = None) -> Tensor:
        x = tgt
        if self.norm_first:
            x = x + self._sa_block(self.norm1(x), tgt_mask, tgt_key_padding_mask)
            x = x + self._mha_block(self.norm2(x), memory, memory_mask, memory_key_padding_mask)
            x = x + self._ff_block(self.norm3(x))
        else:
            x = self.norm1(x + self._sa_block(x, tgt_mask, tgt_key_padding_mask))
            x = self.norm2(x + self._mha_block(x, memory, memory_mask, memory_key_padding_mask))
            x = self.norm3(x + self._ff_block(x))
        return x

    def _sa_block(self, x: Tensor, attn_mask: Optional[Tensor], key_padding_mask: Optional[Tensor]) -> Tensor:
        x = self.self_attn(x, x, x, attn_mask=attn_mask, key_padding_mask=key_padding_mask, need_weights=False)[0]
        return self.dropout1(x)

    def _mha_block(self, x: Tensor, mem: Tensor, attn_mask: Optional[Tensor], key_padding_mask: Optional[Tensor]) -> Tensor:
        x = self.multihead_attn(x, mem, mem, attn_mask=attn_mask, key_padding_mask=key_padding_mask, need_weights=False)[0]
        return self.dropout2(x)

    def _ff_block(self, x: Tensor) -> Tensor:
        return self.dropout3(self.linear2(self.dropout(self.activation(self.linear1(x)))))


class _TransformerEncoder:
    def forward(self, src: Tensor, mask: Optional[Tensor] = None, src_key_padding_mask: Optional[Tensor] = None) -> Tensor:
        output = src
        for mod in self.layers:
            output = mod(output, src_mask=mask, src_key_padding_mask=src_key_padding_mask)
        if self.norm is not None:
            output = self.norm(output)
        return output


class _TransformerDecoder:
    def forward(self, tgt: Tensor, memory: Tensor, tgt_mask: Optional[Tensor] = None, memory_mask: Optional[Tensor] = None,
                tgt_key_padding_mask: Optional[Tensor] = None, memory_key_padding_mask: Optional[Tensor] = None) -> Tensor:
        output = tgt
        for mod in self.layers:
            output = mod(output, memory, tgt_mask=tgt_mask, memory_mask=memory_mask, tgt_key_padding_mask=tgt_key_padding_mask,
                         memory_key_padding_mask=memory_key_padding_mask)
        if self.norm is not None:
            output = self.norm(output)
        return output


class _Transformer:
    def forward(self, src: Tensor, tgt: Tensor, src_mask: Optional[Tensor] = None, tgt_mask: Optional[Tensor] = None,
                memory_mask: Optional[Tensor] = None, src_key_padding_mask: Optional[Tensor] = None,
                tgt_key_padding_mask: Optional[Tensor] = None, memory_key_padding_mask: Optional[Tensor] = None) -> Tensor:
        batch_dim = 0 if self.batch_first else 1
        if src.dim() == 3 and src.size(batch_dim) != tgt.size(batch_dim):
            raise RuntimeError("the batch number of src and tgt must be equal")
        if src.size(-1) != self.d_model or tgt.size(-1) != self.d_model:
            raise RuntimeError("the feature number of src and tgt must be equal to d_model")
        memory = self.encoder(src, mask=src_mask, src_key_padding_mask=src_key_padding_mask)
        return self.decoder(tgt, memory, tgt_mask=tgt_mask, memory_mask=memory_mask, tgt_key_padding_mask=tgt_key_padding_mask,
                            memory_key_padding_mask=memory_key_padding_mask)


class _EmbeddingBag:
    def forward(self, input: Tensor, offsets: Optional[Tensor] = None, per_sample_weights: Optional[Tensor] = None) -> Tensor:
        return F.embedding_bag(input, self.weight, offsets, self.max_norm, self.norm_type, self.scale_grad_by_freq, self.mode,
                               self.sparse, per_sample_weights, self.include_last_offset, self.padding_idx)


class _LSTMCell:
    def forward(self, input: Tensor, hx: Optional[Tuple[Tensor, Tensor]] = None) -> Tuple[Tensor, Tensor]:
        if hx is None:
            zeros = torch.zeros(input.size(0), self.hidden_size, dtype=input.dtype, device=input.device)
            hx = (zeros, zeros)
        h, c = torch.lstm_cell(input, [hx[0], hx[1]], self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)
        return h, c


class _GRUCell:
    def forward(self, input: Tensor, hx: Optional[Tensor] = None) -> Tensor:
        if hx is None:
            hx = torch.zeros(input.size(0), self.hidden_size, dtype=input.dtype, device=input.device)
        return torch.gru_cell(input, hx, self.weight_ih, self.weight_hh, self.bias_ih, self.bias_hh)


class _CrossEntropyLoss:
    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.cross_entropy(input, target, self.weight, None, self.ignore_index, None, self.reduction, self.label_smoothing)


class _MSELoss:
    def forward(self, input: Tensor, target: Tensor) -> Tensor:
        return F.mse_loss(input, target, reduction=self.reduction)


# The layers that have such forms, by name.
_classes = {name[1:]: value for name, value in list(globals().items())
            if isinstance(value, type) and name[0] == "_" and value.__module__ == __name__}


def methods(kind):
    """The compiler's forms of a layer's methods."""
    if not kind.__module__.startswith("torch.nn"):
        return {}
    return {name: value for name, value in vars(_classes.get(kind.__name__, object)).items() if name == "forward"}


# The layers that have such forms, by name.
_classes = {name[1:]: value for name, value in list(globals().items())
            if isinstance(value, type) and name[0] == "_" and value.__module__ == __name__}


def methods(kind):
    """The compiler's forms of a layer's methods."""
    if not kind.__module__.startswith("torch.nn"):
        return {}
    return {name: value for base in reversed(_classes.get(kind.__name__, object).__mro__) for name, value in vars(base).items()
            if isinstance(value, types.FunctionType)}
