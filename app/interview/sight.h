/* sight: what the board showed at a time of an interview, made of its facts; nothing else of them is in it, so it may
 * be given to a window that everybody looks at. */
#pragma once

#include "interview/facts.h"

G_BEGIN_DECLS

typedef struct
{
  char *file, *origin, *text;
  char *ink; /* its marks (models/ink.h), or NULL */
} GbSightText;

typedef struct
{
  GPtrArray *texts;  /* GbSightText */
  char *front;       /* the file that is looked at, or NULL */
  char *moment_file; /* whose run is shown */
  char *moment;      /* where it stands (app/board/moment.h, as text), or NULL: nothing ran */
  GbText shown;      /* the words above the board */
  char *interview;   /* what the view `board` draws */
  char *said;        /* the last prediction, in the current language, or "" */
  gboolean is_exam;
} GbSight;

/* now: of the clock that the time is told by. */
GbSight *gb_sight_new (const GbFacts *facts, GbLibrary *library, gint64 now);
void gb_sight_free (GbSight *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbSight, gb_sight_free)
const GbSightText *gb_sight_get_text (const GbSight *self, guint nth);

G_END_DECLS
