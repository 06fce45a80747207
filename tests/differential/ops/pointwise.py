"""Element by element."""
from . import row

NO = ["torch.NAME('a')", "torch.NAME(x, 1, 2, 3)", "torch.NAME(x, foo=1)", "torch.NAME()"]

row("abs absolute acos acosh arccos arccosh arcsin arcsinh arctan arctanh asin asinh atan atanh cos cosh deg2rad digamma "
    "erf erfc erfinv exp exp2 expm1 i0 lgamma log log10 log1p log2 neg negative rad2deg reciprocal rsqrt sigmoid sin sinc "
    "sinh sqrt square tan tanh relu", 2, "torch.NAME(x)", "x.NAME()", errors=NO)
row("positive", 2, "torch.NAME(x)", errors=NO)
row("ceil floor trunc fix sign sgn frac", 2, "torch.NAME(x)", "x.NAME()", errors=NO)
row("round", 2, "torch.round(x)", "torch.round(x * 10, decimals=1)", "torch.round(x * 100, decimals=-1)",
    errors=NO + ["torch.round(x, decimals='a')", "torch.round(L, decimals=1)"])
row("bitwise_not", 0, "torch.bitwise_not(L)", "torch.bitwise_not(q)", "~L", errors=["torch.bitwise_not(x)", "~x", "torch.bitwise_not('a')"])
row("logical_not isfinite isinf isnan isneginf isposinf isreal signbit", 0, "torch.NAME(x)", errors=NO)
row("add sub subtract", 2, "torch.NAME(x, y)", "torch.NAME(x, 2, alpha=3)", "torch.NAME(2, x)", "torch.NAME(x, y, alpha=0.5)", "x.NAME(2.5)",
    "torch.NAME(L, 2.5)", "torch.NAME(x, L)", "torch.NAME(x[0], y)",
    errors=["torch.NAME(x, 'a')", "torch.NAME(x)", "torch.NAME(x, y, z=1)", "torch.NAME(x, w)", "torch.NAME(L, L, alpha=0.5)",
            "torch.NAME(q, q)", "x.NAME(None)", "L.NAME_(1.5)", "q.NAME_(1)", "x.NAME_(y[None])", "torch.NAME(x, y, 2, 3)"])
row("rsub", 2, "torch.rsub(x, y)", "torch.rsub(x, 2)", "torch.rsub(x, 2, alpha=3)", errors=["torch.rsub(q, q)", "torch.rsub(x, 'a')"])
row("mul multiply div divide true_divide", 2, "torch.NAME(x, y)", "torch.NAME(x, 2)", "torch.NAME(3, x)", "torch.NAME(L, 2)", "torch.NAME(L, M)",
    "torch.NAME(x, L + 4)", errors=["torch.NAME(x, 'a')", "torch.NAME(x)", "torch.NAME(x, w)", "x.NAME(None)", "torch.NAME(x, y, foo=1)"])
row("ldexp", 2, "torch.NAME(x, y)", "torch.NAME(L, x)", "x.clone().NAME(y)", errors=["torch.NAME(x, 'a')", "x.clone().NAME_(y)", "torch.NAME(x, y, out=torch.empty(2, 3))"])
row("floor_divide", 1, "torch.floor_divide(x, y)", "torch.floor_divide(L, 2)", "torch.floor_divide(L, M)", "L // 2", "x // 0.5", "torch.floor_divide(7, L + 3)",
    errors=["torch.floor_divide(L, 0)", "torch.floor_divide(x, 'a')", "torch.floor_divide(x)"])
row("remainder fmod", 2, "torch.NAME(x, y)", "torch.NAME(x, 2)", "torch.NAME(L, M)", "torch.NAME(L, 3)", "torch.NAME(x, -1.5)",
    errors=["torch.NAME(L, 0)", "torch.NAME(x, 'a')", "torch.NAME(x, w)"])
row("pow", 2, "torch.pow(x, y)", "torch.pow(x, 2)", "torch.pow(x, 0.5)", "torch.pow(2, x)", "torch.pow(L, 2)", "torch.pow(M, L.abs())", "x ** 3", "2 ** x", "torch.pow(x, 0)",
    errors=["torch.pow(L, -1)", "torch.pow(x, 'a')", "torch.pow('a', x)", "torch.pow(2, 3)", "torch.pow(x)"])
