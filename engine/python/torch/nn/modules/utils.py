"""Small helpers that layers, and people's own layers, use."""

from .._tuples import _ntuple, _pair, _quadruple, _reverse_repeat_tuple, _single, _triple  # noqa: F401


def _list_with_default(out_size, defaults):
    if isinstance(out_size, int):
        return out_size
    if len(defaults) <= len(out_size):
        raise ValueError(f"Input dimension should be at least {len(out_size) + 1}")
    return [default if size is None else size for size, default in zip(out_size, defaults[-len(out_size):])]


def consume_prefix_in_state_dict_if_present(state_dict, prefix):
    """Takes a prefix (such as "module.") off the names in a state."""
    for key in sorted(state_dict.keys()):
        if key.startswith(prefix):
            state_dict[key[len(prefix):]] = state_dict.pop(key)
    if "_metadata" in state_dict or hasattr(state_dict, "_metadata"):
        metadata = state_dict._metadata
        for key in list(metadata.keys()):
            if len(key) and key.startswith(prefix):
                metadata[key[len(prefix):]] = metadata.pop(key)
