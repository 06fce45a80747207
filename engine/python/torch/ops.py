"""Operators of shared libraries.  A library is code for PyTorch's own binary, so none is loaded; programs that only
announce one run, and an operator says that it is missing when it is called; torchvision's nms is there all the same."""

import os

from torch import _C

loaded_libraries = set()


class _OpNamespace:
    def __init__(self, name):
        self.name = name

    def __getattr__(self, op):
        if not loaded_libraries:
            raise AttributeError(f"'_OpNamespace' '{self.name}' object has no attribute '{op}'")
        return _C._missing(f"torch.ops.{self.name}.{op}")


def _nms(dets, scores, iou_threshold):
    """The boxes (x1, y1, x2, y2) that no box of a higher score overlaps by more than the threshold, best first."""
    import torch
    for wrong, text in ((dets.dim() != 2, f"boxes should be a 2d tensor, got {dets.dim()}D"),
                        (dets.dim() == 2 and dets.size(1) != 4, f"boxes should have 4 elements in dimension 1, got {dets.size(-1)}"),
                        (scores.dim() != 1, f"scores should be a 1d tensor, got {scores.dim()}D"),
                        (dets.shape[:1] != scores.shape[:1], "boxes and scores should have same number of elements in dimension 0, got "
                         f"{len(dets)} and {len(scores)}")):
        if wrong:
            raise RuntimeError(text)
    if dets.dtype != scores.dtype:
        raise RuntimeError("dets should have the same type as scores")
    with torch.no_grad():
        order = scores.sort(stable=True, dim=0, descending=True)[1]
        boxes = dets[order]
        areas = (boxes[:, 2] - boxes[:, 0]) * (boxes[:, 3] - boxes[:, 1])
        left, kept = torch.ones(len(boxes), dtype=torch.bool), []
        for i in range(len(boxes)):
            if left[i]:
                kept.append(i)
                sides = (torch.minimum(boxes[i, 2:], boxes[i + 1:, 2:]) - torch.maximum(boxes[i, :2], boxes[i + 1:, :2])).clamp(min=0)
                shared = sides[:, 0] * sides[:, 1]
                left[i + 1:] &= ~(shared / (areas[i] + areas[i + 1:] - shared) > iou_threshold)
        return order[torch.tensor(kept, dtype=torch.long)]


torchvision = _OpNamespace("torchvision")
torchvision._cuda_version = lambda: -1
torchvision.nms = _nms


def load_library(path):
    if not os.path.exists(path):
        raise OSError(f"{path}: cannot open shared object file: No such file or directory")
    loaded_libraries.add(path)


def __getattr__(name):
    if name[:2] == "__":
        raise AttributeError(name)
    return globals().setdefault(name, _OpNamespace(name))
