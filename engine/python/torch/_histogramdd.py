"""Histograms of points in several dimensions."""

import builtins

import torch
from torch.return_types import histogramdd as _result


def _check(points, bins, range, weight):
    if not points.is_floating_point():
        raise RuntimeError(f'"histogramdd" not implemented for \'{points.type().split(".")[-1].removesuffix("Tensor")}\'')
    if points.dim() < 2:
        raise RuntimeError("torch.histogramdd: input tensor should have at least 2 dimensions")
    n = points.shape[-1]
    if isinstance(bins[0], torch.Tensor) and len(bins) != n:
        raise RuntimeError(f"torch.histogramdd: expected {n} sequences of bin edges for a {n}-dimensional histogram but got {len(bins)}")
    if weight is not None and weight.shape != points.shape[:-1]:
        raise RuntimeError("torch.histogramdd: if weight tensor is provided it should have the same shape as the input tensor "
                           f"excluding its innermost dimension, but got input with shape {list(points.shape)} and weight with "
                           f"shape {list(weight.shape)}")
    if weight is not None and weight.dtype != points.dtype:
        names = {torch.float32: "float", torch.float64: "double"}
        raise RuntimeError("torch.histogramdd: if weight tensor is provided, input tensor and weight tensor should have the same "
                           f"dtype, but got input({names.get(points.dtype)}), and weight({names.get(weight.dtype, weight.dtype)})")
    if range is not None and len(range) != 2 * n:
        raise RuntimeError(f"torch.histogramdd: for a {n}-dimensional histogram range should have {2 * n} elements, but got "
                           f"{len(range)}")


def _edges(points, count, dim, range):
    """count bins of one width between the limits of a dimension, or between its least and greatest number."""
    if count <= 0:
        raise RuntimeError(f"torch.histogram(): bins must be > 0, but got {count} for dimension {dim}")
    if range is not None:
        low, high = range[2 * dim], range[2 * dim + 1]
    elif points.numel():
        low, high = points[:, dim].min().item(), points[:, dim].max().item()
    else:
        low, high = 0.0, 1.0
    if low > high:
        raise RuntimeError(f"torch.histogramdd: min should not exceed max, but got min {low:g} max {high:g} for dimension {dim}")
    if low == high:
        low, high = low - 0.5, high + 0.5
    return torch.linspace(low, high, count + 1, dtype=points.dtype)


def histogramdd(input, bins, *, range=None, weight=None, density=False):
    """How many of the points (..., N) lie in each of the boxes that bins make along N dimensions."""
    bins = [bins] * input.shape[-1] if isinstance(bins, int) else list(bins)
    _check(input, bins, range, weight)
    n, points = input.shape[-1], input.detach().reshape(-1, input.shape[-1])
    edges = (tuple(bins) if isinstance(bins[0], torch.Tensor) else
             tuple(_edges(points, bins[d] if d < len(bins) else 0, d, range) for d in builtins.range(n)))
    place, inside = torch.zeros(len(points), dtype=torch.int64), torch.ones(len(points), dtype=torch.bool)
    for edge, column in zip(edges, points.unbind(-1)):
        column = column.contiguous()
        box = torch.searchsorted(edge, column, right=True) - 1
        box = torch.where(column == edge[-1], len(edge) - 2, box)  # the last box has its upper edge too
        inside &= (column >= edge[0]) & (column <= edge[-1])
        place = place * (len(edge) - 1) + box
    sizes = [len(edge) - 1 for edge in edges]
    counted = torch.ones(len(points), dtype=points.dtype) if weight is None else weight.detach().reshape(-1)
    hist = torch.zeros(torch.Size(sizes).numel(), dtype=points.dtype)
    hist = hist.index_add(0, place[inside], counted[inside]).reshape(sizes)
    if density:
        hist = hist / hist.sum()
        for d, edge in enumerate(edges):
            hist = hist / edge.diff().reshape([-1 if k == d else 1 for k in builtins.range(n)])
    return _result((hist, edges))
