"""DataLoader: batches out of a dataset, in the sampler's order."""

import itertools
import os
import warnings
from typing import Generic, TypeVar

import torch
from torch import _C
from torch._utils import ExceptionWrapper
from torch.utils.data import _utils  # noqa: F401
from torch.utils.data._utils.collate import default_collate, default_convert
from torch.utils.data._utils.fetch import fetcher_of
from torch.utils.data._utils.worker import _RESUME, _STOP, Worker, get_worker_info  # noqa: F401
from torch.utils.data.datapipes import _graph
from torch.utils.data.datapipes.datapipe import IterDataPipe
from torch.utils.data.dataset import IterableDataset
from torch.utils.data.sampler import BatchSampler, RandomSampler, SequentialSampler

T_co = TypeVar("T_co", covariant=True)
_trace = getattr(_C, "_trace", None)


def _need(condition, message):
    if not condition:
        raise ValueError(message)


class _DatasetKind:
    Map = 0
    Iterable = 1


class _InfiniteConstantSampler(itertools.repeat):
    """Stands for a sampler where the dataset gives samples in its own order."""

    def __new__(cls):
        return super().__new__(cls, None)

    __repr__ = object.__repr__


def _context_of(option, num_workers):
    """The start method that was asked for, checked; workers are forked whatever it says."""
    if option is None:
        return None
    import multiprocessing
    _need(num_workers > 0, "multiprocessing_context can only be used with multi-process loading (num_workers > 0), "
          f"but got num_workers={num_workers}")
    if isinstance(option, str):
        known = multiprocessing.get_all_start_methods()
        _need(option in known, f"multiprocessing_context option should specify a valid start method in {known!r}, "
              f"but got multiprocessing_context={option!r}")
        option = multiprocessing.get_context(option)
    if not isinstance(option, multiprocessing.context.BaseContext):
        raise TypeError("multiprocessing_context option should be a valid context object or a string specifying the start "
                        f"method, but got multiprocessing_context={option}")
    return option


class DataLoader(Generic[T_co]):
    """Iterating over it gives batches; each pass with shuffle=True has an order of its own."""

    _iterator = None
    __initialized = False

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
        self.dataset, self.num_workers, self.prefetch_factor = dataset, num_workers, prefetch_factor
        self.pin_memory, self.pin_memory_device = pin_memory, pin_memory_device
        self.timeout, self.worker_init_fn, self.generator = timeout, worker_init_fn, generator
        self.__context = _context_of(multiprocessing_context, num_workers)
        iterable = isinstance(dataset, IterableDataset)
        self._dataset_kind = _DatasetKind.Iterable if iterable else _DatasetKind.Map
        if isinstance(dataset, IterDataPipe):  # its shufflers are switched, it is not shuffled from outside
            _graph.apply_shuffle_settings(dataset, shuffle)
            shuffle = None
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
            sampler = (_InfiniteConstantSampler() if iterable else RandomSampler(dataset, generator=generator) if shuffle
                       else SequentialSampler(dataset))
        if batch_size is not None and batch_sampler is None:
            batch_sampler = BatchSampler(sampler, batch_size, drop_last)
        self.batch_size, self.drop_last, self.sampler, self.batch_sampler = batch_size, drop_last, sampler, batch_sampler
        self.collate_fn = collate_fn if collate_fn is not None else default_collate if self._auto_collation else default_convert
        self.persistent_workers = persistent_workers
        self.__initialized = True
        self._IterableDataset_len_called = None
        self._iterator = None
        self._epoch = 0
        self.check_worker_number_rationality()

    def __setattr__(self, attr, val):
        if self.__initialized and attr in ("batch_size", "batch_sampler", "sampler", "drop_last", "dataset", "persistent_workers"):
            raise ValueError(f"{attr} attribute should not be set after {type(self).__name__} is initialized")
        super().__setattr__(attr, val)

    @property
    def multiprocessing_context(self):
        return self.__context

    @multiprocessing_context.setter
    def multiprocessing_context(self, option):
        self.__context = _context_of(option, self.num_workers)

    @property
    def _iterable(self):
        return self._dataset_kind == _DatasetKind.Iterable

    @property
    def _auto_collation(self):
        return self.batch_sampler is not None

    @property
    def _index_sampler(self):
        return self.batch_sampler if self._auto_collation else self.sampler

    def _get_iterator(self):
        if self.num_workers == 0:
            return _SingleProcessDataLoaderIter(self)
        self.check_worker_number_rationality()
        return _MultiProcessingDataLoaderIter(self)

    def __iter__(self):
        if not self.persistent_workers or self.num_workers == 0:
            return self._get_iterator()
        if self._iterator is None:
            self._iterator = self._get_iterator()
        else:
            self._iterator._reset(self)
        return self._iterator

    def __len__(self):
        if not self._iterable:
            return len(self._index_sampler)
        length = self._IterableDataset_len_called = len(self.dataset)
        if self.batch_size is None:
            return length
        return length // self.batch_size if self.drop_last else -(-length // self.batch_size)

    def check_worker_number_rationality(self):
        most = len(os.sched_getaffinity(0))
        if self.num_workers > most:
            warnings.warn(f"This DataLoader will create {self.num_workers} worker processes in total. Our suggested max number "
                          f"of worker in current system is {most}, which is smaller than what this DataLoader is going to "
                          "create. Please be aware that excessive worker creation might get DataLoader running slow or even "
                          "freeze, lower the worker number to avoid potential slowness/freeze if necessary.")


