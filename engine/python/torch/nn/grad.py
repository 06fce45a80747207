"""Gradients of convolutions, by themselves."""

import torch

from . import functional as F


def _gradient(conv, input, weight, grad_output, wanted, options):
    """The gradient, which can itself be differentiated by the other side and by grad_output."""
    other = weight if wanted is input else input
    again = torch.is_grad_enabled() and (other.requires_grad or grad_output.requires_grad)
    with torch.enable_grad():
        leaf = wanted.detach().requires_grad_()
        output = conv(leaf, weight, None, *options) if wanted is input else conv(input, leaf, None, *options)
    return torch.autograd.grad(output, leaf, grad_output, create_graph=again)[0]


def _pair_of_functions(conv):
    def conv_input(input_size, weight, grad_output, stride=1, padding=0, dilation=1, groups=1):
        input = grad_output.new_empty(1).expand(input_size)
        return _gradient(conv, input, weight, grad_output, input, (stride, padding, dilation, groups))

    def conv_weight(input, weight_size, grad_output, stride=1, padding=0, dilation=1, groups=1):
        weight = grad_output.new_empty(1).expand(weight_size)
        return _gradient(conv, input, weight, grad_output, weight, (stride, padding, dilation, groups))
    return conv_input, conv_weight


conv1d_input, conv1d_weight = _pair_of_functions(F.conv1d)
conv2d_input, conv2d_weight = _pair_of_functions(F.conv2d)
conv3d_input, conv3d_weight = _pair_of_functions(F.conv3d)
