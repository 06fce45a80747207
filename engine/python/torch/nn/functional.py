"""Functions of layers and losses.  Most are the engine's own; the rest choose among them."""

import math
import warnings

import torch
from torch import _names
from torch._C import Tensor, _nn  # noqa: F401

from ._tuples import _ntuple, _pair, _single, _triple  # noqa: F401

def _find(name):
    """The engine's function of that name; what it lacks raises NotImplementedError when called."""
    for place in (_nn, torch):
        if hasattr(place, name):
            return getattr(place, name)

    def missing(*args, **kwargs):
        raise NotImplementedError(f"torch.nn.functional.{name}")
    return missing


for _name in ("conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d linear avg_pool1d avg_pool2d "
              "avg_pool3d adaptive_avg_pool1d pixel_shuffle pixel_unshuffle channel_shuffle cosine_similarity "
              "pairwise_distance pdist conv_tbc native_channel_shuffle one_hot bilinear prelu softplus softshrink hardshrink gelu pad relu_ selu_ celu_ "
              "rrelu_ threshold_ elu_ hardtanh_ leaky_relu_").split():
    globals()[_name] = _find(_name)
logsigmoid = _find("log_sigmoid")


class _Reduction:
    @staticmethod
    def get_enum(reduction):
        if reduction == "elementwise_mean":
            warnings.warn("reduction='elementwise_mean' is deprecated, please use reduction='mean' instead.")
            return 1
        if reduction not in ("none", "mean", "sum"):
            raise ValueError(f"{reduction} is not a valid value for reduction")
        return ("none", "mean", "sum").index(reduction)

    @staticmethod
    def legacy_get_string(size_average, reduce, emit_warning=True):
        size_average = True if size_average is None else size_average
        reduce = True if reduce is None else reduce
        name = "none" if not reduce else "mean" if size_average else "sum"
        if emit_warning:
            warnings.warn(f"size_average and reduce args will be deprecated, please use reduction='{name}' instead.")
        return name


def _reduction(reduction, size_average=None, reduce=None):
    if size_average is not None or reduce is not None:
        reduction = _Reduction.legacy_get_string(size_average, reduce)
    return _Reduction.get_enum(reduction)


def _reduce(value, reduction):
    return value if reduction == 0 else value.mean() if reduction == 1 else value.sum()


# ---- pooling ----
def _name_pools():
    """The functions that are made below, by the names that errors of their arguments give them."""
    for n in (1, 2, 3):
        for kind in ("max", "adaptive_max", "fractional_max") if n > 1 else ("max", "adaptive_max"):
            for name in (f"_{kind}_pool{n}d", f"{kind}_pool{n}d_with_indices"):
                globals()[name].__name__ = globals()[name].__qualname__ = name


