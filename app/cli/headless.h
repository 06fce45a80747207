/* Running a program to its end without a window, into a GbTrace: what render and check share. */
#pragma once

#include "cli/program-path.h"
#include "kernel/kernel-client.h"
#include "models/trace.h"

G_BEGIN_DECLS

/* What all views need to be drawn from a recording. */
extern const TeWatch gb_recording_watches[];
extern const gsize gb_n_recording_watches;

typedef struct
{
  const TeWatch *watches; /* NULL: gb_recording_watches */
  gsize n_watches;
  const char *text;        /* runs in place of what is in the file, or NULL */
  const char *const *argv; /* of the program, or NULL */
  double seconds;          /* 0: no limit */
  gboolean teach;          /* have the ways out of an error tried */
  gboolean echo;           /* print what the program prints to stderr */
  GCancellable *cancellable;
} GbHeadlessOptions;

/* gb_headless_run: starts an interpreter, runs program, and appends everything to trace (lossless, flushed).
 * TRUE when it ran to an end of its own, whatever that was: see result (cleared by the caller).  Runs a main
 * loop of its own. */
gboolean gb_headless_run (const GbProgram *program,
                          const GbHeadlessOptions *options,
                          GbTrace *trace,
                          GbKernelResult *result,
                          GError **error);

/* gb_headless_fill: the same from a recording, or by running the program, scene or file of that name.  A program that
 * fails counts as far as it came, a damaged recording up to the damage: what went wrong is printed behind `who`. */
gboolean gb_headless_fill (
    const char *name, const GbHeadlessOptions *options, const char *who, GbTrace *trace, GError **error);

G_END_DECLS
