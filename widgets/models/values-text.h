/* Numbers to take along: a tensor or a table as Python, as CSV or as text. */
#pragma once

#include "models/table-model.h"
#include "models/tensor-values.h"
#include "models/values-form.h"

G_BEGIN_DECLS

/* All that is known of it; of a tensor of which only a part was recorded that part, and a comment says which.
 * Numbers are as short as they can be and still be read back to the same bits.  NULL: nothing is known.
 * Owned. */
char *gb_values_text_of_tensor (const GbTensorValues *values, GbValuesForm form);
/* As it is sorted.  translate: titles of columns, may be NULL.  Owned. */
char *gb_values_text_of_table (const GbTable *table,
                               GbValuesForm form,
                               const char *(*translate) (const char *msgid));

G_END_DECLS
