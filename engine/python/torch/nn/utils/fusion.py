"""Folding a batch normalisation into the layer before it, for evaluation."""

import copy

import torch

from ..parameter import Parameter


def _fuse(layer, bn, weights, *options):
    assert not (layer.training or bn.training), "Fusion only for eval!"
    fused = copy.deepcopy(layer)
    fused.weight, fused.bias = weights(fused.weight, fused.bias, bn.running_mean, bn.running_var, bn.eps, bn.weight,
                                       bn.bias, *options)
    return fused


def fuse_conv_bn_eval(conv, bn, transpose=False):
    return _fuse(conv, bn, fuse_conv_bn_weights, transpose)


def fuse_conv_bn_weights(conv_w, conv_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b, transpose=False):
    conv_b = torch.zeros_like(bn_rm) if conv_b is None else conv_b
    bn_w = torch.ones_like(bn_rm) if bn_w is None else bn_w
    bn_b = torch.zeros_like(bn_rm) if bn_b is None else bn_b
    rstd = torch.rsqrt(bn_rv + bn_eps)
    shape = [1, 1] + [1] * (conv_w.dim() - 2)
    shape[1 if transpose else 0] = -1
    return Parameter(conv_w * (bn_w * rstd).reshape(shape)), Parameter((conv_b - bn_rm) * rstd * bn_w + bn_b)


def fuse_linear_bn_eval(linear, bn):
    return _fuse(linear, bn, fuse_linear_bn_weights)


def fuse_linear_bn_weights(linear_w, linear_b, bn_rm, bn_rv, bn_eps, bn_w, bn_b):
    linear_b = torch.zeros_like(bn_rm) if linear_b is None else linear_b
    scale = bn_w * torch.rsqrt(bn_rv + bn_eps)
    return Parameter(linear_w * scale.unsqueeze(-1)), Parameter((linear_b - bn_rm) * scale + bn_b)
