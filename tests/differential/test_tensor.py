"""Attributes and methods of a tensor that are no operations of the table."""
from harness import expressions, run

expressions('''
a.shape, a.dtype, a.device, a.layout, a.ndim, a.requires_grad, a.is_leaf, a.grad, a.grad_fn, a.name, a.output_nr
a.size(), a.size(0), a.size(-1), a.size(dim=1), a.stride(), a.stride(1), a.stride(dim=0), a.dim(), a.numel(), a.nelement()
a.size("x")
a.size(0, 1)
a.storage_offset(), a[1].storage_offset(), a.element_size(), a.is_contiguous(), a.t().is_contiguous()
a.is_contiguous(memory_format=torch.channels_last), c.is_contiguous(memory_format=torch.channels_last)
a.is_contiguous("x")
c.contiguous(memory_format=torch.channels_last).stride()
c.to(memory_format=torch.channels_last).stride()
a.T, a.mT, a.H, a.mH
s.T
s.mT
s.H
a.real, a.is_complex(), a.is_floating_point(), a.is_signed(), a.is_cuda, a.is_sparse, a.is_quantized, a.is_meta
a.imag
a.to(torch.int64)
a.to(int)
a.to("cpu", torch.float64)
a.to(torch.device("cpu")) is a, a.to(torch.float32) is a, a.to(a) is a, a.to(torch.float32, copy=True) is a
a.to()
a.to(3)
a.to(torch.ones(1, dtype=torch.int8))
a.to(dtype=torch.half)
a.to(other=torch.ones(1, dtype=torch.int8))
a.to("meta")
a.to("meta").to("cpu")
a.type(), a.int().type(), a.half().type(), a.bool().type()
a.type(torch.DoubleTensor)
a.type("torch.IntTensor")
a.type(torch.int8)
a.type("nonsense")
a.float() is a, a.double(), a.half(), a.bfloat16(), a.byte(), a.char(), a.short(), a.int(), a.long(), a.bool()
a.cpu() is a
a.tolist(), s.tolist(), torch.tensor(3).tolist(), torch.tensor([True]).tolist()
s[0].item(), torch.tensor(3).item(), torch.tensor(True).item(), torch.tensor([[2.5]]).item()
a.item()
torch.ones(0).item()
float(torch.tensor(2.5)), int(torch.tensor(2.5)), bool(torch.tensor(0.)), int(torch.tensor([7])), complex(1)
float(a)
int(torch.tensor(nan))
int(torch.tensor(inf))
bool(torch.ones(0))
range(5)[torch.tensor(3)]
range(5)[torch.tensor(3.)]
[1, 2, 3][torch.tensor(1)]
"ab" * torch.tensor(2)
round(torch.tensor(2.567), 2)
round(torch.tensor(2.5))
abs(torch.tensor(-2.)), -a, +a, ~torch.tensor([1, 2])
+torch.tensor([True])
import math; math.sqrt(torch.tensor(4.)), math.floor(torch.tensor(2.5))
divmod(torch.tensor(7), 2)
torch.tensor(7).__index__()
hash(a) == id(a)
a in [a], 1 in a, 100 in a, torch.tensor(1.) in a
[] in a
len(a), len(s), [r for r in a]
for_ = [x for x in s]; for_
max(torch.tensor([3, 1, 2])), sum(torch.tensor([3, 1, 2])), sorted(torch.tensor([3, 1, 2]))
a, b = torch.ones(2, 3); a
x, y = torch.ones(3)
list(reversed(torch.tensor([1, 2, 3])))
torch.ones(2).data_ptr() != 0, torch.zeros(0).data_ptr()
a.storage().size(), a.storage().tolist(), len(a.storage()), a.storage()[1], a.storage().dtype, a[0].storage().data_ptr() == a.storage().data_ptr()
a.storage()
a.data is a, a.data.requires_grad, a.detach() is a
torch.typename(a), torch.is_tensor(a), torch.is_tensor(3), torch.is_floating_point(a), torch.numel(a)
torch.is_storage(a.storage()), torch.is_storage(a)
torch.is_nonzero(torch.tensor(1)), torch.is_nonzero(torch.tensor([0.]))
torch.is_nonzero(a)
torch.equal(a, a), torch.equal(a, a + 1), torch.equal(a, s)
torch.equal(a, 3)
torch.allclose(a, a + 1e-9), torch.allclose(a, a + 1), a.allclose(a), torch.allclose(torch.tensor([nan]), torch.tensor([nan]), equal_nan=True)
torch.result_type(a, 1.0), torch.result_type(torch.tensor(1), 1.0), torch.result_type(1, 2), torch.result_type(torch.tensor([1]), torch.tensor(2.))
torch.get_default_dtype()
torch.set_default_dtype(torch.float64); torch.tensor(1.5), torch.ones(1).dtype
torch.set_default_tensor_type(torch.DoubleTensor); torch.zeros(1).dtype
a.new([1, 2])
a.new(2, 3).shape
a.new_empty((2,)).shape, a.new_ones(2, dtype=torch.int), a.new_full((2, 2), 3.5), a.new_zeros((2, 1))
a.resize_(1, 2)
a.resize_(3, 3).shape
a.set_(torch.ones(4))
a.is_same_size(a), a.is_same_size(s), a.is_set_to(a), a.is_set_to(a.clone())
a.requires_grad_(), a.requires_grad
torch.tensor([1]).requires_grad_()
a.retains_grad
a.is_shared(), a.is_pinned(), a.is_inference(), a.is_conj(), a.is_neg(), a.has_names()
a.names
a.apply_(lambda v: v * 2)
torch.Tensor.add is torch.Tensor.add, torch.Tensor.add(a, 1)
torch.Tensor.add(3, 1)
torch.Tensor.add()
torch.Tensor.shape
type(torch.Tensor.shape).__name__, torch.Tensor.__name__, torch.Tensor.__module__, torch.Tensor.__mro__[1].__name__
isinstance(torch.nn.Parameter(a), torch.Tensor), type(torch.nn.Parameter(a) + 1)
torch.nn.Parameter(torch.tensor([1]))
torch.nn.Parameter(a, requires_grad=False)
class_ = type("Mine", (torch.Tensor,), {}); class_([1., 2.])
a.foo = 3; a.foo
a.shape = 3
del a.requires_grad
del a.data
a.data = s; a
a.data = torch.ones(2, dtype=torch.int); a
a.grad = torch.ones(2, 3); a.grad
a.grad = a
import numpy as np; torch.from_numpy(np.arange(6).reshape(2, 3))
import numpy as np; torch.from_numpy(np.ones(2)[::-1])
import numpy as np; torch.from_numpy(np.array(["a"]))
import numpy as np; torch.from_numpy(np.ones(2, dtype=np.uint16))
import numpy as np; n = np.zeros(3); t = torch.from_numpy(n); t[0] = 5; n.tolist()
import numpy as np; t = torch.zeros(3); n = t.numpy(); n[1] = 4; t
import numpy as np; np.array(a).tolist(), np.asarray(a.t()).shape, a.numpy().dtype.name
import numpy as np; np.sin(s)
import numpy as np; a + np.ones((2, 3), dtype=np.float32)
import numpy as np; a * np.float64(2)
import numpy as np; np.float64(2) * a
import numpy as np; a[np.int64(1)]
import numpy as np; a[np.array([0, 1])]
import numpy as np; a[np.array([True, False])]
import numpy as np; torch.tensor(np.float32(3)), torch.tensor([np.float32(3), 1]), torch.tensor(np.ones(2)), torch.as_tensor(np.ones(2, dtype=np.int8))
import numpy as np; torch.tensor([np.ones(2), np.zeros(2)])
import numpy as np; torch.zeros(np.int64(2), np.int64(3)).shape
import numpy as np; torch.ones(3).sum(np.int64(0))
torch.ones(2, requires_grad=True).numpy()
torch.ones(2, requires_grad=True).__array__()
torch.ones(2, dtype=torch.bfloat16).numpy()
torch.Generator().initial_seed(), torch.Generator().manual_seed(7).initial_seed(), torch.manual_seed(-1).initial_seed()
torch.manual_seed(3); torch.initial_seed()
s0 = torch.get_rng_state(); x = torch.rand(3); torch.set_rng_state(s0); torch.equal(x, torch.rand(3)), s0.dtype, s0.shape
torch.manual_seed(5); torch.randn(3); torch.get_rng_state()[:24]
torch.manual_seed(5); torch.get_rng_state()[5040:]
torch.set_rng_state(torch.ones(3))
torch.set_rng_state(torch.ones(3, dtype=torch.uint8))
torch.manual_seed("x")
torch.device("cpu"), torch.device("cpu:0"), torch.device("cuda", 1), str(torch.device("meta")), torch.device(type="cpu"), torch.device("cpu").type, torch.device("cpu").index
torch.device("cpu") == torch.device("cpu"), torch.device("cpu") == "cpu", {torch.device("cpu"): 1}[torch.device("cpu")]
torch.device("")
torch.device("cpu:-1")
torch.device("cpu:0:1")
torch.float32.is_floating_point, torch.int8.is_signed, torch.uint8.is_signed, torch.complex64.is_complex, torch.half, torch.cfloat
torch.Size([2, 3]) + torch.Size([4]), torch.Size([2, 3])[0], torch.Size([2, 3]) * 2, torch.Size([2, 3]).numel(), tuple(torch.Size([1]))
torch.Size(["x"])
torch.Size([2.5])
torch.Size((2, 3)) == (2, 3), list(torch.Size([])), torch.Size([torch.tensor(3)])
torch.strided, torch.sparse_coo, torch.preserve_format, torch.channels_last
import pickle; pickle.loads(pickle.dumps((torch.float32, torch.device("cpu"), torch.Size([1, 2]), torch.strided, torch.contiguous_format)))
import copy; copy.deepcopy(torch.float32) is torch.float32, copy.copy(a)
torch.cuda.is_available(), torch.cuda.device_count(), torch.backends.cudnn.deterministic, torch.backends.mps.is_available()
torch.tensor([1, 2]).cuda()
torch.pi, torch.inf, torch.e, torch.nan
torch.__version__[:4]
torch.finfo(torch.float).eps, torch.finfo(torch.half).max, torch.iinfo(torch.uint8).max, torch.finfo(torch.double).tiny, torch.iinfo(torch.int8).bits
torch.random.initial_seed()
torch.is_deterministic_algorithms_warn_only_enabled()
torch.broadcast_shapes((2, 1), (3,)), torch.broadcast_tensors(torch.ones(2, 1), torch.ones(3))
torch.broadcast_shapes((2,), (3,))
torch.meshgrid(torch.arange(2), torch.arange(3), indexing="ij")
torch.meshgrid(torch.arange(2), torch.arange(3))
torch.einsum("ij,jk->ik", torch.ones(2, 3), torch.ones(3, 2)), torch.einsum("ii", torch.ones(2, 2)), torch.einsum("i,j", [torch.ones(2), torch.ones(2)])
torch.einsum("ij,jk", torch.ones(2, 3), torch.ones(2, 3))
torch.split(torch.arange(5), 2), torch.arange(5).split([1, 4]), torch.arange(5).chunk(2)
torch.split(torch.arange(5), [1, 1])
torch.atleast_2d(torch.tensor(1.)), torch.atleast_1d(torch.tensor(1.), torch.tensor(2.)), torch.cartesian_prod(torch.arange(2), torch.arange(2))
torch.norm(a), torch.norm(a, dim=1), torch.norm(a, p=1), a.norm(2, 0, True), torch.norm(a, p=inf)
torch.block_diag(torch.ones(2, 2), torch.ones(1, 1))
torch.unique(torch.tensor([3, 1, 3, 2])), torch.tensor([3, 1, 3]).unique(return_counts=True), torch.unique(torch.tensor([[1, 2], [1, 2]]), dim=0)
torch.unique(torch.tensor([3, 1, 3, 2]), return_inverse=True), torch.unique_consecutive(torch.tensor([1, 1, 2, 2, 1]))
''', a="torch.arange(6.).view(2, 3)", s="torch.arange(3.)", c="torch.arange(16.).view(1, 4, 2, 2)")

