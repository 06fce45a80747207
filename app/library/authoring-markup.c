/* Marks of Markdown that came to nothing, and formulas that cannot be set: what an author meant as a mark would be
 * read as a sign of the text. */
#include "library/authoring-private.h"

#include "common/formula.h"
#include "common/i18n.h"

#include <md4c.h>
#include <string.h>

typedef struct
{
  GbAuthoring *authoring;
  const char *place, *field, *text;
  GString *formula; /* that is being read, or NULL */
  gboolean in_code;
} Reader;

/* Signs that stand in no text of ours: a mark that was not closed, or never opened. */
static const struct
{
  const char *sign, *says;
} strays[] = {
  { "`", N_ ("a stray `: code is not closed") },
  { "**", N_ ("stray **: strong letters are not closed") },
  { "](", N_ ("stray ](: the link is not whole") },
  { "$", N_ ("a stray $: the formula is not closed") },
  { "|--", N_ ("stray |--: the table is not one") },
};

/* at: within the text, or NULL: not known. */
static char *
place_of (const Reader *reader, const char *at)
{
  guint line = 1;
  if (reader->field)
    return g_strdup_printf ("%s: %s", reader->place, reader->field);
  if (!at || at < reader->text || at > reader->text + strlen (reader->text))
    return g_strdup (reader->place);
  for (const char *p = reader->text; p < at; p++)
    line += *p == '\n';
  return g_strdup_printf ("%s:%u", reader->place, line);
}

static void
say_stray (Reader *reader, const char *text, gsize nbytes)
{
  for (guint i = 0; i < G_N_ELEMENTS (strays); i++)
    {
      const char *at = g_strstr_len (text, (gssize) nbytes, strays[i].sign);
      if (!at)
        continue;
      g_autofree char *place = place_of (reader, at);
      gb_authoring_say (reader->authoring, place, "%s", _ (strays[i].says));
    }
}

static gboolean
is_formula (MD_SPANTYPE type)
{
  return type == MD_SPAN_LATEXMATH || type == MD_SPAN_LATEXMATH_DISPLAY;
}

static void
check_link (Reader *reader, const MD_ATTRIBUTE *href)
{
  g_autofree char *address = g_strndup (href->text, href->size);
  if (g_str_has_prefix (address, "https://") || g_str_has_prefix (address, "http://"))
    return;
  g_autofree char *place = place_of (reader, href->text);
  gb_authoring_say (reader->authoring, place, _ ("the link to “%s” leads nowhere: an address begins with https://"), address);
}

static void
check_formula (Reader *reader)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GbFormula) formula = gb_formula_parse (reader->formula->str, &error);
  if (formula)
    return;
  g_autofree char *place = place_of (reader, strstr (reader->text, reader->formula->str));
  gb_authoring_say (reader->authoring, place, _ ("the formula %s: %s"), reader->formula->str, error->message);
}

/* ---- md4c's events ---- */

static int
enter_block (MD_BLOCKTYPE type, void *detail, void *data)
{
  ((Reader *) data)->in_code |= type == MD_BLOCK_CODE;
  return 0;
}

static int
leave_block (MD_BLOCKTYPE type, void *detail, void *data)
{
  Reader *reader = data;
  reader->in_code &= type != MD_BLOCK_CODE;
  return 0;
}

static int
enter_span (MD_SPANTYPE type, void *detail, void *data)
{
  Reader *reader = data;
  if (is_formula (type))
    reader->formula = g_string_new (NULL);
  else if (type == MD_SPAN_A)
    check_link (reader, &((MD_SPAN_A_DETAIL *) detail)->href);
  return 0;
}

static int
leave_span (MD_SPANTYPE type, void *detail, void *data)
{
  Reader *reader = data;
  if (!is_formula (type))
    return 0;
  check_formula (reader);
  g_string_free (reader->formula, TRUE);
  reader->formula = NULL;
  return 0;
}

static int
read_text (MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE nbytes, void *data)
{
  Reader *reader = data;
  if (reader->formula)
    g_string_append_len (reader->formula, text, nbytes);
  else if (type == MD_TEXT_NORMAL && !reader->in_code)
    say_stray (reader, text, nbytes);
  return 0;
}

/* md4c takes a fence that is never closed for code up to the end. */
static void
check_fences (Reader *reader)
{
  const char *open = NULL;
  for (const char *line = reader->text; line; line = strchr (line, '\n'))
    {
      line += *line == '\n';
      if (g_str_has_prefix (line, "```"))
        open = open ? NULL : line;
    }
  if (open)
    {
      g_autofree char *place = place_of (reader, open);
      gb_authoring_say (reader->authoring, place, _ ("the ``` fence is not closed"));
    }
}

void
gb_authoring_check_markup (GbAuthoring *self, const char *place, const char *field, const char *text)
{
  Reader reader = { .authoring = self, .place = place, .field = field, .text = text };
  MD_PARSER parser = { .flags = GB_NOTE_DIALECT,
                       .enter_block = enter_block,
                       .leave_block = leave_block,
                       .enter_span = enter_span,
                       .leave_span = leave_span,
                       .text = read_text };
  md_parse (text, (MD_SIZE) strlen (text), &parser, &reader);
  check_fences (&reader);
}

/* A power of Python, x**2, is no mark. */
void
gb_authoring_check_plain (GbAuthoring *self, const char *place, const char *field, const char *text)
{
  if (strchr (text, '`') || g_regex_match_simple ("(?<![A-Za-z0-9_)\\]])\\*\\*[^\\s*][^*]*\\*\\*", text, 0, 0))
    gb_authoring_say (self, place, _ ("%s: has marks of Markdown, which are shown as they stand here"), field);
}
