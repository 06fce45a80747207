#include "models/index-map/op-args.h"

#include <string.h>

/* End of the value that begins at `at`: a comma outside brackets and quotes, or the end. */
static const char *
value_end (const char *at, const char *end)
{
  int depth = 0;
  char quote = 0;
  for (; at < end; at++)
    if (quote)
      quote = *at == quote ? 0 : quote;
    else if (*at == '\'' || *at == '"')
      quote = *at;
    else if (*at == '[' || *at == '(')
      depth++;
    else if (*at == ']' || *at == ')')
      depth--;
    else if (*at == ',' && depth <= 0)
      return at;
  return end;
}

gboolean
gb_op_args_find (const GbOpArgs *self, const char *name, const char **start, gsize *nbytes)
{
  const char *at = self->text, *end = self->text + self->nbytes;
  gsize length = strlen (name);
  while (at && at < end)
    {
      const char *stop = value_end (at, end);
      if ((gsize) (stop - at) > length && memcmp (at, name, length) == 0 && at[length] == '=')
        {
          *start = at + length + 1;
          *nbytes = (gsize) (stop - *start);
          return TRUE;
        }
      at = stop;
      while (at < end && (*at == ',' || *at == ' '))
        at++;
    }
  return FALSE;
}

/* Texts of numbers are short; longer ones are no numbers. */
static gboolean
copy_value (const GbOpArgs *self, const char *name, char *text, gsize size)
{
  const char *start;
  gsize nbytes;
  if (!gb_op_args_find (self, name, &start, &nbytes) || nbytes >= size)
    return FALSE;
  memcpy (text, start, nbytes);
  text[nbytes] = 0;
  return TRUE;
}

gint64
gb_op_args_int (const GbOpArgs *self, const char *name, gint64 otherwise)
{
  char text[64], *end;
  if (!copy_value (self, name, text, sizeof text))
    return otherwise;
  gint64 value = g_ascii_strtoll (text, &end, 10);
  return end == text ? otherwise : value;
}

double
gb_op_args_double (const GbOpArgs *self, const char *name, double otherwise)
{
  char text[64], *end;
  if (!copy_value (self, name, text, sizeof text))
    return otherwise;
  double value = g_ascii_strtod (text, &end);
  return end == text ? otherwise : value;
}

gboolean
gb_op_args_bool (const GbOpArgs *self, const char *name, gboolean otherwise)
{
  char text[16];
  return copy_value (self, name, text, sizeof text) ? strcmp (text, "True") == 0 : otherwise;
}

int
gb_op_args_ints (const GbOpArgs *self, const char *name, gint64 *values, int most)
{
  char text[256], *at = text, *end;
  int n = 0;
  if (!copy_value (self, name, text, sizeof text))
    return 0;
  while (n < most && *at)
    {
      at += strspn (at, "[]( ),");
      values[n] = g_ascii_strtoll (at, &end, 10);
      if (end == at)
        break;
      n++;
      at = end;
    }
  return n;
}

void
gb_op_args_per_axis (const GbOpArgs *self, const char *name, gint64 otherwise, gint64 *values, int n)
{
  gint64 given[8];
  int count = gb_op_args_ints (self, name, given, MIN (n, 8));
  for (int i = 0; i < n; i++)
    values[i] = count == 0 ? otherwise : given[MIN (i, count - 1)];
}
