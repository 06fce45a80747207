/* Tokens of a program, and what is known of each.  From gb.show (…, view="tokens", labels=…):
 *   integers (T) or (B, T), labels: the vocabulary        words by their number; a pair (words of the row,
 * names): tags numbers (T) or (B, T), labels: the T words            a value below each: a probability, a
 * loss, an importance bools (T) or (B, T), labels: the T words              a mask: what is False is out
 *   numbers (R, C), labels: a pair (R words, C words)     an alignment: which word of one looks at which of
 * the other and of any program: the indices that an Embedding looked up, by number, with padding_idx as
 * padding. */
#pragma once

#include "models/selection.h"
#include "models/tensor-values.h"
#include "models/trace-cursor.h"

G_BEGIN_DECLS

typedef enum
{
  GB_TOKENS_IDS,       /* numbers of words */
  GB_TOKENS_TAGS,      /* words, and the number of a tag for each */
  GB_TOKENS_VALUES,    /* words, and a value for each */
  GB_TOKENS_MASK,      /* words, and whether they count */
  GB_TOKENS_ALIGNMENT, /* words of the rows and words of the columns */
} GbTokensKind;

typedef struct
{
  char text[64]; /* of the word; what cannot be seen has a sign: ␣ ⏎ ⇥ */
  const char *tag;
  gint64 id;                             /* of IDS and TAGS */
  double value;                          /* of VALUES; NaN: not a number */
  gboolean is_known, is_padding, is_out; /* out: of a mask */
} GbToken;

typedef struct
{
  GbTensorValues *values;
  GbTokensKind kind;
  gint64 n_rows, n_columns;
  char **words, **names; /* vocabulary or words; names of tags, or words of the columns */
  guint n_words, n_names;
  gboolean by_place; /* words name the places of the one row, and are no vocabulary */
  gboolean has_padding;
  gint64 padding; /* its number */
  gint64 n_padding, n_out;
  double low, high; /* of the values that are finite */
} GbTokens;

/* NULL: there are no tokens whose numbers are known. */
GbTokens *gb_tokens_new (GbTraceCursor *cursor, GbSelection *selection);
void gb_tokens_free (GbTokens *self);
/* 0: none; cheap. */
guint64 gb_tokens_find (GbTraceCursor *cursor, GbSelection *selection);
void gb_tokens_get (const GbTokens *self, gint64 row, gint64 column, GbToken *token);
/* Its index in the tensor; returns the number of dimensions. */
int gb_tokens_index (const GbTokens *self, gint64 row, gint64 column, gint64 *index);
/* The same name of a span: "B-CITY" and "I-CITY" are one.  FALSE: no part of any. */
gboolean gb_tokens_continues (const char *before, const char *tag);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbTokens, gb_tokens_free)

G_END_DECLS
