"""Module: the base of every layer.  Calling a module and reading its attributes is C (torch._C.ModuleBase)."""

import itertools
import warnings
import weakref
from collections import OrderedDict, namedtuple
from typing import Any, Dict, TypeVar

import torch
from torch import _C
from torch.utils.hooks import RemovableHandle

from ..parameter import Parameter
from ._functions import BackwardHookFunction

__all__ = ["register_module_forward_pre_hook", "register_module_forward_hook", "register_module_backward_hook",
           "register_module_full_backward_hook", "Module"]

_global_forward_pre_hooks = OrderedDict()
_global_forward_hooks = OrderedDict()
_global_backward_hooks = OrderedDict()
_global_is_full_backward_hook = None


class _IncompatibleKeys(namedtuple("IncompatibleKeys", ["missing_keys", "unexpected_keys"])):
    def __repr__(self):
        return super().__repr__() if self.missing_keys or self.unexpected_keys else "<All keys matched successfully>"

    __str__ = __repr__


def _add_hook(hooks, hook):
    handle = RemovableHandle(hooks)
    hooks[handle.id] = hook
    return handle


def register_module_forward_pre_hook(hook):
    return _add_hook(_global_forward_pre_hooks, hook)


def register_module_forward_hook(hook):
    return _add_hook(_global_forward_hooks, hook)


def _add_global_backward_hook(hook, full):
    global _global_is_full_backward_hook
    if _global_is_full_backward_hook is (not full):
        raise RuntimeError("Cannot use both regular backward hooks and full backward hooks as a global Module hook. Please "
                           "use only one of them.")
    _global_is_full_backward_hook = full
    return _add_hook(_global_backward_hooks, hook)


def register_module_backward_hook(hook):
    return _add_global_backward_hook(hook, False)


def register_module_full_backward_hook(hook):
    return _add_global_backward_hook(hook, True)


class _BackwardHooks:
    """Full backward hooks of one call: they run once the gradients of the module's outputs and inputs are there."""

    def __init__(self, module, hooks):
        self.module, self.hooks, self.grad_outputs = module, hooks, None

    @staticmethod
    def _through(values, hook):
        """The values, their tensors sent through a node that gets `hook`; and where the tensors are (None: no node)."""
        where = [i for i, v in enumerate(values) if isinstance(v, torch.Tensor)]
        if not torch.is_grad_enabled() or not any(values[i].requires_grad for i in where):
            return values, None
        passed = BackwardHookFunction.apply(*(values[i] for i in where))
        next(t.grad_fn for t in passed if t.grad_fn is not None).register_hook(hook)
        values = list(values)
        for i, tensor in zip(where, passed):
            values[i] = tensor
        return tuple(values), where

    @staticmethod
    def _spread(where, grads, n):
        spread = [None] * n
        for i, grad in zip(where, grads):
            spread[i] = grad
        return tuple(spread)

    def inputs(self, values):
        self.n_inputs = len(values)
        values, self.input_places = self._through(values, self._at_inputs)
        return values

    def outputs(self, result):
        values = result if isinstance(result, tuple) else (result,)
        self.n_outputs = len(values)
        values, self.output_places = self._through(values, self._at_outputs)
        return values if isinstance(result, tuple) else values[0]

    def _at_inputs(self, grad_input, _):
        if self.grad_outputs is None:  # reached past the outputs, as in a double backward
            return None
        grads = self._spread(self.input_places, grad_input, self.n_inputs)
        for hook in self.hooks:
            result = hook(self.module, grads, self.grad_outputs)
            if result is None:
                continue
            if len(result) != len(grads):
                raise RuntimeError(f"Backward hook returned an invalid number of grad_input, got {len(result)}, but "
                                   f"expected {len(grads)}")
            grads = result
        self.grad_outputs = None
        return tuple(grads[i] for i in self.input_places)

    def _at_outputs(self, _, grad_output):
        self.grad_outputs = self._spread(self.output_places, grad_output, self.n_outputs)
        if self.input_places is not None:
            return
        for hook in self.hooks:  # no input wants a gradient: this is the last that is seen of the module
            result = hook(self.module, (None,) * self.n_inputs, self.grad_outputs)
            if result is not None and not (isinstance(result, tuple) and all(r is None for r in result)):
                raise RuntimeError("Backward hook for Modules where no input requires gradient should always return None "
                                   "or None for all gradients.")
        self.grad_outputs = None


