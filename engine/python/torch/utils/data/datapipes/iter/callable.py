"""Pipes that call a function for each sample."""

import copy

from torch.utils.data._utils.collate import default_collate
from torch.utils.data.datapipes._functions import length_of
from torch.utils.data.datapipes.utils.common import _check_unpickable_fn
from torch.utils.data.datapipes.datapipe import IterDataPipe, functional_datapipe


@functional_datapipe("map")
class MapperIterDataPipe(IterDataPipe):
    """fn (sample), or fn of the columns input_col put into column output_col (-1: behind the others)."""

    def __init__(self, datapipe, fn, input_col=None, output_col=None):
        _check_unpickable_fn(fn)
        self.datapipe, self.fn, self.input_col = datapipe, fn, input_col
        if input_col is None and output_col is not None:
            raise ValueError("`output_col` must be None when `input_col` is None.")
        if isinstance(output_col, (list, tuple)):
            if len(output_col) > 1:
                raise ValueError("`output_col` must be a single-element list or tuple")
            output_col = output_col[0]
        self.output_col = output_col

    def _apply(self, data):
        if self.input_col is None:
            return self.fn(data)
        columns = self.input_col if isinstance(self.input_col, (list, tuple)) else (self.input_col,)
        result = self.fn(*(data[column] for column in columns))
        changed = list(data) if isinstance(data, tuple) else copy.copy(data)
        if self.output_col is None:
            changed[columns[0]] = result
            for column in sorted(columns[1:], reverse=True):
                del changed[column]
        elif self.output_col == -1:
            changed.append(result)
        else:
            changed[self.output_col] = result
        return tuple(changed) if isinstance(data, tuple) else changed

    def __iter__(self):
        for data in self.datapipe:
            yield self._apply(data)

    def __len__(self):
        return length_of(self, self.datapipe)


@functional_datapipe("collate")
class CollatorIterDataPipe(MapperIterDataPipe):
    """Batches of samples as tensors."""

    def __init__(self, datapipe, conversion=default_collate, collate_fn=None):
        super().__init__(datapipe, collate_fn if collate_fn is not None else conversion)


@functional_datapipe("filter")
class FilterIterDataPipe(IterDataPipe):
    """The samples for which filter_fn is true."""

    def __init__(self, datapipe, filter_fn, drop_empty_batches=None, input_col=None):
        _check_unpickable_fn(filter_fn)
        self.datapipe, self.filter_fn, self.input_col = datapipe, filter_fn, input_col
        self.drop_empty_batches = True if drop_empty_batches is None else drop_empty_batches

    def __iter__(self):
        for data in self.datapipe:
            columns = self.input_col
            if columns is None:
                keep = self.filter_fn(data)
            elif isinstance(columns, (list, tuple)):
                keep = self.filter_fn(*(data[column] for column in columns))
            else:
                keep = self.filter_fn(data[columns])
            if not isinstance(keep, bool):
                raise ValueError("Boolean output is required for `filter_fn` of FilterIterDataPipe, got", type(keep))
            if keep:
                yield data
