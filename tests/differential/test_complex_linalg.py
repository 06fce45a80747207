"""Linear algebra of complex matrices: factors, solutions, norms, their gradients and second gradients."""
from harness import case, expressions, run

MATRICES = dict(
    a="torch.randn(3, 3, dtype=torch.cdouble)", b="torch.randn(2, 3, 3, dtype=torch.cdouble)",
    t="torch.randn(4, 3, dtype=torch.cdouble)", w="torch.randn(2, 4, dtype=torch.cdouble)",
    f="torch.randn(3, 3, dtype=torch.cfloat)", y="torch.randn(3, 2, dtype=torch.cdouble)",
    h="(lambda m: m + m.mH)(torch.randn(3, 3, dtype=torch.cdouble))",
    p="(lambda m: m @ m.mH + 3 * torch.eye(3))(torch.randn(3, 3, dtype=torch.cdouble))",
    s="torch.tensor([[1+1j, 2], [2+2j, 4]])", e="torch.zeros(0, 0, dtype=torch.cfloat)")

expressions('''
torch.det(a), torch.linalg.det(b), torch.det(f), torch.det(s), torch.det(e)
torch.slogdet(b), torch.linalg.slogdet(s), torch.logdet(a)
torch.inverse(a), torch.linalg.inv(b), torch.linalg.inv(f.mH), torch.linalg.inv_ex(s)[1]
torch.linalg.inv(s)
torch.linalg.solve(a, y), torch.linalg.solve(b, y), torch.linalg.solve(a, y.mH, left=False)
torch.linalg.solve(s, s)
torch.linalg.cholesky(p), torch.linalg.cholesky(p, upper=True), torch.linalg.cholesky_ex(-p)[1]
torch.linalg.cholesky(-p)
torch.cholesky_solve(y, torch.linalg.cholesky(p)), torch.cholesky_inverse(torch.linalg.cholesky(p))
torch.cholesky_solve(y, torch.linalg.cholesky(p, upper=True), upper=True)
torch.linalg.svdvals(t), torch.linalg.svdvals(f), [x.abs() for x in torch.linalg.svd(w)]
(lambda u, s, v: torch.dist(u @ torch.diag_embed(s).to(u.dtype) @ v, b) < 1e-9)(*torch.linalg.svd(b))
torch.svd(t)[1], torch.svd(t)[2].abs(), torch.svd(t, some=False)[0].shape
torch.linalg.qr(t), torch.linalg.qr(w), torch.linalg.qr(b)
torch.linalg.qr(t, mode='complete'), torch.linalg.qr(f, mode='r')
torch.linalg.eigvalsh(h), torch.linalg.eigh(h)[1].abs(), torch.linalg.eigh(h, UPLO='U')[0]
torch.linalg.pinv(t), torch.linalg.pinv(w), torch.linalg.pinv(h, hermitian=True)
torch.linalg.matrix_rank(t), torch.linalg.matrix_rank(s)
torch.linalg.cond(a), [torch.linalg.cond(a, p) for p in (1, -1, 2, -2, inf, -inf, 'fro', 'nuc')]
[torch.linalg.norm(a, p) for p in (None, 1, -1, 2, -2, inf, -inf, 'fro', 'nuc')]
torch.linalg.matrix_exp(a), torch.matrix_exp(b), torch.linalg.matrix_power(a, -2)
torch.linalg.lstsq(t, t[:, :2])[0], torch.linalg.lstsq(t, t[:, :2], driver='gelsd')
torch.linalg.lstsq(t, t[:, :2].conj(), driver='gels'), torch.linalg.lstsq(w, w, driver='gelss')
torch.linalg.lu(a), torch.linalg.lu(t), torch.linalg.lu_factor(b)
torch.linalg.lu_solve(*torch.linalg.lu_factor(a), y), torch.linalg.lu_solve(*torch.linalg.lu_factor(a), y, adjoint=True)
torch.linalg.lu_solve(*torch.linalg.lu_factor(a), y.mH, left=False), torch.linalg.lu_solve(*torch.linalg.lu_factor(a), y.mH, left=False, adjoint=True)
torch.linalg.solve_triangular(a, y, upper=True), torch.linalg.solve_triangular(a, y.mH, upper=False, left=False)
torch.linalg.householder_product(t, y[0]), torch.geqrf(t), torch.ormqr(*torch.geqrf(t), t), torch.ormqr(*torch.geqrf(t), t, transpose=True)
torch.linalg.ldl_factor(h, hermitian=True), torch.linalg.ldl_factor(a + a.mT)
torch.linalg.ldl_solve(*torch.linalg.ldl_factor(h, hermitian=True), y, hermitian=True)
torch.linalg.multi_dot([a, y, y.mH]), torch.linalg.tensorinv(torch.randn(4, 2, 2, dtype=torch.cdouble), ind=1)
torch.linalg.solve(a, y.to(torch.cfloat))
torch.linalg.cholesky(torch.randn(2, 3, dtype=torch.cfloat))
''', **MATRICES)

