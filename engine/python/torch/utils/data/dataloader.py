"""DataLoader: batches out of a dataset, in the sampler's order."""

import collections.abc
import itertools
import os
import warnings

import torch
from torch import _C
from torch.utils.data.dataset import IterableDataset, TensorDataset
from torch.utils.data.sampler import BatchSampler, RandomSampler, SequentialSampler
from torch.utils.data.worker import get_worker_info, worker_batches  # noqa: F401

_trace = getattr(_C, "_trace", None)
default_collate = _C._data.default_collate


def default_convert(data):
    """numpy's arrays as tensors, inside containers too; everything else as it is."""
    kind = type(data)
    if isinstance(data, torch.Tensor) or isinstance(data, (str, bytes)):
        return data
    if kind.__module__ == "numpy" and kind.__name__ not in ("str_", "bytes_"):
        return data if kind.__name__ == "ndarray" and data.dtype.kind in "SUO" else torch.as_tensor(data)
    if isinstance(data, collections.abc.Mapping):
        return {key: default_convert(value) for key, value in data.items()}
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        return kind(*(default_convert(value) for value in data))
    if isinstance(data, collections.abc.Sequence):
        return [default_convert(value) for value in data]
    return data


def _need(condition, message):
    if not condition:
        raise ValueError(message)


class DataLoader:
    """Iterating over it gives batches; each pass with shuffle=True has an order of its own."""

    _locked = False

    def __init__(self, dataset, batch_size=1, shuffle=None, sampler=None, batch_sampler=None, num_workers=0,
                 collate_fn=None, pin_memory=False, drop_last=False, timeout=0, worker_init_fn=None,
                 multiprocessing_context=None, generator=None, *, prefetch_factor=2, persistent_workers=False,
                 pin_memory_device=""):
        _need(num_workers >= 0, "num_workers option should be non-negative; use num_workers=0 to disable multiprocessing.")
        _need(timeout >= 0, "timeout option should be non-negative")
        _need(num_workers > 0 or prefetch_factor == 2, "prefetch_factor option could only be specified in multiprocessing."
              "let num_workers > 0 to enable multiprocessing.")
        assert prefetch_factor > 0
        _need(not persistent_workers or num_workers > 0, "persistent_workers option needs num_workers > 0")
        iterable = isinstance(dataset, IterableDataset)
        if iterable:
            for name, value in (("shuffle", shuffle or None), ("sampler", sampler), ("batch_sampler", batch_sampler)):
                _need(value is None, f"DataLoader with IterableDataset: expected unspecified {name} option, but got {name}={value}")
        _need(sampler is None or not shuffle, "sampler option is mutually exclusive with shuffle")
        if batch_sampler is not None:
            _need(batch_size == 1 and not shuffle and sampler is None and not drop_last,
                  "batch_sampler option is mutually exclusive with batch_size, shuffle, sampler, and drop_last")
            batch_size, drop_last = None, False
        elif batch_size is None:
            _need(not drop_last, "batch_size=None option disables auto-batching and is mutually exclusive with drop_last")
        if sampler is None:
            sampler = (itertools.repeat(None) if iterable else RandomSampler(dataset, generator=generator) if shuffle
                       else SequentialSampler(dataset))
        if batch_size is not None and batch_sampler is None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.dataset, self.batch_size, self.drop_last = dataset, batch_size, drop_last
        self.sampler, self.batch_sampler, self.generator = sampler, batch_sampler, generator
        self.num_workers, self.timeout, self.worker_init_fn = num_workers, timeout, worker_init_fn
        self.prefetch_factor, self.persistent_workers = prefetch_factor, persistent_workers
        self.pin_memory, self.pin_memory_device = pin_memory, pin_memory_device
        self.multiprocessing_context = multiprocessing_context
        self.collate_fn = collate_fn or (default_collate if self._auto_collation else default_convert)
        self._epoch = 0
        if num_workers > len(os.sched_getaffinity(0)):
            warnings.warn(f"This DataLoader will create {num_workers} worker processes in total. Our suggested max number of "
                          f"worker in current system is {len(os.sched_getaffinity(0))}, which is smaller than what this "
                          "DataLoader is going to create. Please be aware that excessive worker creation might get DataLoader "
                          "running slow or even freeze, lower the worker number to avoid potential slowness/freeze if necessary.")
        self._locked = True

    def __setattr__(self, attr, val):
        if self._locked and attr in ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers"):
            raise ValueError(f"{attr} attribute should not be set after {type(self).__name__} is initialized")
        super().__setattr__(attr, val)

    @property
    def _auto_collation(self):
        return self.batch_sampler is not None

    @property
    def _index_sampler(self):
        return self.batch_sampler if self._auto_collation else self.sampler

    def __iter__(self):
        return _Batches(self)

    def __len__(self):
        if not isinstance(self.dataset, IterableDataset):
            return len(self._index_sampler)
        length = len(self.dataset)
        if self.batch_size is None:
            return length
        return length // self.batch_size if self.drop_last else -(-length // self.batch_size)


def batches_of(loader, indices):
    """One batch for each entry of indices, made in this process."""
    dataset, collate = loader.dataset, loader.collate_fn
    if isinstance(dataset, IterableDataset):
        samples, size = iter(dataset), loader.batch_size
        if size is None:
            yield from map(collate, samples)
            return
        while batch := list(itertools.islice(samples, size)):
            if len(batch) < size and loader.drop_last:
                return
            yield collate(batch)
    elif not loader._auto_collation:
        for index in indices:
            yield collate(dataset[index])
    elif type(dataset) is TensorDataset and collate is default_collate:
        for batch in indices:
            yield _C._data.gather(tuple(dataset.tensors), list(batch))
    else:
        for batch in indices:
            yield collate([dataset[index] for index in batch])


class _Batches:
    """One pass over a loader."""

    def __init__(self, loader):
        indices = iter(loader._index_sampler)
        # PyTorch draws a seed for workers here, with or without workers: the order of the pass depends on it.
        seed = torch.empty((), dtype=torch.int64).random_(generator=loader.generator).item()
        self._batches = worker_batches(loader, indices, seed) if loader.num_workers else batches_of(loader, indices)
        self._loader, self._number, self._epoch = loader, 0, loader._epoch
        loader._epoch += 1

    def __iter__(self):
        return self

    def __next__(self):
        batch = next(self._batches)
        if _trace is not None:
            try:
                total = len(self._loader)
            except TypeError:
                total = 0
            _trace.batch(self._number, self._epoch, total)
        self._number += 1
        return batch

    def __len__(self):
        return len(self._loader._index_sampler)
