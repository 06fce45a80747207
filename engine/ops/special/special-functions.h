/* Special functions of real numbers, in double: what C's library lacks.  They know nothing of tensors. */
#pragma once

#include <stdint.h>

/* bessel.c.  The scaled forms are multiplied by exp (-|x|) for I, by exp (x) for K. */
double te_bessel_i0 (double x);
double te_bessel_i0e (double x);
double te_bessel_i1 (double x);
double te_bessel_i1e (double x);
double te_bessel_k0 (double x);
double te_bessel_k0e (double x);
double te_bessel_k1 (double x);
double te_bessel_k1e (double x);
double te_spherical_bessel_j0 (double x);
double te_airy_ai (double x);

/* gamma.c */
double te_igamma (double a, double x);  /* the regularised lower incomplete gamma function P */
double te_igammac (double a, double x); /* the upper one, Q = 1 - P */
double te_digamma (double x);
double te_zeta (double s, double q); /* Hurwitz: the sum of (q + k)^-s */
double te_polygamma (int64_t n, double x);
double te_trigamma (double x);
float te_trigamma_single (float x);

/* normal.c */
double te_erfcx (double x);    /* exp (x^2) erfc (x) */
double te_log_ndtr (double x); /* the logarithm of the normal distribution function */
double te_ndtri (double p);    /* its inverse */

/* polynomials.c: orthogonal polynomials of degree n, 0 for negative n */
double te_chebyshev_t (double x, int64_t n);
double te_chebyshev_u (double x, int64_t n);
double te_chebyshev_v (double x, int64_t n);
double te_chebyshev_w (double x, int64_t n);
double te_hermite_h (double x, int64_t n);
double te_hermite_he (double x, int64_t n);
double te_laguerre_l (double x, int64_t n);
double te_legendre_p (double x, int64_t n);
