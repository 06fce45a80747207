/* Whether ops are recorded. */
#pragma once

#include <stdbool.h>

extern bool te_grad_mode_flag, te_inference_mode_flag, te_anomaly_mode_flag, te_anomaly_check_nan;

static inline bool
te_grad_mode_enabled (void)
{
  return te_grad_mode_flag;
}
static inline bool /* returns the previous mode */
te_grad_mode_set (bool enabled)
{
  bool before = te_grad_mode_flag;
  te_grad_mode_flag = enabled;
  return before;
}
static inline bool
te_inference_mode_enabled (void)
{
  return te_inference_mode_flag;
}
/* te_inference_mode_set: also switches recording off (on); returns the previous mode. */
static inline bool
te_inference_mode_set (bool enabled)
{
  bool before = te_inference_mode_flag;
  te_inference_mode_flag = enabled;
  return before;
}