# ---- storages ----
expressions('''
S.float()
S.double()
S.half().tolist()
S.long()
S.int().dtype
S.bool()
S.byte()
S.char()
S.short().tolist()
S.complex_float()
S.complex_double().dtype
S.bfloat16().dtype
S.float() == S
S.type()
S.untyped().type()
S.resize_(6), S.size(), S.nbytes()
S.is_pinned(), S.is_sparse
S.__copy__()
S.pickle_storage_type()
torch.FloatStorage.from_buffer(b"\\0\\0\\x80?", "little")
torch.FloatStorage.from_buffer(b"?\\x80\\0\\0", byte_order="big")
torch.IntStorage.from_buffer(bytearray(8), "native")
torch.ByteStorage.from_buffer(b"abc").tolist()
torch.FloatStorage.from_buffer(b"\\0\\0\\x80?")
torch.UntypedStorage.from_buffer(b"abc", dtype=torch.uint8).tolist()
S.untyped().float().size()
S[1:3]
S.untyped()[1:3].tolist()
S[-1], S[0]
S[9]
S["a"]
S.copy_(torch.ones(4).storage()).tolist()
S.fill_(3).tolist()
torch.backends.mkl.VERBOSE_OFF, torch.backends.mkl.VERBOSE_ON
''', S="torch.arange(4.).storage()")

run(__file__)
