"""The named tuples that operations with several results return."""

from torch._C import _return_types

globals().update({name: kind for name, kind in vars(_return_types).items() if name[0] != "_"})
