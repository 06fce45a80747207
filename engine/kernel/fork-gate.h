/* Grants process creation: the sandbox's filter asks through a seccomp notification, and answers are "go on"
 * while fewer than the limit live, else EAGAIN. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define GB_FORK_LIMIT 24

typedef struct _GbForkGate GbForkGate;

/* Takes over fd.  baseline: processes of the session that do not count (the interpreter, bubblewrap). */
GbForkGate *gb_fork_gate_new (int fd, guint baseline);
/* So many more do not count: snapshots, which sleep. */
void gb_fork_gate_set_sleeping (GbForkGate *self, guint n); /* NULL is fine */
void gb_fork_gate_free (GbForkGate *self); /* NULL is fine */
guint gb_fork_gate_get_refused (GbForkGate *self);

G_END_DECLS