class _BaseDataLoaderIter:
    """One pass over a loader."""

    def __init__(self, loader):
        self._dataset, self._index_sampler, self._num_workers = loader.dataset, loader._index_sampler, loader.num_workers
        self._loader = loader
        if isinstance(self._dataset, IterDataPipe):
            shared = torch.Generator().manual_seed(torch.empty((), dtype=torch.int64).random_(generator=loader.generator).item())
            _graph.apply_random_seed(self._dataset, shared)
        # PyTorch draws a seed for workers here, with or without workers: the order of the pass depends on it.
        self._base_seed = torch.empty((), dtype=torch.int64).random_(generator=loader.generator).item()
        self._begin(loader)

    def _begin(self, loader):
        self._sampler_iter = iter(self._index_sampler)
        self._num_yielded, self._epoch = 0, loader._epoch
        self._said_length = loader._IterableDataset_len_called
        self._total = None
        loader._epoch += 1

    def __iter__(self):
        return self

    def __next__(self):
        batch = self._next_data()
        if _trace is not None:
            _trace.batch(self._num_yielded, self._epoch, self._ask_total())
        self._num_yielded += 1
        if self._loader._iterable and self._said_length is not None and self._num_yielded > self._said_length:
            self._warn_of_length()
        return batch

    def _ask_total(self):
        """How many batches there will be, 0: that is not known.  The dataset's own __len__ is called once for each pass."""
        if self._total is None:
            try:
                self._total = len(self._index_sampler) if not self._loader._iterable else self._said_length or 0
            except TypeError:
                self._total = 0
        return self._total

    def _warn_of_length(self):
        message = (f"Length of IterableDataset {self._dataset} was reported to be {self._said_length} (when accessing "
                   f"len(dataloader)), but {self._num_yielded} samples have been fetched. ")
        if self._num_workers > 0:
            message += ("For multiprocessing data-loading, this could be caused by not properly configuring the "
                        "IterableDataset replica at each worker. Please see "
                        "https://pytorch.org/docs/stable/data.html#torch.utils.data.IterableDataset for examples.")
        warnings.warn(message)

    def __len__(self):
        return len(self._index_sampler)

    def __getstate__(self):
        raise NotImplementedError("{} cannot be pickled", type(self).__name__)


class _SingleProcessDataLoaderIter(_BaseDataLoaderIter):
    """Batches made in this process."""

    def __init__(self, loader):
        super().__init__(loader)
        assert loader.timeout == 0
        self._fetch = fetcher_of(loader).fetch

    def _next_data(self):
        return self._fetch(next(self._sampler_iter))


class _MultiProcessingDataLoaderIter(_BaseDataLoaderIter):
    """Batches made by worker processes, in the order of the sampler; worker k makes every num_workers-th."""

    def __init__(self, loader):
        super().__init__(loader)
        assert loader.num_workers > 0
        assert loader.prefetch_factor > 0
        self._workers, self._fetch = [], None
        try:
            for number in range(loader.num_workers):
                self._workers.append(Worker(loader, number, self._base_seed))
        except OSError as error:
            if not self._workers:
                warnings.warn(f"DataLoader: no worker process could be started ({error.strerror}); batches are made in this "
                              "process.")
                self._fetch = fetcher_of(loader).fetch
        self._sampler_iter = iter(self._index_sampler)  # anew, as in PyTorch: a sampler that draws when it is asked draws twice
        self._prime()

    def _prime(self):
        self._turn = itertools.cycle(self._workers)
        self._asked = []  # the workers whose answers are awaited, in order
        for worker in self._workers:
            worker.active = True
        for _ in range(self._loader.prefetch_factor * len(self._workers)):
            self._ask_next()

    def _reset(self, loader):
        """A new pass with the workers that are there."""
        for worker in self._asked:
            worker.answer(loader.timeout)
        self._begin(loader)
        for worker in self._workers:
            worker.ask(_RESUME)
        self._prime()

    def _ask_next(self):
        if not any(worker.active for worker in self._workers):
            return
        try:
            index = next(self._sampler_iter)
        except StopIteration:
            return
        worker = next(w for w in self._turn if w.active)
        worker.ask(index)
        self._asked.append(worker)

    def _next_data(self):
        if self._fetch is not None:
            return self._fetch(next(self._sampler_iter))
        while self._asked:
            worker = self._asked.pop(0)
            batch = worker.answer(self._loader.timeout)
            if isinstance(batch, str) and batch == _STOP:
                if worker.active:
                    worker.active = False
                    self._ask_next()
                continue
            self._ask_next()
            if isinstance(batch, ExceptionWrapper):
                batch.reraise()
            return batch
        if not self._loader.persistent_workers:
            self._shutdown_workers()
        raise StopIteration

    def _shutdown_workers(self):
        while self._workers:
            self._workers.pop().close()

    def __del__(self):
        self._shutdown_workers()
