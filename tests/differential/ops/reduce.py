"""Over dimensions: sums, extremes, moments, running totals, softmax."""
from . import row

DIM = ["torch.NAME(x, 5)", "torch.NAME(x, 'a')", "torch.NAME(x, dim=-4)", "torch.NAME()"]

row("sum", 2, "torch.sum(x)", "torch.sum(x, 1)", "torch.sum(x, (0, -1), keepdim=True)", "torch.sum(x, [])", "x.sum(-1)", "torch.sum(L, dtype=torch.float32)", "torch.sum(q)",
    "torch.sum(x[:0], 0)", errors=DIM + ["torch.sum(x, (0, 0))", "torch.sum(x, 1.5)", "torch.sum(x, 0, foo=1)"])
row("segment_reduce", 1, *(f"torch.segment_reduce(m, {kind!r}, lengths=torch.tensor([1, 0, 2]))" for kind in ("sum", "mean", "max", "min", "prod")), "torch.segment_reduce(m, 'max', offsets=torch.tensor([0, 2, 3]), initial=1)", "torch.segment_reduce(m, 'mean', lengths=torch.tensor([[1, 3], [4, 0], [2, 2]]), axis=1, initial=2)", errors=["torch.segment_reduce(m, 'foo', lengths=torch.tensor([3]))", "torch.segment_reduce(m, 'sum')", "torch.segment_reduce(m, 'sum', lengths=torch.tensor([1, 1]))", "torch.segment_reduce(m, 'sum', lengths=torch.tensor([-1, 4]))", "torch.segment_reduce(m, 'sum', lengths=torch.tensor([3.]))", "torch.segment_reduce(m, 'sum', lengths=torch.tensor([3]), axis=1)", "torch.segment_reduce(m, 'sum', lengths=torch.tensor([3]), axis=5)", "torch.segment_reduce(m, 'sum', lengths=torch.tensor([3]), indices=torch.tensor([3]))"])
row("nansum", 2, "torch.nansum(x)", "torch.nansum(x, 1)", "torch.nansum(x, (0, 2), True)", errors=DIM)
row("mean", 2, "torch.mean(x)", "torch.mean(x, 1)", "torch.mean(x, (0, 2), keepdim=True)", "torch.mean(L, dtype=torch.float32)", errors=DIM + ["torch.mean(L)", "torch.mean(q)", "torch.mean(x, dtype=torch.int64)"])
row("nanmean", 2, "torch.nanmean(x)", "torch.nanmean(x, 1)", errors=DIM)
row("prod", 2, "torch.prod(x)", "torch.prod(x, 1)", "torch.prod(x, -1, True)", "torch.prod(L)", errors=DIM + ["torch.prod(x, (0, 1))"])
row("std var", 2, "torch.NAME(x)", "torch.NAME(x, 1)", "torch.NAME(x, 1, False)", "torch.NAME(x, (0, 2), keepdim=True)", "torch.NAME(x, unbiased=False)", "torch.NAME(x, dim=1, correction=0)",
    "torch.NAME(x[:1], 0)", errors=["torch.NAME(L)", "torch.NAME(x, 5)", "torch.NAME(x, 'a')"])
row("std_mean var_mean", 2, "torch.NAME(x)", "torch.NAME(x, 1)", "torch.NAME(x, (0, 2), unbiased=False, keepdim=True)", errors=["torch.NAME(L)", "torch.NAME(x, 5)"])
row("norm", 2, "torch.norm(x)", "torch.norm(x, 1)", "torch.norm(x, 2, 1)", "torch.norm(x, inf)", "torch.norm(x, 3, (0, 1), True)", "torch.norm(m, 'fro')", "torch.norm(m, 'nuc')", "x.norm(dim=0)", errors=["torch.norm(L)", "torch.norm(x, 'a')", "torch.norm(x, 2, 7)"])
row("norm_except_dim", 1, "torch.norm_except_dim(m, 2, 0)", "torch.norm_except_dim(m, 2, 1)", errors=["torch.norm_except_dim('a')"])
row("dist", 2, "torch.dist(x, y)", "torch.dist(x, y, 1)", "torch.dist(x, y, inf)", errors=["torch.dist(x)", "torch.dist(x, w)"])
row("max min", 2, "torch.NAME(x)", "torch.NAME(x, 1)", "torch.NAME(x, -1, keepdim=True)", "torch.NAME(x, y)", "torch.NAME(L)", "torch.NAME(L, 0)", "torch.NAME(q, 0)",
    errors=["torch.NAME(x[:0])", "torch.NAME(x[:0], 0)", "torch.NAME(x, 5)", "torch.NAME(x, 'a')", "torch.NAME(x, (0, 1))", "torch.NAME()"])
