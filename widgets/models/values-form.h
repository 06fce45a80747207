/* Which text numbers are taken along as. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  GB_VALUES_PYTHON, /* runs as it stands, and makes the same tensor */
  GB_VALUES_CSV,
  GB_VALUES_TEXT, /* in columns, to be read */
  GB_N_VALUES_FORMS,
} GbValuesForm;

extern const char *const gb_values_suffix[GB_N_VALUES_FORMS]; /* "py", "csv", "txt" */

G_END_DECLS
