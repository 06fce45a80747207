"""torch.fft."""
from . import row

row("fft_fft fft_ifft fft_rfft fft_ihfft", 2, "torch.fft.FUNCTION(x)", "torch.fft.FUNCTION(v, 3)", "torch.fft.FUNCTION(m, dim=0, norm='ortho')",
    errors=["torch.fft.FUNCTION(v, 0)", "torch.fft.FUNCTION(v, dim=3)", "torch.fft.FUNCTION(v, norm='foo')", "torch.fft.FUNCTION('a')"])
row("fft_irfft fft_hfft", 2, "torch.fft.FUNCTION(torch.complex(x, y))", "torch.fft.FUNCTION(v, 5)", errors=["torch.fft.FUNCTION(v, 0)", "torch.fft.FUNCTION(v, norm='foo')"])
row("fft_fft2 fft_fftn fft_ifft2 fft_ifftn fft_rfft2 fft_rfftn fft_irfft2 fft_irfftn fft_hfft2 fft_hfftn fft_ihfft2 fft_ihfftn", 2, "torch.fft.FUNCTION(m)", "torch.fft.FUNCTION(m, (2, 3))",
    errors=["torch.fft.FUNCTION(m, (0, 2))", "torch.fft.FUNCTION(m, dim=(0, 0))", "torch.fft.FUNCTION(m, norm='foo')"])
row("fft_fftshift fft_ifftshift", 2, "torch.fft.FUNCTION(x)", "torch.fft.FUNCTION(v)", "torch.fft.FUNCTION(m, 1)", errors=["torch.fft.FUNCTION(m, 5)"])
row("fft_fftfreq fft_rfftfreq", 0, "torch.fft.FUNCTION(5)", "torch.fft.FUNCTION(4, 0.5)", errors=["torch.fft.FUNCTION('a')", "torch.fft.FUNCTION()"])
