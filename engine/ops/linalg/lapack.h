/* Batches of matrices as LAPACK wants them: column by column, in double or complex double.  All factorisations
 * compute in double and round once at the end, also for float32 tensors: they are small here, and what is lost
 * in speed is won in digits. */
#pragma once

#include "ops/expr.h"

/* A writable copy of a tensor's matrices. */
typedef struct
{
  TeTensor *tensor; /* (…, cols, rows) contiguous float64 or complex128: each matrix column by column; owned */
  double *data;
  int64_t n_batch;
  int rows, cols;
  bool is_complex;
  int parts; /* doubles per element: 1, or 2 of complex numbers */
} TeMatrices;

bool te_matrices_read (TeMatrices *m, TeTensor *a, TeError *err); /* a: ndim >= 2 */
/* New, undefined matrices for the batch dimensions of like; complex where like is. */
bool te_matrices_new (TeMatrices *m, const TeTensor *like, int rows, int cols, TeError *err);
void te_matrices_clear (TeMatrices *m);
static inline double *
te_matrices_at (const TeMatrices *m, int64_t i)
{
  return m->data + i * m->rows * m->cols * m->parts;
}
/* A number of the matrix, and setting it; col and row count from 0. */
static inline TeComplex128
te_matrices_get (const TeMatrices *m, const double *matrix, int64_t row, int64_t col)
{
  const double *at = matrix + (col * m->rows + row) * m->parts;
  return m->is_complex ? *(const TeComplex128 *) at : *at;
}
static inline void
te_matrices_set (const TeMatrices *m, double *matrix, int64_t row, int64_t col, TeComplex128 value)
{
  double *at = matrix + (col * m->rows + row) * m->parts;
  if (m->is_complex)
    *(TeComplex128 *) at = value;
  else
    *at = (double) value;
}
/* The dtype that matrices of a are computed in. */
static inline TeDtype
te_matrices_dtype (const TeTensor *a)
{
  return te_dtype_is_complex (te_tensor_dtype (a)) ? TE_COMPLEX128 : TE_FLOAT64;
}
/* An owned tensor (…, rows, cols) of dtype, in memory column by column as PyTorch leaves LAPACK's results;
 * with row_major in ordinary order. */
TeTensor *te_matrices_result (const TeMatrices *m, TeDtype dtype, bool row_major, TeError *err);

/* Checks in PyTorch's words; name is "linalg.inv". */
bool te_check_matrices (const char *name, const TeTensor *a, bool square, TeError *err);
/* One pivot a row of every matrix; factor: "LU". */
bool te_check_pivots_shape (const char *name, const char *factor, const TeTensor *a, const TeTensor *pivots, TeError *err);
/* LAPACK follows pivots wherever they lead, so what a person hands in is looked at: rows are counted from 1, and with
 * blocks a negative one, twice in a row, stands for a block of two.  count: a multiple of n. */
bool te_check_pivots (const char *name, const int *pivots, int64_t count, int n, bool blocks, TeError *err);
bool te_check_floating (const char *name, const TeTensor *a, TeError *err);
/* A LinAlgError about one matrix of a batch: "name: (Batch element 2): text". */
bool
te_linalg_fail (const char *name, const TeTensor *a, int64_t batch, TeError *err, const char *format, ...)
    __attribute__ ((format (printf, 5, 6)));

/* The gradient of a's pseudo-inverse p. */
TeTensor *te_pinv_gradient (TeExpr *e, TeTensor *a, TeTensor *p, TeTensor *grad);

/* ---- LAPACK's own: column-major, ints of 32 bits ---- */
/* Most routines take the same arguments for both kinds of numbers, so a call names the kind and the routine:
 * TE_LAPACK (m.is_complex, getrf) (&rows, …).  Unitary matrices have names of their own. */
#define TE_LAPACK(is_complex, name)                 ((is_complex) ? z##name##_ : d##name##_)
#define TE_LAPACK_UNITARY(is_complex, real, unitary) ((is_complex) ? z##unitary##_ : d##real##_)
#define TE_ROUTINE(real, other, ...)                                                                         \
  void d##real##_ (__VA_ARGS__);                                                                             \
  void z##other##_ (__VA_ARGS__);

