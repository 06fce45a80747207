/* Losses of one element and their derivatives, as PyTorch rounds them, for T; FN makes the names.  Included
 * once for float and once for double, which <tgmath.h> tells apart. */
/* Per element: x input, t target, p the loss's parameter (beta, delta), q the positive weight. */
static inline T
FN (mse_value) (T x, T t, T p, T q)
{
  return (x - t) * (x - t);
}
static inline T
FN (mse_first) (T x, T t, T p, T q)
{
  return 2 * (x - t);
}
static inline T
FN (mse_second) (T x, T t, T p, T q)
{
  return 2;
}
static inline T
FN (smooth_l1_value) (T x, T t, T p, T q)
{
  T z = fabs (x - t);
  return z < p ? (T) 0.5 * z * z / p : z - (T) 0.5 * p;
}
static inline T
FN (smooth_l1_first) (T x, T t, T p, T q)
{
  T d = x - t;
  return d <= -p ? -1 : d >= p ? 1 : d / p;
}
static inline T
FN (smooth_l1_second) (T x, T t, T p, T q)
{
  return fabs (x - t) < p ? 1 / p : 0;
}
static inline T
FN (huber_value) (T x, T t, T p, T q)
{
  T z = fabs (x - t);
  return z < p ? (T) 0.5 * z * z : p * (z - (T) 0.5 * p);
}
static inline T
FN (huber_first) (T x, T t, T p, T q)
{
  T d = x - t;
  return d <= -p ? -p : d >= p ? p : d;
}
static inline T
FN (huber_second) (T x, T t, T p, T q)
{
  return fabs (x - t) < p ? 1 : 0;
}
static inline T
FN (soft_margin_value) (T x, T t, T p, T q)
{
  return log1p (exp (-t * x));
}
static inline T
FN (soft_margin_first) (T x, T t, T p, T q)
{
  T z = exp (-t * x);
  return -t * z / (z + 1);
}
static inline T
FN (soft_margin_second) (T x, T t, T p, T q)
{
  T s = 1 / (1 + exp (-t * x));
  return t * t * s * (1 - s);
}
static inline T
FN (bce_value) (T x, T t, T p, T q)
{
  T a = log (x), b = log1p (-x);
  return (t - 1) * (b < -100 ? -100 : b) - t * (a < -100 ? -100 : a);
}
static inline T
FN (bce_first) (T x, T t, T p, T q)
{
  T d = (1 - x) * x;
  return (x - t) / (d < (T) 1e-12 ? (T) 1e-12 : d);
}
static inline T
FN (bce_second) (T x, T t, T p, T q)
{
  T d = (1 - x) * x;
  d = d < (T) 1e-12 ? (T) 1e-12 : d;
  return (x * x - 2 * x * t + t) / (d * d);
}
static inline T
FN (bce_logits_value) (T x, T t, T p, T q)
{
  T log_weight = (q - 1) * t + 1;
  return (1 - t) * x + log_weight * (log1p (exp (-fabs (x))) + (x < 0 ? -x : 0));
}
static inline T
FN (bce_logits_first) (T x, T t, T p, T q)
{
  T s = 1 / (1 + exp (-x));
  return q == 1 ? s - t : (q * t + 1 - t) * s - q * t; /* the sum is not t - t + 1 to the last bit */
}
static inline T
FN (bce_logits_second) (T x, T t, T p, T q)
{
  T s = 1 / (1 + exp (-x));
  return (q * t + 1 - t) * s * (1 - s);
}

/* Derivatives by the target, where the loss is no function of the difference. */
static inline T
FN (soft_margin_target) (T x, T t, T p, T q)
{
  return 0;
}
static inline T
FN (bce_target) (T x, T t, T p, T q)
{
  T a = log (x), b = log1p (-x);
  return (b < -100 ? -100 : b) - (a < -100 ? -100 : a);
}
static inline T
FN (bce_logits_target) (T x, T t, T p, T q)
{
  return (q - 1) * (log1p (exp (-fabs (x))) + (x < 0 ? -x : 0)) - x;
}

/* Mixed derivatives, by input and target, of the same. */
static inline T
FN (soft_margin_cross) (T x, T t, T p, T q)
{
  return 0;
}
static inline T
FN (bce_cross) (T x, T t, T p, T q)
{
  T d = (1 - x) * x;
  return -1 / (d < (T) 1e-12 ? (T) 1e-12 : d);
}
static inline T
FN (bce_logits_cross) (T x, T t, T p, T q)
{
  return (q - 1) / (1 + exp (-x)) - q;
}
