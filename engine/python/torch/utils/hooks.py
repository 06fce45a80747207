"""Handles by which hooks are taken away again."""

import weakref
from collections import OrderedDict


class RemovableHandle:
    """What register_…hook returns; remove () takes the hook out of its dictionary."""

    next_id = 0

    def __init__(self, hooks_dict, *, extra_dict=None):
        self.hooks_dict_ref = weakref.ref(hooks_dict)
        self.id = RemovableHandle.next_id
        RemovableHandle.next_id += 1
        self.extra_dict_ref = None if extra_dict is None else weakref.ref(extra_dict)

    def remove(self):
        for ref in (self.hooks_dict_ref, self.extra_dict_ref):
            hooks = None if ref is None else ref()
            if hooks is not None and self.id in hooks:
                del hooks[self.id]

    def __getstate__(self):
        return self.hooks_dict_ref(), self.id

    def __setstate__(self, state):
        self.hooks_dict_ref = weakref.ref(OrderedDict() if state[0] is None else state[0])
        self.id, self.extra_dict_ref = state[1], None
        RemovableHandle.next_id = max(RemovableHandle.next_id, self.id + 1)

    def __enter__(self):
        return self

    def __exit__(self, type, value, tb):
        self.remove()


def unserializable_hook(f):
    f.__torch_unserializable__ = True
    return f
