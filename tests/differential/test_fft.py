"""torch.fft, stft and istft."""
from harness import case, expressions, run

TRANSFORMS = '''
fft.fft(x), fft.fft(x.long()), fft.fft(c), fft.fft(m), fft.fft(m, dim=0), fft.fft(x.double())
fft.ifft(fft.fft(x)), fft.ifft(x), fft.ifft(c), fft.ifft(z, dim=0)
fft.fft(x, n=3), fft.fft(x, n=8), fft.fft(c, 2), fft.fft(z, n=5, dim=0), fft.fft(m, 6, 0)
fft.fft(x, norm="ortho"), fft.fft(x, norm="forward"), fft.ifft(x, norm="backward"), fft.ifft(c, norm="ortho"), fft.ifft(c, norm="forward")
fft.fft(x, norm="foo")
fft.fft(x, n=0)
fft.fft(torch.zeros(0))
fft.fft(x, dim=3)
fft.fft(x, 4, -2)
fft.fft("a")
fft.rfft(x), fft.rfft(m), fft.rfft(m, dim=0), fft.rfft(m, n=7), fft.rfft(m, n=2, dim=0), fft.rfft(x, norm="ortho"), fft.rfft(x.long())
fft.rfft(c)
fft.irfft(c), fft.irfft(c, n=5), fft.irfft(x), fft.irfft(z, dim=0), fft.irfft(fft.rfft(x), n=5), fft.irfft(c, norm="ortho")
fft.irfft(c[:1])
fft.hfft(c), fft.hfft(c, n=5), fft.hfft(x), fft.hfft(z, dim=0, norm="ortho"), fft.ihfft(x), fft.ihfft(m, dim=0), fft.ihfft(x, norm="forward")
fft.ihfft(c)
fft.fft2(m), fft.ifft2(m), fft.fft2(z), fft.ifft2(z), fft.fft2(m, s=(2, 6)), fft.fft2(m, norm="ortho"), fft.fft2(t, dim=(0, 1))
fft.fft2(x)
fft.rfft2(m), fft.irfft2(z), fft.irfft2(z, s=(3, 5)), fft.rfft2(t, dim=(0, 1)), fft.hfft2(z), fft.ihfft2(m)
fft.rfft2(z)
fft.ihfft2(z)
fft.fftn(m), fft.fftn(m, s=(2, 2)), fft.fftn(m, dim=(0,)), fft.fftn(t), fft.ifftn(z), fft.fftn(m, s=(-1, 2)), fft.fftn(t, dim=(2, 0)), fft.fftn(t, s=(3,))
fft.fftn(m, dim=(0, 0))
fft.fftn(m, s=(2,), dim=(0, 1))
fft.fftn(m, s=(2, 2, 2))
fft.fftn(m, s=(0, 2))
fft.rfftn(m), fft.rfftn(t), fft.irfftn(z), fft.irfftn(fft.rfftn(t), s=(2, 3, 4)), fft.hfftn(z), fft.ihfftn(m), fft.ihfftn(t), fft.rfftn(t, dim=(2, 0))
fft.rfftn(m, dim=())
fft.irfftn(z, dim=())
fft.fft(torch.zeros(3).half())
fft.fft(torch.zeros(4).bfloat16())
fft.fft(m, out=torch.empty(3, 4, dtype=torch.complex64)), fft.rfft(m, out=torch.empty(0, dtype=torch.cfloat)), fft.irfft(z, out=torch.empty(0))
fft.fft(m, out=torch.empty(3, 4))
fft.irfft(z, out=torch.empty(3, 6, dtype=torch.cfloat))
fft.fft(m.t()), fft.fft(z.t(), dim=0), fft.fft(z.conj()), fft.fft(t[:, ::2, 1:]), fft.fft(t, dim=1), fft.irfft(t.cfloat(), dim=1)
fft.fft(torch.arange(97.)), fft.rfft(torch.arange(120.).sin()), fft.fft(torch.arange(1024.).cos())[:5], fft.fft(torch.arange(64.).reshape(4, 16).sin(), dim=0)
fft.fft(torch.zeros(2, 0, 3), dim=2), fft.fft(torch.zeros(2, 3, device="meta")), fft.rfftn(torch.zeros(2, 3, device="meta")).shape
fft.fft(input=x, n=2, dim=-1, norm=None)
'''

