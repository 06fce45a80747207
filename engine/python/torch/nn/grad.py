"""Gradients of convolutions, by themselves."""

from torch import _C

from ._tuples import _pair, _single, _triple


def _convolution_gradient(tuple_of, which):
    def gradient(input, weight, grad_output, stride, padding, dilation, groups):
        return _C._functions["convolution_backward"](
            grad_output, input, weight, tuple_of(stride), tuple_of(padding), tuple_of(dilation), False,
            [0] * len(tuple_of(0)), groups, which == 0, which == 1, False)[which]
    return gradient


def _pair_of_functions(tuple_of):
    by_input, by_weight = _convolution_gradient(tuple_of, 0), _convolution_gradient(tuple_of, 1)

    def conv_input(input_size, weight, grad_output, stride=1, padding=0, dilation=1, groups=1):
        return by_input(grad_output.new_empty(1).expand(input_size), weight, grad_output, stride, padding, dilation, groups)

    def conv_weight(input, weight_size, grad_output, stride=1, padding=0, dilation=1, groups=1):
        return by_weight(input, grad_output.new_empty(1).expand(weight_size), grad_output, stride, padding, dilation, groups)
    return conv_input, conv_weight


conv1d_input, conv1d_weight = _pair_of_functions(_single)
conv2d_input, conv2d_weight = _pair_of_functions(_pair)
conv3d_input, conv3d_weight = _pair_of_functions(_triple)