row("float_power", 2, "torch.float_power(x, 2)", "torch.float_power(L, 2)", "torch.float_power(2, x)", "torch.float_power(x.abs(), y)", errors=["torch.float_power(x, 'a')", "torch.float_power(2, 3)"])
row("eq ne lt le gt ge not_equal less less_equal greater greater_equal", 0, "torch.NAME(x, y)", "torch.NAME(x, 0.5)", "torch.NAME(L, 1)", "x.NAME(L)",
    errors=["torch.NAME(x, 'a')", "torch.NAME(x, w)", "torch.NAME(2, x)", "torch.NAME(x)"])
row("logical_and logical_or logical_xor", 0, "torch.NAME(x, y)", "torch.NAME(q, L)", "torch.NAME(L, q)", errors=["torch.NAME(x, 1)", "torch.NAME(x, 'a')"])
row("bitwise_and bitwise_or bitwise_xor", 0, "torch.NAME(L, M)", "torch.NAME(L, 3)", "torch.NAME(3, L)", "torch.NAME(q, q)", "torch.NAME(q, L)",
    errors=["torch.NAME(x, y)", "torch.NAME(L, 1.5)", "torch.NAME(L, 'a')", "torch.NAME(2.5, L)"])
row("bitwise_left_shift bitwise_right_shift", 0, "torch.NAME(L, M)", "torch.NAME(L, 3)", "torch.NAME(3, M)", errors=["torch.NAME(L, 'a')", "torch.NAME(q, q)"])
row("__and__ __or__ __xor__ __lshift__ __rshift__", 0, "L.NAME(M)", "L.NAME(2)", errors=["L.NAME('a')", "x.NAME(y)", "L.NAME()"])
row("atan2 arctan2", 2, "torch.NAME(x, y)", "torch.NAME(L, M)", errors=["torch.NAME(x, 1)", "torch.NAME(x, 'a')"])
row("hypot logaddexp logaddexp2 maximum minimum fmax fmin", 2, "torch.NAME(x, y)", errors=["torch.NAME(x, 1)", "torch.NAME(x, 'a')", "torch.NAME(x, w)"])
row("copysign", 2, "torch.copysign(x, y)", "torch.copysign(x, -1.0)", "torch.copysign(L, M)", errors=["torch.copysign(x, 'a')"])
row("nextafter heaviside", 0, "torch.NAME(x.detach(), y.detach())", errors=["torch.NAME(x, 1)", "torch.NAME(x, 'a')"])
row("gcd lcm", 0, "torch.NAME(L, M)", errors=["torch.NAME(x, y)", "torch.NAME(L, 1)"])
row("igamma igammac", 0, "torch.NAME(u.detach(), y.detach().abs())", errors=["torch.NAME(x, 1)", "torch.NAME(L, L)"])
row("xlogy", 2, "torch.xlogy(x, u)", "torch.xlogy(x, 2)", "torch.xlogy(2, u)", errors=["torch.xlogy(x, 'a')", "torch.xlogy(2, 3)"])
row("polygamma", 2, "torch.polygamma(1, u)", "torch.polygamma(0, u)", errors=["torch.polygamma(-1, x)", "torch.polygamma(x, 1)"])
row("mvlgamma", 2, "torch.mvlgamma(u + 2, 2)", errors=["torch.mvlgamma(x, 0)", "torch.mvlgamma(x, 2)", "torch.mvlgamma(x)"])
row("clamp clip", 2, "torch.NAME(x, -0.5, 0.5)", "torch.NAME(x, min=0)", "torch.NAME(x, max=0)", "torch.NAME(x, y, y + 1)", "torch.NAME(L, -1, 1)", "torch.NAME(L, 0.5)",
    errors=["torch.NAME(x)", "torch.NAME(x, 'a')", "torch.NAME(x, y, 1)"])
