"""Pipes at the start: things that Python can iterate over, in their own order or another."""

import copy
import random

import torch
from torch.utils.data.datapipes.datapipe import IterDataPipe, functional_datapipe
from torch.utils.data.datapipes._functions import length_of
from torch.utils.data.sampler import SequentialSampler


class IterableWrapperIterDataPipe(IterDataPipe):
    """The samples of an iterable; a copy of it for each pass, where it can be copied."""

    def __init__(self, iterable, deepcopy=True):
        self.iterable, self.deepcopy = iterable, deepcopy

    def __iter__(self):
        source = self.iterable
        if self.deepcopy:
            try:
                source = copy.deepcopy(self.iterable)
            except TypeError:
                pass  # an iterator that cannot be copied is read as it is
        yield from source

    def __len__(self):
        return len(self.iterable)


class SamplerIterDataPipe(IterDataPipe):
    """Samples in the order that a sampler gives."""

    def __init__(self, datapipe, sampler=SequentialSampler, sampler_args=None, sampler_kwargs=None):
        self.datapipe, self.sampler_args, self.sampler_kwargs = datapipe, sampler_args or (), dict(sampler_kwargs or {})
        self.sampler_kwargs["data_source"] = datapipe
        self.sampler = sampler(*self.sampler_args, **self.sampler_kwargs)

    def __iter__(self):
        return iter(self.sampler)

    def __len__(self):
        return length_of(self, self.sampler)


@functional_datapipe("shuffle")
class ShufflerIterDataPipe(IterDataPipe):
    """Samples in random order, as far as a buffer of them reaches."""

    def __init__(self, datapipe, *, buffer_size=10000, unbatch_level=0):
        assert buffer_size > 0, "buffer_size should be larger than 0"
        self.datapipe = datapipe if unbatch_level == 0 else datapipe.unbatch(unbatch_level=unbatch_level)
        self.buffer_size, self._enabled, self._seed, self._random = buffer_size, True, None, random.Random()

    def set_shuffle(self, shuffle=True):
        self._enabled = shuffle
        return self

    def set_seed(self, seed):
        self._seed = seed
        return self

    def reset(self):
        if self._enabled:
            seed = self._seed if self._seed is not None else int(torch.empty((), dtype=torch.int64).random_().item())
            self._random.seed(seed)
            self._seed = None

    def __iter__(self):
        if not self._enabled:
            yield from self.datapipe
            return
        buffer = []
        for sample in self.datapipe:
            if len(buffer) == self.buffer_size:
                place = self._random.randint(0, len(buffer) - 1)
                sample, buffer[place] = buffer[place], sample
                yield sample
            else:
                buffer.append(sample)
        while buffer:
            yield buffer.pop(self._random.randint(0, len(buffer) - 1))

    def __len__(self):
        return length_of(self, self.datapipe)
