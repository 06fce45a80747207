"""safetensors there and back, against the format's own description; what is malformed says so."""
import json
import os
import struct
import tempfile

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load, load_file, load_model, save, save_file, save_model

tensors = {"w": torch.arange(6.).reshape(2, 3), "half": torch.ones(3).half(), "brain": torch.ones(2).bfloat16(),
           "long": torch.tensor([1, -2]), "flags": torch.tensor([True, False]), "scalar": torch.tensor(1.5, dtype=torch.float64),
           "none": torch.empty(0, 3), "bytes": torch.tensor([1, 255], dtype=torch.uint8)}
data = save(tensors, {"format": "pt"})
length = struct.unpack("<Q", data[:8])[0]
header = json.loads(data[8:8 + length])
assert length % 8 == 0 and header["__metadata__"] == {"format": "pt"}
assert header["w"]["dtype"] == "F32" and header["w"]["shape"] == [2, 3]
begin, end = header["w"]["data_offsets"]
assert struct.unpack("<6f", data[8 + length + begin:8 + length + end]) == (0, 1, 2, 3, 4, 5)
places = sorted(value["data_offsets"] for name, value in header.items() if name != "__metadata__")
assert places[0][0] == 0 and all(a[1] == b[0] for a, b in zip(places, places[1:])) and places[-1][1] == len(data) - 8 - length
for name, tensor in load(data).items():
    assert tensor.dtype == tensors[name].dtype and tensor.shape == tensors[name].shape and tensor.equal(tensors[name]), name

path = os.path.join(tempfile.mkdtemp(), "x.safetensors")
save_file(tensors, path, {"format": "pt"})
assert list(load_file(path)) and load_file(path)["w"].equal(tensors["w"])
with safe_open(path, framework="pt") as file:
    assert file.keys() == sorted(tensors) and file.metadata() == {"format": "pt"} and file.get_tensor("long").tolist() == [1, -2]
net, other = torch.nn.Linear(2, 3), torch.nn.Linear(2, 3)
save_model(net, path)
assert load_model(other, path) == ([], []) and other.weight.equal(net.weight)


def raises(kind, function, *args):
    try:
        function(*args)
    except kind as error:
        return str(error)
    raise AssertionError(f"{function.__name__} raised nothing")


assert "share memory" in raises(RuntimeError, save, {"a": tensors["w"], "b": tensors["w"][0]})
assert "not contiguous" in raises(ValueError, save, {"a": torch.ones(2, 3).t()})
for broken in (b"", data[:7], data[:40], struct.pack("<Q", 1 << 60) + data[8:], data[:-1],
               struct.pack("<Q", 2) + b"[]", data.replace(b"F32", b"F33"), data.replace(b"[2,3]", b"[2,9]")):
    raises(SafetensorError, load, broken)
print("ok")
