#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_IMGS_VIEW (gb_imgs_view_get_type ())
G_DECLARE_FINAL_TYPE (GbImgsView, gb_imgs_view, GB, IMGS_VIEW, GbView)

extern const GbViewDef gb_imgs_view_def;

G_END_DECLS