FREQUENCIES = '''
fft.fftfreq(5), fft.fftfreq(4, 0.5), fft.fftfreq(4, d=0.1, dtype=torch.float64), fft.fftfreq(0), fft.fftfreq(5, requires_grad=True)
fft.rfftfreq(5), fft.rfftfreq(6, d=2), fft.rfftfreq(1), fft.rfftfreq(6, d=0.3, dtype=torch.float64)
fft.fftfreq(5, dtype=torch.int64)
fft.fftshift(x), fft.fftshift(m), fft.fftshift(m, dim=1), fft.fftshift(m, dim=(0,)), fft.ifftshift(x), fft.ifftshift(m, dim=(0,)), fft.ifftshift(m)
fft.fftshift(x, dim=2)
fft.fftshift(x.requires_grad_())
fft.fftshift(fft.fftfreq(8, 1/8))
'''

GRADIENTS = '''
g(fft.fft, x)
g(fft.ifft, x)
g(fft.rfft, x)
g(lambda x: fft.rfft(x, n=8), x)
g(lambda x: fft.rfft(x, n=3, norm="ortho"), x)
g(fft.ihfft, x)
g(fft.irfft, x)
g(fft.fft, c)
g(fft.ifft, c)
g(fft.irfft, c)
g(lambda c: fft.irfft(c, n=5), c)
g(fft.hfft, c)
g(lambda c: fft.fft(c, n=6, norm="ortho"), c)
g(fft.fft2, m)
g(fft.rfft2, m)
g(fft.irfft2, z)
g(fft.ifft2, z)
g(fft.hfft2, z)
g(fft.ihfft2, m)
g(fft.fftn, t)
g(fft.rfftn, t)
g(lambda z: fft.irfftn(z, s=(3, 5)), z)
g(lambda x: fft.fft(x).abs(), x)
g(lambda x: fft.irfft(fft.rfft(x) * fft.rfft(x), n=5), x)
g(lambda x: torch.stft(x, 4, return_complex=True, window=torch.hann_window(4)).abs(), x)
g(lambda x: torch.istft(torch.stft(x, 4, hop_length=1, return_complex=True, window=torch.hann_window(4)), 4, 1, window=torch.hann_window(4)), x)
gg(fft.fft, c)
gg(fft.rfft, x)
gg(fft.irfft, c)
gg(lambda x: fft.fft(x).abs().pow(2), x)
'''

