"""Small programs over autograd: arguments of backward and grad, accumulation, hooks, in-place rules, grad modes, Function in
every form, functional, checkpoint, saved-tensor hooks.  Each leaves its result in r; T catches an error as (type, text).
"""
from harness import named_program, run

START = """
def T(f):
    try: return ('ok', f())
    except Exception as e: return (type(e).__name__, str(e))
x=torch.arange(1.,7.).reshape(2,3).requires_grad_()
y=torch.arange(6.).reshape(2,3).mul(.3).requires_grad_()
"""
PROGRAMS = r"""
r=T(lambda: (x*y).backward())
---
r=T(lambda: (x*y).backward(torch.ones(2)))
---
r=T(lambda: (x*y).backward(torch.ones(3,2)))
---
r=T(lambda: (x*y).backward(torch.ones(2,3,dtype=torch.double)))
r=(r,x.grad)
---
r=T(lambda: (x*y).backward(torch.ones(2,3).long()))
---
r=T(lambda: (x*y).sum().backward(5))
---
r=T(lambda: (x*y).sum().backward('a'))
---
r=T(lambda: (x*y).sum().backward(torch.tensor(2.)));r=(r,x.grad)
---
r=T(lambda: torch.ones(2).backward())
---
r=T(lambda: torch.ones(2).sum().backward())
---
z=(x*y).sum(); z.backward(); r=T(lambda: z.backward())
---
z=(x+y).sum(); z.backward(); r=T(lambda: z.backward())
---
z=(x*y).sum(); z.backward(retain_graph=True); z.backward(); r=(x.grad,y.grad)
---
z=(x*y).sum(); r=torch.autograd.grad(z,x); r=T(lambda: torch.autograd.grad(z,x))
---
z=(x*x).sum(); r=T(lambda: torch.autograd.grad(z,[x,y]))
---
z=(x*x).sum(); r=T(lambda: torch.autograd.grad(z,[x,y],allow_unused=True))
---
z=(x*x).sum(); r=T(lambda: torch.autograd.grad(z,[x,torch.ones(2)]))
---
z=(x*x).sum(); r=T(lambda: torch.autograd.grad(z,[]))
---
z=(x*x).sum(); r=T(lambda: torch.autograd.grad([],[x]))
---
z=(x*x).sum(); r=T(lambda: torch.autograd.grad(z,5))
---
z=(x*x).sum(); r=T(lambda: torch.autograd.grad(5,x))
---
z=(x*x); r=T(lambda: torch.autograd.grad(z,x))
---
z=(x*x); r=T(lambda: torch.autograd.grad(z,x,torch.ones(3)))
---
z=(x*x); r=T(lambda: torch.autograd.grad([z,z],x,[torch.ones(2,3)]))
---
z=(x*x); r=T(lambda: torch.autograd.grad([z,z.sum()],x,[torch.ones(2,3),None]))
---
z=(x*x); r=T(lambda: torch.autograd.grad(z,x,torch.stack([torch.ones(2,3)]*2),is_grads_batched=True))
---
z=(x*x).sum(); r=T(lambda: torch.autograd.grad(z,x,create_graph=True)); g=r[1][0]; r=(g, torch.autograd.grad(g.sum(),x))
---
z=(x*x).sum(); r=T(lambda: torch.autograd.grad(z,x,only_inputs=False))
---
r=T(lambda: torch.autograd.backward([(x*x).sum(),(y*x).sum()])); r=(r,x.grad,y.grad)
---
r=T(lambda: torch.autograd.backward((x*x),torch.ones(2,3),inputs=[x])); r=(r,x.grad,y.grad)
---
r=T(lambda: (x*y).sum().backward(inputs=[x])); r=(r,x.grad,y.grad)
---
r=T(lambda: (x*y).sum().backward(inputs=[])); r=(r,x.grad,y.grad)
---
z=x*2;r=T(lambda: (z*y).sum().backward(inputs=[z])); r=(r,x.grad,y.grad,z.grad)
---
r=T(lambda: torch.autograd.backward((x*x).sum(),grad_variables=torch.tensor(1.)));r=(r,x.grad)
---
r=T(lambda: torch.autograd.backward((x*x).sum(),grad_tensors=torch.tensor(1.),grad_variables=torch.tensor(1.)))
---
r=T(lambda: x.add_(1))
---
r=T(lambda: x[0].add_(1))
---
r=T(lambda: x.view(-1).mul_(2))
---
def f(): x[0]=5
r=T(f)
---
def f(): x.data[0]=5; return x
r=T(f)
---
with torch.no_grad(): x.add_(1)
r=(x,x._version)
---
with torch.no_grad(): v=x[0]
r=T(lambda: v.mul_(2))
---
with torch.no_grad(): v=x[0]
with torch.no_grad(): v.mul_(2)
r=(x,x._version,v._version,v._is_view())
---
z=x*2; w=z.exp(); z.add_(1); r=T(lambda: w.sum().backward())
---
z=x*2; w=z*z; z.add_(1); r=T(lambda: w.sum().backward())
---
z=x.exp(); w=z*2; z.add_(1); r=T(lambda: w.sum().backward())
---
z=x.exp(); z.add_(1); z.add_(1); r=T(lambda: z.sum().backward())
---
z=x*2; w=z.sigmoid(); w[0]=1; r=T(lambda: w.sum().backward())
---
z=x.unbind(0); r=T(lambda: z[0].add_(1))
---
z=(x*1).unbind(0); r=T(lambda: z[0].add_(1))
---
z=(x*1).split(1); r=T(lambda: z[0].mul_(2))
---
z=(x*1).chunk(2,1); r=T(lambda: z[0].mul_(2))
---
z=x.expand(4,2,3); r=T(lambda: z.add_(1))
---
z=(x*1).expand(4,2,3); r=T(lambda: z.add_(1))
---
z=torch.ones(1,3).expand(4,3); r=T(lambda: z.add_(1))
---
z=torch.ones(1,3).expand(4,3); r=T(lambda: z.copy_(torch.ones(4,3)))
---
z=torch.ones(1,3).expand(4,3); r=(T(lambda: z.__setitem__(0,5)),z)
---
z=torch.ones(1,3).expand(4,3); r=T(lambda: z.exp_())
---
z=torch.ones(6); r=T(lambda: z[1:].copy_(z[:-1]))
---
z=torch.ones(6); r=T(lambda: z[1:].add_(z[:-1]))
---
z=torch.arange(6.); r=T(lambda: torch.add(z[1:],1,out=z[:-1]))
---
z=torch.arange(6.); r=T(lambda: torch.exp(z,out=z))
---
r=T(lambda: torch.add(x,y,out=torch.empty(2,3)))
---
o=torch.empty(2,3,requires_grad=True); r=T(lambda: torch.add(torch.ones(2,3),1,out=o))
---
o=torch.empty(3); r=(T(lambda: torch.add(torch.ones(2,3),1,out=o)),o)
---
o=torch.empty(2,3,dtype=torch.long); r=T(lambda: torch.add(torch.ones(2,3),1,out=o))
---
o=torch.empty(2,3,dtype=torch.double); r=T(lambda: torch.add(torch.ones(2,3),1,out=o))
---
o=torch.empty(2,3,dtype=torch.float); r=T(lambda: torch.add(torch.ones(2,3).double(),1,out=o))
---
o=torch.empty(2,3,dtype=torch.bool); r=T(lambda: torch.eq(torch.ones(2,3),1,out=o))
---
o=torch.empty(2,3); r=T(lambda: torch.eq(torch.ones(2,3),1,out=o))
---
o=torch.empty(2,3,dtype=torch.double); r=T(lambda: torch.mm(torch.ones(2,3),torch.ones(3,3),out=o))
---
r=T(lambda: torch.sum(torch.ones(2,3),0,out=torch.empty(1)))
---
r=T(lambda: torch.cat([torch.ones(2),torch.ones(2)],out=torch.empty(1)))
---
r=T(lambda: torch.cat([torch.ones(2),torch.ones(2)],out=torch.empty(4,dtype=torch.long)))
---
r=T(lambda: torch.stack([torch.ones(2),torch.ones(2)],out=torch.empty(0)))
---
r=T(lambda: torch.arange(3,out=torch.empty(0)))
---
r=T(lambda: torch.tensor([1.,2]).requires_grad_(False).requires_grad)
---
r=T(lambda: torch.tensor([1,2]).requires_grad_())
---
r=T(lambda: torch.tensor([1,2],requires_grad=True))
---
r=T(lambda: torch.ones(2,dtype=torch.bool,requires_grad=True))
---
r=T(lambda: torch.randint(0,3,(2,),requires_grad=True))
---
z=x*2
def f(): z.requires_grad=False
r=T(f)
---
z=x*2; r=T(lambda: z.requires_grad_(False))
---
z=x*2; r=T(lambda: z.requires_grad_(True) is z)
---
def f(): x.requires_grad='a'
r=T(f)
---
def f(): x.requires_grad=1
r=T(f)
---
def f(): x.grad=5
r=T(f)
---
def f(): x.grad=torch.ones(2)
r=T(f)
---
def f(): x.grad=torch.ones(2,3).double()
r=T(f)
---
def f(): x.grad=x
r=T(f)
---
def f(): x.grad=None
r=T(f)
---
def f(): x.grad=torch.ones(2,3)
r=(T(f),x.grad)
---
def f(): del x.grad
r=(T(f),x.grad)
---
def f(): x.grad_fn=None
r=T(f)
---
def f(): x.is_leaf=None
r=T(f)
---
def f(): x.shape=(1,)
r=T(f)
---
def f(): x.dtype=torch.int
r=T(f)
---
def f(): x.data=5
r=T(f)
---
def f(): x.data=torch.ones(4)
r=(T(f),x)
---
def f(): x.foo=5; return x.foo
r=T(f)
---
def f(): x.T=5
r=T(f)
---
def f(): x.device='cpu'
r=T(f)
---
def f(): x._base=None
r=T(f)
---
def f(): x._version=3
r=T(f)
---
z=x*2; r=T(lambda: z.grad)
---
z=x*2; z.retain_grad(); z.sum().backward(); r=(z.grad,z.retains_grad,x.retains_grad)
---
r=T(lambda: torch.ones(2).retain_grad())
---
r=T(lambda: x.retain_grad())
---
r=T(lambda: torch.ones(2).register_hook(lambda g:g))
---
h=x.register_hook(lambda g: g*2); (x*x).sum().backward(); h.remove(); (x*x).sum().backward(); r=x.grad
---
L=[]; x.register_hook(lambda g: L.append(1)); x.register_hook(lambda g: L.append(2)); (x*x).sum().backward(); r=(L,x.grad)
---
z=x*2; z.register_hook(lambda g: g*10); z.retain_grad(); z.register_hook(lambda g: g*3); z.sum().backward(); r=(z.grad,x.grad)
---
x.register_hook(lambda g: torch.ones(5)); r=T(lambda: (x*x).sum().backward())
---
x.register_hook(lambda g: 5); r=T(lambda: (x*x).sum().backward())
---
x.register_hook(lambda g: g.double()); r=T(lambda: (x*x).sum().backward());r=(r,x.grad)
---
x.register_hook(5); r=T(lambda: (x*x).sum().backward())
---
z=x*2; L=[]; hh=z.grad_fn.register_hook(lambda gi,go: L.append((gi,go))); z.sum().backward(); r=L
---
z=x*2; hh=z.grad_fn.register_hook(lambda gi,go: (gi[0]*5,None)); z.sum().backward(); r=x.grad
---
z=x*2; hh=z.grad_fn.register_hook(lambda gi,go: (gi[0]*5,)); r=T(lambda: z.sum().backward())
---
z=x*2; L=[]; hh=z.grad_fn.register_prehook(lambda go: (go[0]*7,)); z.sum().backward(); r=x.grad
---
def h(g): raise ValueError('boo')
x.register_hook(h); r=T(lambda: (x*x).sum().backward())
---
z=x.detach(); r=(z.requires_grad,z.is_leaf,z._version,z.data_ptr()==x.data_ptr(),z._is_view(),z._base is None)
---
z=x*2; z.detach_(); r=(z.requires_grad,z.is_leaf,z.grad_fn)
---
z=(x*2)[0]; r=T(lambda: z.detach_())
---
r=T(lambda: x.detach_().requires_grad)
---
z=x.detach(); z.add_(1); r=(x._version,z._version,x)
---
z=x.data; z.add_(1); r=(x._version,z._version)
---
w=x*x; x.data.add_(1); w.sum().backward(); r=x.grad
---
w=x*x; x.detach().add_(1); r=T(lambda: w.sum().backward())
---
r=(x.is_leaf,(x*2).is_leaf,torch.ones(1).is_leaf,x.detach().is_leaf,(torch.ones(1)*2).is_leaf,x.clone().is_leaf)
---
a=x.clone(); v=a[0]; v.mul_(2); r=(a.grad_fn.name(),v.grad_fn.name(),a._version,v._version,torch.autograd.grad(a.sum(),x))
---
a=x.clone(); v=a[0]; a.mul_(2); r=(a.grad_fn.name(),v.grad_fn.name(),torch.autograd.grad(v.sum(),x))
---
a=x.clone(); v=a.view(-1); v[0]=y[0,0]; r=(a.grad_fn.name(),v.grad_fn.name(),torch.autograd.grad((a*a).sum(),[x,y]))
---
a=torch.zeros(3); a[0]=x[0,0]; r=(a.grad_fn.name(),a.requires_grad,torch.autograd.grad((a*a).sum(),[x]))
---
a=torch.zeros(3); v=a[1:]; v.copy_(x[0,:2]); r=(a.grad_fn.name(),a.requires_grad,v.grad_fn.name(),torch.autograd.grad((a*a).sum(),[x]))
---
a=torch.zeros(2,3); a.t()[0]=x[:,0]; r=(a.grad_fn.name(),a,torch.autograd.grad((a*a).sum(),[x]))
---
a=torch.zeros(2,3); a+=x; r=(a.grad_fn.name(),a)
---
a=x.clone(); a.transpose_(0,1); r=(a.grad_fn.name(),a,a._version)
---
a=x.clone(); a.unsqueeze_(0); a.squeeze_(0); a.t_(); r=(a.grad_fn.name(),a,a._version)
---
r=T(lambda: x.t_())
---
r=T(lambda: x.unsqueeze_(0))
---
r=T(lambda: x.resize_(6))
---
r=T(lambda: x.numpy())
---
r=T(lambda: x.tolist())
---
r=T(lambda: float(x[0,0]))
---
r=T(lambda: torch.tensor(x))
---
r=T(lambda: torch.tensor([x[0,0],x[0,1]]))
---
import copy
r=T(lambda: copy.deepcopy(x*2))
---
import copy
z=copy.deepcopy(x); r=(z,z.is_leaf)
---
import copy
(x*x).sum().backward(); z=copy.deepcopy(x); r=(z,z.grad)
---
import copy
z=copy.copy(x); r=(z is x, z.data_ptr()==x.data_ptr())
---
with torch.no_grad(): z=x*2
r=(z.requires_grad,z.grad_fn)
---
with torch.inference_mode(): z=torch.ones(2)*2; v=z[0]
r=(z.is_inference(),v.is_inference(),T(lambda: z._version),T(lambda: z.add_(1)),T(lambda: z.requires_grad_()),T(lambda: (x[0,:2]*z)),T(lambda: z[0].add_(1)))
---
with torch.inference_mode(): z=x*2
r=(z.requires_grad,z.is_inference(),str(z),T(lambda:z*y),T(lambda:z+y), T(lambda:z.view(-1)))
---
with torch.inference_mode(): x.detach().add_(1)
r=x
---
@torch.inference_mode()
def f(a): return a*2, torch.is_grad_enabled(), torch.is_inference_mode_enabled()
r=f(x)
---
@torch.no_grad()
def f(a): return a*2, torch.is_grad_enabled()
r=(f(x),f.__name__)
---
@torch.no_grad
def f(a): return a*2
r=T(lambda: f(x))
---
@torch.no_grad()
def g():
    yield torch.is_grad_enabled()
    yield torch.is_grad_enabled()
r=[]
for v in g(): r.append((v,torch.is_grad_enabled()))
---
@torch.enable_grad()
def f(a): return a*2
with torch.no_grad(): r=f(x)
---
torch.set_grad_enabled(False); z=x*2; torch.set_grad_enabled(True); w=x*2; r=(z.requires_grad,w.requires_grad)
---
with torch.set_grad_enabled(False): z=x*2
r=(z.requires_grad,torch.is_grad_enabled())
---
@torch.set_grad_enabled(False)
def f(a): return a*2
r=T(lambda: (f(x),torch.is_grad_enabled()))
---
r=T(lambda: torch.set_grad_enabled('a'))
---
r=T(lambda: torch.set_grad_enabled())
---
r=(repr(torch.no_grad()).split(' at')[0],str(torch.set_grad_enabled(True)).split(' at')[0], repr(torch.no_grad))
---
with torch.no_grad() as n: pass
r=n
---
with torch.autograd.set_grad_enabled(False), torch.enable_grad(): r=torch.is_grad_enabled()
---
@torch.no_grad()
class A:
    def __init__(self): self.g=torch.is_grad_enabled()
r=T(lambda: A().g)
---
with torch.autograd.grad_mode.no_grad(): r=(x*2).requires_grad
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): ctx.save_for_backward(a); return a.exp()
    @staticmethod
    def backward(ctx,g): a,=ctx.saved_tensors; return g*a.exp()
z=F_.apply(x); g,=torch.autograd.grad(z.sum(),x,create_graph=True); gg,=torch.autograd.grad(g.sum(),x); r=(z,g,gg,z.grad_fn.name(),type(z.grad_fn).__name__, str(z.grad_fn).split(' at')[0])
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): return a*2
    @staticmethod
    def backward(ctx,g): return g,g
r=T(lambda: F_.apply(x).sum().backward())
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a,b): return a*b
    @staticmethod
    def backward(ctx,g): return g
r=T(lambda: F_.apply(x,y).sum().backward())
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a,b): return a*b
    @staticmethod
    def backward(ctx,g): return g,None
r=T(lambda: F_.apply(x,y).sum().backward()); r=(r,x.grad,y.grad)
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a,n): ctx.n=n; return a*n
    @staticmethod
    def backward(ctx,g): return g*ctx.n, g
r=T(lambda: F_.apply(x,3).sum().backward())
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a,n): ctx.n=n; return a*n
    @staticmethod
    def backward(ctx,g): return g*ctx.n, None,None,None
r=T(lambda: F_.apply(x,3).sum().backward())
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): return a*2
    @staticmethod
    def backward(ctx,g): return 5
r=T(lambda: F_.apply(x).sum().backward())
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): return a*2
    @staticmethod
    def backward(ctx,g): return torch.ones(5)
r=T(lambda: F_.apply(x).sum().backward())
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): return a*2
    @staticmethod
    def backward(ctx,g): return torch.ones(1,1)
r=T(lambda: F_.apply(x).sum().backward())
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): return a*2
r=T(lambda: F_.apply(x).sum().backward())
---
class F_(torch.autograd.Function):
    @staticmethod
    def backward(ctx,a): return a*2
r=T(lambda: F_.apply(x))
---
class F_(torch.autograd.Function):
    def forward(self,a): return a*2
    def backward(self,g): return g
r=(T(lambda: F_()(x)), T(lambda: F_().apply(x)))
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): return 5
    @staticmethod
    def backward(ctx,g): return g
r=T(lambda: F_.apply(x))
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): return None
    @staticmethod
    def backward(ctx,g): return g
r=T(lambda: F_.apply(x))
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): return a, 5, None, 'q'
    @staticmethod
    def backward(ctx,*g): return g[0]
r=T(lambda: F_.apply(x))
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): return a
    @staticmethod
    def backward(ctx,g): return -g
z=F_.apply(x); r=(z is x,z,z._is_view(),torch.autograd.grad(z.sum(),x))
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): return a.view_as(a)
    @staticmethod
    def backward(ctx,g): return -g
z=F_.apply(x); r=(z,z._is_view(),torch.autograd.grad(z.sum(),x)); r=(r,T(lambda:F_.apply(x).add_(1)))
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): ctx.mark_dirty(a); a.mul_(2); return a
    @staticmethod
    def backward(ctx,g): return g*2
a=x*1; z=F_.apply(a); r=(z is a,a._version,a.grad_fn.name(),torch.autograd.grad(z.sum(),x),T(lambda:F_.apply(x)))
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): ctx.mark_dirty(a); return a*2
    @staticmethod
    def backward(ctx,g): return g*2
r=T(lambda:F_.apply(x*1))
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a):
        v,i=a.max(0); ctx.mark_non_differentiable(i); ctx.save_for_backward(i); ctx.s=a.shape; return v,i
    @staticmethod
    def backward(ctx,g,gi):
        i,=ctx.saved_tensors; return torch.zeros(ctx.s).scatter(0,i[None],g[None])
v,i=F_.apply(x); r=(v,i,torch.autograd.grad(v.sum(),x))
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): return a*1,a*2
    @staticmethod
    def backward(ctx,g,h): r0.append((g,h)); return g
r0=[]
p,q=F_.apply(x); p.sum().backward(); r=r0
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): ctx.set_materialize_grads(False); return a*1,a*2
    @staticmethod
    def backward(ctx,g,h): r0.append((g,h)); return g
r0=[]
p,q=F_.apply(x); p.sum().backward(); r=r0
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a,b,n): r0.append(ctx.needs_input_grad); return a*b
    @staticmethod
    def backward(ctx,g): r0.append(ctx.needs_input_grad); return g,None,None
r0=[]
F_.apply(x,torch.ones(2,3),5).sum().backward(); r=r0
---
from torch.autograd.function import once_differentiable
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): ctx.save_for_backward(a); return a*a
    @staticmethod
    @once_differentiable
    def backward(ctx,g): a,=ctx.saved_tensors; return 2*a*g
g,=torch.autograd.grad(F_.apply(x).sum(),x,create_graph=True); r=(g,T(lambda: torch.autograd.grad(g.sum(),x)))
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): ctx.a=a; return a*a
    @staticmethod
    def backward(ctx,g): return 2*ctx.a*g
g,=torch.autograd.grad(F_.apply(x).sum(),x,create_graph=True); r=(g,T(lambda: torch.autograd.grad(g.sum(),x)))
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): ctx.save_for_backward(a,None,5); return a*a
    @staticmethod
    def backward(ctx,g): return g
r=T(lambda: F_.apply(x))
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): ctx.save_for_backward(a,None); return a*a
    @staticmethod
    def backward(ctx,g): r0.append(ctx.saved_tensors); return g
r0=[]
r=T(lambda: F_.apply(x).sum().backward()); r=(r,r0)
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): ctx.save_for_backward(a); return a*a
    @staticmethod
    def backward(ctx,g): r0.append(ctx.saved_tensors); return g
r0=[]
z=F_.apply(x).sum(); z.backward(); r=T(lambda: z.backward())
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): ctx.save_for_backward(a); return a*a
    @staticmethod
    def backward(ctx,g): return ctx.saved_tensors[0]*g
a=x*1; z=F_.apply(a).sum(); a.add_(1); r=T(lambda: z.backward())
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,*a): return sum(a)
    @staticmethod
    def backward(ctx,g): return (g,)*2
r=(T(lambda:F_.apply()),T(lambda:F_.apply(x,y).sum().backward()),T(lambda:F_.apply(x,[y],q=1)))
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): r0.append((torch.is_grad_enabled(),a.requires_grad,a is x)); return a*1
    @staticmethod
    def backward(ctx,g): r0.append((torch.is_grad_enabled(),g.requires_grad)); return g
r0=[]
F_.apply(x).sum().backward(); r=r0
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): raise ValueError('boo')
    @staticmethod
    def backward(ctx,g): return g
r=T(lambda:F_.apply(x))
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): return a*1
    @staticmethod
    def backward(ctx,g): raise ValueError('boo')
r=T(lambda:F_.apply(x).sum().backward())
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): return a*1
    @staticmethod
    def backward(ctx,g): return None
r=(T(lambda:F_.apply(x).sum().backward()),x.grad)
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): return (a*1,)
    @staticmethod
    def backward(ctx,g): return g
r=T(lambda:F_.apply(x))
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): return [a*1]
    @staticmethod
    def backward(ctx,g): return g
r=T(lambda:F_.apply(x))
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): return {'a':a*1}
    @staticmethod
    def backward(ctx,g): return g
r=T(lambda:F_.apply(x))
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): ctx.x=1; return (a>3)
    @staticmethod
    def backward(ctx,g): return g
r=T(lambda:F_.apply(x))
---
class F_(torch.autograd.Function):
    @staticmethod
    def forward(ctx,a): return a.sign()
    @staticmethod
    def backward(ctx,g): return g.clamp(-1,1)
r=(torch.autograd.gradcheck(lambda a:a.exp(),x.double().detach().requires_grad_()),T(lambda: torch.autograd.gradcheck(F_.apply,x.double().detach().requires_grad_())))
---
from torch.utils.checkpoint import checkpoint, checkpoint_sequential
torch.manual_seed(0); m=nn.Sequential(nn.Linear(3,3),nn.Dropout(),nn.ReLU(),nn.Linear(3,1)); z=checkpoint_sequential(m,2,x); z.sum().backward(); r=(z,x.grad,m[0].weight.grad)
---
from torch.utils.checkpoint import checkpoint
torch.manual_seed(0); z=checkpoint(lambda a:F.dropout(a),x,preserve_rng_state=False); z.sum().backward(); r=(z,x.grad)
---
z=x.exp(); r=(z.grad_fn._saved_result is z, z.grad_fn._saved_result)
---
z=x**2; r=(z.grad_fn._saved_exponent,z.grad_fn._saved_self)
---
z=x*y; z.sum().backward(); r=T(lambda:z.grad_fn._saved_self)
---
z=(x*y).sum(); e=z.grad_fn
def walk(n): return (n.name(),[walk(f[0]) if f[0] is not None else None for f in n.next_functions], [f[1] for f in n.next_functions])
r=walk(e)
---
def walk(n): return (n.name(),[walk(f[0]) if f[0] is not None else None for f in n.next_functions], [f[1] for f in n.next_functions])
a,b=(x*2).split([1,1]); v,i=x.max(1); lin=nn.Linear(3,2); o=F.cross_entropy(lin(x),torch.tensor([0,1])); r=[walk(t.grad_fn) for t in (a+b,v,o,x[0,1],x[:,[0,1]],x.mean(),x.std(),x.norm(),F.softmax(x,1),torch.cat([x,y]),torch.stack([x,y]),x@y.t(),x.t()[0],x.view(-1),x.reshape(3,2),x.to(torch.float64),x.permute(1,0),torch.einsum('ij,kj->ik',x,y),x.clamp(0,1),x.masked_fill(x>2,0),torch.where(x>2,x,y),x.var(0),x.prod(),x.cumsum(0),x.flatten(),x.unsqueeze(0),x.expand(2,2,3),x.repeat(2,1),F.relu(x),F.gelu(x),F.layer_norm(x,(3,)),F.mse_loss(x,y),F.dropout(x),x.abs(),x.pow(3),2**x,x/y,x-1,1-x,1/x,-x,x.T,x.diag(),x.tril(),x.sort().values,x.topk(1)[0],x.gather(1,torch.tensor([[0]])),x.index_select(0,torch.tensor([0])),x.logsumexp(1),x.min(),x.median(),torch.dot(x[0],y[0]),torch.bmm(x[None],y.t()[None]),torch.addmm(torch.ones(2),x,y.t()),x.chunk(2)[1],x.unbind(0)[1],x.squeeze(),x.contiguous(),x.t().contiguous(),x.float(),x.detach().requires_grad_()*1,x.fill_diagonal_(0) if False else x*0,F.conv1d(x[None],torch.ones(1,2,2)),F.max_pool1d(x[None],2),F.embedding(torch.tensor([0]),x),F.batch_norm(x,None,None,training=True),F.pad(x,(1,1)),F.pad(x[None],(1,1),mode='reflect'),torch.linalg.norm(x),torch.linalg.inv(x[:,:2]),torch.det(x[:,:2]),x.roll(1),x.flip(0),torch.outer(x[0],y[0]),x.kron(y),x.trace(),torch.cdist(x,y),F.normalize(x),F.cosine_similarity(x,y),F.log_softmax(x,1),F.nll_loss(x,torch.tensor([0,1])),F.binary_cross_entropy_with_logits(x,y),F.l1_loss(x,y),F.smooth_l1_loss(x,y),F.kl_div(x,y),x.lerp(y,.5),x.addcmul(x,y),x.addcdiv(x,y+1),x.sigmoid(),x.tanh(),F.elu(x),F.leaky_relu(x),F.silu(x),F.softplus(x),F.hardtanh(x),F.one_hot(torch.tensor([0]))*x[0,0])]
---
a=torch.ones(2,requires_grad=True); b=a*2; c=b[0]; b.mul_(3); r=[n.grad_fn.name() for n in (b,c)]; r=(r,b.grad_fn.next_functions[0][0].name(),c.grad_fn.next_functions[0][0].name())
---
a=torch.ones(4,requires_grad=True); b=a*1; c=b[:2]; c.mul_(3); d=c.view(2,1); d.add_(b[2:].view(2,1)); r=(b,c,d,torch.autograd.grad((b*b).sum(),a))
---
import gc,weakref
a=torch.ones(4,requires_grad=True); b=a*1; w=weakref.ref(b); del b; r=w() is None
---
a=torch.ones(2,requires_grad=True); s=(a*2).sum(); 
for k in range(3): s.backward(retain_graph=True)
a.grad.zero_(); s.backward(); r=a.grad
---
a=torch.ones(2,requires_grad=True); (a*2).sum().backward(create_graph=True); r=(a.grad,a.grad.requires_grad,a.grad.grad_fn)
---
a=torch.ones(2,requires_grad=True); (a**3).sum().backward(create_graph=True); g=a.grad; a.grad=None; g.sum().backward(); r=a.grad
---
a=torch.ones(2,3,requires_grad=True); (a.t()*torch.ones(3,2)).sum().backward(); r=(a.grad,a.grad.stride()); a.grad=None; a.expand(2,2,3).sum().backward(); r=(r,a.grad,a.grad.stride())
---
a=torch.ones(2,requires_grad=True); b=torch.ones(2,dtype=torch.double); z=(a*b); z.sum().backward(); r=(z,a.grad)
---
a=torch.ones(2,requires_grad=True); z=a.half().float().sum(); z.backward(); r=a.grad
---
a=torch.ones(2,requires_grad=True); r=T(lambda: (a>0).sum().backward()); r=(r,T(lambda: a.long().sum().backward()),T(lambda: a.argmax().backward()),T(lambda: a.round().sum().backward()),T(lambda: a.floor().sum().backward()),T(lambda: a.sign().sum().backward()),a.grad)
---
z=x*2; z.foo=5; r=T(lambda: z.foo)
---
r=T(lambda: torch.autograd.Variable(torch.ones(2),requires_grad=True)); r=(r,T(lambda: torch.autograd.Variable(torch.ones(2),volatile=True)),isinstance(x,torch.autograd.Variable))
---
class MyT(torch.Tensor): pass
t=MyT([1.,2.]); r=(type(t),type(t+1),type(t[0]),t)
---
t=torch.ones(2).as_subclass(torch.nn.Parameter); r=(type(t),t)
---
t=torch.Tensor._make_subclass(torch.nn.Parameter,torch.ones(2),True); r=(type(t),t)
---
p=nn.Parameter(torch.ones(2)); r=(type(p*2),type(p.data),type(p.detach()),type(p.clone()),p.is_leaf,isinstance(p,torch.Tensor))
---
torch.autograd.backward(x*1,torch.ones(2,3)); r=x.grad
---
a=torch.tensor(3.,requires_grad=True); b=torch.tensor(4.,requires_grad=True)
q=3*a**3-b**2; q.backward(gradient=torch.tensor(1.)); r=(9*a**2==a.grad,-2*b==b.grad,a.grad,b.grad)
---
r=[torch.autograd.grad(x.pow(k).sum(),x)[0] for k in (0,1,2,3,-1,.5)]
---
with torch.no_grad():
    w=nn.Parameter(torch.ones(2)); w.copy_(torch.zeros(2)); w-=1
r=w
---
w=nn.Parameter(torch.ones(2))
def f():
    global w
    w-=1
r=T(lambda: w.sub_(1))
---
a=x.clone(); a[a>3]=0; a[0]+=y[0]; a[:,1]*=2; r=(a,torch.autograd.grad(a.pow(2).sum(),[x,y]))
---
a=x.clone(); b=a; a+=1; r=(b is a, a._version)
---
a=torch.zeros(3,requires_grad=True).clone(); r=T(lambda: a.index_put_((torch.tensor([0,0]),),torch.ones(2),accumulate=True)); r
---
a=torch.ones(3,requires_grad=True); b=a.clone(); b.zero_(); b.sum().backward(); r=(a.grad,b.grad_fn.name())
---
a=torch.ones(3,requires_grad=True); b=a.clone(); b.fill_(2); r=(b.grad_fn.name(),torch.autograd.grad(b.sum(),a))
---
a=torch.ones(3,requires_grad=True); b=a.clone(); b.uniform_(); r=(b.grad_fn.name(),torch.autograd.grad(b.sum(),a))
---
a=torch.ones(3,requires_grad=True); r=(T(lambda:a.normal_()),T(lambda:nn.init.zeros_(a)),T(lambda:a.zero_()),T(lambda:a.data.zero_()))
---
s=x.sum(); s.backward(); r=(s.grad,x.grad,x.grad.is_contiguous(),x.grad.stride())
---
g=torch.ones(2,3); z=x*1; z.backward(g); r=(x.grad is g, x.grad.data_ptr()==g.data_ptr())
---
L=[]
with torch.autograd.graph.saved_tensors_hooks(lambda t:(L.append(t.shape),t*1)[1],lambda t:(L.append('u'),t)[1]):
    z=x.exp()*y
z.sum().backward(); r=(L,x.grad,y.grad)
---
with torch.autograd.graph.save_on_cpu(): z=x*x
z.sum().backward(); r=x.grad
---
with torch.autograd.graph.saved_tensors_hooks(lambda t:5,lambda t:t):
    z=x.exp()
r=T(lambda: z.sum().backward())
---
z=x*x; h=z.grad_fn._raw_saved_self; h.register_hooks(lambda t:t*3,lambda t:t); r=(torch.autograd.grad(z.sum(),x,retain_graph=True),T(lambda: h.register_hooks(lambda t:t,lambda t:t)))
---
from torch.utils.checkpoint import checkpoint
L=[]
def f(a): L.append(1); return (a.exp()*a).sin()
z=checkpoint(f,x,use_reentrant=False); g,=torch.autograd.grad(z.sum(),x); r=(z,g,L)
---
b=torch.zeros(4); v=b[:2]; w=b[2:]; v.copy_(x[0,:2]); r=(b.requires_grad,w.requires_grad,w.grad_fn.name(),w.is_leaf)
---
b=torch.zeros(4)
with torch.no_grad(): n=b[1:]
b.mul_(x[0,0]); r=T(lambda: n.grad_fn)
---
def g():
    yield torch.is_grad_enabled()
    yield torch.is_grad_enabled()
r=[(v,torch.is_grad_enabled()) for v in torch.no_grad()(g)()]
---
from torch.autograd.functional import *
xd=x.detach()
r=(T(lambda: jvp(lambda a:a*a,xd)),T(lambda: vjp(lambda a:a*a,xd,torch.ones(2))),T(lambda: jacobian(lambda a:[1],xd)),T(lambda: hessian(lambda a:a.sum(),xd,strict=True)),T(lambda: hvp(lambda a:(a.sum(),),xd,xd)))
"""

for text in PROGRAMS.strip().split("\n---\n"):
    named_program(text, START)

run(__file__)
