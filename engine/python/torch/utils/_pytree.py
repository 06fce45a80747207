"""Nested lists, tuples and dictionaries as a flat list of leaves and a description of how they were nested."""

from collections import OrderedDict, namedtuple

NodeDef = namedtuple("NodeDef", ["flatten_fn", "unflatten_fn"])
SUPPORTED_NODES = {}


def _register_pytree_node(typ, flatten_fn, unflatten_fn):
    """flatten_fn (value) gives its parts and a context; unflatten_fn (parts, context) makes it again."""
    SUPPORTED_NODES[typ] = NodeDef(flatten_fn, unflatten_fn)


_register_pytree_node(dict, lambda d: (list(d.values()), list(d.keys())), lambda values, keys: dict(zip(keys, values)))
_register_pytree_node(list, lambda items: (items, None), lambda values, _: list(values))
_register_pytree_node(tuple, lambda items: (list(items), None), lambda values, _: tuple(values))
_register_pytree_node(namedtuple, lambda items: (list(items), type(items)), lambda values, kind: kind(*values))
_register_pytree_node(OrderedDict, lambda d: (list(d.values()), list(d.keys())), lambda values, keys: OrderedDict(zip(keys, values)))


def _is_namedtuple_instance(value):
    return isinstance(value, tuple) and type(value).__bases__ == (tuple,) and \
        all(type(name) is str for name in getattr(type(value), "_fields", (None,)))


def _get_node_type(value):
    return namedtuple if _is_namedtuple_instance(value) else type(value)


def _is_leaf(value):
    return _get_node_type(value) not in SUPPORTED_NODES


class TreeSpec:
    """How a nest was built: the kind of its outermost node, what that needs to be made again, and its parts' nests."""

    def __init__(self, type, context, children_specs):
        self.type, self.context, self.children_specs = type, context, children_specs
        self.num_leaves = sum(spec.num_leaves for spec in children_specs)

    def __repr__(self):
        return f"TreeSpec({self.type.__name__}, {self.context}, {self.children_specs})"

    def __eq__(self, other):
        return type(other) is type(self) and (self.type, self.context, self.children_specs) == \
            (other.type, other.context, other.children_specs)

    __hash__ = None


class LeafSpec(TreeSpec):
    """A leaf."""

    def __init__(self):
        super().__init__(None, None, [])
        self.num_leaves = 1

    def __repr__(self):
        return "*"


def tree_flatten(pytree):
    """The leaves, and the TreeSpec."""
    if _is_leaf(pytree):
        return [pytree], LeafSpec()
    kind = _get_node_type(pytree)
    parts, context = SUPPORTED_NODES[kind].flatten_fn(pytree)
    leaves, specs = [], []
    for part in parts:
        own, spec = tree_flatten(part)
        leaves += own
        specs.append(spec)
    return leaves, TreeSpec(kind, context, specs)


def tree_unflatten(values, spec):
    """The nest that spec describes, with these leaves."""
    if not isinstance(spec, TreeSpec):
        raise ValueError("tree_unflatten(values, spec): Expected `spec` to be instance of TreeSpec but got item of type "
                         f"{type(spec)}.")
    if len(values) != spec.num_leaves:
        raise ValueError(f"tree_unflatten(values, spec): `values` has length {len(values)} but the spec refers to a pytree that "
                         f"holds {spec.num_leaves} items ({spec}).")
    if isinstance(spec, LeafSpec):
        return values[0]
    at, parts = 0, []
    for child in spec.children_specs:
        parts.append(tree_unflatten(values[at:at + child.num_leaves], child))
        at += child.num_leaves
    return SUPPORTED_NODES[spec.type].unflatten_fn(parts, spec.context)


def tree_map(fn, pytree):
    """The same nest of what fn makes of each leaf."""
    leaves, spec = tree_flatten(pytree)
    return tree_unflatten([fn(leaf) for leaf in leaves], spec)


def map_only(ty):
    """A decorator: the function, of values of this type (or these types) alone; others stay."""
    def decorate(f):
        return lambda x: f(x) if isinstance(x, ty) else x
    return decorate


def tree_map_only(ty, fn, pytree):
    return tree_map(map_only(ty)(fn), pytree)


def tree_all(pred, pytree):
    return all(map(pred, tree_flatten(pytree)[0]))


def tree_any(pred, pytree):
    return any(map(pred, tree_flatten(pytree)[0]))


def tree_all_only(ty, pred, pytree):
    return all(pred(x) for x in tree_flatten(pytree)[0] if isinstance(x, ty))


def tree_any_only(ty, pred, pytree):
    return any(pred(x) for x in tree_flatten(pytree)[0] if isinstance(x, ty))


def _broadcast_to_and_flatten(pytree, spec):
    """A leaf of pytree for each leaf of spec, where pytree's nest ends earlier the same one; None where they do not fit."""
    if _is_leaf(pytree):
        return [pytree] * spec.num_leaves
    if isinstance(spec, LeafSpec) or _get_node_type(pytree) != spec.type:
        return None
    parts, context = SUPPORTED_NODES[spec.type].flatten_fn(pytree)
    if len(parts) != len(spec.children_specs) or context != spec.context:
        return None
    flat = [_broadcast_to_and_flatten(part, child) for part, child in zip(parts, spec.children_specs)]
    return None if any(part is None for part in flat) else [leaf for part in flat for leaf in part]
