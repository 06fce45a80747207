/* note-check: the truth of notes.  Their snippets run on the engine and on PyTorch, what they say they print
 * is what they print, and every number in the text comes from a run or names its source. */
#pragma once

#include "library/library.h"

G_BEGIN_DECLS

typedef struct
{
  guint n_snippets, n_numbers;
  GPtrArray *problems; /* char *, "note.zh.md:LINE: …" in the current language */
} GbNoteOutcome;

/* Both notes of a topic.  told: further text in which a number may stand, the output and the answers of the
 * scene beside it; may be "".  Owned by the caller. */
GbNoteOutcome *gb_notes_check (const GbTopic *topic, const char *told, gboolean with_pytorch);
void gb_note_outcome_free (GbNoteOutcome *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbNoteOutcome, gb_note_outcome_free)

G_END_DECLS
