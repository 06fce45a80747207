/* The record button: while it is pressed every run is written to a file of its own, named after program and
 * time, that opens anywhere and runs again (`gradboard replay --verify`). */
#pragma once

#include "kernel/trace-source.h"

G_BEGIN_DECLS

typedef struct
{
  gboolean wanted; /* the button is pressed */
  char *path;      /* being written, or written last; NULL: nothing yet */
  gboolean writing;
  char *notes;   /* to go into it when it is closed, or NULL */
  char *written; /* the whole file of the run that is shown, or NULL */
} GbRunRecording;

/* Begins a file for a run of program (a path or a title) when wanted; FALSE with error when it cannot be
 * written, and the run goes on without it. */
gboolean
gb_run_recording_begin (GbRunRecording *self, GbTraceSource *source, const char *program, GError **error);
/* What is noted about the run goes into its file, now or when it is closed; FALSE with error: it could not. */
gboolean gb_run_recording_note (GbRunRecording *self, const char *text, GError **error);
/* Closes the file; FALSE with error when the disk refused part of it. */
gboolean gb_run_recording_end (GbRunRecording *self, GbTraceSource *source, GError **error);
/* " Recording …" to stand behind a sentence, in the current language; "" when there is nothing to say. */
char *gb_run_recording_describe (const GbRunRecording *self);
void gb_run_recording_forget (GbRunRecording *self); /* speaks of it no more */
void gb_run_recording_clear (GbRunRecording *self);

G_END_DECLS
