"""What tensors share and count: versions, strides and histories of views, of `.data =` and set_, of what a Function changes in
place and of gradients that are handed through; and the order of errors and writes.  Each was once the shortest form of a
random program that differed (fuzz_programs.py).
"""
from harness import named_program, run

START = """
def T(f):
    try: return ('ok', f())
    except Exception as e: return (type(e).__name__, str(e))
def S(*all): return [None if t is None else (t.is_inference() or t._version, tuple(t.shape), t.stride(), t.requires_grad, t.grad_fn and t.grad_fn.name(), t.tolist()) for t in all]
class Twice(torch.autograd.Function):
    forward=staticmethod(lambda ctx,x: x*2); backward=staticmethod(lambda ctx,g: g*2)
class Change(torch.autograd.Function):
    @staticmethod
    def forward(ctx,x): ctx.mark_dirty(x); return x.mul_(2)
    backward=staticmethod(lambda ctx,g: g*2)
class Through(torch.autograd.Function):
    forward=staticmethod(lambda ctx,x: x); backward=staticmethod(lambda ctx,g: g)
class Alias(torch.autograd.Function):
    forward=staticmethod(lambda ctx,x: x.view(-1)); backward=staticmethod(lambda ctx,g: g)
class Both(torch.autograd.Function):
    forward=staticmethod(lambda ctx,x,y: (x,y)); backward=staticmethod(lambda ctx,g,h: (g,h))
class Dirty(torch.autograd.Function):
    @staticmethod
    def forward(ctx,x,y): ctx.mark_dirty(y); return x*2,y.mul_(2)
    backward=staticmethod(lambda ctx,g,h: (g,h))
class Stranger(torch.autograd.Function):
    @staticmethod
    def forward(ctx,x): y=x*2; ctx.mark_dirty(y); return y
    backward=staticmethod(lambda ctx,g: g)
x=torch.arange(1.,7.).reshape(2,3).requires_grad_()
i0=torch.tensor([0])
"""
PROGRAMS = r"""
a=torch.ones(1,3); b=Change.apply(a); b.unsqueeze_(0); r=(b is a,S(a,b))
---
a=torch.ones(1,3); b=Change.apply(a); a.t_(); r=S(a,b)
---
a=torch.ones(2,1).double(); b=Change.apply(a); b.resize_(0); r=S(a,b)
---
a=torch.ones(2,1).t(); r=S(Through.apply(a),Change.apply(a),Alias.apply(a))
---
a=torch.ones(2,1).t(); r=S(*Both.apply(a,x),*Both.apply(x,a),*Both.apply(a,a))
---
with torch.no_grad(): r=[(b is a,S(b)) for a in (x,x*1,x.t()) for b in (Through.apply(a),Change.apply(a.clone()),Alias.apply(a))]
---
r=[T(lambda: Both.apply(x,torch.ones(3))[k].add_(1)) for k in (0,1)]
---
r=T(lambda: Both.apply(x,torch.ones(3,dtype=torch.long))[1].add_(1))
---
r=T(lambda: Dirty.apply(x*1,torch.ones(4)[1:])),T(lambda: Dirty.apply(x,torch.ones(4)))
---
r=S(Stranger.apply(x))
---
a=torch.ones(4); b=Change.apply(a); r=T(lambda: b.mul_(x[0,0]))
---
a=torch.ones(4); b=a.view(-1); a.data=b; b.div_(2); r=S(a,b)
---
a=torch.ones(2,3); b=a.diagonal(); a.data=a; a.t().mul_(2); r=S(a,b)
---
a=torch.ones(4); b=a.view(-1); a.data=torch.zeros(2); b.add_(1); c=a.view(2,1); c.add_(1); r=S(a,b,c)
---
a=torch.ones(4); b=a.view(-1); a.set_(torch.zeros(2)); b.add_(1); a.add_(1); r=S(a,b)
---
a=torch.ones(4); b=a.view(-1); a.data=torch.zeros(2); a.data=b; a.add_(1); del b; a.data=torch.ones(1); a.add_(1); r=S(a)
---
a=torch.ones(2); a.set_(x); r=S(a),T(lambda: a.sum().backward())
---
a=x*2; v=a.view(-1); a.set_(torch.ones(3)); r=S(a)+[v.grad_fn.name()],T(lambda: x.set_(a))
---
a=(x*1).double(); b=torch.tensor([0.5]).reshape(()).requires_grad_(); b.data=a.detach(); r=T(lambda: b.unsqueeze_(0))
---
r=[]
for how in (torch.no_grad,torch.inference_mode):
    for t in (x*1,x):
        with how(): v=t.view(-1)
        r+=[T(lambda: v.mul_(2)),T(lambda: v.add_(x[0,0])),T(lambda: t.mul_(2)),T(lambda: v.grad_fn)]
---
t=x*1
with torch.inference_mode(): v=t.view(-1)
with torch.no_grad(): w=v.view(2,3)
r=T(lambda: w.mul_(2))
---
v=(x*1).view(-1)
with torch.inference_mode(): v.detach_(); r=S(v); v.resize_(2); r+=S(v)
---
with torch.inference_mode(): t=torch.arange(3)
r=T(lambda: t.mul_(0.5)),T(lambda: t.mul_(2)),T(lambda: t.add_(torch.ones(2,2))),T(lambda: torch.neg(torch.ones(3,dtype=torch.long),out=t)),t.tolist()
---
r=[]
for sizes in [(1,3),(2,3),()]:
    t=torch.ones(sizes,requires_grad=True); t.register_hook(lambda g: g*3)
    (t*t).sum().backward(inputs=[t]); r+=S(t.grad)
    y=t*2; y.register_hook(lambda g: g*5); t.grad=None; (y*y).sum().backward(inputs=[y,t]); r+=S(y.grad,t.grad)
    r.append(y.retains_grad)
---
seen=[]
class Watched(torch.autograd.Function):
    forward=staticmethod(lambda ctx,x: x*2)
    @staticmethod
    def backward(ctx,g): seen.append(g.tolist()); return g
y=Watched.apply(x); y.sum().backward(inputs=[y]); r=(seen,x.grad,y.grad)
---
t=torch.ones(1,3,requires_grad=True); y=t.cumprod(-1); y.expand(2,1,3).zero_(); (y*y).sum().backward(inputs=[y]); r=S(y.grad)
---
r=T(lambda: x.sum().backward(inputs=torch.ones(0,requires_grad=True))),T(lambda: x.sum().backward(inputs=torch.tensor(1.,requires_grad=True)))
---
with torch.no_grad(): v=x.t()
r=T(lambda: v.backward()),T(lambda: v.sum().backward()),T(lambda: torch.autograd.backward([torch.ones(3)])),T(lambda: torch.ones(3).backward(torch.ones(2)))
---
r=[]
for sizes in [(1,),(1,1),(3,1),(0,3),(0,),(2,3),()]:
    for f in (lambda t: t.cumprod(-1),lambda t: t.cumsum(-1),lambda t: t.clamp(-1,2),lambda t: t.clamp_min(0),lambda t: t.prod(),lambda t: t**0,lambda t: t.sign(),lambda t: t.expand_as(t),lambda t: t.sum(),lambda t: t.clone()):
        for again in (False,True):
            t=torch.ones(sizes,requires_grad=True); f(t).sum().backward(create_graph=again); r+=S(t.grad)
---
r=[]
for f in (lambda t: t.cumsum(0),lambda t: t.view(()),lambda t: t.expand_as(t),lambda t: t.prod(),lambda t: t):
    t=torch.tensor(1.2,requires_grad=True); f(t).backward(); r+=S(t.grad)
---
r=[]
for sizes in [(1,3),(0,3),(3,)]:
    for f in (lambda t: F.pad(t,(1,0)),lambda t: F.pad(t,(1,-1)),lambda t: t.roll(1),lambda t: t.cummax(0)[0],lambda t: t.sum(0),lambda t: t.repeat(2,1)):
        t=torch.ones(sizes,requires_grad=True); y=f(t); y.register_hook(lambda g: g*2); y.exp().sum().backward(); r+=S(y,t.grad)
---
r=[T(lambda: torch.autograd.grad(getattr(t,n)(),t)) for t in (torch.ones(1,requires_grad=True),torch.ones((),requires_grad=True),torch.ones(2,requires_grad=True)) for n in ('std','var')]
---
r=S(torch.tensor(1.).expand(1),torch.tensor(1.).expand(1,1),torch.ones(1).expand(1,1))
---
a=torch.zeros(2,3)-1; a[:,1:]=2; r=T(lambda: a.masked_scatter_(a>0,torch.tensor([5.,6.]))),S(a)
---
a=torch.arange(6.).reshape(2,3); a.t().masked_scatter_(a.t()>1,a.t()); r=S(a)
---
a=torch.ones(3,2); m=torch.tensor([True]*3)
r=[T(lambda: f()) for f in (lambda: a.masked_scatter_(m,a),lambda: a.masked_scatter(m,a),lambda: a.masked_fill_(m,1),lambda: a.masked_fill(m,1),lambda: a.masked_scatter_(m.byte(),a))]
---
a=torch.ones(3,2); r=a.masked_scatter_(torch.ones(3,2,dtype=torch.uint8),a*2)
---
b=torch.zeros(0,3)>0; c=torch.ones(1,3)>0
r=[T(lambda: getattr(t,n)(*d)) for t in (b,c,c[0,0],b[:,:1]) for n in ('argmax','argmin') for d in ((),(0,),(1,))]
---
r=[T(lambda: getattr(torch.zeros(s),n)()) for s in [(0,),(2,),()] for n in ('tril','triu','tril_','triu_')]
---
a=torch.ones(3)>0; b=torch.ones(3,2)>0; r=T(lambda: a.pow(b)),T(lambda: a.pow(a)),a**2
---
b=torch.ones(1,3)>0; r=S(b.T**2,b.T**0,torch.ones(1,3).T**0,b.T.square())
---
r=[]
for a in (torch.arange(8.).reshape(2,2,2).diagonal(),torch.ones(4,4)[::2,::2].t()): r+=S(a.sort(-1)[0],a.sort(0)[1],a.flip(0),a.rot90(),a.index_fill(0,i0,1))
---
a=torch.zeros(0,3); r=S(a.diagonal().roll(1),a.t().roll(1),a.t().roll(1,0))
---
r=[]
for dtype in (torch.int64,torch.bool,torch.float32):
    a=torch.zeros(3,dtype=dtype); v=a[1:]; a[:2]=x[0,0]; r+=S(a,v)
    a=torch.zeros(3,dtype=dtype); a.fill_(x[0,0]); r+=S(a)
    a=torch.zeros(3,dtype=dtype); a[1]=x[0,0]; r+=S(a)
    a=torch.zeros(3,dtype=dtype); a.copy_(x[0]); r+=S(a)
---
a=(torch.ones(2,1)>0).unbind(-1)[0]; r=T(lambda: a.copy_(x))
---
a=torch.zeros(0,3); z=torch.zeros(1,1,dtype=torch.long)
r=[T(lambda: b.scatter(0,z,c)) for b in (a,torch.ones(2,3)) for c in (torch.zeros(0),torch.zeros(2),torch.zeros(1,1))]
---
r=S(F.one_hot(torch.tensor([0,1])),torch.heaviside(x,x.detach())),T(lambda: torch.heaviside(x,x.detach()).sum().backward())
---
r=T(lambda: (torch.ones(2)>0).histc(2)),T(lambda: torch.ones(2).long().histc(2))
"""

for text in PROGRAMS.strip().split("\n---\n"):
    named_program(text, START)

run(__file__)
