/* What a run of a scene said: predictions told, facts checked, lines printed.  The same from the engine (read
 * off a trace) and from real PyTorch (read off a file that data/python/record_board.py writes). */
#pragma once

#include "library/library.h"
#include "models/trace.h"

G_BEGIN_DECLS

typedef struct
{
  char *name, *value; /* JSON */
} GbTold;

typedef struct
{
  GPtrArray *asked;  /* char * */
  GPtrArray *told;   /* GbTold */
  GPtrArray *failed; /* names of facts that did not hold */
  guint n_checked;
  GString *output; /* stdout */
  double seconds;
  char *fault; /* why the run is not one, or NULL */
} GbSceneOutcome;

GbSceneOutcome *gb_scene_run_on_engine (const GbScene *scene);
GbSceneOutcome *gb_scene_run_on_pytorch (const GbScene *scene);
/* The same for a snippet of a note.  note: path of the note's file. */
GbSceneOutcome *gb_snippet_run_on_engine (const char *note, const char *code);
/* The outcomes (GbSceneOutcome) of snippets (char *), in their order; PyTorch is started once for all. */
GPtrArray *gb_snippets_run_on_pytorch (GPtrArray *codes);
void gb_scene_outcome_free (GbSceneOutcome *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbSceneOutcome, gb_scene_outcome_free)

/* Value told for a prediction (JSON, borrowed), or NULL. */
const char *gb_scene_outcome_told (const GbSceneOutcome *self, const char *id);
/* Where two outcomes differ beyond what DESIGN.md allows: sentences (char *), none when they agree.
 * Predictions with their tolerance; facts by name; the losses of the first 20 lines that begin with "step"
 * digit by digit. */
GPtrArray *
gb_scene_outcome_compare (const GbScene *scene, const GbSceneOutcome *ours, const GbSceneOutcome *theirs);

G_END_DECLS
