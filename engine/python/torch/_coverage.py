"""What of PyTorch 1.13.1's public names is there: `gradboard doctor --coverage`."""

import sys

if __name__ == "__main__":
    sys.path.pop(0)  # this folder has modules of the names of Python's own

import importlib
import json
import os

from torch import _C, _names


def _known_names():
    """Module (or torch.Tensor): the public names that PyTorch has in it."""
    known = {module: _names.of(module) for module in _names.modules()}
    with open(os.path.join(os.path.dirname(__file__), "_coverage.txt"), encoding="ascii") as file:
        known.update(line.rstrip("\n").split(": ", 1) for line in file)
    return {module: sorted(names.split() if isinstance(names, str) else names) for module, names in known.items()}


def _place(module):
    """The module or class of that name; None where it cannot be imported."""
    try:
        if module == "torch.Tensor":
            import torch
            return torch.Tensor
        return importlib.import_module(module)
    except (ImportError, NotImplementedError):
        return None


def _is_there(place, name):
    try:
        return not isinstance(getattr(place, name), _C._Missing)
    except (AttributeError, NotImplementedError):
        return False


def coverage():
    """[{"module":…, "names": m, "there": n, "missing": […]}], in the order of the alphabet."""
    table = []
    for module, names in sorted(_known_names().items()):
        place = _place(module)
        missing = [name for name in names if not _is_there(place, name)]
        table.append({"module": module, "names": len(names), "there": len(names) - len(missing), "missing": missing})
    return table


def main(arguments):
    table = coverage()
    names, there = (sum(row[key] for row in table) for key in ("names", "there"))
    if "--json" in arguments:
        print(json.dumps({"torch": "1.13.1", "names": names, "there": there, "modules": table}, indent=1))
        return
    for row in table:
        print(f"{row['module']:34} {row['there']:4} of {row['names']:4}")
        line = ""
        for name in row["missing"]:
            if len(line) + len(name) > 100:
                print("   " + line)
                line = ""
            line += " " + name
        if line:
            print("   " + line)
    print(f"{'together':34} {there:4} of {names:4}")


if __name__ == "__main__":
    main(sys.argv[1:])
