/* GbSession: an interview in its file: an SQLite file of its own in which every event is kept as it happens,
 * so that whoever kills the program takes at most the last moment away, and what was begun goes on where it
 * was.
 *
 * Signals: "changed": an event was told; "trouble": what gb_session_get_trouble says has changed. */
#pragma once

#include "interview/facts.h"

G_BEGIN_DECLS

#define GB_TYPE_SESSION (gb_session_get_type ())
G_DECLARE_FINAL_TYPE (GbSession, gb_session, GB, SESSION, GObject)

/* A new one; path must not exist.  NULL with error. */
GbSession *gb_session_create (const char *path, GError **error);
typedef enum
{
  GB_SESSION_TO_GO_ON,
  GB_SESSION_TO_READ,   /* it may be open elsewhere; nothing can be told */
  GB_SESSION_TO_GLANCE, /* the same without the texts that were typed and the pictures */
} GbSessionUse;

/* One that was kept.  NULL with error: damaged, of a later version, or (G_IO_ERROR_BUSY) open elsewhere.  One
 * that ran when it was left stands at its last event. */
GbSession *gb_session_open (const char *path, GbSessionUse use, GError **error);
const char *gb_session_get_path (GbSession *self);
gint64 gb_session_get_made (GbSession *self); /* msec since 1970, UTC */
gint64 gb_session_get_now (GbSession *self);  /* msec since it was made */

/* Takes the body; NULL: {}.  It is on the way to the disk at once, and there within a second. */
void gb_session_tell (GbSession *self, const char *kind, GbJson *body);
const GbFacts *gb_session_get_facts (GbSession *self);
guint gb_session_get_n_events (GbSession *self);
const GbFact *gb_session_get_event (GbSession *self, guint nth);
/* As it stood at that time.  Owned. */
GbFacts *gb_session_facts_at (GbSession *self, gint64 at);

/* Waits until all is on the disk.  FALSE: it cannot be written; it stays here and is tried again. */
gboolean gb_session_flush (GbSession *self, GError **error);
/* What keeps it from being written, in the current language, or NULL. */
const char *gb_session_get_trouble (GbSession *self);
/* A whole copy in a file elsewhere: the way out when its own place takes no more, and what is given to
 * others. */
gboolean gb_session_export (GbSession *self, const char *path, GError **error);

G_END_DECLS
