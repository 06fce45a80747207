"""Optimizer: parameters in groups, their state, and step().  The arithmetic is torch._C._optim: one call a group."""

import warnings
from collections import defaultdict
from collections.abc import Iterable
from copy import deepcopy

import torch
from torch import _C

from ._profile import rows_of_step, rows_of_zero_grad


class _RequiredParameter:
    def __repr__(self):
        return "<required parameter>"


required = _RequiredParameter()


def at_least_zero(what, value):
    if not 0.0 <= value:
        raise ValueError(f"Invalid {what}: {value}")


class Optimizer:
    """Base class for all optimizers; _kernel is the engine function that steps one group."""

    _kernel = None
    _late = {}  # settings that checkpoints of older versions lack
    _takes_sparse = False  # gradients of embeddings that have sparse=True
    _scalars = ()  # numbers in a parameter's state that are kept as tensors; older checkpoints have them as numbers

    def __init__(self, params, defaults):
        self.defaults = defaults
        if isinstance(params, torch.Tensor):
            raise TypeError("params argument given to the optimizer should be an iterable of Tensors or dicts, but got "
                            + torch.typename(params))
        self.state = defaultdict(dict)
        self.param_groups = []
        groups = list(params)
        if not groups:
            raise ValueError("optimizer got an empty parameter list")
        for group in groups if isinstance(groups[0], dict) else [{"params": groups}]:
            self.add_param_group(group)
        if hasattr(_C, "_trace"):
            _C._trace.optimizer_made(self)
        self._warned_capturable_if_run_uncaptured = True

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        step = cls.__dict__.get("step")
        if step is not None:
            cls.step = _traced(step)

    def __getstate__(self):
        return {"defaults": self.defaults, "state": self.state, "param_groups": self.param_groups}

    def __setstate__(self, state):
        self.__dict__.update(state)
        self.defaults.setdefault("differentiable", False)
        for group in self.param_groups:
            for name, value in self._late.items():
                group.setdefault(name, value)
        for name in self._scalars:
            for kept in self.state.values():
                if not isinstance(kept[name], torch.Tensor):
                    kept[name] = torch.tensor(float(kept[name]))

    def __repr__(self):
        text = type(self).__name__ + " ("
        for i, group in enumerate(self.param_groups):
            text += f"\nParameter Group {i}\n"
            for key in sorted(group.keys()):
                if key != "params":
                    text += f"    {key}: {group[key]}\n"
        return text + ")"

    def state_dict(self):
        mappings, start = {}, 0

        def pack_group(group):
            nonlocal start
            packed = {k: v for k, v in group.items() if k != "params"}
            mappings.update({id(p): i for i, p in enumerate(group["params"], start) if id(p) not in mappings})
            packed["params"] = [mappings[id(p)] for p in group["params"]]
            start += len(packed["params"])
            return packed

        groups = [pack_group(g) for g in self.param_groups]
        state = {(mappings[id(k)] if isinstance(k, torch.Tensor) else k): v for k, v in self.state.items()}
        return {"state": state, "param_groups": groups}

    def load_state_dict(self, state_dict):
        state_dict = deepcopy(state_dict)
        groups, saved = self.param_groups, state_dict["param_groups"]
        if len(groups) != len(saved):
            raise ValueError("loaded state dict has a different number of parameter groups")
        if any(len(a["params"]) != len(b["params"]) for a, b in zip(groups, saved)):
            raise ValueError("loaded state dict contains a parameter group that doesn't match the size of optimizer's "
                             "group")
        id_map = {old: p for s, g in zip(saved, groups) for old, p in zip(s["params"], g["params"])}

        def cast(param, value, key=None):
            if isinstance(value, torch.Tensor):
                return value if key == "step" or not param.is_floating_point() else value.to(param.dtype)
            if isinstance(value, dict):
                return {k: cast(param, v, k) for k, v in value.items()}
            return type(value)(cast(param, v) for v in value) if isinstance(value, Iterable) else value

        state = defaultdict(dict)
        for k, v in state_dict["state"].items():
            state[id_map.get(k, k)] = cast(id_map[k], v) if k in id_map else v
        for new, old in zip(saved, groups):
            new["params"] = old["params"]
        self.__setstate__({"state": state, "param_groups": saved})

    def zero_grad(self, set_to_none=False):
        label = _label(self, "zero_grad") if _C._profiler.is_running() else -1
        if label != -1:
            rows_of_zero_grad(self, set_to_none)
        for group in self.param_groups:
            _C._optim.zero_grad(group["params"], set_to_none)
        _C._profiler.leave(label)

    def _closure(self, closure):
        if closure is None:
            return None
        with torch.enable_grad():
            return closure()

    def step(self, closure=None):
        if self._kernel is None:
            raise NotImplementedError
        loss = self._closure(closure)
        for group in self.param_groups:
            if _C._optim.is_stepped_through() or not self._kernel(group, self.state):
                self._by_hand(group)
        return loss

    def _by_hand(self, group):
        """The same step, parameter by parameter in tensor operations: for those who step through it (the same bits), for
        dtypes that have no kernel, and for steps that are differentiated."""
        if not self._takes_sparse and any(p.grad is not None and p.grad.is_sparse for p in group["params"]):
            name = next(c.__name__ for c in type(self).__mro__ if c.__module__.startswith("torch.optim"))
            raise RuntimeError(f"{name} does not support sparse gradients"
                               + (", please consider SparseAdam instead" if name == "Adam" else ""))
        with torch.set_grad_enabled(bool(group.get("differentiable"))):
            for p in group["params"]:
                if p.grad is not None:
                    self._update(p, -p.grad if group.get("maximize") else p.grad, self.state[p], group)

    def add_param_group(self, param_group):
        assert isinstance(param_group, dict), "param group must be a dict"
        params = param_group["params"]
        if isinstance(params, torch.Tensor):
            param_group["params"] = [params]
        elif isinstance(params, set):
            raise TypeError("optimizer parameters need to be organized in ordered collections, but the ordering of "
                            "tensors in sets will change between runs. Please use a list instead.")
        else:
            param_group["params"] = list(params)
        for param in param_group["params"]:
            if not isinstance(param, torch.Tensor):
                raise TypeError("optimizer can only optimize Tensors, but one of the params is " + torch.typename(param))
            if not self.defaults.get("differentiable", None) and not (param.is_leaf or param.retains_grad):
                raise ValueError("can't optimize a non-leaf Tensor")
        for name, default in self.defaults.items():
            if default is required and name not in param_group:
                raise ValueError(f"parameter group didn't specify a value of required optimization parameter {name}")
            param_group.setdefault(name, default)
        params = param_group["params"]
        if len(params) != len(set(params)):
            warnings.warn("optimizer contains a parameter group with duplicate parameters; in future, this will cause an "
                          "error; see github.com/pytorch/pytorch/issues/40967 for more information", stacklevel=3)
        seen = {p for group in self.param_groups for p in group["params"]}
        if not seen.isdisjoint(params):
            raise ValueError("some parameters appear in more than one parameter group")
        self.param_groups.append(param_group)


