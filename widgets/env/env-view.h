#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_ENV_VIEW (gb_env_view_get_type ())
G_DECLARE_FINAL_TYPE (GbEnvView, gb_env_view, GB, ENV_VIEW, GbView)

extern const GbViewDef gb_env_view_def;

G_END_DECLS
