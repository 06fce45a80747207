"""`gradboard doctor --coverage`: names that are there count, those that only say that they are missing do not."""
import json
import subprocess
import sys

import torch
from torch import _coverage

table = {row["module"]: row for row in _coverage.coverage()}
assert table["torch.Tensor"]["there"] > 400, table["torch.Tensor"]["there"]
assert "add" not in table["torch"]["missing"] and "softmax" not in table["torch.nn.functional"]["missing"]
for row in table.values():
    assert row["there"] + len(row["missing"]) == row["names"], row["module"]
    for name in row["missing"]:
        found = getattr(torch, name, None) if row["module"] == "torch" else None
        assert found is None or type(found) is torch._C._Missing, name
said = subprocess.run([sys.executable, _coverage.__file__], check=True, capture_output=True, text=True).stdout
assert said.splitlines()[-1].startswith("together"), said[-200:]
whole = json.loads(subprocess.run([sys.executable, _coverage.__file__, "--json"], check=True, capture_output=True, text=True).stdout)
assert whole["names"] == sum(row["names"] for row in whole["modules"])
print("ok", whole["there"], "of", whole["names"])