def _label(optimizer, what):
    """Opens the profile's event around a method."""
    return _C._profiler.enter(f"Optimizer.{what}#{type(optimizer).__name__}.{what}")


def _traced(step):
    """The trace and the profile hear of each step before and after it; for the trace, classes that call another's step
    are heard once."""
    def profiled(self, *args, **kwargs):
        if not _C._profiler.is_running():
            return traced(self, *args, **kwargs)
        label = _label(self, "step")
        try:
            rows_of_step(self)
            return traced(self, *args, **kwargs)
        finally:
            _C._profiler.leave(label)

    def traced(self, *args, **kwargs):
        trace = getattr(_C, "_trace", None)
        if trace is None or getattr(self, "_stepping", False):
            return step(self, *args, **kwargs)
        self._stepping = True
        trace.step_begin(self)
        try:
            return step(self, *args, **kwargs)
        finally:
            self._stepping = False
            trace.step_end(self)
    profiled.__name__, profiled.__doc__, profiled.__wrapped__ = step.__name__, step.__doc__, step
    return profiled


Optimizer.step = _traced(Optimizer.step)


def in_parts(p, grad, state):
    """A complex parameter, its gradient and its state as pairs of real numbers, each stepped on its own."""
    if not p.is_complex():
        return p, grad, state
    state = {key: torch.view_as_real(value) if isinstance(value, torch.Tensor) and value.is_complex() else value
             for key, value in state.items()}
    return torch.view_as_real(p), torch.view_as_real(grad), state
