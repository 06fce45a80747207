/* optim: parameters and gradients to new parameters.  One call steps all parameters of a group: each is one
 * pass over memory, chunks are shared out to threads by size alone, and every element goes through the same
 * roundings, in the same order, as the ops of the per-parameter form, so both give the same bits. */
#pragma once

#include "core/tensor.h"

#define TE_OPTIM_MAX_STATE  4
#define TE_OPTIM_MAX_SCALAR 2

/* One parameter: everything borrowed.  state: tensors of the parameter's sizes and dtype, as the algorithm
 * lists them; scalar: 0-dim floating tensors that the step reads and sets. */
typedef struct
{
  TeTensor *param, *grad;
  TeTensor *state[TE_OPTIM_MAX_STATE];
  TeTensor *scalar[TE_OPTIM_MAX_SCALAR];
  double step; /* number of this step, from 1 */
  bool fresh;  /* sgd: the momentum buffer is new and becomes the gradient */
} TeOptimParam;

typedef struct
{
  double lr, momentum, dampening, weight_decay;
  bool nesterov, maximize;
} TeSgdConfig;

typedef struct
{
  double lr, beta1, beta2, eps, weight_decay;
  bool amsgrad, maximize;
  bool decoupled; /* AdamW: the decay acts on the parameter itself */
} TeAdamConfig;

typedef struct
{
  double lr, alpha, eps, weight_decay, momentum;
  bool centered, maximize;
} TeRmspropConfig;

typedef struct
{
  double lr, lr_decay, weight_decay, eps;
  bool maximize;
} TeAdagradConfig;

typedef struct
{
  double lr, rho, eps, weight_decay;
  bool maximize;
} TeAdadeltaConfig;

typedef struct
{
  double lr, beta1, beta2, eps, weight_decay, momentum_decay;
  bool foreach;
} TeNadamConfig;

typedef struct
{
  double lr, lambd, alpha, t0, weight_decay;
  bool maximize;
} TeAsgdConfig;

typedef struct
{
  double eta_minus, eta_plus, size_min, size_max;
  bool maximize;
} TeRpropConfig;

/* Each checks all parameters, then steps them; after a failure nothing has changed.  Errors: RuntimeError
 * where a gradient's or a state's sizes or dtype differ from the parameter's; NotImplementedError for other
 * dtypes than float32 and float64. */
bool te_optim_sgd (const TeSgdConfig *config,
                   TeOptimParam *params,
                   int64_t n,
                   TeError *err); /* state: momentum buffer or NULL */
bool te_optim_adam (const TeAdamConfig *config,
                    TeOptimParam *params,
                    int64_t n,
                    TeError *err); /* exp_avg, exp_avg_sq, max */
bool te_optim_rmsprop (const TeRmspropConfig *config,
                       TeOptimParam *params,
                       int64_t n,
                       TeError *err); /* square_avg, buffer, grad_avg */
bool
te_optim_adagrad (const TeAdagradConfig *config, TeOptimParam *params, int64_t n, TeError *err); /* sum */
bool te_optim_adadelta (const TeAdadeltaConfig *config,
                        TeOptimParam *params,
                        int64_t n,
                        TeError *err); /* square_avg, acc_delta */
bool te_optim_adamax (const TeAdamConfig *config,
                      TeOptimParam *params,
                      int64_t n,
                      TeError *err); /* exp_avg, exp_inf */
bool te_optim_radam (const TeAdamConfig *config,
                     TeOptimParam *params,
                     int64_t n,
                     TeError *err); /* exp_avg, exp_avg_sq */
bool te_optim_nadam (const TeNadamConfig *config,
                     TeOptimParam *params,
                     int64_t n,
                     TeError *err); /* exp_avg, exp_avg_sq; scalar: mu_product */
bool te_optim_asgd (const TeAsgdConfig *config,
                    TeOptimParam *params,
                    int64_t n,
                    TeError *err); /* ax; scalars: eta, mu */
bool te_optim_rprop (const TeRpropConfig *config,
                     TeOptimParam *params,
                     int64_t n,
                     TeError *err); /* prev, step_size */

/* Is there a loop for parameters of this dtype?  Others are stepped in tensor operations. */
bool te_optim_takes (TeDtype dtype);

/* Norm of all gradients together (norm_type may be infinite), of their dtype. */
bool te_optim_total_norm (TeTensor *const *grads, int64_t n, double norm_type, double *norm, TeError *err);
/* Multiplies every gradient in place. */
bool te_optim_scale (TeTensor *const *grads, int64_t n, double factor, TeError *err);
/* Clamps every gradient in place to [-limit, limit]. */
bool te_optim_clamp (TeTensor *const *grads, int64_t n, double limit, TeError *err);
