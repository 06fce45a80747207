"""torch.testing: assert_close's words, make_tensor's numbers; gradcheck of functions of complex numbers."""
from harness import case, expressions, run

SETUP = """
import numpy as np
from torch.testing import assert_close, make_tensor
T = torch.tensor
"""

expressions('''
assert_close(1,1.0)
assert_close(1,2)
assert_close(1.0,1.1)
assert_close(1.0,1.1,rtol=0,atol=0)
assert_close(1.0,1.1,rtol=0)
assert_close(True,False)
assert_close(None,1)
assert_close(None,None)
assert_close("a","a")
assert_close("a",1)
assert_close(T(1.0),1.0)
assert_close(T(1.0),T(2.0))
assert_close(T([1.0,2]),T([1.0,3]))
assert_close(T([1.0,2]),T([1.0,3]),rtol=0,atol=0)
assert_close(T([1,2]),T([1,3]))
assert_close(T([True,False]),T([True,True]))
assert_close(T([1.0,2]),T([1.0,2],dtype=torch.double))
assert_close(T([1.0,2]),T([1.0,2],dtype=torch.double),check_dtype=False)
assert_close(T([1.0,2]),T([[1.0,2]]))
assert_close(T([nan]),T([nan]))
assert_close(T([nan]),T([nan]),equal_nan=True)
assert_close([1,T([2.])],[1,T([3.])])
assert_close({'a':1},{'b':1})
assert_close({'a':1,'c':T(1)},{'a':1,'c':T(2)})
assert_close([1],[1,2])
assert_close([1,[2,3]],[1,[2,4]])
assert_close(T([1.0]),T([2.0]),msg="mine")
assert_close(T([1.0]),T([2.0]),msg=lambda m: "X"+m)
assert_close(np.array([1.,2.]),np.array([1.,3.]))
assert_close(np.array([1.,2.]),T([1.,3.]))
assert_close(T([1+1j]),T([1+2j]))
assert_close(1+1j,1+2j)
assert_close(T([[1.,2],[3,4]]),T([[1.,2],[3.5,5]]))
assert_close(T([[1.,2],[3,4]]).t(),T([[1.,3],[2,4]]),check_stride=True)
assert_close(T([1.],requires_grad=True),T([1.]))
assert_close(torch.nn.Parameter(T([1.])),T([1.]))
assert_close(torch.nn.Parameter(T([1.])),T([1.]),allow_subclasses=False)
assert_close(T([inf]),T([-inf]))
assert_close(T([1.,2.]),[1.,2.])
assert_close(T([1.,2.],dtype=torch.half),T([1.,2.5],dtype=torch.half))
assert_close(T([], dtype=torch.float),T([],dtype=torch.float))
assert_close(torch.ones(1,device='meta'),torch.ones(1))
assert_close(T([1.0,2,3]),T([1.0,0,0]))
assert_close((1,2),[1,2])
torch.testing.assert_allclose(T([1.]),[1.])
torch.testing.assert_allclose(T([1.]),[2.])
make_tensor(3,dtype=torch.float32,device='cpu')
make_tensor((2,3),dtype=torch.float64,device='cpu',low=0,high=1,requires_grad=True)
make_tensor((2,3),dtype=torch.int64,device='cpu')
make_tensor((2,3),dtype=torch.uint8,device='cpu')
make_tensor((2,3),dtype=torch.bool,device='cpu')
make_tensor(2,3,dtype=torch.cfloat,device='cpu')
make_tensor(2,3,dtype=torch.int8,device='cpu',low=-200,high=300)
make_tensor((2,3),dtype=torch.float32,device='cpu',noncontiguous=True).stride()
make_tensor((2,3),dtype=torch.float32,device='cpu',noncontiguous=True)
make_tensor((20,),dtype=torch.int64,device='cpu',low=0,high=2,exclude_zero=True)
make_tensor((2,),dtype=torch.float32,device='cpu',low=3,high=1)
make_tensor((2,),dtype=torch.float32,device='cpu',low=nan)
make_tensor((2,),dtype=torch.float16,device='cpu',low=-1e9,high=1e9)
make_tensor((2,),dtype=torch.float32,device='cpu',low=2,high=2)
make_tensor((2,),dtype=torch.int32,device='cpu',low=2,high=2)
make_tensor((),dtype=torch.float32,device='cpu')
make_tensor((0,2),dtype=torch.float32,device='cpu')
make_tensor((2,2),dtype=torch.int64,device='cpu',requires_grad=True)
make_tensor((1,2),dtype=torch.float32)
make_tensor((1,2),dtype='x',device='cpu')
make_tensor((2,2),dtype=torch.bfloat16,device='cpu')
make_tensor((2,2),dtype=torch.float32,device='cpu',low=inf)
make_tensor((2,2),dtype=torch.bool,device='cpu',low=0.5,high=4)
make_tensor((3,),dtype=torch.bfloat16,device='cpu',exclude_zero=True,low=0,high=0)
[*torch.testing.all_types()], [*torch.testing.floating_types_and(torch.half)], torch.testing.get_all_dtypes(include_half=False)
[*torch.testing.double_types()], torch.testing.get_all_int_dtypes(), [*torch.testing.integral_types_and(torch.bool)]
''', setup=SETUP)

GRADCHECKS = {
    "square": "lambda z: z * z", "abs": "torch.abs", "conj": "lambda z: z.conj() * 2", "inv": "torch.linalg.inv",
    "svdvals": "torch.linalg.svdvals", "qr": "torch.linalg.qr", "eigh": "lambda z: torch.linalg.eigh(z + z.mH)[0]",
    "cholesky": "lambda z: torch.linalg.cholesky(z @ z.mH + torch.eye(2))", "slogdet": "torch.linalg.slogdet",
    "pinv": "torch.linalg.pinv", "fft": "torch.fft.fft", "exp": "torch.exp", "angle": "torch.angle", "matrix_exp": "torch.matrix_exp",
    "linear": "lambda z: torch.nn.functional.linear(z, z)", "polar": "lambda z: torch.polar(z.abs(), z.real)",
}


def _check(source):
    def check():
        import torch
        z = torch.randn(2, 2, dtype=torch.cdouble, requires_grad=True)
        function = eval(source, {"torch": torch})
        return torch.autograd.gradcheck(function, z), torch.autograd.gradgradcheck(function, z)
    check.__name__ = "gradcheck of " + source
    return check


for _source in GRADCHECKS.values():
    case(_check(_source))


def _wrong(dtype):
    def wrong():
        import torch

        class Square(torch.autograd.Function):
            @staticmethod
            def forward(ctx, x):
                return x * x

            @staticmethod
            def backward(ctx, grad):
                return grad * 3
        return torch.autograd.gradcheck(Square.apply, torch.randn(2, dtype=getattr(torch, dtype), requires_grad=True))
    wrong.__name__ = "gradcheck of a wrong gradient of " + dtype
    return wrong


case(_wrong("float64"))
case(_wrong("complex128"))

expressions('''
z[0], z.index_fill(0, torch.tensor([0]), 0.1j), z * 0.1j, z + (0.1+0.3j), z / 0.3j, torch.mul(z, 0.3j), z.masked_fill(z.real > 0, 0.7j)
z.__setitem__(0, 0.1+0.3j) or z.tolist()
z.__setitem__(torch.tensor([True, False]), 0.3j) or z.tolist()
(torch.ones(1, dtype=torch.double) * 0.1j).item(), (torch.ones(1) * 0.1j).item()
''', z="torch.ones(2, dtype=torch.cdouble)")

run(__file__)
