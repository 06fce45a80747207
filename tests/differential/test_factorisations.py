"""LU, LDL, Householder reflectors, least squares, tensor equations, low rank, and linear algebra under its old names."""
from harness import expressions, run

import torch

expressions("""
torch.linalg.lu_factor(A)
torch.linalg.lu_factor(torch.stack([A, A.t()]))
torch.linalg.lu_factor(A[:2])
torch.linalg.lu_factor(A[:, :2])
torch.linalg.lu_factor(torch.zeros(2, 2))
torch.linalg.lu_factor_ex(torch.zeros(2, 2))
torch.linalg.lu_factor_ex(A)
torch.linalg.lu_factor(A, pivot=False)
torch.linalg.lu_factor(torch.ones(2))
torch.linalg.lu_factor(A.long())
torch.linalg.lu(A)
torch.linalg.lu(A[:2])
torch.linalg.lu(A[:, :2])
torch.linalg.lu(A, pivot=False)
torch.linalg.lu(torch.stack([A, A.t()]))
torch.linalg.lu(torch.empty(0, 3))
torch.lu_unpack(*torch.linalg.lu_factor(A))
torch.lu_unpack(*torch.linalg.lu_factor(A), unpack_data=False)
torch.lu_unpack(*torch.linalg.lu_factor(A), unpack_pivots=False)
torch.lu_unpack(A, torch.ones(3))
torch.linalg.lu_solve(*torch.linalg.lu_factor(A), B)
torch.linalg.lu_solve(*torch.linalg.lu_factor(A), B, adjoint=True)
torch.linalg.lu_solve(*torch.linalg.lu_factor(A), B.t(), left=False)
torch.linalg.lu_solve(*torch.linalg.lu_factor(A), torch.stack([B, B]))
torch.linalg.lu_solve(*torch.linalg.lu_factor(A), torch.ones(2, 2))
torch.linalg.lu_solve(A, torch.ones(3), B)
torch.lu_solve(B, *torch.linalg.lu_factor(A))
B.lu_solve(*torch.linalg.lu_factor(A))
torch.lu(A)
A.lu()
torch.lu(A, get_infos=True)
torch.lu(A, pivot=False)
torch.linalg.ldl_factor(S)
torch.linalg.ldl_factor_ex(S)
torch.linalg.ldl_solve(*torch.linalg.ldl_factor(S), B)
torch.linalg.ldl_solve(*torch.linalg.ldl_factor(S), torch.stack([B, B]))
LD, p = torch.linalg.ldl_factor(torch.stack([S, S])); torch.linalg.ldl_solve(LD, p, B)
torch.linalg.ldl_solve(A, torch.ones(2).int(), B)
torch.linalg.ldl_solve(A, torch.ones(3), B)
torch.linalg.ldl_solve(A, torch.ones(3).int(), B.double())
torch.linalg.ldl_solve(A, torch.ones(3).int(), torch.ones(4, 2))
torch.linalg.lu_solve(A, torch.ones(2).int(), B)
torch.linalg.lu_solve(A, torch.tensor(1).int(), B)
torch.linalg.lu_solve(A, torch.ones(2, 3).int(), B)
torch.linalg.lu_solve(torch.stack([A, A]), torch.ones(2, 3).int(), torch.ones(5, 3, 2))
torch.linalg.ldl_factor(torch.tensor([[0., 1.], [1., 0.]]))
torch.linalg.ldl_factor(torch.ones(2, 3))
torch.linalg.solve_ex(A, B)
torch.linalg.solve_ex(torch.zeros(2, 2), torch.ones(2, 1)).info
torch.linalg.inv_ex(torch.zeros(2, 2))
torch.geqrf(A)
torch.linalg.householder_product(*torch.geqrf(A))
torch.orgqr(*torch.geqrf(A[:, :2]))
torch.ormqr(*torch.geqrf(A), B)
torch.ormqr(*torch.geqrf(A), B, transpose=True)
torch.ormqr(*torch.geqrf(A), B.t(), left=False)
A.geqrf()
torch.linalg.householder_product(A, torch.ones(4))
torch.linalg.householder_product(torch.ones(2, 3), torch.ones(2))
torch.ormqr(A, torch.ones(3), torch.ones(2, 2))
torch.linalg.lstsq(A, B)
torch.linalg.lstsq(A, B, driver='gels')
torch.linalg.lstsq(A, B, driver='gelsd')
torch.linalg.lstsq(A, B, driver='gelss')
torch.linalg.lstsq(A[:, :2], B)
torch.linalg.lstsq(A[:, :2], B, driver='gels')
torch.linalg.lstsq(A[:, :2], B, driver='gelsd')
torch.linalg.lstsq(torch.stack([A, A.t()])[..., :2], torch.stack([B, B]), driver='gelss')
torch.linalg.lstsq(torch.stack([A, A.t()])[..., :2], torch.stack([B, B])[..., 0])
torch.linalg.lstsq(torch.ones(3, 2), B, driver='gelsd')
torch.linalg.lstsq(A, B, driver='x')
torch.linalg.lstsq(A, torch.ones(2, 2))
torch.linalg.lstsq(A, torch.ones(3, 2, 2))
torch.linalg.lstsq(torch.ones(3), B)
torch.linalg.tensorinv((torch.arange(36.).square().cos() + 2 * torch.eye(6).flatten()).reshape(2, 3, 6), ind=2)
torch.linalg.tensorinv(torch.eye(4).reshape(4, 2, 2), ind=1)
torch.linalg.tensorinv(torch.ones(2, 3), ind=0)
torch.linalg.tensorinv(torch.ones(2, 3), ind=1)
torch.linalg.tensorsolve((torch.arange(36.).square().cos() + 2 * torch.eye(6).flatten()).reshape(2, 3, 6), torch.ones(2, 3))
torch.linalg.tensorsolve(torch.ones(2, 3), torch.ones(2))
torch.linalg.vander(torch.tensor([1., 2., 3.]))
torch.linalg.vander(torch.tensor([[1, 2, 3], [4, 5, 6]]), N=2)
torch.linalg.vander(torch.tensor(1.))
torch.linalg.cond(A, 3)
torch.linalg.cond(A, 'x')
torch.linalg.cond(torch.ones(2, 3), 1)
torch.linalg.svd(A, driver='gesvd')
torch.eig(A)
torch.solve(B, A)
torch.lstsq(B, A)
torch.matrix_rank(A)
A.eig()
A.solve(B)
A.lstsq(B)
torch.symeig(S)
torch.symeig(S, True)[0]
S.symeig()
torch.triangular_solve(B, A)
torch.triangular_solve(B, A, upper=False)
torch.triangular_solve(B, A, transpose=True)
B.triangular_solve(A, unitriangular=True)
torch.nuclear_norm(A)
torch.nuclear_norm(A, (0, 1), True)
torch.nuclear_norm(torch.ones(2, 3, 4), (0, 2))
torch.frobenius_norm(A)
torch.frobenius_norm(A, dim=1)
torch.frobenius_norm(A, dim=(0, 1), keepdim=True)
torch.norm(A, 'nuc')
torch.norm(torch.ones(2, 3, 4), p='nuc', dim=(0, 1))
A.norm(p='nuc')
torch.norm(A, 'foo')
torch.norm(A, 'nuc', dtype=torch.float64)
[x.abs() for x in torch.svd_lowrank(A, 2)]
[x.abs() for x in torch.pca_lowrank(torch.arange(20.).cos().view(5, 4), 2)]
torch.pca_lowrank(A, 9)
torch.svd_lowrank(A, 7)
""", A="torch.tensor([[4., 1., 2.], [1., 3., 0.5], [2., 7., 5.]])", S="torch.tensor([[4., 1., 2.], [1., 3., 0.], [2., 0., 5.]])",
            B="torch.tensor([[1., 2.], [0., 1.], [3., -1.]])", rtol=1e-4, atol=1e-5)


