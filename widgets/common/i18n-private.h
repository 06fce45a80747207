#pragma once

#include "common/i18n.h"

G_BEGIN_DECLS

/* Switches without telling anybody: for one picture in another language.  Returns what was chosen before, owned. */
char *gb_i18n_use (const char *language);

G_END_DECLS