TE_ROUTINE (getrf, getrf, const int *m, const int *n, double *a, const int *lda, int *ipiv, int *info)
TE_ROUTINE (getri, getri, const int *n, double *a, const int *lda, const int *ipiv, double *work, const int *lwork, int *info)
TE_ROUTINE (getrs, getrs, const char *trans, const int *n, const int *nrhs, const double *a, const int *lda, const int *ipiv, double *b, const int *ldb, int *info)
TE_ROUTINE (potrf, potrf, const char *uplo, const int *n, double *a, const int *lda, int *info)
TE_ROUTINE (geqrf, geqrf, const int *m, const int *n, double *a, const int *lda, double *tau, double *work, const int *lwork, int *info)
TE_ROUTINE (orgqr, ungqr, const int *m, const int *n, const int *k, double *a, const int *lda, const double *tau, double *work, const int *lwork, int *info)
TE_ROUTINE (ormqr, unmqr, const char *side, const char *trans, const int *m, const int *n, const int *k, const double *a, const int *lda, const double *tau, double *c, const int *ldc, double *work, const int *lwork, int *info)
TE_ROUTINE (sytrf, sytrf, const char *uplo, const int *n, double *a, const int *lda, int *ipiv, double *work, const int *lwork, int *info)
TE_ROUTINE (sytrs, sytrs, const char *uplo, const int *n, const int *nrhs, const double *a, const int *lda, const int *ipiv, double *b, const int *ldb, int *info)
void zhetrf_ (const char *uplo, const int *n, double *a, const int *lda, int *ipiv, double *work, const int *lwork, int *info);
void zhetrs_ (const char *uplo, const int *n, const int *nrhs, const double *a, const int *lda, const int *ipiv, double *b, const int *ldb, int *info);
TE_ROUTINE (gels, gels, const char *trans, const int *m, const int *n, const int *nrhs, double *a, const int *lda, double *b, const int *ldb, double *work, const int *lwork, int *info)
/* These want room for real numbers (rwork) where the matrices are complex. */
void dgeev_ (const char *jobvl, const char *jobvr, const int *n, double *a, const int *lda, double *wr, double *wi, double *vl, const int *ldvl, double *vr, const int *ldvr, double *work, const int *lwork, int *info);
void zgeev_ (const char *jobvl, const char *jobvr, const int *n, TeComplex128 *a, const int *lda, TeComplex128 *w, TeComplex128 *vl, const int *ldvl, TeComplex128 *vr, const int *ldvr, TeComplex128 *work, const int *lwork, double *rwork, int *info);
void dgesdd_ (const char *jobz, const int *m, const int *n, double *a, const int *lda, double *s, double *u, const int *ldu, double *vt, const int *ldvt, double *work, const int *lwork, int *iwork, int *info);
void zgesdd_ (const char *jobz, const int *m, const int *n, double *a, const int *lda, double *s, double *u, const int *ldu, double *vt, const int *ldvt, double *work, const int *lwork, double *rwork, int *iwork, int *info);
void dsyevd_ (const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w, double *work, const int *lwork, int *iwork, const int *liwork, int *info);
void zheevd_ (const char *jobz, const char *uplo, const int *n, double *a, const int *lda, double *w, double *work, const int *lwork, double *rwork, const int *lrwork, int *iwork, const int *liwork, int *info);
void dgelsy_ (const int *m, const int *n, const int *nrhs, double *a, const int *lda, double *b, const int *ldb, int *jpvt, const double *rcond, int *rank, double *work, const int *lwork, int *info);
void zgelsy_ (const int *m, const int *n, const int *nrhs, double *a, const int *lda, double *b, const int *ldb, int *jpvt, const double *rcond, int *rank, double *work, const int *lwork, double *rwork, int *info);
void dgelsd_ (const int *m, const int *n, const int *nrhs, double *a, const int *lda, double *b, const int *ldb, double *s, const double *rcond, int *rank, double *work, const int *lwork, int *iwork, int *info);
void zgelsd_ (const int *m, const int *n, const int *nrhs, double *a, const int *lda, double *b, const int *ldb, double *s, const double *rcond, int *rank, double *work, const int *lwork, double *rwork, int *iwork, int *info);
