/* What the names of a text mean: the torch package by its index (data/names), the text's own imports, and its own words.
 * Pure: a function of the text before the caret and the index. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef enum
{
  GB_NAME_VALUE,
  GB_NAME_FUNCTION,
  GB_NAME_CLASS,
  GB_NAME_MODULE,
  GB_NAME_WORD, /* stands somewhere in the text */
} GbNameKind;

typedef struct
{
  GbNameKind kind;
  char *name;
  char *signature; /* "input, dim=None"; NULL: none, or not known */
  char *text;      /* a sentence or more; NULL: none */
  char *path;      /* "torch.nn.Linear"; NULL for a word of the text */
} GbName;

typedef struct GbNames GbNames;

/* Reads the index in file.  NULL with error when it is missing or is no index. */
GbNames *gb_names_new (const char *file, GError **error);
void gb_names_free (GbNames *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbNames, gb_names_free)

/* What may follow before (the text up to the caret) when the letters of *prefix are taken for the beginning; GbName, borrowed
 * from the array (transfer full), in order of the alphabet with names that begin with "_" last.  After "x." where x is no
 * module or class that was imported, the methods of a tensor.  Within a comment or a string: none.
 * before, whole: UTF-8; whole is the whole text.  prefix: owned by the caller. */
GPtrArray *gb_names_complete (GbNames *self, const char *before, const char *whole, char **prefix);

/* The name at the caret: word is the whole dotted word there ("nn.Linear", "loss.backward").  NULL: none that is known; else
 * to be freed with gb_name_free. */
GbName *gb_names_lookup (GbNames *self, const char *whole, const char *word);
void gb_name_free (GbName *name);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbName, gb_name_free)

G_END_DECLS