def _add_old_backward_hooks(module, hooks, inputs, result):
    """Hooks of register_backward_hook sit on the last node of the module's graph, whatever that is."""
    first = result
    while not isinstance(first, torch.Tensor):
        first = next(v for v in first.values() if isinstance(v, torch.Tensor)) if isinstance(first, dict) else first[0]
    node = first.grad_fn
    if node is None:
        return
    for hook in hooks:
        node.register_hook(lambda grad_input, grad_output, hook=hook: hook(module, grad_input, grad_output))
    _warn_of_old_hooks(inputs, result, node)


def _warn_of_old_hooks(inputs, result, node):
    use = "Please use register_full_backward_hook to get the documented behavior."

    def tensors(value):
        value = (value,) if isinstance(value, torch.Tensor) else value
        return value if isinstance(value, tuple) and all(isinstance(v, torch.Tensor) for v in value) else None

    results, inputs = tensors(result), tensors(inputs)
    for values, verb, missing in ((results, "return a", "output"), (inputs, "take as input a", "input")):
        if values is None:
            warnings.warn(f"Using non-full backward hooks on a Module that does not {verb} single Tensor or a tuple of "
                          "Tensors is deprecated and will be removed in future versions. This hook will be missing some of "
                          f"the grad_{missing}. {use}")
            return
    nodes = {r.grad_fn for r in results if r.grad_fn is not None}
    removed = "is deprecated and will be removed in future versions. This hook will be missing some"
    if not nodes or (len(nodes) == 1 and node not in nodes):
        warnings.warn(f"Using a non-full backward hook when outputs are nested in python data structure {removed} "
                      "grad_output.")
    elif len(nodes) > 1:
        warnings.warn(f"Using a non-full backward hook when outputs are generated by different autograd Nodes {removed} "
                      f"grad_output. {use}")
    elif {i.grad_fn for i in inputs if i.grad_fn is not None} != {n[0] for n in node.next_functions}:
        warnings.warn(f"Using a non-full backward hook when the forward contains multiple autograd Nodes {removed} "
                      f"grad_input. {use}")


def _call_with_backward_hooks(self, args, kwargs):
    """module(*args) where backward hooks want the gradients of its inputs and outputs."""
    full, old = [], []
    for hooks, is_full in ((_global_backward_hooks, _global_is_full_backward_hook),
                           (self._backward_hooks, self._is_full_backward_hook)):
        (full if is_full else old).extend(hooks.values())
    for hook in [*_global_forward_pre_hooks.values(), *self._forward_pre_hooks.values()]:
        result = hook(self, args)
        if result is not None:
            args = result if isinstance(result, tuple) else (result,)
    watcher = _BackwardHooks(self, full) if full else None
    if watcher:
        args = watcher.inputs(args)
    result = _C._nn_forward(self, args, kwargs)
    for hook in [*_global_forward_hooks.values(), *self._forward_hooks.values()]:
        other = hook(self, args, result)
        if other is not None:
            result = other
    if watcher:
        result = watcher.outputs(result)
    if old:
        _add_old_backward_hooks(self, old, args, result)
    return result


def _parse_to(*args, device=None, dtype=None, non_blocking=False, copy=False, memory_format=None):
    """The forms of to(): (device, dtype), (dtype) and (tensor)."""
    given = args
    if args and isinstance(args[0], (float, complex)) and len(args) == 1:
        args = (torch.tensor(args[0], dtype=torch.float64 if isinstance(args[0], float) else torch.complex128),)
    if len(args) > 3 or copy:
        raise RuntimeError(".to() does not accept copy argument")
    if args and isinstance(args[0], torch.Tensor):
        device, dtype, args = args[0].device, args[0].dtype, args[1:]
    elif args and isinstance(args[0], torch.dtype):
        dtype, args = args[0], args[1:]
        if args and not isinstance(args[0], bool):
            raise TypeError("non_blocking must be bool")
    elif args:
        device, args = args[0], args[1:]
        if args and (args[0] is None or isinstance(args[0], torch.dtype)):
            dtype, args = args[0], args[1:]
        elif args:
            torch.empty(0).to(*given)  # refuses, in the words of a tensor's to()
    return None if device is None else torch.device(device), dtype, args[0] if args else non_blocking, memory_format