row("amax amin", 2, "torch.NAME(x)", "torch.NAME(x, 1)", "torch.NAME(x, (0, 2), keepdim=True)", "torch.NAME(L, 0)", errors=["torch.NAME(x[:0])", "torch.NAME(x, 5)", "torch.NAME(x, (0, 0))"])
row("aminmax", 2, "torch.aminmax(x)", "torch.aminmax(x, dim=1)", "torch.aminmax(x, dim=0, keepdim=True)", errors=["torch.aminmax(x, 1)", "torch.aminmax(x, dim=5)", "torch.aminmax(x[:0])"])
row("argmax argmin", 0, "torch.NAME(x)", "torch.NAME(x, 1)", "torch.NAME(x, -1, keepdim=True)", "torch.NAME(L)", "torch.NAME(torch.tensor([1, 1, 0, 0]))", errors=["torch.NAME(x[:0])", "torch.NAME(x, 5)", "torch.NAME(q)", "torch.NAME(x, 'a')"])
row("all any", 0, "torch.NAME(q)", "torch.NAME(x)", "torch.NAME(q, 1)", "torch.NAME(L, 0, True)", "torch.NAME(L.to(torch.uint8))", errors=["torch.NAME(q, 5)", "torch.NAME(q, 'a')", "torch.NAME(q, (0, 1))"])
row("count_nonzero", 0, "torch.count_nonzero(L)", "torch.count_nonzero(x, 1)", "torch.count_nonzero(q, (0, 1))", errors=["torch.count_nonzero(x, 5)", "torch.count_nonzero('a')"])
row("median", 2, "torch.median(x)", "torch.median(x, 1)", "torch.median(x, -1, keepdim=True)", "torch.median(L)", errors=["torch.median(x, 5)", "torch.median(x, 'a')", "torch.median(x[:0], 0)"])
row("nanmedian", 2, "torch.nanmedian(x)", "torch.nanmedian(x, 1)", errors=["torch.nanmedian(x, 5)"])
row("mode", 2, "torch.mode(x)", "torch.mode(L, 1)", "torch.mode(L, 0, True)", errors=["torch.mode(x, 5)", "torch.mode(x, 'a')"])
row("quantile", 2, "torch.quantile(x, 0.3)", "torch.quantile(x, 0.5, 1)", "torch.quantile(x, torch.tensor([0.1, 0.9]).to(x.dtype), dim=1, keepdim=True)", "torch.quantile(x, 0.4, interpolation='nearest')",
    "torch.quantile(x, 0.4, 1, interpolation='lower')", errors=["torch.quantile(x, 1.5)", "torch.quantile(L, 0.5)", "torch.quantile(x, 0.5, interpolation='foo')", "torch.quantile(x, 'a')"])
row("cumsum cumprod", 2, "torch.NAME(x, 1)", "torch.NAME(x, -1)", "torch.NAME(L, 0)", "torch.NAME(q, 1)", "torch.NAME(x, 0, dtype=torch.float64)", errors=["torch.NAME(x)", "torch.NAME(x, 5)", "torch.NAME(x, 'a')"])
row("logcumsumexp", 2, "torch.logcumsumexp(x, 1)", errors=["torch.logcumsumexp(x)", "torch.logcumsumexp(L, 0)", "torch.logcumsumexp(x, 5)"])
row("cummax cummin", 2, "torch.NAME(x, 1)", "torch.NAME(L, 0)", errors=["torch.NAME(x)", "torch.NAME(x, 5)"])
row("logsumexp", 2, "torch.logsumexp(x, 1)", "torch.logsumexp(x, (0, 2), keepdim=True)", errors=["torch.logsumexp(x)", "torch.logsumexp(x, 5)"])
row("softmax log_softmax", 2, "torch.NAME(x, 1)", "torch.NAME(x, -1)", "torch.NAME(x, 0, dtype=torch.float64)", "x.NAME(2)", errors=["torch.NAME(x)", "torch.NAME(x, 5)", "torch.NAME(L, 0)", "torch.NAME(x, 'a')"])
row("diff", 2, "torch.diff(x)", "torch.diff(x, 2, 1)", "torch.diff(x, dim=0, prepend=y)", errors=["torch.diff(x, -1)", "torch.diff(x, dim=5)", "torch.diff(x[0, 0, 0])"])
row("trapezoid trapz", 2, "torch.NAME(x)", "torch.NAME(x, dx=2)", "torch.NAME(m, v)", "torch.NAME(x, dim=1)", errors=["torch.NAME(x, dim=5)", "torch.NAME('a')"])
row("cumulative_trapezoid", 2, "torch.NAME(x)", "torch.NAME(x, dx=2)", "torch.NAME(m, v)", "torch.NAME(x, dim=1)", errors=["torch.NAME(x, dim=5)", "torch.NAME('a')", "torch.NAME(x > 0)"])
row("trace", 2, "torch.trace(m)", errors=["torch.trace(x)", "torch.trace(v)"])
row("corrcoef", 2, "torch.corrcoef(m)", errors=["torch.corrcoef(x)", "torch.corrcoef('a')"])
row("histc", 0, "torch.histc(x.detach(), 4)", "torch.histc(x.detach(), 4, -1, 1)", errors=["torch.histc(x.detach(), 0)", "torch.histc(x.detach(), 4, 2, 1)", "torch.histc(L)"])
row("histogram", 0, "torch.histogram(x.detach().float(), 4)", "torch.histogram(x.detach().float(), torch.tensor([-2.0, 0.0, 2.0]))", errors=["torch.histogram(L, 4)", "torch.histogram(x, -1)"])
row("nanquantile", 2, "torch.nanquantile(x, 0.3)", "torch.nanquantile(x, 0.5, 1)", "torch.nanquantile(torch.cat([m, m.new_full((1, m.shape[1]), float('nan'))]), 0.5, 0)", errors=["torch.nanquantile(x, 1.5)", "torch.nanquantile(L, 0.5)"])