def _max_pool(op):
    def max_pool(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
        return op(input, kernel_size, [] if stride is None else stride, padding, dilation, ceil_mode)
    return max_pool


def _output_size(input, size, n):
    sizes = input.size()
    size = (size,) * n if isinstance(size, int) else tuple(size)
    return [sizes[i - len(size)] if s is None else s for i, s in enumerate(size)]


def adaptive_avg_pool2d(input, output_size):
    return _nn.adaptive_avg_pool2d(input, _output_size(input, output_size, 2))


def adaptive_avg_pool3d(input, output_size):
    return _nn.adaptive_avg_pool3d(input, _output_size(input, output_size, 3))


def _adaptive_max_pool(n):
    op = torch.adaptive_max_pool1d if n == 1 else getattr(_nn, f"adaptive_max_pool{n}d")

    def with_indices(input, output_size, return_indices=False):
        return op(input, output_size if n == 1 else _output_size(input, output_size, n))

    def without(input, output_size, return_indices=False):
        return with_indices(input, output_size)[0]
    return with_indices, without


# Each pooling exists with indices, without, and as a function whose argument return_indices chooses.
max_pool1d_with_indices, _max_pool1d = _max_pool(torch.max_pool1d_with_indices), _max_pool(torch.max_pool1d)
max_pool2d_with_indices, _max_pool2d = _max_pool(_nn.max_pool2d_with_indices), _max_pool(torch.max_pool2d)
max_pool3d_with_indices, _max_pool3d = _max_pool(_nn.max_pool3d_with_indices), _max_pool(torch.max_pool3d)
adaptive_max_pool1d_with_indices, _adaptive_max_pool1d = _adaptive_max_pool(1)
adaptive_max_pool2d_with_indices, _adaptive_max_pool2d = _adaptive_max_pool(2)
adaptive_max_pool3d_with_indices, _adaptive_max_pool3d = _adaptive_max_pool(3)


def _fractional_max_pool(n):
    op, what = getattr(_nn, f"fractional_max_pool{n}d"), f"fractional_max_pool{n}d"

    def with_indices(input, kernel_size, output_size=None, output_ratio=None, return_indices=False,
                     _random_samples=None):
        if output_size is None and output_ratio is None:
            raise ValueError(f"{what} requires specifying either an output_size or an output_ratio")
        if output_size is None:
            ratio = _ntuple(n)(output_ratio)
            output_size = [int(input.size(i - n) * ratio[i]) for i in range(n)]
        if _random_samples is None:
            batch = 1 if input.dim() == n + 1 else input.size(0)
            _random_samples = torch.rand(batch, input.size(-n - 1), n, dtype=input.dtype)
        return op(input, kernel_size, output_size, _random_samples)

    def without(input, kernel_size, output_size=None, output_ratio=None, return_indices=False, _random_samples=None):
        return with_indices(input, kernel_size, output_size, output_ratio, return_indices, _random_samples)[0]
    return with_indices, without


fractional_max_pool2d_with_indices, _fractional_max_pool2d = _fractional_max_pool(2)
fractional_max_pool3d_with_indices, _fractional_max_pool3d = _fractional_max_pool(3)
_name_pools()


def boolean_dispatch(arg_name, arg_index, default, if_true, if_false, module_name, func_name):
    """A function that calls if_true or if_false as its argument arg_name says."""

    def dispatched(*args, **kwargs):
        chosen = kwargs[arg_name] if arg_name in kwargs else args[arg_index] if arg_index < len(args) else default
        return (if_true if chosen else if_false)(*args, **kwargs)
    dispatched.__name__ = dispatched.__qualname__ = func_name
    dispatched.__module__ = module_name
    dispatched._like = if_true  # whose parameters it has; read by torch.overrides
    return dispatched


for _name, _place in (("max_pool1d", 6), ("max_pool2d", 6), ("max_pool3d", 6), ("adaptive_max_pool1d", 2),
                      ("adaptive_max_pool2d", 2), ("adaptive_max_pool3d", 2), ("fractional_max_pool2d", 4),
                      ("fractional_max_pool3d", 4)):
    globals()[_name] = boolean_dispatch("return_indices", _place, False, globals()[_name + "_with_indices"],
                                        globals()["_" + _name], __name__, _name)


def _unpool_output_size(input, kernel_size, stride, padding, output_size):
    n = len(kernel_size)
    default = [(input.size(i - n) - 1) * stride[i] + kernel_size[i] - 2 * padding[i] for i in range(n)]
    if output_size is None:
        return default
    if len(output_size) == n + 2:
        output_size = output_size[2:]
    if len(output_size) != n:
        raise ValueError(f"output_size should be a sequence containing {n} or {n + 2} elements, but it has a length of "
                         f"'{len(output_size)}'")
    for d in range(n):
        low, high = default[d] - stride[d], default[d] + stride[d]
        if not low < output_size[d] < high:
            raise ValueError(f'invalid output_size "{output_size}" (dim {d} must be between {low} and {high})')
    return output_size


def _max_unpool(n):
    def unpool(input, indices, kernel_size, stride=None, padding=0, output_size=None):
        kernel_size = _ntuple(n)(kernel_size)
        stride = _ntuple(n)(stride) if stride is not None else kernel_size
        padding = _ntuple(n)(padding)
        output_size = _unpool_output_size(input, kernel_size, stride, padding, output_size)
        if n == 1:
            output_size = [*output_size, 1]
            return _nn.max_unpool2d(input.unsqueeze(-1), indices.unsqueeze(-1), output_size).squeeze(-1)
        return _nn.max_unpool2d(input, indices, output_size) if n == 2 else _nn.max_unpool3d(
            input, indices, output_size, stride, padding)
    unpool.__name__ = unpool.__qualname__ = f"max_unpool{n}d"
    return unpool


max_unpool1d, max_unpool2d, max_unpool3d = _max_unpool(1), _max_unpool(2), _max_unpool(3)


def _lp(out, norm_type, n):
    return (torch.sign(out) * relu(torch.abs(out))).mul(n).pow(1.0 / norm_type)


def lp_pool1d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    return _lp(avg_pool1d(input.pow(norm_type), kernel_size, stride or [], 0, ceil_mode), norm_type, kernel_size)


def lp_pool2d(input, norm_type, kernel_size, stride=None, ceil_mode=False):
    kw, kh = _pair(kernel_size)
    return _lp(avg_pool2d(input.pow(norm_type), kernel_size, stride or [], 0, ceil_mode), norm_type, kw * kh)


# ---- dropout ----
def _dropout(plain, inplace_form, p_default, training_default):
    def dropout(input, p=p_default, training=training_default, inplace=False):
        if p < 0.0 or p > 1.0:
            raise ValueError(f"dropout probability has to be between 0 and 1, but got {p}")
        return (inplace_form if inplace else plain)(input, p, training)
    dropout.__name__ = dropout.__qualname__ = plain.__name__
    return dropout


dropout = _dropout(torch.dropout, torch.dropout_, 0.5, True)
alpha_dropout = _dropout(torch.alpha_dropout, torch.alpha_dropout_, 0.5, False)
feature_alpha_dropout = _dropout(torch.feature_alpha_dropout, torch.feature_alpha_dropout_, 0.5, False)
_channel_dropout = _dropout(torch.feature_dropout, torch.feature_dropout_, 0.5, True)


def _alone(input, p, training, inplace):
    """Channels dropped from an input without a batch."""
    if inplace:
        return _channel_dropout(input.unsqueeze_(0), p, training, True).squeeze_(0)
    return _channel_dropout(input.unsqueeze(0), p, training, False).squeeze(0)


def dropout1d(input, p=0.5, training=True, inplace=False):
    if 0.0 <= p <= 1.0 and input.dim() not in (2, 3):
        raise RuntimeError(f"dropout1d: Expected 2D or 3D input, but received a {input.dim()}D input. Note that dropout1d "
                           "exists to provide channel-wise dropout on inputs with 1 spatial dimension, a channel "
                           "dimension, and an optional batch dimension (i.e. 2D or 3D inputs).")
    if input.dim() == 2:
        return _alone(input, p, training, inplace)
    return _channel_dropout(input, p, training, inplace)


def _warn_rank(name, input, n):
    warnings.warn(f"{name}: Received a {input.dim()}-D input to {name}, which is deprecated and will result in an error in "
                  "a future release. To retain the behavior and silence this warning, please use dropout instead. Note "
                  f"that {name} exists to provide channel-wise dropout on inputs with {n} spatial dimensions, a channel "
                  f"dimension, and an optional batch dimension (i.e. {n + 1}D or {n + 2}D inputs).")


def dropout2d(input, p=0.5, training=True, inplace=False):
    if 0.0 <= p <= 1.0:
        if input.dim() not in (3, 4):
            _warn_rank("dropout2d", input, 2)
        if input.dim() == 3:
            warnings.warn("dropout2d: Received a 3D input to dropout2d and assuming that channel-wise "
                          "1D dropout behavior is desired - input is interpreted as shape (N, C, L), where C is the "
                          "channel dim. This "
                          "behavior will change in a future release to interpret the input as one without a batch "
                          "dimension, i.e. shape (C, H, W). To maintain the 1D channel-wise dropout behavior, please "
                          "switch to using dropout1d instead.")
    return _channel_dropout(input, p, training, inplace)


def dropout3d(input, p=0.5, training=True, inplace=False):
    if 0.0 <= p <= 1.0 and input.dim() not in (4, 5):
        _warn_rank("dropout3d", input, 3)
    if 0.0 <= p <= 1.0 and input.dim() == 4:
        return _alone(input, p, training, inplace)
    return _channel_dropout(input, p, training, inplace)


# ---- activations: each with its in-place form ----
def _activation(name, **defaults):
    plain, inplace_form, names = _find(name), _find(name + "_"), list(defaults)

    def activation(input, *args, inplace=False, **kwargs):
        if len(args) > len(names):
            args, inplace = args[:len(names)], args[len(names)]
        values = {**defaults, **dict(zip(names, args)), **kwargs}
        return (inplace_form if inplace else plain)(input, *(values[n] for n in names))
    activation.__name__ = activation.__qualname__ = name
    activation._defaults = {**defaults, "inplace": False}  # behind input; read by torch.overrides
    return activation


def relu(input, inplace=False):
    return torch.relu_(input) if inplace else torch.relu(input)


def _threshold(input, threshold, value, inplace=False):
    return (torch.threshold_ if inplace else torch.threshold)(input, threshold, value)


threshold = _threshold
hardtanh = _activation("hardtanh", min_val=-1.0, max_val=1.0)
elu = _activation("elu", alpha=1.0)
celu = _activation("celu", alpha=1.0)
leaky_relu = _activation("leaky_relu", negative_slope=0.01)
rrelu = _activation("rrelu", lower=1.0 / 8, upper=1.0 / 3, training=False)
relu6, selu, silu, mish, hardsigmoid, hardswish = map(
    _activation, ("relu6", "selu", "silu", "mish", "hardsigmoid", "hardswish"))


def glu(input, dim=-1):
    if input.dim() == 0:
        raise RuntimeError("glu does not support scalars because halving size must be even")
    return _nn.glu(input, dim)


def tanhshrink(input):
    return input - input.tanh()


def softsign(input):
    return input / (input.abs() + 1)


def tanh(input):
    warnings.warn("nn.functional.tanh is deprecated. Use torch.tanh instead.")
    return input.tanh()


def sigmoid(input):
    warnings.warn("nn.functional.sigmoid is deprecated. Use torch.sigmoid instead.")
    return input.sigmoid()


def _softmax_dim(name, ndim, stacklevel):
    warnings.warn(f"Implicit dimension choice for {name} has been deprecated. Change the call to include dim=X as an "
                  "argument.", stacklevel=stacklevel)
    return 0 if ndim in (0, 1, 3) else 1


def softmax(input, dim=None, _stacklevel=3, dtype=None):
    dim = _softmax_dim("softmax", input.dim(), _stacklevel) if dim is None else dim
    return input.softmax(dim) if dtype is None else input.softmax(dim, dtype=dtype)


def softmin(input, dim=None, _stacklevel=3, dtype=None):
    dim = _softmax_dim("softmin", input.dim(), _stacklevel) if dim is None else dim
    return (-input).softmax(dim) if dtype is None else (-input).softmax(dim, dtype=dtype)


def log_softmax(input, dim=None, _stacklevel=3, dtype=None):
    dim = _softmax_dim("log_softmax", input.dim(), _stacklevel) if dim is None else dim
    return input.log_softmax(dim) if dtype is None else input.log_softmax(dim, dtype=dtype)


def gumbel_softmax(logits, tau=1, hard=False, eps=1e-10, dim=-1):
    if eps != 1e-10:
        warnings.warn("`eps` parameter is deprecated and has no effect.")
    gumbels = -torch.empty_like(logits).exponential_().log()
    y_soft = ((logits + gumbels) / tau).softmax(dim)
    if not hard:
        return y_soft
    index = y_soft.max(dim, keepdim=True)[1]
    y_hard = torch.zeros_like(logits).scatter_(dim, index, 1.0)
    return y_hard - y_soft.detach() + y_soft


# ---- embeddings ----
def embedding(input, weight, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False):
    if padding_idx is not None:
        if padding_idx > 0:
            assert padding_idx < weight.size(0), "Padding_idx must be within num_embeddings"
        elif padding_idx < 0:
            assert padding_idx >= -weight.size(0), "Padding_idx must be within num_embeddings"
            padding_idx = weight.size(0) + padding_idx
    else:
        padding_idx = -1
    if max_norm is not None:
        input = input.contiguous()
        with torch.no_grad():
            torch.embedding_renorm_(weight, input, max_norm, norm_type)
    return torch.embedding(weight, input, padding_idx, scale_grad_by_freq, sparse)


def _sparse_bag(input, weight, offsets, mode, per_sample_weights, include_last_offset, padding_idx):
    """Sums or means of rows of a table whose gradient is sparse: the rows, and which bag each goes to."""
    # The op itself says what is wrong with its arguments.
    result = torch.embedding_bag(weight.detach(), input, offsets, False, ("sum", "mean").index(mode), False,
                                 None if per_sample_weights is None else per_sample_weights.detach(), include_last_offset,
                                 -1 if padding_idx is None else padding_idx)[0]
    starts = offsets[:-1] if include_last_offset else offsets
    bags = torch.bucketize(torch.arange(input.numel()), starts.to(torch.int64), right=True) - 1
    rows = torch.embedding(weight, input, -1 if padding_idx is None else padding_idx, False, True)
    if per_sample_weights is not None:
        rows = rows * per_sample_weights.unsqueeze(1)
    if padding_idx is not None:
        rows = rows * (input != padding_idx).unsqueeze(1).to(rows.dtype)
    sums = torch.zeros_like(result).index_add(0, bags, rows)
    if mode == "sum":
        return sums
    counted = torch.ones_like(input) if padding_idx is None else (input != padding_idx).to(input.dtype)
    counts = torch.zeros(result.size(0), dtype=torch.int64).index_add(0, bags, counted.to(torch.int64)).clamp(min=1)
    return sums / counts.unsqueeze(1).to(sums.dtype)


def embedding_bag(input, weight, offsets=None, max_norm=None, norm_type=2, scale_grad_by_freq=False, mode="mean",
                  sparse=False, per_sample_weights=None, include_last_offset=False, padding_idx=None):
    if weight.dtype == torch.long and input.is_floating_point():
        warnings.warn(
            "Argument order of nn.functional.embedding_bag was changed. Usage `embedding_bag(weight, input, ...)` is "
            "deprecated, and should now be `embedding_bag(input, weight, ...)`.")
        input, weight = weight, input
    if mode not in ("sum", "mean", "max"):
        raise ValueError("mode has to be one of sum, mean or max")
    if per_sample_weights is not None and mode != "sum":
        raise NotImplementedError("embedding_bag: per_sample_weights was not None. per_sample_weights is only supported "
                                  f"for mode='sum' (got mode='{mode}'). Please open a feature request on GitHub.")
    if per_sample_weights is not None and input.size() != per_sample_weights.size():
        raise ValueError(f"embedding_bag: If per_sample_weights ({per_sample_weights.shape}) is not None, then it must have "
                         f"the same shape as the input ({input.shape})")
    if input.dim() == 2:
        if offsets is not None:
            raise ValueError("if input is 2D, then offsets has to be None, as input is treated is a mini-batch of fixed "
                             f"length sequences. However, found offsets of type {type(offsets)}")
        offsets = torch.arange(0, input.numel(), input.size(1), dtype=input.dtype)
        input = input.reshape(-1)
        per_sample_weights = None if per_sample_weights is None else per_sample_weights.reshape(-1)
    elif input.dim() != 1:
        raise ValueError(f"input has to be 1D or 2D Tensor, but got Tensor of dimension {input.dim()}")
    elif offsets is None:
        raise ValueError("offsets has to be a 1D Tensor but got None")
    elif offsets.dim() != 1:
        raise ValueError("offsets has to be a 1D Tensor")
    if mode == "max" and (scale_grad_by_freq or sparse):
        raise ValueError("max mode does not support " + ("scaling the gradient by the frequency" if scale_grad_by_freq else
                                                         "sparse weights"))
    if padding_idx is not None and padding_idx < 0:
        padding_idx += weight.size(0)
    if max_norm is not None:
        with torch.no_grad():
            torch.embedding_renorm_(weight, input, max_norm, norm_type)
    if sparse and mode != "max" and not scale_grad_by_freq and weight.requires_grad and torch.is_grad_enabled():
        return _sparse_bag(input, weight, offsets, mode, per_sample_weights, include_last_offset, padding_idx)
    return torch.embedding_bag(weight, input, offsets, scale_grad_by_freq, ("sum", "mean", "max").index(mode), sparse,
                               per_sample_weights, include_last_offset, -1 if padding_idx is None else padding_idx)[0]


# ---- normalisation ----
def _verify_batch_size(size):
    n = size[0]
    for i in range(len(size) - 2):
        n *= size[i + 2]
    if n == 1:
        raise ValueError(f"Expected more than 1 value per channel when training, got input size {size}")


def batch_norm(input, running_mean, running_var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    if training:
        _verify_batch_size(input.size())
    return torch.batch_norm(input, weight, bias, running_mean, running_var, training, momentum, eps, True)


def instance_norm(input, running_mean=None, running_var=None, weight=None, bias=None, use_input_stats=True,
                  momentum=0.1, eps=1e-5):
    if use_input_stats and math.prod(input.size()[2:]) == 1:
        raise ValueError(f"Expected more than 1 spatial element when training, got input size {input.size()}")
    return torch.instance_norm(input, weight, bias, running_mean, running_var, use_input_stats, momentum, eps, True)


def layer_norm(input, normalized_shape, weight=None, bias=None, eps=1e-5):
    return torch.layer_norm(input, normalized_shape, weight, bias, eps, True)


def group_norm(input, num_groups, weight=None, bias=None, eps=1e-5):
    _verify_batch_size([input.size(0) * input.size(1) // num_groups, num_groups] + list(input.size()[2:]))
    return torch.group_norm(input, num_groups, weight, bias, eps, True)


def local_response_norm(input, size, alpha=1e-4, beta=0.75, k=1.0):
    dim = input.dim()
    if dim < 3:
        raise ValueError(f"Expected 3D or higher dimensionality                          input (got {dim} dimensions)")
    if input.numel() == 0:
        return input
    div = input.mul(input)
    if dim == 3:
        div = avg_pool2d(pad(div.unsqueeze(1), (0, 0, size // 2, (size - 1) // 2)), (size, 1), stride=1).squeeze(1)
    else:
        shape = input.size()
        div = div.view(shape[0], 1, shape[1], shape[2], -1)
        div = pad(div, (0, 0, 0, 0, size // 2, (size - 1) // 2))
        div = avg_pool3d(div, (size, 1, 1), stride=1).squeeze(1).view(shape)
    return input / div.mul(alpha).add(k).pow(beta)


def normalize(input, p=2.0, dim=1, eps=1e-12, out=None):
    denom = input.norm(p, dim, keepdim=True).clamp_min(eps).expand_as(input)
    return input / denom if out is None else torch.div(input, denom, out=out)


# ---- losses ----
def _broadcast(input, target):
    """Both in their common size, with a warning where it is not their own."""
    if target.size() != input.size():
        warnings.warn(f"Using a target size ({target.size()}) that is different to the input size ({input.size()}). "
                      "This will likely lead to incorrect results due to broadcasting. Please ensure they have the same "
                      "size.", stacklevel=3)
        input, target = torch.broadcast_tensors(input, target)
    return input, target


def cross_entropy(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean",
                  label_smoothing=0.0):
    return _nn.cross_entropy_loss(input, target, weight, _reduction(reduction, size_average, reduce), ignore_index,
                                  label_smoothing)


def nll_loss(input, target, weight=None, size_average=None, ignore_index=-100, reduce=None, reduction="mean"):
    return _nn.nll_loss_nd(input, target, weight, _reduction(reduction, size_average, reduce), ignore_index)


def mse_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    input, target = _broadcast(input, target)
    return _nn.mse_loss(input, target, _reduction(reduction, size_average, reduce))


def l1_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    input, target = _broadcast(input, target)
    return _nn.l1_loss(input, target, _reduction(reduction, size_average, reduce))


def smooth_l1_loss(input, target, size_average=None, reduce=None, reduction="mean", beta=1.0):
    input, target = _broadcast(input, target)
    return _nn.smooth_l1_loss(input, target, _reduction(reduction, size_average, reduce), beta)


def huber_loss(input, target, reduction="mean", delta=1.0):
    input, target = _broadcast(input, target)
    return _nn.huber_loss(input, target, _reduction(reduction), delta)


def soft_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    return _nn.soft_margin_loss(input, target, _reduction(reduction, size_average, reduce))


def binary_cross_entropy(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    reduction = _reduction(reduction, size_average, reduce)
    if target.size() != input.size():
        raise ValueError(f"Using a target size ({target.size()}) that is different to the input size ({input.size()}) "
                         "is deprecated. Please ensure they have the same size.")
    return _nn.binary_cross_entropy(input, target, weight, reduction)


def binary_cross_entropy_with_logits(input, target, weight=None, size_average=None, reduce=None, reduction="mean",
                                     pos_weight=None):
    reduction = _reduction(reduction, size_average, reduce)
    if target.size() != input.size():
        raise ValueError(f"Target size ({target.size()}) must be the same as input size ({input.size()})")
    return torch.binary_cross_entropy_with_logits(input, target, weight, pos_weight, reduction)


def kl_div(input, target, size_average=None, reduce=None, reduction="mean", log_target=False):
    old_names = size_average is not None or reduce is not None
    if reduction == "mean" and not old_names:
        warnings.warn(
            "reduction: 'mean' divides the total loss by both the batch size and the support size.'batchmean' "
            "divides only by the batch size, and aligns with the KL div math definition.'mean' will be changed "
            "to behave the same as 'batchmean' in the next major release.")
    code = 2 if reduction == "batchmean" and not old_names else _reduction(reduction, size_average, reduce)
    value = torch.kl_div(input, target, code, log_target=log_target)
    return value / input.size(0) if reduction == "batchmean" and input.dim() != 0 else value


def poisson_nll_loss(input, target, log_input=True, full=False, size_average=None, eps=1e-8, reduce=None,
                     reduction="mean"):
    if size_average is None and reduce is None and reduction not in ("none", "mean", "sum"):
        raise ValueError(reduction + " is not valid")
    return torch.poisson_nll_loss(input, target, log_input, full, eps, _reduction(reduction, size_average, reduce))


def gaussian_nll_loss(input, target, var, full=False, eps=1e-6, reduction="mean"):
    if var.size() != input.size():
        if input.size()[:-1] == var.size():
            var = torch.unsqueeze(var, -1)
        elif not (input.size()[:-1] == var.size()[:-1] and var.size(-1) == 1):
            raise ValueError("var is of incorrect size")
    if reduction not in ("none", "mean", "sum"):
        raise ValueError(reduction + " is not valid")
    if torch.any(var < 0):
        raise ValueError("var has negative entry/entries")
    var = var.clone()
    with torch.no_grad():
        var.clamp_(min=eps)
    loss = 0.5 * (torch.log(var) + (input - target) ** 2 / var)
    if full:
        loss += 0.5 * math.log(2 * math.pi)
    return _reduce(loss, _Reduction.get_enum(reduction))


def hinge_embedding_loss(input, target, margin=1.0, size_average=None, reduce=None, reduction="mean"):
    return torch.hinge_embedding_loss(input, target, margin, _reduction(reduction, size_average, reduce))


def margin_ranking_loss(input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"):
    if input1.dim() != input2.dim() or input1.dim() != target.dim():
        raise RuntimeError("margin_ranking_loss : All input tensors should have same dimension but got sizes: input1: "
                           f"{input1.size()}, input2: {input2.size()}, target: {target.size()} ")
    return torch.margin_ranking_loss(input1, input2, target, margin, _reduction(reduction, size_average, reduce))


def cosine_embedding_loss(input1, input2, target, margin=0, size_average=None, reduce=None, reduction="mean"):
    return torch.cosine_embedding_loss(input1, input2, target, margin, _reduction(reduction, size_average, reduce))


def triplet_margin_loss(anchor, positive, negative, margin=1.0, p=2, eps=1e-6, swap=False, size_average=None,
                        reduce=None, reduction="mean"):
    return torch.triplet_margin_loss(anchor, positive, negative, margin, p, eps, swap,
                                     _reduction(reduction, size_average, reduce))


def triplet_margin_with_distance_loss(anchor, positive, negative, *, distance_function=None, margin=1.0, swap=False,
                                      reduction="mean"):
    distance = pairwise_distance if distance_function is None else distance_function
    pos, neg = distance(anchor, positive), distance(anchor, negative)
    if swap:
        neg = torch.min(neg, distance(positive, negative))
    return _reduce((pos - neg + margin).clamp_min(0), _Reduction.get_enum(reduction))


def multi_margin_loss(input, target, p=1, margin=1.0, weight=None, size_average=None, reduce=None, reduction="mean"):
    if p not in (1, 2):
        raise ValueError("only p == 1 and p == 2 supported")
    if weight is not None and weight.dim() != 1:
        raise ValueError("weight must be one-dimensional")
    return _nn.multi_margin_loss(input, target, p, margin, weight, _reduction(reduction, size_average, reduce))


def multilabel_margin_loss(input, target, size_average=None, reduce=None, reduction="mean"):
    return _nn.multilabel_margin_loss(input, target, _reduction(reduction, size_average, reduce))


def multilabel_soft_margin_loss(input, target, weight=None, size_average=None, reduce=None, reduction="mean"):
    loss = -(target * logsigmoid(input) + (1 - target) * logsigmoid(-input))
    if weight is not None:
        loss = loss * weight
    return _reduce(loss.sum(dim=-1) / input.size(-1), _reduction(reduction, size_average, reduce))


def ctc_loss(log_probs, targets, input_lengths, target_lengths, blank=0, reduction="mean", zero_infinity=False):
    return torch.ctc_loss(log_probs, targets, input_lengths, target_lengths, blank, _Reduction.get_enum(reduction),
                          zero_infinity)


# ---- images ----
def unfold(input, kernel_size, dilation=1, padding=0, stride=1):
    return _nn.im2col(input, _pair(kernel_size), _pair(dilation), _pair(padding), _pair(stride))


def fold(input, output_size, kernel_size, dilation=1, padding=0, stride=1):
    return _nn.col2im(input, _pair(output_size), _pair(kernel_size), _pair(dilation), _pair(padding), _pair(stride))


_MODES = "nearest | linear | bilinear | bicubic | trilinear | area | nearest-exact"


def interpolate(input, size=None, scale_factor=None, mode="nearest", align_corners=None, recompute_scale_factor=None,
                antialias=False):
    if mode in ("nearest", "area", "nearest-exact"):
        if align_corners is not None:
            raise ValueError("align_corners option can only be set with the interpolating modes: linear | bilinear | "
                             "bicubic | trilinear")
    elif align_corners is None:
        align_corners = False
    dim = input.dim() - 2
    if size is not None and scale_factor is not None:
        raise ValueError("only one of size or scale_factor should be defined")
    if size is None and scale_factor is None:
        raise ValueError("either size or scale_factor should be defined")
    if recompute_scale_factor and size is not None:
        raise ValueError("recompute_scale_factor is not meaningful with an explicit size.")
    if size is not None:
        if isinstance(size, (list, tuple)) and len(size) != dim:
            raise ValueError("Input and output must have the same number of spatial dimensions, but got input with "
                             f"spatial dimensions of {list(input.shape[2:])} and output size of {size}. Please provide "
                             "input tensor in (N, C, d1, d2, ...,dK) format and output size in (o1, o2, ...,oK) format.")
        output_size = list(size) if isinstance(size, (list, tuple)) else [size] * dim
        scale_factors = None
    else:
        if isinstance(scale_factor, (list, tuple)) and len(scale_factor) != dim:
            raise ValueError("Input and scale_factor must have the same number of spatial dimensions, but got input with "
                             f"spatial dimensions of {list(input.shape[2:])} and scale_factor of shape {scale_factor}. "
                             "Please provide input tensor in (N, C, d1, d2, ...,dK) format and scale_factor in (s1, s2, "
                             "...,sK) format.")
        factors = list(scale_factor) if isinstance(scale_factor, (list, tuple)) else [scale_factor] * dim
        output_size = [math.floor(float(input.size(i + 2)) * factors[i]) for i in range(dim)]
        scale_factors = None if recompute_scale_factor or mode == "area" else [float(f) for f in factors]
    if mode == "area":
        return (adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d)[dim - 1](input, output_size)
    if antialias and not (mode in ("bilinear", "bicubic") and input.dim() == 4):
        raise ValueError("Anti-alias option is only supported for bilinear and bicubic modes")
    fits = {"linear": 3, "bilinear": 4, "bicubic": 4, "trilinear": 5}.get(mode)
    if mode not in _MODES.split(" | ") or input.dim() not in (3, 4, 5) or (fits is not None and fits != input.dim()):
        if fits is not None and input.dim() in (3, 4, 5):
            raise NotImplementedError(f"Got {input.dim()}D input, but {mode} mode needs {fits}D input")
        raise NotImplementedError(f"Input Error: Only 3D, 4D and 5D input Tensors supported (got {input.dim()}D) for the "
                                  f"modes: {_MODES} (got {mode})")
    if fits is None:
        name = ("upsample_nearest" if mode == "nearest" else "_upsample_nearest_exact") + f"{dim}d"
        return getattr(_nn, name)(input, output_size, scale_factors)
    name = f"_upsample_{mode}2d_aa" if antialias else f"upsample_{mode}{dim}d"
    return getattr(_nn, name)(input, output_size, align_corners, scale_factors)


GRID_SAMPLE_INTERPOLATION_MODES = {"bilinear": 0, "nearest": 1, "bicubic": 2}
GRID_SAMPLE_PADDING_MODES = {"zeros": 0, "border": 1, "reflection": 2}


def grid_sample(input, grid, mode="bilinear", padding_mode="zeros", align_corners=None):
    if mode not in GRID_SAMPLE_INTERPOLATION_MODES:
        raise ValueError("nn.functional.grid_sample(): expected mode to be 'bilinear', 'nearest' or 'bicubic', but got: "
                         f"'{mode}'")
    if padding_mode not in GRID_SAMPLE_PADDING_MODES:
        raise ValueError("nn.functional.grid_sample(): expected padding_mode to be 'zeros', 'border', or 'reflection', "
                         f"but got: '{padding_mode}'")
    if align_corners is None:
        warnings.warn(
            "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. "
            "Please specify align_corners=True if the old behavior is desired. See the documentation of "
            "grid_sample for details.")
    return torch.grid_sampler(input, grid, GRID_SAMPLE_INTERPOLATION_MODES[mode],
                              GRID_SAMPLE_PADDING_MODES[padding_mode], bool(align_corners))


def affine_grid(theta, size, align_corners=None):
    if align_corners is None:
        warnings.warn(
            "Default grid_sample and affine_grid behavior has changed to align_corners=False since 1.3.0. "
            "Please specify align_corners=True if the old behavior is desired. See the documentation of "
            "grid_sample for details.")
    if not theta.is_floating_point():
        raise ValueError(f"Expected theta to have floating point type, but got {theta.dtype}")
    expected = {4: (2, 3), 5: (3, 4)}.get(len(size))
    if expected is None:
        raise NotImplementedError("affine_grid only supports 4D and 5D sizes, for 2D and 3D affine transforms, "
                                  f"respectively. Got size {size}.")
    if theta.dim() != 3 or tuple(theta.shape[-2:]) != expected:
        n, kind = len(size) - 2, "2D" if len(size) == 4 else "3D"
        raise ValueError(f"Expected a batch of {kind} affine matrices of shape Nx{n}x{n + 1} for size {size}. Got "
                         f"{theta.shape}.")
    if align_corners and min(size[2:]) == 1:
        warnings.warn(
            "Since version 1.3.0, affine_grid behavior has changed for unit-size grids when align_corners=True. "
            "This is not an intended use case of affine_grid. See the documentation of affine_grid for details.")
    elif min(size) <= 0:
        raise ValueError(f"Expected non-zero, positive output size. Got {size}")
    return torch.affine_grid_generator(theta, size, bool(align_corners))


def upsample(input, size=None, scale_factor=None, mode="nearest", align_corners=None):
    warnings.warn("nn.functional.upsample is deprecated. Use nn.functional.interpolate instead.")
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(input, size=None, scale_factor=None):
    warnings.warn("nn.functional.upsample_nearest is deprecated. Use nn.functional.interpolate instead.")
    return interpolate(input, size, scale_factor, mode="nearest")


def upsample_bilinear(input, size=None, scale_factor=None):
    warnings.warn("nn.functional.upsample_bilinear is deprecated. Use nn.functional.interpolate instead.")
    return interpolate(input, size, scale_factor, mode="bilinear", align_corners=True)


# ---- attention ----
def _scaled_dot_product_attention(query, key, value, attn_mask=None, dropout_p=0.0, need_attn_weights=False, is_causal=False):
    query = torch._C._by_number("mul", query, 1 / math.sqrt(query.size(-1)))
    if is_causal:
        if attn_mask is not None:
            raise RuntimeError("_scaled_dot_product_attention: Explicit attn_mask should not be set when is_causal=True")
        attn_mask = torch.ones(query.size(-2), key.size(-2), dtype=torch.bool).tril()
    if attn_mask is not None and attn_mask.dtype == torch.bool:
        attn_mask = torch.zeros_like(attn_mask, dtype=query.dtype).masked_fill_(attn_mask.logical_not(), -math.inf)
    attn = torch.matmul(query, key.transpose(-2, -1))
    if attn_mask is not None:
        attn.add_(attn_mask)
    attn = torch.softmax(attn, -1)
    if dropout_p > 0.0:
        attn = torch.dropout(attn, dropout_p, True)
    return torch.matmul(attn, value), attn


def _attention(q, k, v, attn_mask, dropout_p):
    q = q / math.sqrt(q.size(-1))
    attn = torch.baddbmm(attn_mask, q, k.transpose(-2, -1)) if attn_mask is not None else torch.bmm(
        q, k.transpose(-2, -1))
    attn = softmax(attn, dim=-1)
    if dropout_p > 0.0:
        attn = dropout(attn, p=dropout_p)
    return torch.bmm(attn, v), attn


def _in_projection_packed(q, k, v, w, b=None):
    E = q.size(-1)
    if k is v and q is k:
        return linear(q, w, b).chunk(3, dim=-1)
    if k is v:
        w_q, w_kv = w.split([E, E * 2])
        b_q, b_kv = (None, None) if b is None else b.split([E, E * 2])
        return (linear(q, w_q, b_q),) + linear(k, w_kv, b_kv).chunk(2, dim=-1)
    w_q, w_k, w_v = w.chunk(3)
    b_q, b_k, b_v = (None,) * 3 if b is None else b.chunk(3)
    return linear(q, w_q, b_q), linear(k, w_k, b_k), linear(v, w_v, b_v)


def _mha_shape_check(query, key, value, key_padding_mask, attn_mask, num_heads):
    """Do the numbers of dimensions fit together?  True for a batch."""
    if query.dim() not in (2, 3):
        raise AssertionError("query should be unbatched 2D or batched 3D tensor but received "
                             f"{query.dim()}-D query tensor")
    n = query.dim()
    batched = n == 3
    what = "For batched (3-D) `query`, expected" if batched else "For unbatched (2-D) `query`, expected"
    assert key.dim() == n and value.dim() == n, \
        f"{what} `key` and `value` to be {n}-D but found {key.dim()}-D and {value.dim()}-D tensors respectively"
    if key_padding_mask is not None:
        assert key_padding_mask.dim() == n - 1, (f"{what} `key_padding_mask` to be `None` or {n - 1}-D but found "
                                                 f"{key_padding_mask.dim()}-D tensor instead")
    if attn_mask is not None:
        assert attn_mask.dim() in (2, 3), (f"{what} `attn_mask` to be `None`, 2-D or 3-D but found {attn_mask.dim()}-D "
                                           "tensor instead")
        if not batched and attn_mask.dim() == 3:
            expected = (num_heads, query.shape[0], key.shape[0])
            assert attn_mask.shape == expected, f"Expected `attn_mask` shape to be {expected} but got {attn_mask.shape}"
    return batched


def multi_head_attention_forward(query, key, value, embed_dim_to_check, num_heads, in_proj_weight, in_proj_bias, bias_k,
                                 bias_v, add_zero_attn, dropout_p, out_proj_weight, out_proj_bias, training=True,
                                 key_padding_mask=None, need_weights=True, attn_mask=None,
                                 use_separate_proj_weight=False, q_proj_weight=None, k_proj_weight=None,
                                 v_proj_weight=None, static_k=None, static_v=None, average_attn_weights=True):
    is_batched = _mha_shape_check(query, key, value, key_padding_mask, attn_mask, num_heads)
    if not is_batched:
        query, key, value = query.unsqueeze(1), key.unsqueeze(1), value.unsqueeze(1)
        key_padding_mask = None if key_padding_mask is None else key_padding_mask.unsqueeze(0)
    tgt_len, bsz, embed_dim = query.shape
    src_len = key.shape[0]
    assert embed_dim == embed_dim_to_check, f"was expecting embedding dimension of {embed_dim_to_check}, but got {embed_dim}"
    head_dim = embed_dim // num_heads
    assert head_dim * num_heads == embed_dim, f"embed_dim {embed_dim} not divisible by num_heads {num_heads}"
    if use_separate_proj_weight:
        assert key.shape[:2] == value.shape[:2], f"key's sequence and batch dims {key.shape[:2]} do not match value's {value.shape[:2]}"
        b = (None,) * 3 if in_proj_bias is None else in_proj_bias.chunk(3)
        q, k, v = linear(query, q_proj_weight, b[0]), linear(key, k_proj_weight, b[1]), linear(value, v_proj_weight, b[2])
    else:
        assert key.shape == value.shape, f"key shape {key.shape} does not match value shape {value.shape}"
        q, k, v = _in_projection_packed(query, key, value, in_proj_weight, in_proj_bias)
    if attn_mask is not None:
        if attn_mask.dtype == torch.uint8:
            warnings.warn("Byte tensor for attn_mask in nn.MultiheadAttention is deprecated. Use bool tensor instead.")
            attn_mask = attn_mask.to(torch.bool)
        else:
            assert attn_mask.is_floating_point() or attn_mask.dtype == torch.bool, f"Only float, byte, and bool types are supported for attn_mask, not {attn_mask.dtype}"
        if attn_mask.dim() == 2:
            if attn_mask.shape != (tgt_len, src_len):
                raise RuntimeError(f"The shape of the 2D attn_mask is {attn_mask.shape}, but should be {(tgt_len, src_len)}.")
            attn_mask = attn_mask.unsqueeze(0)
        elif attn_mask.dim() == 3:
            if attn_mask.shape != (bsz * num_heads, tgt_len, src_len):
                raise RuntimeError(f"The shape of the 3D attn_mask is {attn_mask.shape}, but should be {(bsz * num_heads, tgt_len, src_len)}.")
        else:
            raise RuntimeError(f"attn_mask's dimension {attn_mask.dim()} is not supported")
    if bias_k is not None:
        assert static_k is None, "bias cannot be added to static key."
        assert static_v is None, "bias cannot be added to static value."
        k, v = torch.cat([k, bias_k.repeat(1, bsz, 1)]), torch.cat([v, bias_v.repeat(1, bsz, 1)])
        attn_mask = None if attn_mask is None else pad(attn_mask, (0, 1))
        key_padding_mask = None if key_padding_mask is None else pad(key_padding_mask, (0, 1))
    for name, given in (("static_k", static_k), ("static_v", static_v)):
        if given is not None:
            for dim, size in ((0, bsz * num_heads), (2, head_dim)):
                assert given.size(dim) == size, f"expecting {name}.size({dim}) of {size}, but got {given.size(dim)}"
    q = q.contiguous().view(tgt_len, bsz * num_heads, head_dim).transpose(0, 1)
    k = k.contiguous().view(k.shape[0], bsz * num_heads, head_dim).transpose(0, 1) if static_k is None else static_k
    v = v.contiguous().view(v.shape[0], bsz * num_heads, head_dim).transpose(0, 1) if static_v is None else static_v
    if add_zero_attn:
        zero = torch.zeros((bsz * num_heads, 1, head_dim), dtype=k.dtype)
        k, v = torch.cat([k, zero], dim=1), torch.cat([v, zero], dim=1)
        attn_mask = None if attn_mask is None else pad(attn_mask, (0, 1))
        key_padding_mask = None if key_padding_mask is None else pad(key_padding_mask, (0, 1))
    src_len = k.size(1)
    if key_padding_mask is not None:
        assert key_padding_mask.shape == (bsz, src_len), f"expecting key_padding_mask shape of {(bsz, src_len)}, but got {key_padding_mask.shape}"
        padding = key_padding_mask.view(bsz, 1, 1, src_len).expand(-1, num_heads, -1, -1).reshape(bsz * num_heads, 1, src_len)
        if attn_mask is None:
            attn_mask = padding
        elif attn_mask.dtype == torch.bool:
            attn_mask = attn_mask.logical_or(padding)
        else:
            attn_mask = attn_mask.masked_fill(padding, float("-inf"))
    if attn_mask is not None and attn_mask.dtype == torch.bool:
        attn_mask = torch.zeros_like(attn_mask, dtype=q.dtype).masked_fill_(attn_mask, float("-inf"))
    out, weights = _attention(q, k, v, attn_mask, dropout_p if training else 0.0)
    out = linear(out.transpose(0, 1).contiguous().view(tgt_len * bsz, embed_dim), out_proj_weight, out_proj_bias)
    out = out.view(tgt_len, bsz, out.size(1))
    if not is_batched:
        out = out.squeeze(1)
    if not need_weights:
        return out, None
    weights = weights.view(bsz, num_heads, tgt_len, src_len)
    if average_attn_weights:
        weights = weights.sum(dim=1) / num_heads
    return out, weights if is_batched else weights.squeeze(0)


def __getattr__(name):
    if name in ("has_torch_function", "has_torch_function_unary", "has_torch_function_variadic", "handle_torch_function"):
        from torch import overrides
        return getattr(overrides, name)
    return _names.missing("torch.nn.functional", name)
