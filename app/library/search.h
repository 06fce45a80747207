/* search: every text of the library in both languages, to be found by any part of it.
 *
 * A word is found wherever it stands, so that Chinese needs no spaces; a query is cut at spaces and where Han
 * meets Latin, and all of its parts must be in one place.  Capitals and full-width forms do not matter.  What
 * would give a case away (causes, hints, explanations) and model answers are not in it. */
#pragma once

#include "library/library.h"

G_BEGIN_DECLS

typedef enum
{
  GB_FOUND_TOPIC, /* a note */
  GB_FOUND_QUESTION,
  GB_FOUND_SCENE,
  GB_FOUND_CASE,
  GB_FOUND_EXERCISE,
} GbFoundKind;

typedef struct
{
  GbFoundKind kind;
  const char *id;       /* leaf, scene or case; of a question its leaf, or the scene that has it */
  const char *title;    /* in the current language */
  const char *language; /* of the snippet: "zh" or "en" */
  char *snippet;        /* with what surrounds the first match; owned */
  guint match,
      length; /* where the match stands in it, in bytes; length 0: nowhere (it is in the title or the id) */
  double score;
} GbFound;

typedef struct _GbSearch GbSearch;

/* Reads everything once.  The library must outlive it; another one is made after its "changed". */
GbSearch *gb_search_new (GbLibrary *library);
void gb_search_free (GbSearch *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbSearch, gb_search_free)
/* The best first, at most most.  (element-type GbFound), owned. */
GPtrArray *gb_search_find (GbSearch *self, const char *query, guint most);
guint gb_search_get_n_places (GbSearch *self);
/* "note", "question", …, in the current language */
const char *gb_found_kind_get_name (GbFoundKind kind);
/* The same for programs. */
const char *gb_found_kind_get_id (GbFoundKind kind);

G_END_DECLS
