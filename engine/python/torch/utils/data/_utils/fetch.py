"""A batch for an index (or a list of them), out of a dataset."""

import itertools

from torch import _C
from torch.utils.data._utils.collate import default_collate
from torch.utils.data.dataset import TensorDataset


class _MapDatasetFetcher:
    """Samples by number."""

    def __init__(self, loader):
        self.dataset, self.auto_collation, self.collate_fn = loader.dataset, loader._auto_collation, loader.collate_fn
        self.whole_rows = type(self.dataset) is TensorDataset and self.collate_fn is default_collate

    def fetch(self, possibly_batched_index):  # its lines stand in a worker's traceback, hence the long names
        if not self.auto_collation:
            data = self.dataset[possibly_batched_index]
        elif self.whole_rows:
            return _C._data.gather(tuple(self.dataset.tensors), list(possibly_batched_index))
        elif getattr(self.dataset, "__getitems__", None):
            data = self.dataset.__getitems__(possibly_batched_index)
        else:
            data = [self.dataset[idx] for idx in possibly_batched_index]
        return self.collate_fn(data)


class _IterableDatasetFetcher:
    """As many samples as asked for, from where the last batch ended; StopIteration when there are no more."""

    def __init__(self, loader):
        self.samples, self.auto_collation = iter(loader.dataset), loader._auto_collation
        self.collate_fn, self.drop_last, self.ended = loader.collate_fn, loader.drop_last, False

    def fetch(self, index):
        if self.ended:
            raise StopIteration
        if not self.auto_collation:
            return self.collate_fn(next(self.samples))
        batch = list(itertools.islice(self.samples, len(index)))
        self.ended = len(batch) < len(index)
        if not batch or (self.ended and self.drop_last):
            raise StopIteration
        return self.collate_fn(batch)


def fetcher_of(loader):
    return (_IterableDatasetFetcher if loader._iterable else _MapDatasetFetcher)(loader)
