"""Complex tensors: made, taken apart, and conjugated without copying."""
from . import row

row("complex", 2, "torch.complex(x, y)", errors=["torch.complex(x, L)", "torch.complex(L, L)", "torch.complex(x)"])
row("polar", 2, "torch.polar(u, y)", errors=["torch.polar(x, L)", "torch.polar(x)"])
row("angle", 2, "torch.angle(x)", "torch.angle(L)", errors=["torch.angle('a')", "torch.angle()"])
row("conj_physical", 2, "torch.conj_physical(x)", errors=["torch.conj_physical('a')"])
row("imag", 2, "torch.complex(x, y).imag", errors=["x.imag", "torch.imag(x)"])
row("view_as_real", 2, "torch.view_as_real(torch.complex(x, y))", errors=["torch.view_as_real(x)", "torch.view_as_real('a')"])
row("view_as_complex", 2, "torch.view_as_complex(x.contiguous())", errors=["torch.view_as_complex(b)", "torch.view_as_complex(L)", "torch.view_as_complex(m)"])
