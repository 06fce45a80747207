/* Numbers from distributions that need a method of their own, and how they move with their parameters. */
#pragma once

#include "core/generator.h"

double te_generator_uniform (TeGenerator *generator); /* [0, 1), 53 bits */
double te_generator_normal (TeGenerator *generator);  /* standard, by pairs: the spare one is kept */

double te_variate_poisson (TeGenerator *generator, double rate);
/* single: alpha is float32, and what depends on it alone is computed so. */
double te_variate_gamma (TeGenerator *generator, double alpha, int single);
double te_variate_binomial (TeGenerator *generator, double count, double p, int single);

/* -(d cdf / d alpha) / pdf at a gamma variate x: how x moves with alpha when its quantile stays. */
double te_gamma_slope (double alpha, double x);
/* The same for a beta variate, over 1 - x. */
double te_beta_slope (double x, double alpha, double beta);
