"""Singular values of large matrices from a few random products: Halko, Martinsson and Tropp 2009, "Finding structure with
randomness"."""

import torch

__all__ = ["svd_lowrank", "pca_lowrank"]


def get_approximate_basis(A, q, niter=2, M=None):
    """Q with q orthonormal columns such that Q Q' A is near A (or A - M): their algorithm 4.4."""
    def times(matrix, x, turned=False):
        return torch.matmul(matrix.mT if turned else matrix, x)

    def apply(x, turned=False):
        product = times(A, x, turned)
        return product if M is None else product - times(M, x, turned)

    Q = torch.linalg.qr(apply(torch.randn(A.shape[-1], q, dtype=A.dtype, device=A.device))).Q
    for _ in range(niter):
        Q = torch.linalg.qr(apply(Q, True)).Q
        Q = torch.linalg.qr(apply(Q)).Q
    return Q


def svd_lowrank(A, q=6, niter=2, M=None):
    """U, S and V of a rank q approximation of A, or of A - M."""
    q = 6 if q is None else q
    m, n = A.shape[-2:]
    spread = None if M is None else M.broadcast_to(A.size())
    if m < n or n > q:
        Q = get_approximate_basis(A.mT, q, niter=niter, M=None if spread is None else spread.mT)
        B = torch.matmul(A, Q) if spread is None else torch.matmul(A, Q) - torch.matmul(spread, Q)
        assert B.shape[-1] == q, (B.shape, q)
        U, S, Vh = torch.linalg.svd(B, full_matrices=False)
        return U, S, Q.matmul(Vh.mT)
    Q = get_approximate_basis(A, q, niter=niter, M=spread)
    B = torch.matmul(A.mT, Q) if spread is None else torch.matmul(A.mT, Q) - torch.matmul(spread.mT, Q)
    assert B.shape[-1] == q, (B.shape, q)
    U, S, Vh = torch.linalg.svd(B.mT, full_matrices=False)
    return Q.matmul(U), S, Vh.mT


def pca_lowrank(A, q=None, center=True, niter=2):
    """The principal components of the rows of A, centred."""
    m, n = A.shape[-2:]
    if q is None:
        q = min(6, m, n)
    elif not (q >= 0 and q <= min(m, n)):
        raise ValueError(f"q(={q}) must be non-negative integer and not greater than min(m, n)={min(m, n)}")
    if not (niter >= 0):
        raise ValueError(f"niter(={niter}) must be non-negative integer")
    return svd_lowrank(A - A.mean(dim=(-2,), keepdim=True) if center else A, q, niter=niter, M=None)
