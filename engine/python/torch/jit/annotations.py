"""Types of annotations that only a compiler reads."""


class _BroadcastingList:
    """BroadcastingList2[int] says: two ints, or one that stands for both."""

    def __getitem__(self, types):
        return None


BroadcastingList1 = _BroadcastingList()
BroadcastingList2 = _BroadcastingList()
BroadcastingList3 = _BroadcastingList()
