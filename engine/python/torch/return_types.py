"""The named tuples that operations with several results return."""

from torch._C import _return_types

globals().update({name: kind for name, kind in vars(_return_types).items() if name[0] != "_"})


class histogramdd(tuple):
    """hist and bin_edges; made in Python, as one of them is a tuple of tensors."""

    __module__ = "torch.return_types"
    __slots__ = ()
    hist = property(lambda self: self[0])
    bin_edges = property(lambda self: self[1])

    def __repr__(self):
        return f"torch.return_types.histogramdd(\nhist={self.hist!r},\nbin_edges={self.bin_edges!r})"