row("clamp_min clamp_max", 2, "torch.NAME(x, 0.3)", "torch.NAME(x, y)", errors=["torch.NAME(x)", "torch.NAME(x, 'a')"])
row("lerp", 2, "torch.lerp(x, y, 0.3)", "torch.lerp(x, y, u)", errors=["torch.lerp(x, y)", "torch.lerp(L, L, 0.5)", "torch.lerp(x, y.float(), 'a')", "torch.lerp(x, w, 0.5)"])
row("addcmul", 2, "torch.addcmul(x, y, u)", "torch.addcmul(x, y, u, value=2)", "torch.addcmul(L, L, M)", errors=["torch.addcmul(x, y)", "torch.addcmul(x, w, y)", "torch.addcmul(L, L, L, value=0.5)"])
row("addcdiv", 2, "torch.addcdiv(x, y, u)", "torch.addcdiv(x, y, u, value=2)", errors=["torch.addcdiv(L, L, M)", "torch.addcdiv(x, y)"])
row("where", 2, "torch.where(q, x, y)", "torch.where(q, x, 0.5)", "torch.where(q, 1, x)", "torch.where(q)", "torch.where(q, x, L)", "x.where(q, y)",
    errors=["torch.where(x, x, y)", "torch.where(q, x)", "torch.where(q, w, x)", "torch.where('a', x, y)"])
row("nan_to_num", 2, "torch.nan_to_num(x)", "torch.nan_to_num(x, nan=1.0, posinf=2.0, neginf=-2.0)", errors=["torch.nan_to_num(x, 'a')"])
row("logit", 2, "torch.logit(u)", "torch.logit(u, eps=0.1)", errors=["torch.logit(x, 'a')", "torch.logit()"])
row("threshold", 2, "torch.threshold(x, 0.5, 2)", errors=["torch.threshold(x, 0.5)", "torch.threshold(x, 'a', 2)"])
row("celu", 2, "torch.celu(x)", "torch.celu(x, 0.5)", errors=["torch.celu(x, 0)", "torch.celu(x, 'a')"])
row("selu", 2, "torch.selu(x)", errors=NO)
row("hardshrink", 2, "torch.hardshrink(x)", "torch.hardshrink(x, 1.0)", errors=["torch.hardshrink(x, 'a')"])
row("prelu", 2, "torch.prelu(x, w)", "torch.prelu(x, w[:1])", errors=["torch.prelu(x, v)", "torch.prelu(x, 0.5)", "torch.prelu(x, s)"])
row("rrelu", 2, "torch.rrelu(x)", "torch.rrelu(x, 0.1, 0.3, True)", errors=["torch.rrelu(x, 0.5, 0.1, True)", "torch.rrelu(x, 'a')"])
row("conj real resolve_conj resolve_neg", 2, "torch.NAME(x)", errors=["torch.NAME('a')", "torch.NAME()"])
row("isclose", 0, "torch.isclose(x, y)", "torch.isclose(x, x + 1e-9)", "torch.isclose(x, x, equal_nan=True)", errors=["torch.isclose(x, L)", "torch.isclose(x, x, rtol=-1)", "torch.isclose(x, 1)"])
row("isin", 0, "torch.isin(L, M)", "torch.isin(L, 2)", "torch.isin(2, L)", "torch.isin(L, M, invert=True)", errors=["torch.isin(1, 2)", "torch.isin(L, 'a')"])
row("fill", 2, "torch.fill(x, 2.5)", "torch.fill(x, y[0, 0, 0])", "x.clone().fill_(3)", "L.clone().fill_(2.7)", errors=["torch.fill(x, y)", "torch.fill(x, 'a')", "L.fill_('a')"])
row("zero_", 2, "x.clone().zero_()", errors=["x.zero_(1)"])
row("copy_", 2, "torch.empty(2, 3, 2).copy_(x)", "torch.empty(2, 3, 2).copy_(L)", "torch.empty(2, 2, 3, 2, dtype=torch.int64).copy_(x)", errors=["torch.empty(2, 3).copy_(x)", "torch.empty(2).copy_('a')", "torch.empty(2).copy_(1.5)"])
row("clone", 2, "torch.clone(x)", "x.clone(memory_format=torch.contiguous_format)", "x.t() if x.dim() < 3 else x.permute(2, 0, 1).clone()", errors=["x.clone(1)", "x.clone(memory_format='a')"])
row("contiguous", 2, "x.contiguous()", "x.transpose(0, 1).contiguous()", "image.contiguous(memory_format=torch.channels_last)", errors=["x.contiguous(memory_format=torch.channels_last)", "x.contiguous(memory_format=torch.preserve_format)"])
row("detach", 0, "x.detach()", "torch.detach(x)", errors=["x.detach(1)"])
row("type_as", 2, "x.type_as(L.float())", "x.type_as(L)", errors=["x.type_as('a')", "x.type_as()"])
row("frexp", 2, "torch.frexp(x)", errors=["torch.frexp(L)", "torch.frexp('a')"])
