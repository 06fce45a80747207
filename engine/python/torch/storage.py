"""Storages: the memory below tensors, as a list of numbers."""

import torch
from torch import _C


class TypedStorage:
    """Memory read as elements of one dtype; tensors that share memory give storages with one data_ptr."""

    def __init__(self, *args, wrap_storage=None, dtype=None, device=None):
        dtype = dtype or getattr(self, "_dtype", None) or torch.get_default_dtype()
        if wrap_storage is not None:
            self._flat = wrap_storage._flat.view(dtype)
        elif args and not isinstance(args[0], int):
            self._flat = torch.tensor(args[0], dtype=dtype, device=device)
        else:
            self._flat = torch.zeros(*args or (0,), dtype=dtype, device=device)

    @classmethod
    def _of(cls, tensor):
        self = cls.__new__(cls)
        self._flat = _C._storage_tensor(tensor)
        return self

    @property
    def dtype(self):
        return self._flat.dtype

    @property
    def device(self):
        return self._flat.device

    @property
    def is_cuda(self):
        return False

    def __len__(self):
        return len(self._flat)

    def __getitem__(self, index):
        if isinstance(index, slice):
            if not isinstance(self, UntypedStorage):
                raise RuntimeError("slices are only supported in UntypedStorage.__getitem__")
            return type(self)._of(self._flat[index].clone())
        if not isinstance(index, int):
            raise RuntimeError(f"can't index a {TypedStorage} with {type(index)}")
        if not -len(self) <= index < len(self):
            raise IndexError(f"index {index} out of range for storage of size {len(self)}")
        if self._flat.is_meta:
            raise NotImplementedError("Not available for 'meta' device type")
        return self._flat[index].item()

    def __setitem__(self, index, value):
        self._flat[index] = value

    def __iter__(self):
        return iter(self._flat.tolist())

    def __eq__(self, other):
        return isinstance(other, TypedStorage) and self.data_ptr() == other.data_ptr()

    def __hash__(self):
        return hash(self._cdata)

    def __repr__(self):
        values = "".join(f" {value}\n" for value in self)
        kind = "UntypedStorage(" if isinstance(self, UntypedStorage) else f"TypedStorage(dtype={self.dtype}, "
        return f"{values}[torch.storage.{kind}device={self.device}) of size {len(self)}]"

    def __reduce__(self):
        return _load_storage, (self.dtype, _C._storage_bytes(self._flat))

    @property
    def _cdata(self):
        return _C._storage_facts(self._flat)[0]

    def size(self):
        return len(self._flat)

    def element_size(self):
        return self._flat.element_size()

    def nbytes(self):
        return _C._storage_facts(self._flat)[2]

    def data_ptr(self):
        return _C._storage_facts(self._flat)[1] or 0

    def tolist(self):
        return self._flat.tolist()

    def clone(self):
        return type(self)._of(self._flat.clone())

    def copy_(self, source, non_blocking=None):
        self._flat.copy_(source._flat)
        return self

    def fill_(self, value):
        self._flat.fill_(value)
        return self

    @classmethod
    def from_buffer(cls, buffer, byte_order=None, *, dtype=None):
        """Elements copied from bytes; byte_order ("native", "little" or "big") says how those of wider dtypes lie."""
        dtype = dtype or getattr(cls, "_dtype", torch.uint8)
        if byte_order is None and dtype is not torch.uint8:
            raise RuntimeError("function missing required argument 'byte_order' (pos 2)")
        flat = _C._tensor_of_bytes(bytes(buffer), torch.uint8)
        if byte_order == "big":
            flat = flat.view(-1, torch.empty(0, dtype=dtype).element_size()).flip(1).flatten()
        return (cls if cls is UntypedStorage else TypedStorage)._of(flat.view(dtype))

    def resize_(self, size):
        self._flat.resize_(size)

    def type(self, dtype=None):
        if dtype is not None:
            raise NotImplementedError("conversion of a storage by type() is not implemented in Gradboard's engine")
        return "torch.storage.UntypedStorage" if isinstance(self, UntypedStorage) else "torch." + self.pickle_storage_type()

    def pickle_storage_type(self):
        return storage_classes[self.dtype].__name__

    def __copy__(self):
        return self.clone()

    def __deepcopy__(self, memo):
        return type(self)._of(self._flat.__deepcopy__(memo))

    def __sizeof__(self):
        return object.__sizeof__(self) + self.nbytes()

    @classmethod
    def from_file(cls, filename, shared=False, size=0):
        """The elements of a file, which is written to when shared."""
        return TypedStorage._of(torch.from_file(filename, shared, size, dtype=cls._dtype))

    def is_pinned(self):
        return False

    @property
    def is_sparse(self):
        return False

    def cpu(self):
        return self

    def is_shared(self):
        return _C._storage_facts(self._flat)[3]

    def share_memory_(self):
        """Moves the bytes to memory that processes forked from now on share."""
        _C._storage_share(self._flat)
        return self

    def untyped(self):
        return UntypedStorage._of(self._flat)


class UntypedStorage(TypedStorage):
    """Memory read as bytes."""

    _dtype = torch.uint8

    @classmethod
    def _of(cls, tensor):
        self = cls.__new__(cls)
        self._flat = _C._storage_tensor(tensor).view(torch.uint8)
        return self


def _load_storage(dtype, data):
    return TypedStorage._of(_C._tensor_of_bytes(data, dtype))


TypedStorage.__module__ = UntypedStorage.__module__ = "torch.storage"

def _conversion(dtype):
    def convert(self):
        return TypedStorage._of(self._flat.to(dtype, copy=True))
    return convert


for _name in "float double half bfloat16 long int short char byte bool cfloat cdouble".split():
    setattr(TypedStorage, {"cfloat": "complex_float", "cdouble": "complex_double"}.get(_name, _name),
            _conversion(torch.int8 if _name == "char" else torch.uint8 if _name == "byte" else getattr(torch, _name)))

class _OfDtype(type):
    """torch.FloatStorage and its kin: files name the dtype of a storage by them; a storage of that dtype is an instance."""

    def __instancecheck__(cls, obj):
        return type(obj) in (TypedStorage, cls) and obj.dtype == cls._dtype


storage_classes = {}
for _dtype, _name in {torch.float32: "Float", torch.float64: "Double", torch.float16: "Half", torch.bfloat16: "BFloat16",
                      torch.uint8: "Byte", torch.int8: "Char", torch.int16: "Short", torch.int32: "Int", torch.int64: "Long",
                      torch.bool: "Bool", torch.complex64: "ComplexFloat", torch.complex128: "ComplexDouble"}.items():
    storage_classes[_dtype] = _OfDtype(_name + "Storage", (TypedStorage,), {"__module__": "torch", "_dtype": _dtype})
    setattr(torch, _name + "Storage", storage_classes[_dtype])
torch.Storage = torch.FloatStorage
