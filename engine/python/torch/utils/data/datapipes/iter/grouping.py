"""Pipes that put samples together, take them apart, or deal them out."""

from collections import defaultdict

from torch.utils.data.datapipes._functions import length_of
from torch.utils.data.datapipes.utils.common import _check_unpickable_fn
from torch.utils.data.datapipes.datapipe import DataChunk, IterDataPipe, functional_datapipe


@functional_datapipe("batch")
class BatcherIterDataPipe(IterDataPipe):
    """Lists of batch_size samples."""

    def __init__(self, datapipe, batch_size, drop_last=False, wrapper_class=DataChunk):
        assert batch_size > 0, "Batch size is required to be larger than 0!"
        self.datapipe, self.batch_size, self.drop_last, self.wrapper_class = datapipe, batch_size, drop_last, wrapper_class

    def __iter__(self):
        batch = []
        for sample in self.datapipe:
            batch.append(sample)
            if len(batch) == self.batch_size:
                yield self.wrapper_class(batch)
                batch = []
        if batch and not self.drop_last:
            yield self.wrapper_class(batch)

    def __len__(self):
        length = length_of(self, self.datapipe)
        return length // self.batch_size if self.drop_last else -(-length // self.batch_size)


@functional_datapipe("unbatch")
class UnBatcherIterDataPipe(IterDataPipe):
    """The elements of batches, unbatch_level lists deep; -1: as deep as it goes."""

    def __init__(self, datapipe, unbatch_level=1):
        self.datapipe, self.unbatch_level = datapipe, unbatch_level

    def __iter__(self):
        for element in self.datapipe:
            yield from self._dive(element, self.unbatch_level)

    def _dive(self, element, level):
        if level < -1:
            raise ValueError("unbatch_level must be -1 or >= 0")
        if level == 0 or (level == -1 and not isinstance(element, list)):
            yield element
        elif isinstance(element, list):
            for item in element:
                yield from self._dive(item, level if level == -1 else level - 1)
        else:
            raise IndexError(f"unbatch_level {self.unbatch_level} exceeds the depth of the DataPipe")


@functional_datapipe("groupby")
class GrouperIterDataPipe(IterDataPipe):
    """Lists of samples with the same key; the longest list leaves first when the buffer is full."""

    def __init__(self, datapipe, group_key_fn, *, buffer_size=10000, group_size=None, guaranteed_group_size=None,
                 drop_remaining=False):
        _check_unpickable_fn(group_key_fn)
        self.datapipe, self.group_key_fn, self._room = datapipe, group_key_fn, buffer_size
        self.group_size, self.guaranteed_group_size, self.drop_remaining = group_size, None, drop_remaining
        if group_size is not None and buffer_size is not None:
            assert 0 < group_size <= buffer_size
            self.guaranteed_group_size = group_size
        if guaranteed_group_size is not None:
            assert group_size is not None and 0 < guaranteed_group_size <= group_size
            self.guaranteed_group_size = guaranteed_group_size

    def _make_room(self, groups):
        """The longest list, or None where it is too short and is thrown away."""
        key = max(groups, key=lambda k: len(groups[k]))
        short = self.guaranteed_group_size is not None and len(groups[key]) < self.guaranteed_group_size
        if short and not self.drop_remaining:
            raise RuntimeError("Failed to group items", str(groups[key]))
        group = groups.pop(key)
        return None if short else group

    def __iter__(self):
        groups = defaultdict(list)
        for sample in self.datapipe:
            key = self.group_key_fn(sample)
            groups[key].append(sample)
            if self.group_size is not None and self.group_size == len(groups[key]):
                yield DataChunk(groups.pop(key))
            if sum(map(len, groups.values())) == self._room:
                group = self._make_room(groups)
                if group is not None:
                    yield DataChunk(group)
        for group in groups.values():
            yield DataChunk(group)


@functional_datapipe("sharding_filter")
class ShardingFilterIterDataPipe(IterDataPipe):
    """Of several readers, each gets its share of the samples."""

    def __init__(self, source_datapipe):
        self.source_datapipe, self.num_of_instances, self.instance_id = source_datapipe, 1, 0

    def is_shardable(self):
        return True

    def apply_sharding(self, num_of_instances, instance_id):
        self.num_of_instances, self.instance_id = num_of_instances, instance_id

    def __iter__(self):
        for i, sample in enumerate(self.source_datapipe):
            if i % self.num_of_instances == self.instance_id:
                yield sample

    def __len__(self):
        length = length_of(self, self.source_datapipe)
        return length // self.num_of_instances + (self.instance_id < length % self.num_of_instances)
