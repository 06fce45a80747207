"""Types of annotations that only a compiler reads."""


class _Spread:
    """A list of so many items; one item stands for all."""

    __origin__ = list

    def __init__(self, size, kind):
        self._jit_list_size, self.__args__ = size, (kind,)


class _BroadcastingList:
    """BroadcastingList2[int] says: two ints, or one that stands for both."""

    def __init__(self, size):
        self._size = size

    def __getitem__(self, kind):
        return _Spread(self._size, kind)


BroadcastingList1, BroadcastingList2, BroadcastingList3, BroadcastingList4, BroadcastingList5, BroadcastingList6 = (
    _BroadcastingList(size) for size in range(1, 7))
