"""numpy, buffers, DLPack and files: conversations."""
import importlib.util
import sys

from harness import run
from transcript import transcripts

if importlib.util.find_spec("numpy") is None:
    sys.exit(77)

SETUP = '''
import torch, numpy as np
from torch.utils import dlpack as DL
'''

transcripts(SETUP, r'''
# -- from_numpy
a = np.arange(6.).reshape(2, 3)
t = torch.from_numpy(a); t.stride(), t.dtype; t[0, 0] = 9; a
torch.from_numpy(a.T).stride()
torch.from_numpy(a[:, ::2]).stride()
torch.from_numpy(a[::-1])
torch.from_numpy(np.arange(3, dtype='>i4'))
torch.from_numpy(np.arange(3, dtype='u2'))
torch.from_numpy(np.arange(3, dtype='u4'))
torch.from_numpy(np.array(['a']))
torch.from_numpy(np.array([None]))
torch.from_numpy(np.array(3.))
torch.from_numpy(np.float64(3.))
torch.from_numpy([1, 2])
torch.from_numpy(np.zeros((0, 3))).shape
torch.from_numpy(np.zeros(3, dtype=[('a', 'f4')]))
torch.from_numpy(np.arange(4).astype(np.float16))
torch.from_numpy(np.ndarray((2,), buffer=b'12345678901234567', offset=1, dtype='i4'))
torch.from_numpy(np.broadcast_to(np.arange(3.), (2, 3)))
torch.from_numpy(np.ma.array([1, 2]))
# -- memory that is read-only
a = np.arange(3.); a.flags.writeable = False
torch.from_numpy(a)
torch.as_tensor(a)
torch.tensor(a)
# -- to numpy
torch.ones(2).numpy().dtype
torch.ones(2, requires_grad=True).numpy()
torch.ones(2, requires_grad=True).numpy(force=True)
torch.ones(2).bfloat16().numpy()
torch.ones(2, device='meta').numpy()
torch.tensor(3).numpy()
torch.ones(2, 3).t().numpy().strides
torch.ones(2, 0).numpy().shape
torch.ones(2).numpy(3)
torch.ones(2).numpy(foo=3)
torch.ones(3).expand(2, 3).numpy().strides
torch.tensor([True]).numpy()
torch.ones(2).half().numpy()
torch.ones(2).numpy().flags.writeable
np.asarray(torch.ones(2)), np.array(torch.ones(2)), np.array(torch.ones(2), dtype=int)
np.asarray(torch.ones(2, requires_grad=True))
np.array(torch.ones(2).bfloat16())
np.asarray(torch.ones(2), dtype=np.float64)
# -- numpy's functions, operators, scalars and indices
np.sin(torch.ones(2))
np.add(torch.ones(2), 1)
np.add(torch.ones(2), torch.ones(2))
np.add(np.ones(2), torch.ones(2))
np.ones(2) + torch.ones(2)
torch.ones(2) + np.ones(2)
np.ones(2) * torch.ones(2)
torch.ones(2) * np.ones(2)
np.float64(2) * torch.ones(2)
np.float32(2) * torch.ones(2)
torch.ones(2) * np.float64(2)
torch.ones(2) * np.float32(2)
np.int64(2) * torch.ones(2)
np.int64(2) + torch.tensor([1, 2])
torch.tensor([1, 2]) + np.float64(2.5)
torch.tensor([1, 2]) / np.int64(2)
np.float64(2) - torch.ones(2)
np.float64(2) / torch.ones(2)
np.float64(2) ** torch.ones(2)
np.float64(2) < torch.ones(2)
np.int64(7) // torch.tensor(2)
np.int64(7) % torch.tensor(2)
np.ones(2) == torch.ones(2)
torch.ones(2) == np.ones(2)
torch.ones(2) - np.ones(2)
np.ones(2) - torch.ones(2)
np.ones(2) @ torch.ones(2)
torch.ones(2) @ np.ones(2)
torch.ones(2).add(np.ones(2))
torch.add(torch.ones(2), np.float64(3))
torch.ones(2) > np.float64(0)
torch.tensor(2) ** np.int64(3)
torch.tensor([1., 2]) ** np.int64(2)
torch.ones(2).mul_(np.float32(3))
x = torch.ones(2); x += np.ones(2); x
x = torch.ones(2); x += np.float64(2); x
a = np.ones(2); a += torch.ones(2); a
a = np.ones(2); a *= torch.tensor(2.); a
np.argmax(torch.tensor([1., 3, 2]))
np.concatenate([torch.ones(2), torch.ones(2)])
np.stack([torch.ones(2), torch.ones(2)])
np.dot(torch.ones(2), torch.ones(2))
np.matmul(torch.ones(2, 2), torch.ones(2, 2))
np.exp(torch.zeros(2))
np.sqrt(torch.tensor(4.))
np.transpose(torch.ones(2, 3)).shape
np.abs(torch.tensor([-1.]))
np.isnan(torch.tensor([1.]))
np.allclose(torch.ones(2), np.ones(2))
np.array_equal(torch.ones(2), np.ones(2))
np.testing.assert_allclose(torch.ones(2), np.ones(2))
np.where(torch.tensor([True, False]), 1, 0)
np.linalg.norm(torch.ones(4))
np.unique(torch.tensor([1, 2, 1]))
np.clip(torch.tensor([1., 2]), 0, 1)
np.reshape(torch.ones(4), (2, 2))
np.cumsum(torch.ones(3))
np.squeeze(torch.ones(1, 2)).shape
np.isclose(torch.ones(2), 1)
np.int64(torch.tensor(3))
np.float32(torch.tensor(3.5))
np.zeros(torch.tensor(3))
np.arange(torch.tensor(3))
np.arange(10)[torch.tensor([1, 2])]
np.arange(10)[torch.tensor(3)]
np.arange(4)[torch.tensor([True, False, True, False])]
torch.arange(10)[np.array([1, 2])]
torch.arange(10)[np.int64(3)]
torch.arange(4)[np.array([True, False, True, False])]
torch.arange(12).view(3, 4)[np.array([0, 1]), np.array([1, 2])]
x = torch.zeros(3); x[np.array([0, 2])] = 1; x
x = torch.zeros(3); x[0] = np.float64(2.5); x
x = torch.zeros(3); x[:] = np.arange(3.); x
x = torch.zeros(3); x[np.int64(1)] = np.array(3.); x
torch.zeros(2, 3)[np.int64(1), np.int64(2)]
torch.zeros(np.int64(2), np.int64(3)).shape
torch.zeros((np.int64(2), 3)).shape
torch.zeros(np.array([2, 3])).shape
torch.ones(6).view(np.int64(2), -1).shape
torch.ones(6).reshape(np.int64(2), np.int64(3)).shape
torch.ones(2, 3).sum(np.int64(1))
torch.ones(2, 3).sum(dim=np.int64(1))
torch.ones(2, 3).permute(np.array([1, 0]))
torch.arange(np.int64(3))
torch.arange(np.float64(3))
torch.arange(np.float32(3.))
torch.full((2,), np.float64(3))
torch.full((2,), np.float32(3))
torch.full((2,), np.int64(3))
torch.linspace(np.float64(0), np.float64(1), np.int64(3))
torch.randint(np.int64(3), (2,))
torch.manual_seed(np.int64(3)).initial_seed()
torch.randperm(np.int64(3)).shape
# -- tensors made of numpy's
torch.tensor(np.arange(3)).dtype
torch.tensor(np.arange(3, dtype=np.float32)).dtype
torch.tensor(np.float32(3))
torch.tensor(np.float64(3))
torch.tensor(np.int32(3))
torch.tensor(np.uint8(3))
torch.tensor([np.float32(1), np.float32(2)])
torch.tensor([np.float64(1), 2])
torch.tensor([np.int32(1), 2])
torch.tensor([np.arange(2), np.arange(2)])
torch.tensor([np.arange(2.), [1, 2]])
torch.tensor([np.array(1), np.array(2)])
torch.tensor([np.array(1.5), 2])
torch.tensor(np.array(3))
torch.tensor(np.arange(3)[::-1])
torch.tensor(np.array(['a']))
torch.tensor(np.array([None]))
torch.as_tensor(np.arange(3)[::-1])
torch.as_tensor([np.arange(2)])
torch.as_tensor(np.float32(2))
torch.as_tensor(np.arange(3.), dtype=torch.float32)
torch.Tensor(np.arange(3))
torch.Tensor(np.arange(3.))
torch.Tensor(np.arange(3, dtype=np.float32))
torch.FloatTensor(np.arange(3.))
torch.FloatTensor(np.arange(3, dtype=np.float32))
torch.LongTensor(np.arange(3))
torch.IntTensor(np.arange(3))
torch.ByteTensor(np.arange(3, dtype=np.uint8))
torch.Tensor([np.float64(1.5)])
torch.asarray(np.arange(3))
torch.asarray(np.arange(3), copy=True)
torch.asarray(b'abcd', dtype=torch.uint8)
torch.asarray(3.)
torch.asarray([1, 2], dtype=torch.float32)
torch.asarray(torch.ones(2))
torch.asarray(np.float32(1))
torch.asarray(np.arange(3), dtype=torch.float32, copy=False)
torch.ones(2).new_tensor(np.arange(3))
torch.ones(2).new(np.arange(3.))
torch.is_tensor(np.ones(2))
float(torch.tensor(np.float64(2)))
# -- frombuffer
torch.frombuffer(bytearray(b'\x01\x02\x03\x04'), dtype=torch.uint8)
torch.frombuffer(bytearray(8), dtype=torch.float32)
torch.frombuffer(bytearray(8), dtype=torch.int16, count=2, offset=2)
torch.frombuffer(bytearray(8), dtype=torch.float32, requires_grad=True)
torch.frombuffer(bytearray(8), dtype=torch.int32, requires_grad=True)
torch.frombuffer(bytearray(7), dtype=torch.int32)
torch.frombuffer(bytearray(8), dtype=torch.int32, count=3)
torch.frombuffer(bytearray(8), dtype=torch.int32, offset=9)
torch.frombuffer(bytearray(8), dtype=torch.int32, offset=-1)
torch.frombuffer(bytearray(8), dtype=torch.int32, count=0)
torch.frombuffer(bytearray(0), dtype=torch.int32)
torch.frombuffer(b'1234', dtype=torch.int32)
torch.frombuffer(3, dtype=torch.int32)
torch.frombuffer(bytearray(8))
torch.frombuffer(bytearray(8), torch.int32)
import array
a = array.array('i', [1, 2, 3]); t = torch.frombuffer(a, dtype=torch.int32); t[0] = 9; a, t
torch.tensor(a)
torch.as_tensor(a)
torch.asarray(a, dtype=torch.int32)
memoryview(torch.ones(2))
bytes(torch.tensor([1, 2], dtype=torch.uint8))
bytearray(torch.tensor([1, 2], dtype=torch.uint8))
torch.tensor(memoryview(b'ab'))
torch.tensor(b'ab')
torch.tensor(range(3))
# -- DLPack
c = torch.arange(6.).view(2, 3)
cap = DL.to_dlpack(c); cap
t = DL.from_dlpack(cap); t, t.data_ptr() == c.data_ptr(), t.stride()
DL.from_dlpack(cap)
torch.from_dlpack(c).data_ptr() == c.data_ptr()
torch.to_dlpack
c.__dlpack_device__()
c.__dlpack__()
c.t().__dlpack__()
torch.from_dlpack(c.t()).stride()
torch.from_dlpack(np.arange(4.))
torch.from_dlpack(np.arange(4, dtype=np.int16))
torch.from_dlpack(np.arange(6.).reshape(2, 3).T).stride()
torch.from_dlpack(np.arange(4.)[::2])
torch.from_dlpack(np.array([True]))
torch.from_dlpack(np.arange(3, dtype='u2'))
np.from_dlpack(torch.arange(3))
np.from_dlpack(torch.ones(2, 3).t()).strides
np.from_dlpack(torch.ones(2).half())
np.from_dlpack(torch.ones(2).bfloat16())
np.from_dlpack(torch.tensor([True]))
np.from_dlpack(torch.ones(2, requires_grad=True))
torch.ones(2, requires_grad=True).__dlpack__()
torch.tensor([True]).__dlpack__()
torch.ones(2, device='meta').__dlpack_device__()
torch.ones(2, device='meta').__dlpack__()
torch.ones(2).__dlpack__(3)
torch.ones(2).__dlpack__(stream=1)
torch.ones(2).__dlpack__(stream='a')
torch.from_dlpack(3)
DL.from_dlpack([1])
DL.to_dlpack(3)
torch.utils.dlpack.DLDeviceType.kDLCPU
list(DL.DLDeviceType)
a = np.arange(3.); t = torch.from_dlpack(a); t[0] = 5; a
x = torch.arange(3); b = np.from_dlpack(x); x[0] = 7; b
torch.from_dlpack(torch.tensor(3.))
torch.from_dlpack(torch.ones(0, 3)).shape
# -- from_file
import os, tempfile
d = tempfile.mkdtemp(); f = d + '/a.bin'
np.arange(6, dtype=np.float32).tofile(f)
torch.from_file(f, size=6)
t = torch.from_file(f, shared=True, size=6); t[0] = 9; np.fromfile(f, dtype=np.float32)
t = torch.from_file(f, shared=False, size=6); t[0] = 7; np.fromfile(f, dtype=np.float32)
torch.from_file(f, size=3, dtype=torch.float64)
torch.from_file(d + '/new.bin', shared=True, size=2, dtype=torch.int32); os.path.getsize(d + '/new.bin')
torch.from_file(f)
# -- numpy's protocols, Python's numbers
torch.ones(2).__array_priority__
torch.ones(2).__array__().dtype
torch.ones(2).__array__(np.int32)
torch.ones(2).__array_wrap__(np.ones(2))
torch.ones(2).__array_wrap__(np.array([True]))
x = torch.ones(2, requires_grad=True)
np.add(x, 1)
x + np.ones(2)
np.ones(2) + x
(x * np.float64(2)).sum().backward(); x.grad
list(np.ones(2)) + [torch.ones(1)]
max(torch.tensor([1, 2]), key=lambda v: v)
sum(torch.ones(3))
import math
math.floor(torch.tensor(2.5)), math.ceil(torch.tensor(2.5)), math.sqrt(torch.tensor(4.))
'%d %s %.2f' % (torch.tensor(3), torch.tensor(3), torch.tensor(2.5))
f'{torch.tensor(2.5):.3f}', f'{torch.tensor(3):5d}', '{}'.format(torch.ones(2))
f'{torch.ones(2):.2f}'
hex(torch.tensor(10)), [1, 2, 3][torch.tensor(1)], range(torch.tensor(3))
int(torch.tensor(3.7)), bool(torch.tensor(0)), complex(torch.tensor(2.))
torch.ones(2).tolist(), torch.ones(2, 0).tolist(), torch.tensor(3).tolist()
# -- assignment and keywords in errors
x = torch.zeros(3); x[0] = np.float32(2); x
x = torch.zeros(3); x[0] = np.float16(2); x
x = torch.zeros(3); x[0] = np.uint8(2); x
x = torch.zeros(3); x[[0, 1]] = np.arange(2.); x
x = torch.zeros(3, dtype=torch.int64); x[0] = [1]; x
x = torch.zeros(3); x[0] = None
x = torch.zeros(3); x[0] = True; x
x = torch.zeros(3); x[0:2] = 'a'
torch.sum(torch.ones(2), foo=1, bar=2)
torch.ones(2).sum(axis=None, out=None)
torch.tensor([1], foo=3, bar=4)
torch.ones(2).mean(dimension=1, keep_dim=True)
torch.clamp(torch.ones(2), minimum=0, maximum=1)
torch.add(torch.ones(2), beta=2, foo=3)
torch.empty(np.array([2]))
torch.ones(4).reshape(np.array([2, 2]))
torch.ones(4).expand(np.array([2, 4]))
torch.rand(np.array([2, 4]))
torch.ones(2, 2).flip(np.array([0]))
torch.ones(2, 2).sum(np.array([0]))
torch.zeros(torch.tensor([2, 3]))
torch.zeros(torch.tensor(2))
torch.zeros([torch.tensor(2), 3]).shape
# -- asarray
a = torch.asarray(np.arange(3), dtype=torch.float32, copy=False)
torch.asarray(b'abcd', dtype=torch.uint8)
torch.asarray(bytearray(b'abcd'), dtype=torch.uint8)
torch.asarray(bytearray(b'abcd'))
torch.asarray(np.float32(1)), torch.asarray(np.arange(3)).shape
torch.asarray([1, 2], copy=False)
torch.asarray(3, copy=False)
torch.asarray(torch.ones(2), copy=True), torch.asarray(torch.ones(2), dtype=torch.int64)
x = torch.ones(2); torch.asarray(x) is x
torch.asarray(x, copy=True) is x, torch.asarray(x).data_ptr() == x.data_ptr()
torch.asarray(x, dtype=torch.int32, copy=False)
torch.asarray(x, device='meta')
torch.asarray(x, device='meta', copy=False)
torch.asarray([1., 2], requires_grad=True)
torch.asarray([1, 2], requires_grad=True)
x = torch.ones(2, requires_grad=True)
torch.asarray(x)
torch.asarray(x, requires_grad=True)
torch.asarray(x * 2)
torch.asarray(x * 2, requires_grad=True)
torch.asarray('abc')
torch.asarray(None)
torch.asarray(object())
torch.asarray([[1, 2], [3]])
torch.asarray(x, foo=3)
import array
torch.asarray(array.array('f', [1, 2]))
torch.asarray(array.array('f', [1, 2]), dtype=torch.float32)
torch.asarray(memoryview(b'abc'))
torch.asarray(np.arange(6).reshape(2, 3).T).stride()
torch.asarray(True), torch.asarray(2.5)
# -- complex numbers
c = torch.tensor([1+2j, 3-4j])
c.numpy(), c.numpy().dtype, c.numpy().strides
c.to(torch.complex128).numpy().dtype
z = torch.arange(6).view(2,3).to(torch.complex64); z.t().numpy().strides
z.numpy()[0, 0] = 9j; z
z.conj().numpy()
z.conj().numpy(force=True)
z.conj().imag.numpy()
z.imag.numpy().strides
z.real.numpy()
z.clone().requires_grad_().numpy()
z.conj().resolve_conj().numpy()
np.asarray(z)
np.asarray(z.conj())
np.array(z.conj().imag)
np.asarray(z, dtype=complex)
a = np.array([1+1j, 2], dtype=np.complex64); t = torch.from_numpy(a); t, t.dtype; t[0] = 5j; a
torch.from_numpy(np.arange(4.).astype(complex)[::2]).stride()
torch.from_numpy(np.arange(4.).astype(complex)[::-1])
torch.from_numpy(np.arange(4.).astype('>c8'))
torch.from_numpy(np.array(1j))
torch.from_numpy(np.arange(2).astype(np.clongdouble))
torch.from_numpy(np.arange(4.).astype(complex).reshape(2,2).T).stride()
torch.from_numpy(np.arange(4.).astype(complex).real).stride()
torch.tensor(np.complex64(1+2j)), torch.tensor(np.complex128(2j))
torch.tensor(np.arange(2).astype(np.complex64)).dtype
torch.tensor([np.complex64(1j), 2])
torch.as_tensor(np.complex64(1j)), torch.as_tensor(np.array([1j]))
torch.asarray(np.array([1j]))
torch.tensor(1j).item(), torch.tensor([1j]).tolist(), complex(torch.tensor(1j))
float(torch.tensor(1j))
float(torch.tensor(1+0j))
int(torch.tensor(1+0j)), bool(torch.tensor(0j))
np.complex64(2j) * torch.ones(2)
torch.ones(2) * np.complex64(2j)
torch.ones(2) * np.complex128(2j)
np.complex128(2j) + z
z + np.array([1j,2,3])
np.array([1j,2,3]) + z
x = torch.zeros(2, dtype=torch.complex64); x[0] = np.complex64(1j); x[1] = np.complex128(2); x
x = torch.zeros(2); x[0] = np.complex64(1j)
x = torch.zeros(2, dtype=torch.complex64); x[:] = np.array([1j, 2]); x
torch.full((2,), np.complex64(1j))
np.exp(z).dtype
np.conj(z)
np.abs(z)
np.real(z), np.imag(z)
np.angle(z).dtype
np.fft.fft(np.ones(2)) + torch.ones(2)
np.allclose(z, z)
z.__array__().dtype, z.__array__(np.complex128).dtype
z.__array_wrap__(np.array([1j]))
z.conj().__array__()
cap = DL.to_dlpack(z); t = DL.from_dlpack(cap); t, t.dtype, t.data_ptr() == z.data_ptr(), t.stride()
torch.from_dlpack(z.t()).stride()
torch.from_dlpack(z.conj())
t = DL.from_dlpack(DL.to_dlpack(z.conj())); t, t.is_conj()
z.conj().__dlpack__()
torch.from_dlpack(z.imag).stride()
torch.from_dlpack(z.conj().imag)
t = DL.from_dlpack(DL.to_dlpack(z.conj().imag)); t, t.is_neg()
z.conj().__dlpack_device__()
torch.from_dlpack(np.array([1j, 2])), torch.from_dlpack(np.array([1j], dtype=np.complex64)).dtype
np.from_dlpack(z), np.from_dlpack(z.to(torch.complex128)).dtype, np.from_dlpack(z.t()).strides
np.from_dlpack(z.conj())
np.from_dlpack(z.clone().requires_grad_())
a = np.array([1j]); t = torch.from_dlpack(a); t[0] = 5; a
x = torch.zeros(2, dtype=torch.complex64); b = np.from_dlpack(x); x[0] = 7j; b
torch.frombuffer(bytearray(16), dtype=torch.complex64)
torch.frombuffer(np.array([1j, 2]), dtype=torch.complex128)
torch.frombuffer(bytearray(16), dtype=torch.complex64, requires_grad=True)
torch.frombuffer(bytearray(15), dtype=torch.complex128)
torch.asarray(memoryview(np.array([1j])))
torch.from_numpy(np.array([1j])).conj().numpy()
torch.view_as_real(torch.from_numpy(np.array([1+2j])))
torch.view_as_real(z.conj()).numpy()
torch.ones(2).to(torch.complex64).numpy().flags.writeable
torch.ones(2,0,dtype=torch.complex64).numpy().shape
z.expand(2,2,3).numpy().strides
z.to('meta').numpy()
torch.asarray(b'\0'*16, dtype=torch.complex64)
z.new_tensor(np.array([1j]))
torch.linspace(np.complex64(1j), 2, 3)
torch.zeros(2, dtype=torch.complex64).mul_(np.complex64(1j))
torch.ones(2).mul_(np.complex64(1j))
torch.ones(2).add_(np.array([1j, 1]))
'{}'.format(torch.tensor(1j)), f'{torch.tensor(1+2j):.2f}'
f = d + '/c.bin'; np.arange(4).astype(np.complex64).tofile(f); torch.from_file(f, size=4, dtype=torch.complex64)
z.numpy() is z.numpy(), np.shares_memory(z.numpy(), z.numpy())
# -- strides of arrays of one element and of none
torch.from_numpy(np.zeros((2, 3))[:1, :1]).stride()
torch.from_numpy(np.zeros((2, 3, 4))[:, :0]).stride()
torch.from_numpy(np.zeros((2, 0, 4))).stride()
torch.from_numpy(np.zeros((1, 1))).stride()
torch.from_numpy(np.zeros((4, 3))[::2, :1]).stride()
torch.from_numpy(np.zeros((4, 3))[3:2:-1]).stride()
torch.from_numpy(np.zeros((4, 3))[2:2:-1]).stride()
torch.from_numpy(np.broadcast_to(np.zeros(1), (1, 1))).stride()
''')

run(__file__)
