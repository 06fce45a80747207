"""npy and npz files against numpy: its bytes are written, its arrays are read, and nothing else is made of them."""
import importlib.util
import io
import pickle
import struct
import sys

if importlib.util.find_spec("numpy") is None:
    sys.exit(77)

import numpy as np
import torch
from torch import _C


def npy(array, version=None):
    file = io.BytesIO()
    np.lib.format.write_array(file, np.asanyarray(array), version)
    return file.getvalue()


names = ["bool", "uint8", "int8", "int16", "int32", "int64", "float16", "float32", "float64", "complex64", "complex128"]
base = np.arange(24).reshape(2, 3, 4) % 7
forms = [base, base.T, base[::2, :, 1:], base[0], base[:, 0, 0], np.asfortranarray(base), base[:0], base[:, :0], base[:1],
         np.array(5), np.zeros((1, 1)), np.zeros((3, 0))]
for name in names:
    for form in forms:
        array = form.astype(name)
        tensor = torch.from_numpy(array)
        assert _C._npy_save(tensor) == npy(array), (name, array.shape)
        for order in "<>":
            for version in ((1, 0), (2, 0), (3, 0)):
                back = _C._npy_load(npy(array.astype(array.dtype.newbyteorder(order)), version))
                assert back.dtype == tensor.dtype and back.equal(tensor), (name, array.shape, order)
        read = np.load(io.BytesIO(npy(array)))
        back = _C._npy_load(npy(array))
        assert back.shape == read.shape and back.stride() == torch.from_numpy(read).stride(), (name, array.shape)
        assert _C._npy_save(back) == npy(read)

both = {"a": torch.arange(3), "b/ü": torch.ones(2, 3).t(), "c": torch.tensor(1j)}
read = np.load(io.BytesIO(_C._npy_save(both)))
assert sorted(read.files) == sorted(both) and all((read[name] == both[name].numpy()).all() for name in both)
for write in np.savez, np.savez_compressed:
    file = io.BytesIO()
    write(file, **{name: tensor.numpy() for name, tensor in both.items()})
    back = _C._npy_load(file.getvalue())
    assert list(back) == list(both) and all(back[name].equal(both[name]) for name in both)
assert _C._npy_load(_C._npy_save({})) == {}


def refused(kind, says, function, *args):
    try:
        function(*args)
    except kind as error:
        assert says in str(error), error
        return
    raise AssertionError(f"{function.__name__} raised nothing: {says}")


def header(text):
    text = text.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + bytes(64)


class Danger:
    def __reduce__(self):
        return print, ("this must not be printed",)


file = io.BytesIO()
np.save(file, np.array([Danger()]))
refused(ValueError, "Object arrays cannot be loaded", _C._npy_load, file.getvalue())
file = io.BytesIO()
np.savez(file, x=np.array([None]))
refused(ValueError, "Object arrays cannot be loaded", _C._npy_load, file.getvalue())
refused(ValueError, "magic string", _C._npy_load, pickle.dumps(3))
refused(TypeError, "'<u2'", _C._npy_load, npy(np.arange(3, dtype="u2")))
refused(TypeError, "'<U1'", _C._npy_load, npy(np.array(["a"])))
refused(TypeError, "structured", _C._npy_load, npy(np.zeros(2, dtype=[("a", "f4")])))
refused(TypeError, "BFloat16", _C._npy_save, torch.ones(2).bfloat16())
refused(TypeError, "meta", _C._npy_save, torch.ones(2, device="meta"))
refused(RuntimeError, "conjugate", _C._npy_save, torch.tensor([1j]).conj())
refused(TypeError, "list", _C._npy_save, [1])
refused(ValueError, "nothing else", _C._npy_save, {"": torch.ones(2)})
good = npy(np.arange(6.))
for broken in (b"", good[:7], good[:9], good[:40], good[:-1], good.replace(b"\x01\x00", b"\x04\x00", 1)):
    refused(ValueError, "", _C._npy_load, broken)
shape = "{'descr': '<f4', 'fortran_order': False, 'shape': %s}"
assert _C._npy_load(header(shape % "(2L, 3)")).shape == (2, 3)
assert _C._npy_load(header('{"shape":(2,),"fortran_order":True,"descr":"f4",}')).shape == (2,)
for text in ("(4611686018427387904, 4)", "(99999999999999999999,)", "(-1,)", "(0, 4611686018427387904, 4)", "(3)", "(,)",
             "(2, 3", "(2 3)", "3", "None", "(17,)", "(" + "1," * 65 + ")"):
    refused(ValueError, "", _C._npy_load, header(shape % text))
for text in ("", "{}", shape % "()" + "x", "{'descr': '<f4', 'shape': ()}", shape.replace("False", "no") % "()",
             shape % "()," + ",", shape.replace("descr", "other") % "()", "{'descr': ''}", "{'descr"):
    refused(ValueError, "", _C._npy_load, header(text))
print("ok")
