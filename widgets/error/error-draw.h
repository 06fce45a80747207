#pragma once

#include "error/error-layout.h"

G_BEGIN_DECLS

void gb_error_draw (const GbErrorLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot);

G_END_DECLS