GRADIENTS = {
    "det": "torch.det", "slogdet": "lambda a: torch.linalg.slogdet(a)", "logdet": "torch.logdet", "inv": "torch.linalg.inv",
    "solve": "lambda a: torch.linalg.solve(a, a[:, :2])", "solve right": "lambda a: torch.linalg.solve(a, a[:2], left=False)",
    "cholesky": "lambda a: torch.linalg.cholesky(a @ a.mH + 3 * torch.eye(3))",
    "cholesky upper": "lambda a: torch.linalg.cholesky(a @ a.mH + 3 * torch.eye(3), upper=True)",
    "cholesky_solve": "lambda a: torch.cholesky_solve(a, torch.linalg.cholesky(a @ a.mH + 3 * torch.eye(3)))",
    "cholesky_inverse": "lambda a: torch.cholesky_inverse(torch.linalg.cholesky(a @ a.mH + 3 * torch.eye(3)))",
    "svdvals": "torch.linalg.svdvals", "svd": "lambda a: [x.abs() for x in torch.linalg.svd(a, full_matrices=False)]",
    "svd of a wide matrix": "lambda a: torch.linalg.svd(a[:2], full_matrices=False)[0].abs()",
    "phases of svd": "lambda a: torch.linalg.svd(a)[0].real",
    "qr": "torch.linalg.qr", "qr of a tall matrix": "lambda a: torch.linalg.qr(a[:, :2])", "qr of a wide matrix": "lambda a: torch.linalg.qr(a[:2])",
    "qr of a wide real matrix": "lambda a: torch.linalg.qr(a.real[:2], mode='complete')",
    "complete qr of a tall matrix": "lambda a: torch.linalg.qr(a[:, :2], mode='complete')",
    "eigh": "lambda a: [x.abs() for x in torch.linalg.eigh(a + a.mH)]", "phases of eigh": "lambda a: torch.linalg.eigh(a + a.mH)[1].real",
    "eig": "lambda a: [x.abs() for x in torch.linalg.eig(a)]",
    "pinv": "lambda a: torch.linalg.pinv(a[:, :2])", "pinv of a wide matrix": "lambda a: torch.linalg.pinv(a[:2])",
    "pinv of a real matrix": "lambda a: torch.linalg.pinv(a.real[:2])",
    "cond": "torch.linalg.cond", "nuclear norm": "lambda a: torch.linalg.norm(a, 'nuc')", "norm": "lambda a: torch.linalg.norm(a, 2)",
    "matrix_exp": "torch.matrix_exp", "matrix_power": "lambda a: torch.linalg.matrix_power(a, -2)",
    "lstsq": "lambda a: torch.linalg.lstsq(a[:, :2], a[:, 1:])[0]",
    "lu": "torch.linalg.lu", "lu_solve": "lambda a: torch.linalg.lu_solve(*torch.linalg.lu_factor(a), a[:, :2])",
    "lu_solve of the adjoint": "lambda a: torch.linalg.lu_solve(*torch.linalg.lu_factor(a), a[:, :2], adjoint=True)",
    "solve_triangular": "lambda a: torch.linalg.solve_triangular(a, a[:, :2], upper=True)",
}


def _gradient(name, source):
    def gradient():
        import torch
        a = torch.randn(3, 3, dtype=torch.cdouble, requires_grad=True)
        result = eval(source, {"torch": torch})(a)
        results = [r for r in (result if isinstance(result, (tuple, list)) else [result]) if r.requires_grad]
        weights = [torch.randn_like(r) for r in results]
        first, = torch.autograd.grad(results, a, weights, create_graph=True)
        second, = torch.autograd.grad(first.abs().pow(2).sum(), a)
        return [r.grad_fn.name() for r in results], results, first.detach(), second
    gradient.__name__ = "gradients of " + name
    return gradient


for _name, _source in GRADIENTS.items():
    case(_gradient(_name, _source), rtol=1e-6, atol=1e-8)

expressions('''
(lambda m, r: torch.dist(m.mH @ (m @ torch.linalg.lstsq(m, r, driver="gelsd")[0] - r), torch.zeros(30, 600)) < 1e-8)(torch.randn(40, 30, dtype=torch.cdouble), torch.randn(40, 600, dtype=torch.cdouble))
torch.linalg.matrix_rank(A, hermitian=True), torch.linalg.matrix_rank(A), torch.linalg.matrix_rank(torch.ones(2, 3, 3), hermitian=True)
torch.linalg.matrix_rank(torch.ones(2, 3), hermitian=True)
torch.linalg.pinv(torch.tensor([[2., 5], [0, 1]]), hermitian=True), torch.linalg.pinv(h + torch.triu(h, 1), hermitian=True)
torch.linalg.pinv(torch.ones(2, 3), hermitian=True)
a @ a.mH, a.mH @ a, torch.bmm(a[None], a.mH[None]), a.cfloat() @ a.cfloat().mH
str(a @ a.mH), str(w @ w.mH), torch.addmm(a, a, a, beta=0.5j, alpha=2j), torch.einsum("ij,kj->ik", a, t)
torch.corrcoef(a), torch.corrcoef(torch.tensor([[0, 1, 2], [2, 1, 0]])), torch.cov(torch.tensor([[0, 1, 2], [2, 1, 0]]))
torch.corrcoef(torch.tensor([True, False]))
''', A="torch.tensor([[1., 5], [0, 1]])", **MATRICES)

expressions('''
(lambda x: torch.linalg.cond(x, 1).backward())(torch.eye(2, dtype=torch.cdouble).mul(2).requires_grad_())
(lambda x: torch.linalg.cond(x, 'fro').backward())(torch.eye(2).mul(2).requires_grad_())
torch.linalg.cond(torch.zeros(2, 2), 1)
''')

run(__file__)
