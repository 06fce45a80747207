"""Lists the `>>>` examples in the docstrings of the installed PyTorch, as JSON on standard output.

It runs on PyTorch.  A docstring that several names share is listed once, under its most public name.  Lines that continue
a statement may begin with `...` or, as PyTorch's docs often do, with `>>>` and blanks.
"""
import codeop
import importlib
import inspect
import json
import pkgutil
import re
import sys
import warnings

PUBLIC = ["torch", "torch.nn.functional", "torch.nn.init", "torch.nn.utils", "torch.nn", "torch.optim", "torch.optim.lr_scheduler",
          "torch.linalg", "torch.special", "torch.fft", "torch.distributions", "torch.utils.data", "torch.autograd", "torch.jit"]
# Not programs' business: PyTorch's own tests and compilers, and packages that need what is not installed.
PRIVATE = re.compile(r"torch\.(testing\._internal|_inductor|_dynamo|_prims|_refs|_decomp|_C|_masked|_meta|_python|_ops|_deploy)"
                     r"|torch\.(_jit_internal|_namedtensor_internals|_vmap_internals|nn\.utils\._)"
                     r"|tensorboard|__main__|caffe2|contrib|bottleneck|benchmark|cpp_extension|_pytree")


def modules():
    """The public modules first, then every other one that can be imported."""
    for name in PUBLIC:
        yield importlib.import_module(name)
    import torch
    for found in pkgutil.walk_packages(torch.__path__, "torch.", onerror=lambda name: None):
        if not PRIVATE.search(found.name) and found.name not in PUBLIC:
            try:
                yield importlib.import_module(found.name)
            except Exception:  # needs a package that is not there
                continue


def documented(module):
    """(name, object) of what a module defines or shows, methods of classes included."""
    yield module.__name__, module
    for key in sorted(vars(module), key=lambda key: (key != "Tensor", key)):
        value = vars(module)[key]
        if not callable(value) or not str(getattr(value, "__module__", None) or "torch").startswith("torch"):
            continue
        name = f"{module.__name__}.{key}"
        yield name, value
        if inspect.isclass(value):
            for inner in sorted(dir(value) if key == "Tensor" else vars(value)):
                member = inspect.getattr_static(value, inner)
                if not inspect.isclass(member):
                    yield f"{name}.{inner}", getattr(member, "__func__", member)


def complete(source):
    try:
        return codeop.compile_command(source + "\n") is not None
    except (SyntaxError, ValueError, OverflowError):
        return True


def statements(text):
    """The statements behind the prompts of a docstring."""
    found = []
    for line in text.splitlines():
        prompt = re.match(r"\s*(>>>|\.\.\.)(?: (.*)|$)", line)
        if not prompt:
            continue
        body = prompt[2] or ""
        goes_on = prompt[1] == "..." or re.match(r"\s|(else|elif|except|finally)\b", body)
        if found and (goes_on or not complete(found[-1])):
            found[-1] += "\n" + body
        elif body.strip() and not body.lstrip().startswith("#"):
            found.append(body.strip())
    return found


def main():
    warnings.simplefilter("ignore")
    seen, programs = set(), []
    for module in modules():
        for name, value in documented(module):
            try:
                text = inspect.getdoc(value)
            except Exception:  # an attribute that is computed, and fails
                continue
            if not isinstance(text, str) or ">>>" not in text or text in seen:
                continue
            seen.add(text)
            found = statements(text)
            if found:
                programs.append({"name": name, "module": module.__name__, "statements": found})
    json.dump(programs, sys.stdout)


main()
