/* editor: code in, output and diagnostics out.  This file: the journal of unsaved edits.
 *
 * Every document with unsaved edits has one file in STATE/journal, rewritten half a second after a change.
 * Files whose program no longer lives are handed to the next start, so nothing that ends a program loses
 * text. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef struct
{
  char *uri;   /* of the file, or NULL */
  char *scene; /* id of the scene, or NULL */
  char *title;
  char *text;
  int caret; /* characters from the start */
  char *path; /* of the file that it still lies in, or NULL */
} GbDraft;

void gb_draft_free (GbDraft *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbDraft, gb_draft_free)

/* GbJournal: one document's place in the journal.
 * Signal "failed" (text): nothing could be written, for the first time or after it went well. */
#define GB_TYPE_JOURNAL (gb_journal_get_type ())
G_DECLARE_FINAL_TYPE (GbJournal, gb_journal, GB, JOURNAL, GObject)

GbJournal *gb_journal_new (void);
/* Writes without blocking; a newer draft replaces one that waits.  Takes the draft. */
void gb_journal_write (GbJournal *self, GbDraft *draft);
/* What an orphan lies in becomes this one's file, so that there is no moment without one. */
void gb_journal_adopt (GbJournal *self, const GbDraft *draft);
/* The edits are saved or thrown away. */
void gb_journal_clear (GbJournal *self);

/* Drafts left by programs that have ended, oldest first; each stays in the journal until it is adopted.
 * (element-type GbDraft) owned. */
GPtrArray *gb_journal_take_orphans (const char *state_dir);

G_END_DECLS
