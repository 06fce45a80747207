#pragma once

#include "common/view.h"

G_BEGIN_DECLS

#define GB_TYPE_FILE_VIEW (gb_file_view_get_type ())
G_DECLARE_FINAL_TYPE (GbFileView, gb_file_view, GB, FILE_VIEW, GbView)

extern const GbViewDef gb_file_view_def;

G_END_DECLS