def _addindent(text, n):
    first, *rest = text.split("\n")
    return "\n".join([first] + [" " * n + line for line in rest])


class _HookWithModule:
    """A hook that is given its module first, without keeping it alive."""

    def __init__(self, hook, module):
        self.hook, self.module = hook, weakref.ref(module)

    def __call__(self, *args):
        return self.hook(self.module(), *args)

    def __reduce__(self):
        return _HookWithModule, (self.hook, self.module())


def _forward_unimplemented(self, *input):
    raise NotImplementedError(f'Module [{type(self).__name__}] is missing the required "forward" function')


class Module(_C.ModuleBase):
    """Base class for all neural network modules.  Subclasses set parameters and children in __init__ and define forward."""

    dump_patches = False
    _version = 1
    T_destination = TypeVar("T_destination", bound=Dict[str, Any])

    forward = _forward_unimplemented

    # ---- registration ----
    def _check_name(self, kind, name):
        if not isinstance(name, str):
            raise TypeError(f"{kind} name should be a string. Got {torch.typename(name)}")
        if "." in name:
            raise KeyError(f'{kind} name can\'t contain "."' + (f", got: {name}" if kind == "module" else ""))
        if name == "":
            raise KeyError(f'{kind} name can\'t be empty string ""')

    def register_buffer(self, name, tensor, persistent=True):
        if "_buffers" not in self.__dict__:
            raise AttributeError("cannot assign buffer before Module.__init__() call")
        self._check_name("buffer", name)
        if hasattr(self, name) and name not in self._buffers:
            raise KeyError(f"attribute '{name}' already exists")
        if tensor is not None and not isinstance(tensor, torch.Tensor):
            raise TypeError(f"cannot assign '{torch.typename(tensor)}' object to buffer '{name}' "
                            "(torch Tensor or None required)")
        self._buffers[name] = tensor
        (self._non_persistent_buffers_set.discard if persistent else self._non_persistent_buffers_set.add)(name)

    def register_parameter(self, name, param):
        if "_parameters" not in self.__dict__:
            raise AttributeError("cannot assign parameter before Module.__init__() call")
        self._check_name("parameter", name)
        if hasattr(self, name) and name not in self._parameters:
            raise KeyError(f"attribute '{name}' already exists")
        if param is not None and not isinstance(param, Parameter):
            raise TypeError(f"cannot assign '{torch.typename(param)}' object to parameter '{name}' "
                            "(torch.nn.Parameter or None required)")
        if param is not None and param.grad_fn:
            raise ValueError(f"Cannot assign non-leaf Tensor to parameter '{name}'. Model parameters must be created "
                             f"explicitly. To express '{name}' as a function of another Tensor, compute the value in "
                             "the forward() method.")
        self._parameters[name] = param

    def add_module(self, name, module):
        if not isinstance(module, Module) and module is not None:
            raise TypeError(f"{torch.typename(module)} is not a Module subclass")
        self._check_name("module", name)
        if hasattr(self, name) and name not in self._modules:
            raise KeyError(f"attribute '{name}' already exists")
        self._modules[name] = module

    register_module = add_module

    def get_submodule(self, target):
        if target == "":
            return self
        module = self
        for item in target.split("."):
            if not hasattr(module, item):
                raise AttributeError(module._get_name() + " has no attribute `" + item + "`")
            module = getattr(module, item)
            if not isinstance(module, Module):
                raise AttributeError("`" + item + "` is not an nn.Module")
        return module

    def _get_member(self, target, kind, fits):
        path, _, name = target.rpartition(".")
        module = self.get_submodule(path)
        if not hasattr(module, name):
            raise AttributeError(module._get_name() + " has no attribute `" + name + "`")
        value = getattr(module, name)
        if not fits(module, name, value):
            raise AttributeError("`" + name + "` is not " + kind)
        return value

    def get_parameter(self, target):
        return self._get_member(target, "an nn.Parameter", lambda m, n, v: isinstance(v, Parameter))

    def get_buffer(self, target):
        return self._get_member(target, "a buffer", lambda m, n, v: n in m._buffers)

    def get_extra_state(self):
        raise RuntimeError("Reached a code path in Module.get_extra_state() that should never be called. Please file an "
                           "issue at https://github.com/pytorch/pytorch/issues/new?template=bug-report.yml to report "
                           "this bug.")

    def set_extra_state(self, state):
        raise RuntimeError("Reached a code path in Module.set_extra_state() that should never be called. Please file an "
                           "issue at https://github.com/pytorch/pytorch/issues/new?template=bug-report.yml to report this "
                           "bug.")

    # ---- hooks ----
    def register_forward_pre_hook(self, hook):
        return _add_hook(self._forward_pre_hooks, hook)

    def register_forward_hook(self, hook):
        return _add_hook(self._forward_hooks, hook)

    def _add_backward_hook(self, hook, full):
        if self._is_full_backward_hook is (not full):
            raise RuntimeError("Cannot use both regular backward hooks and full backward hooks on a single Module. Please "
                               "use only one of them.")
        self._is_full_backward_hook = full
        return _add_hook(self._backward_hooks, hook)

    def register_full_backward_hook(self, hook):
        return self._add_backward_hook(hook, True)

    def register_backward_hook(self, hook):
        return self._add_backward_hook(hook, False)

    def _register_state_dict_hook(self, hook):
        return _add_hook(self._state_dict_hooks, hook)

    def _register_load_state_dict_pre_hook(self, hook, with_module=False):
        return _add_hook(self._load_state_dict_pre_hooks, _HookWithModule(hook, self) if with_module else hook)

    def register_load_state_dict_post_hook(self, hook):
        return _add_hook(self._load_state_dict_post_hooks, hook)

    # ---- walking ----
    def _named_members(self, get_members_fn, prefix="", recurse=True):
        memo = set()
        for module_prefix, module in (self.named_modules(prefix=prefix) if recurse else [(prefix, self)]):
            for k, v in get_members_fn(module):
                if v is None or v in memo:
                    continue
                memo.add(v)
                yield module_prefix + ("." if module_prefix else "") + k, v

    def parameters(self, recurse=True):
        for _, param in self.named_parameters(recurse=recurse):
            yield param

    def named_parameters(self, prefix="", recurse=True):
        yield from self._named_members(lambda module: module._parameters.items(), prefix=prefix, recurse=recurse)

    def buffers(self, recurse=True):
        for _, buf in self.named_buffers(recurse=recurse):
            yield buf

    def named_buffers(self, prefix="", recurse=True):
        yield from self._named_members(lambda module: module._buffers.items(), prefix=prefix, recurse=recurse)

    def children(self):
        for _, module in self.named_children():
            yield module

    def named_children(self):
        memo = set()
        for name, module in self._modules.items():
            if module is not None and module not in memo:
                memo.add(module)
                yield name, module

    def modules(self):
        for _, module in self.named_modules():
            yield module

    def named_modules(self, memo=None, prefix="", remove_duplicate=True):
        memo = set() if memo is None else memo
        if self not in memo:
            if remove_duplicate:
                memo.add(self)
            yield prefix, self
            for name, module in self._modules.items():
                if module is not None:
                    yield from module.named_modules(memo, prefix + ("." if prefix else "") + name, remove_duplicate)

    def apply(self, fn):
        for module in self.children():
            module.apply(fn)
        fn(self)
        return self

    # ---- dtype, device, mode ----
    def _apply(self, fn):
        for module in self.children():
            module._apply(fn)
        for key, param in self._parameters.items():
            if param is None:
                continue
            with torch.no_grad():
                param.data = fn(param)
                if param.grad is not None:
                    param.grad.data = fn(param.grad)
        for key, buf in self._buffers.items():
            if buf is not None:
                self._buffers[key] = fn(buf)
        return self

    def to(self, *args, **kwargs):
        try:
            device, dtype, non_blocking, memory_format = _parse_to(*args, **kwargs)
        except TypeError:
            _C._refuse_arguments("Tensor", "to", args, kwargs)  # PyTorch's words for it
            raise
        if dtype is not None and not (dtype.is_floating_point or dtype.is_complex):
            raise TypeError("nn.Module.to only accepts floating point or complex dtypes, but got desired "
                            f"dtype={dtype}")

        if dtype is not None and dtype.is_complex:
            warnings.warn(
                "Complex modules are a new feature under active development whose design may change, and some "
                "modules might not work as expected when using complex tensors as parameters or buffers. Please "
                "file an issue at https://github.com/pytorch/pytorch/issues/new?template=bug-report.yml if a "
                "complex module does not work as expected.")

        def convert(t):
            kind = dtype if t.is_floating_point() or t.is_complex() else None
            if memory_format is not None and t.dim() in (4, 5):
                return t.to(device, kind, non_blocking, memory_format=memory_format)
            return t.to(device, kind, non_blocking)
        return self._apply(convert)

    def _cast(self, dtype):
        return self._apply(lambda t: t.to(dtype) if t.is_floating_point() else t)

    def float(self):
        return self._cast(torch.float32)

    def double(self):
        return self._cast(torch.float64)

    def half(self):
        return self._cast(torch.float16)

    def bfloat16(self):
        return self._cast(torch.bfloat16)

    def type(self, dst_type):
        return self._apply(lambda t: t.type(dst_type))

    def cpu(self):
        return self._apply(lambda t: t.cpu())

    def cuda(self, device=None):
        return self._apply(lambda t: t.cuda(device))

    def ipu(self, device=None):
        return self._apply(lambda t: t.ipu(device))

    def xpu(self, device=None):
        return self._apply(lambda t: t.xpu(device))

    def to_empty(self, *, device):
        return self._apply(lambda t: torch.empty_like(t, device=device))

    def share_memory(self):
        return self._apply(lambda t: t.share_memory_())

    def train(self, mode=True):
        if not isinstance(mode, bool):
            raise ValueError("training mode is expected to be boolean")
        _C._trace.mode_set(self, mode)
        self.training = mode
        for module in self.children():
            module.train(mode)
        return self

    def eval(self):
        return self.train(False)

    def requires_grad_(self, requires_grad=True):
        for p in self.parameters():
            p.requires_grad_(requires_grad)
        return self

    def zero_grad(self, set_to_none=False):
        _C._optim.zero_grad(list(self.parameters()), set_to_none)

    # ---- state ----
    def __setstate__(self, state):
        self.__dict__.update(state)
        for name in ("_forward_pre_hooks", "_state_dict_hooks", "_load_state_dict_pre_hooks",
                     "_load_state_dict_post_hooks", "_backward_hooks", "_forward_hooks"):
            self.__dict__.setdefault(name, OrderedDict())
        self.__dict__.setdefault("_non_persistent_buffers_set", set())
        self.__dict__.setdefault("_is_full_backward_hook", None)

    def _save_to_state_dict(self, destination, prefix, keep_vars):
        for name, param in self._parameters.items():
            if param is not None:
                destination[prefix + name] = param if keep_vars else param.detach()
        for name, buf in self._buffers.items():
            if buf is not None and name not in self._non_persistent_buffers_set:
                destination[prefix + name] = buf if keep_vars else buf.detach()
        if type(self).get_extra_state is not Module.get_extra_state:
            destination[prefix + "_extra_state"] = self.get_extra_state()

    def state_dict(self, *args, destination=None, prefix="", keep_vars=False):
        if args:
            warnings.warn(
                "Positional args are being deprecated, use kwargs instead. Refer to "
                "https://pytorch.org/docs/master/generated/torch.nn.Module.html#torch.nn.Module.state_dict for "
                "details.")
            destination, prefix, keep_vars = (list(args) + [destination, prefix, keep_vars][len(args):])[:3]
        if destination is None:
            destination = OrderedDict()
            destination._metadata = OrderedDict()
        local_metadata = dict(version=self._version)
        if hasattr(destination, "_metadata"):
            destination._metadata[prefix[:-1]] = local_metadata
        self._save_to_state_dict(destination, prefix, keep_vars)
        for name, module in self._modules.items():
            if module is not None:
                module.state_dict(destination=destination, prefix=prefix + name + ".", keep_vars=keep_vars)
        for hook in self._state_dict_hooks.values():
            result = hook(self, destination, prefix, local_metadata)
            if result is not None:
                destination = result
        return destination

    def _load_from_state_dict(self, state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys,
                              error_msgs):
        for hook in self._load_state_dict_pre_hooks.values():
            hook(state_dict, prefix, local_metadata, strict, missing_keys, unexpected_keys, error_msgs)
        persistent = {k: v for k, v in self._buffers.items() if k not in self._non_persistent_buffers_set}
        local = {k: v for k, v in itertools.chain(self._parameters.items(), persistent.items()) if v is not None}
        for name, param in local.items():
            key = prefix + name
            if key not in state_dict:
                if strict:
                    missing_keys.append(key)
                continue
            value = state_dict[key]
            if not isinstance(value, torch.Tensor):
                error_msgs.append(f'While copying the parameter named "{key}", expected torch.Tensor or Tensor-like '
                                  f"object from checkpoint but received {type(value)}")
                continue
            if len(param.shape) == 0 and len(value.shape) == 1:
                value = value[0]
            if value.shape != param.shape:
                error_msgs.append(f"size mismatch for {key}: copying a param with shape {value.shape} from checkpoint, "
                                  f"the shape in current model is {param.shape}.")
                continue
            try:
                with torch.no_grad():
                    param.copy_(value)
            except Exception as ex:
                error_msgs.append(f'While copying the parameter named "{key}", whose dimensions in the model are '
                                  f"{param.size()} and whose dimensions in the checkpoint are {value.size()}, an "
                                  f"exception occurred : {ex.args}.")
        extra = prefix + "_extra_state"
        if type(self).set_extra_state is not Module.set_extra_state:
            if extra in state_dict:
                self.set_extra_state(state_dict[extra])
            elif strict:
                missing_keys.append(extra)
        elif strict and extra in state_dict:
            unexpected_keys.append(extra)
        if strict:
            for key in state_dict.keys():
                if key.startswith(prefix) and key != extra:
                    name = key[len(prefix):].split(".", 1)[0]
                    if name not in self._modules and name not in local:
                        unexpected_keys.append(key)

    def load_state_dict(self, state_dict, strict=True):
        if not isinstance(state_dict, dict) and not hasattr(state_dict, "items"):
            raise TypeError(f"Expected state_dict to be dict-like, got {type(state_dict)}.")
        missing_keys, unexpected_keys, error_msgs = [], [], []
        metadata = getattr(state_dict, "_metadata", None)
        state_dict = OrderedDict(state_dict)
        if metadata is not None:
            state_dict._metadata = metadata

        def load(module, local_state_dict, prefix=""):
            local_metadata = {} if metadata is None else metadata.get(prefix[:-1], {})
            module._load_from_state_dict(local_state_dict, prefix, local_metadata, True, missing_keys, unexpected_keys,
                                         error_msgs)
            for name, child in module._modules.items():
                if child is not None:
                    inner = prefix + name + "."
                    load(child, {k: v for k, v in local_state_dict.items() if k.startswith(inner)}, inner)
            keys = _IncompatibleKeys(missing_keys, unexpected_keys)
            for hook in module._load_state_dict_post_hooks.values():
                if hook(module, keys) is not None:
                    raise AssertionError("Hooks registered with ``register_load_state_dict_post_hook`` are not"
                                         "expected to return new values, if incompatible_keys need to be modified,"
                                         "it should be done inplace.")

        load(self, state_dict)
        del load  # which refers to itself
        if strict:
            for kind, keys in (("Unexpected", unexpected_keys), ("Missing", missing_keys)):
                if keys:
                    error_msgs.insert(0, "{} key(s) in state_dict: {}. ".format(kind, ", ".join(f'"{k}"' for k in keys)))
        if error_msgs:
            raise RuntimeError("Error(s) in loading state_dict for {}:\n\t{}".format(type(self).__name__,
                                                                                    "\n\t".join(error_msgs)))
        return _IncompatibleKeys(missing_keys, unexpected_keys)

    # ---- text ----
    def _get_name(self):
        return type(self).__name__

    def extra_repr(self):
        return ""

    def __repr__(self):
        extra = self.extra_repr()
        extra_lines = extra.split("\n") if extra else []
        child_lines = [f"({key}): " + _addindent(repr(module), 2) for key, module in self._modules.items()]
        lines = extra_lines + child_lines
        main = self._get_name() + "("
        if lines:
            if len(extra_lines) == 1 and not child_lines:
                main += extra_lines[0]
            else:
                main += "\n  " + "\n  ".join(lines) + "\n"
        return main + ")"

    def __dir__(self):
        names = list(dir(type(self))) + list(self.__dict__) + list(self._parameters) + list(self._modules) + list(
            self._buffers)
        return sorted(name for name in names if not name[:1].isdigit())

    def _replicate_for_data_parallel(self):
        raise NotImplementedError("torch.nn.Module._replicate_for_data_parallel")


_C._nn_setup(Parameter, torch.Tensor, _global_forward_pre_hooks, _global_forward_hooks, _global_backward_hooks,
             _call_with_backward_hooks)