def gradient_cases():
    for call in ("torch.linalg.lu_factor(A)[0]", "torch.linalg.lu(A)[1]", "torch.linalg.lu(A)[2]", "torch.linalg.lu(A[:2])[2]",
                 "torch.linalg.lu(A[:, :2])[1]", "torch.lu_unpack(*torch.linalg.lu_factor(A))[2]",
                 "torch.linalg.lu_solve(*torch.linalg.lu_factor(A), B)", "torch.linalg.lu_solve(*torch.linalg.lu_factor(A), B, adjoint=True)",
                 "torch.linalg.lu_solve(*torch.linalg.lu_factor(A), B.mT, left=False)", "torch.linalg.lstsq(A, B)[0]",
                 "torch.linalg.lstsq(A[:, :2], B)[0]", "torch.linalg.solve_ex(A, B)[0]",
                 "torch.linalg.tensorsolve(A, B[:, 0])", "torch.triangular_solve(B, A)[0]",
                 "torch.nuclear_norm(A)", "torch.frobenius_norm(A)"):
        leaves = ("A = torch.tensor([[4., 1., 2.], [1., 3., 0.5], [2., 7., 5.]], dtype=torch.float64, requires_grad=True); "
                  "B = torch.tensor([[1., 2.], [0., 1.], [3., -1.]], dtype=torch.float64, requires_grad=True); ")
        yield f"{leaves}[g.contiguous() for g in torch.autograd.grad({call}.cos().sum(), [A, B], allow_unused=True) if g is not None]"
        yield (f"{leaves}g = torch.autograd.grad({call}.cos().sum(), A, create_graph=True)[0]; "
               "torch.autograd.grad(g.cos().sum(), A)[0].contiguous()")
    for call in ("torch.geqrf(A)[0]", "torch.linalg.ldl_factor(A)[0]", "torch.ormqr(A, A[0], A)"):
        yield f"A = torch.eye(3).requires_grad_(); {call}.sum().backward()"


expressions("\n".join(gradient_cases()), rtol=1e-6)

run(__file__)
