"""Lists and dictionaries of a node's arguments: read only, so that uses and users stay in step."""

__all__ = ["immutable_list", "immutable_dict"]

_HELP = """\
If you are attempting to modify the kwargs or args of a torch.fx.Node object,
instead create a new copy of it and assign the copy to the node:
    new_args = ... # copy and mutate args
    node.args = new_args
"""


def _refuse(self, *args, **kwargs):
    raise NotImplementedError(f"'{type(self).__name__}' object does not support mutation. {_HELP}")


class immutable_list(list):
    __delitem__ = __iadd__ = __imul__ = __setitem__ = append = clear = extend = insert = pop = remove = _refuse

    def __reduce__(self):
        return immutable_list, (tuple(self),)


class immutable_dict(dict):
    __delitem__ = __setitem__ = clear = pop = popitem = update = _refuse

    def __reduce__(self):
        return immutable_dict, (iter(self.items()),)
