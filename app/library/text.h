/* text: what people read, in both languages. */
#pragma once

#include "library/json-file.h"

G_BEGIN_DECLS

typedef struct
{
  char *zh, *en;
} GbText;

/* In the current language; the other one's when there is none; "" when there is neither.  Borrowed. */
const char *gb_text_get (const GbText *text);
/* The member {"zh": …, "en": …} of an object.  What it holds goes with gb_text_clear. */
GbText gb_text_read (GbJson *object, const char *key);
void gb_text_clear (GbText *text);

G_END_DECLS
