"""Several pipes as one, and one as several."""

import itertools
import warnings
from collections import deque

from torch.utils.data.datapipes._functions import length_of
from torch.utils.data.datapipes.utils.common import _check_unpickable_fn
from torch.utils.data.datapipes.datapipe import IterDataPipe, describe, functional_datapipe


@functional_datapipe("concat")
class ConcaterIterDataPipe(IterDataPipe):
    """One pipe after another."""

    def __init__(self, *datapipes):
        if not datapipes:
            raise ValueError("Expected at least one DataPipe, but got nothing")
        if not all(isinstance(pipe, IterDataPipe) for pipe in datapipes):
            raise TypeError("Expected all inputs to be `IterDataPipe`")
        self.datapipes = datapipes

    def __iter__(self):
        return itertools.chain.from_iterable(self.datapipes)

    def __len__(self):
        return sum(length_of(self, pipe) for pipe in self.datapipes)


@functional_datapipe("zip")
class ZipperIterDataPipe(IterDataPipe):
    """Tuples of a sample of each, until one ends."""

    def __init__(self, *datapipes):
        if not all(isinstance(pipe, IterDataPipe) for pipe in datapipes):
            raise TypeError("All inputs are required to be `IterDataPipe` for `ZipIterDataPipe`.")
        self.datapipes = datapipes

    def __iter__(self):
        return zip(*self.datapipes)

    def __len__(self):
        return min(length_of(self, pipe) for pipe in self.datapipes)


@functional_datapipe("mux")
class MultiplexerIterDataPipe(IterDataPipe):
    """A sample of each in turn, until one ends."""

    def __init__(self, *datapipes):
        self.datapipes = datapipes

    def __iter__(self):
        return itertools.chain.from_iterable(zip(*self.datapipes))

    def __len__(self):
        return min(length_of(self, pipe) for pipe in self.datapipes) * len(self.datapipes)


class _ChildDataPipe(IterDataPipe):
    """One of the pipes that a parent feeds, which also knows which of their iterators are alive."""

    _watch = False

    def __init__(self, main_datapipe, instance_id):
        self.main_datapipe, self.instance_id = main_datapipe, instance_id

    def __iter__(self):
        return self.main_datapipe.samples_of(self.instance_id)

    def __len__(self):
        return len(self.main_datapipe)


class _Parent(IterDataPipe):
    """Reads one pipe for several children, which may lie buffer_size samples apart (-1: as far as they like)."""

    def __init__(self, datapipe, num_instances, buffer_size):
        if buffer_size < 0:
            warnings.warn("Unlimited buffer size is set for `{}`, please be aware of OOM at random places".format(self._functional),
                          UserWarning, stacklevel=4)
        self.main_datapipe, self.num_instances, self.buffer_size = datapipe, num_instances, buffer_size
        self._pass, self._begin = 0, [True] * num_instances
        self._waiting, self._source = None, None

    def _start(self):
        if self._waiting is not None and any(self._waiting):
            warnings.warn("Some child DataPipes are not exhausted when __iter__ is called. We are resetting "
                          "the buffer and each child DataPipe will read from the start again.", UserWarning)
        self._pass += 1
        self._waiting = [deque() for _ in range(self.num_instances)]
        self._source, self._begin = iter(self.main_datapipe), [False] * self.num_instances

    def samples_of(self, child):
        """The first child to begin again begins a new pass for all."""
        if self._begin[child] or self._source is None or self._seen(child):
            self._start()
        self._begin[child] = True
        number = self._pass
        while True:
            if self._pass != number:
                raise RuntimeError("This iterator has been invalidated, because a new iterator has been created from one of the "
                                   f"ChildDataPipes of {describe(self)}.\nFor feedback regarding this single iterator per "
                                   "IterDataPipe constraint, feel free to comment on this issue: "
                                   "https://github.com/pytorch/data/issues/45.")
            while not self._waiting[child]:
                try:
                    sample = next(self._source)
                except StopIteration:
                    return
                for other in self._receivers(sample):
                    self._waiting[other].append(sample)
                    if self.buffer_size >= 0 and self._buffered() - (other == child) >= self.buffer_size:
                        raise BufferError(f"{self._name} buffer overflow,buffer size {self.buffer_size} is insufficient.")
            yield self._waiting[child].popleft()

    def _seen(self, child):
        return False

    def __iter__(self):
        raise NotImplementedError


class _ForkerIterDataPipe(_Parent):
    _functional, _name = "fork", "ForkerIterDataPipe"

    def _receivers(self, sample):
        return range(self.num_instances)

    def _buffered(self):
        return max(map(len, self._waiting))

    def __len__(self):
        return len(self.main_datapipe)


class _DemultiplexerIterDataPipe(_Parent):
    _functional, _name = "demux", "DemultiplexerIterDataPipe"

    def __init__(self, datapipe, num_instances, classifier_fn, drop_none, buffer_size):
        super().__init__(datapipe, num_instances, buffer_size)
        self.classifier_fn, self.drop_none = classifier_fn, drop_none

    def _receivers(self, sample):
        which = self.classifier_fn(sample)
        if which is None and self.drop_none:
            return ()
        if which is None or which >= self.num_instances or which < 0:
            raise ValueError(f"Output of the classification fn should be between 0 and {self.num_instances - 1}. "
                             f"{which} is returned.")
        return (which,)

    def _buffered(self):
        return sum(map(len, self._waiting))


def _children(parent):
    return [_ChildDataPipe(parent, i) for i in range(parent.num_instances)]


@functional_datapipe("fork")
class ForkerIterDataPipe(IterDataPipe):
    """num_instances pipes that each give every sample."""

    def __new__(cls, datapipe, num_instances, buffer_size=1000):
        if num_instances < 1:
            raise ValueError(f"Expected `num_instaces` larger than 0, but {num_instances} is found")
        return datapipe if num_instances == 1 else _children(_ForkerIterDataPipe(datapipe, num_instances, buffer_size))


@functional_datapipe("demux")
class DemultiplexerIterDataPipe(IterDataPipe):
    """num_instances pipes, of which classifier_fn (sample) says which one gives the sample."""

    def __new__(cls, datapipe, num_instances, classifier_fn, drop_none=False, buffer_size=1000):
        if num_instances < 1:
            raise ValueError(f"Expected `num_instaces` larger than 0, but {num_instances} is found")
        _check_unpickable_fn(classifier_fn)
        return _children(_DemultiplexerIterDataPipe(datapipe, num_instances, classifier_fn, drop_none, buffer_size))
