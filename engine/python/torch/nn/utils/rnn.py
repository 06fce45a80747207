"""Sequences of different lengths: padding, and packing without padding."""

from collections import namedtuple

import torch

__all__ = ["PackedSequence", "invert_permutation", "pack_padded_sequence", "pad_packed_sequence", "pad_sequence",
           "unpad_sequence", "pack_sequence", "unpack_sequence"]

_Packed = namedtuple("PackedSequence", ["data", "batch_sizes", "sorted_indices", "unsorted_indices"])


def invert_permutation(permutation):
    if permutation is None:
        return None
    output = torch.empty_like(permutation)
    output.scatter_(0, permutation, torch.arange(0, permutation.numel()))
    return output


class PackedSequence(_Packed):
    """All time steps of a batch in one (sum of batch_sizes, *) tensor: step t holds batch_sizes[t] rows."""

    def __new__(cls, data, batch_sizes=None, sorted_indices=None, unsorted_indices=None):
        if batch_sizes is None:  # the old form: both in one pair
            assert isinstance(data, (list, tuple)) and len(data) == 2
            data, batch_sizes = data
            sorted_indices = None
        if unsorted_indices is None:
            unsorted_indices = invert_permutation(sorted_indices)
        return super().__new__(cls, data, batch_sizes, sorted_indices, unsorted_indices)

    def to(self, *args, **kwargs):
        data = self.data.to(*args, **kwargs)
        if data is self.data:
            return self
        return type(self)(data, self.batch_sizes, self.sorted_indices, self.unsorted_indices)

    def pin_memory(self):
        return type(self)(self.data.pin_memory(), self.batch_sizes, self.sorted_indices, self.unsorted_indices)

    def cpu(self, *args, **kwargs):
        return self.to(*args, **kwargs)

    def cuda(self, *args, **kwargs):
        return self.to(*args, device="cuda", **kwargs)

    @property
    def is_cuda(self):
        return self.data.is_cuda

    def is_pinned(self):
        return self.data.is_pinned()


def _conversion(dtype):
    return lambda self: self.to(dtype=dtype)


for _name in ("double", "float", "half", "long", "int", "short"):
    setattr(PackedSequence, _name, _conversion(getattr(torch, _name)))
PackedSequence.char, PackedSequence.byte = _conversion(torch.int8), _conversion(torch.uint8)


def pack_padded_sequence(input, lengths, batch_first=False, enforce_sorted=True):
    lengths = torch.as_tensor(lengths, dtype=torch.int64)
    sorted_indices = None
    if not enforce_sorted:
        lengths, sorted_indices = torch.sort(lengths, descending=True)
        input = input.index_select(0 if batch_first else 1, sorted_indices)
    if batch_first:
        input = input.transpose(0, 1)
    if lengths.dim() != 1:
        raise RuntimeError("'lengths' argument should be a 1D CPU int64 tensor, but got "
                           f"{lengths.dim()}D cpu Long tensor")
    sizes = lengths.tolist()
    if not input.numel():
        raise RuntimeError("Cannot pack empty tensors.")
    if len(sizes) != input.size(1):
        raise RuntimeError(f"Expected `len(lengths)` to be equal to batch_size, but got {len(sizes)} (batch_size={input.size(1)})")
    if sizes[-1] <= 0:  # the last is the shortest, if they are sorted
        raise RuntimeError("Length of all samples has to be greater than 0, but found an element in 'lengths' that is <= 0")
    if any(a < b for a, b in zip(sizes, sizes[1:])):
        raise RuntimeError("`lengths` array must be sorted in decreasing order when `enforce_sorted` is True. You can "
                           "pass `enforce_sorted=False` to pack_padded_sequence and/or pack_sequence to sidestep this "
                           "requirement if you do not need ONNX exportability.")
    batch_sizes = [sum(n > t for n in sizes) for t in range(sizes[0])]
    data = torch.cat([input[t, :n] for t, n in enumerate(batch_sizes[:input.size(0)])])
    return PackedSequence(data, torch.tensor(batch_sizes), sorted_indices, None)


def pad_packed_sequence(sequence, batch_first=False, padding_value=0.0, total_length=None):
    sizes = sequence.batch_sizes.tolist()
    length = len(sizes)
    if total_length is not None:
        if total_length < length:
            raise ValueError("Expected total_length to be at least the length of the longest sequence in input, but got "
                             f"total_length={total_length} and max sequence length being {length}")
        length = total_length
    steps = []
    for step in sequence.data.split(sizes):
        missing = sizes[0] - step.size(0)
        filler = step.new_full((missing, *step.shape[1:]), padding_value)
        steps.append(torch.cat([step, filler]) if missing else step)
    steps += [steps[0].new_full(steps[0].shape, padding_value)] * (length - len(sizes))
    padded = torch.stack(steps)
    lengths = torch.tensor([sum(n > i for n in sizes) for i in range(sizes[0])])
    padded = padded.transpose(0, 1) if batch_first else padded
    if sequence.unsorted_indices is not None:
        order = sequence.unsorted_indices
        padded, lengths = padded.index_select(0 if batch_first else 1, order), lengths[order]
    return padded, lengths


def pad_sequence(sequences, batch_first=False, padding_value=0.0):
    if not hasattr(sequences, "__iter__"):
        raise RuntimeError(f"pad_sequence: Expected iterable for input sequences, but got arg of type: {type(sequences)}")
    sequences = list(sequences.unbind(0)) if isinstance(sequences, torch.Tensor) else list(sequences)
    if not sequences:
        raise RuntimeError("received an empty list of sequences")
    for i, s in enumerate(sequences):
        if not isinstance(s, torch.Tensor):
            raise TypeError(f"expected Tensor as element {i} in argument 0, but got {type(s).__name__}")
    length, first = max(s.size(0) for s in sequences), sequences[0]
    sizes = (len(sequences), length) if batch_first else (length, len(sequences))
    out = first.new_full((*sizes, *first.shape[1:]), padding_value)
    for i, sequence in enumerate(sequences):
        out.select(0 if batch_first else 1, i).narrow(0, 0, sequence.size(0)).copy_(sequence)
    return out


def unpad_sequence(padded_sequences, lengths, batch_first=False):
    padded = padded_sequences if batch_first else padded_sequences.transpose(0, 1)
    steps = torch.arange(padded.shape[1])
    return [row[steps < n] for row, n in zip(padded, lengths)]


def pack_sequence(sequences, enforce_sorted=True):
    lengths = torch.as_tensor([v.size(0) for v in sequences])
    return pack_padded_sequence(pad_sequence(sequences), lengths, enforce_sorted=enforce_sorted)


def unpack_sequence(packed_sequences):
    padded, lengths = pad_packed_sequence(packed_sequences, batch_first=True)
    return unpad_sequence(padded, lengths, batch_first=True)