STFT = '''
torch.stft(s, 4)
torch.stft(s, 4, return_complex=True), torch.stft(s, 4, return_complex=False)
torch.stft(s, 4, hop_length=2, win_length=3, window=torch.hann_window(3), center=False, normalized=True, onesided=False, return_complex=True)
torch.stft(s.reshape(2, 8), 4, window=torch.hann_window(4), return_complex=True, pad_mode="constant")
torch.stft(s, 4, pad_mode="replicate", return_complex=True)
torch.stft(s.double(), 5, 2, return_complex=True), torch.stft(s, 8, win_length=4, return_complex=True)
torch.stft(c, 4, return_complex=True), torch.stft(s, 4, window=torch.hann_window(4).cfloat(), return_complex=True)
s.stft(4, return_complex=True)
torch.stft(s, 4, window=torch.hann_window(3), return_complex=True)
torch.stft(torch.arange(2.), 8, return_complex=True)
torch.stft(torch.arange(4.), 8, return_complex=True, center=False)
torch.stft(c, 4, return_complex=True, onesided=True)
torch.stft(s, 4, win_length=5, return_complex=True)
torch.stft(s, 4, hop_length=0, return_complex=True)
torch.stft(s, 4, hop_length=0, window=torch.hann_window(4), onesided=True, return_complex=True)
torch.istft(torch.stft(s, 4, window=w, return_complex=True), 4, window=w)
torch.istft(torch.stft(s, 4, window=w, return_complex=True), 4, window=w, length=10)
torch.istft(torch.stft(s, 4, window=w, return_complex=True), 4, window=w, length=20)
torch.istft(torch.stft(s, 4, window=w, return_complex=True), 4, window=w, center=False)
torch.istft(torch.stft(s, 4, return_complex=False), 4)
torch.istft(torch.stft(s.reshape(2, 8), 4, normalized=True, return_complex=True), 4, normalized=True)
torch.istft(torch.zeros(3, 4, dtype=torch.complex64), 8)
torch.istft(torch.zeros(3, 4), 4)
torch.istft(torch.zeros(3, 0, dtype=torch.complex64), 4)
torch.istft(torch.stft(s, 4, onesided=False, return_complex=True), 4, onesided=False, return_complex=True)
torch.istft(torch.stft(s, 4, onesided=False, return_complex=True), 4, onesided=False)
torch.istft(torch.stft(s, 4, hop_length=3, window=w, return_complex=True), 4, hop_length=8, window=w)
torch.stft(s, 4, return_complex=True).istft(4)
torch.stft(torch.arange(32.), 8, return_complex=True).stride()
torch.kaiser_window(5), torch.kaiser_window(5, False, 8.), torch.kaiser_window(1), torch.kaiser_window(0), torch.kaiser_window(6, dtype=torch.float64)
'''

SETUP = '''
fft = torch.fft
def weighted(out):
    w = torch.arange(1., out.numel() + 1).reshape(out.shape).cos()
    return (out * (torch.complex(w, w.flip(0)).to(out.dtype) if out.is_complex() else w)).sum().real
def g(f, x):
    x = x.clone().requires_grad_()
    out = f(x)
    return out, torch.autograd.grad(weighted(out), x)[0]
def gg(f, x):
    x = x.clone().requires_grad_()
    first, = torch.autograd.grad(weighted(f(x * x)), x, create_graph=True)
    return torch.autograd.grad(weighted(first * first), x)[0]
'''

NAMES = {"x": "torch.tensor([0.5, -1.25, 2.0, 0.75, 3.5])", "c": "torch.tensor([1+2j, 3-4j, 0.5j, 2])",
         "m": "torch.arange(12.).mul(1.7).sin().reshape(3, 4)", "z": "torch.complex(m, m.flip(0) * 0.7)",
         "t": "torch.arange(24.).mul(0.9).cos().reshape(2, 3, 4)", "s": "torch.arange(16.)", "w": "torch.hann_window(4)"}
for text in (TRANSFORMS, FREQUENCIES, GRADIENTS, STFT):
    expressions(text, setup=SETUP, rtol=2e-5, atol=1e-4, **NAMES)


@case
def convolution():
    import torch
    a, b = torch.arange(6.), torch.tensor([1., -1, 0.5])
    n = a.numel() + b.numel() - 1
    return torch.fft.irfft(torch.fft.rfft(a, n=n) * torch.fft.rfft(b, n=n), n=n)


@case
def lowpass():
    import math

    import torch
    t = torch.arange(64) / 64
    signal = torch.sin(2 * math.pi * 3 * t) + 0.5 * torch.sin(2 * math.pi * 20 * t)
    spectrum = torch.fft.rfft(signal)
    spectrum[torch.fft.rfftfreq(64, 1 / 64) > 10] = 0
    return torch.fft.irfft(spectrum, n=64)


@case
def spectral_layer():
    import torch
    torch.manual_seed(1)
    weight = torch.randn(2, 2, 4, dtype=torch.cfloat, requires_grad=True)
    x = torch.randn(3, 2, 16, requires_grad=True)
    spectrum = torch.fft.rfft(x)
    out = torch.zeros(3, 2, 9, dtype=torch.cfloat)
    out[:, :, :4] = torch.einsum("bix,iox->box", spectrum[:, :, :4], weight)
    torch.fft.irfft(out, n=16).pow(2).sum().backward()
    return x.grad, weight.grad


run(__file__)
