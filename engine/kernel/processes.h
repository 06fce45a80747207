/* All processes of this broker: those of its session.  The sandbox refuses to leave it, so this finds
 * children of children whose parents are gone. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  guint count;        /* zombies included: they hold a process id too */
  guint64 rss_nbytes; /* of all together; what forks share counts for each */
  guint64 cpu_usec;
} GbProcesses;

/* R, S, T, Z … of /proc; 0: there is no such process. */
char gb_processes_state (GPid pid);
void gb_processes_measure (GbProcesses *out);
/* Memory of a process that no other one has, and its share of all that it has with others (Pss), in bytes; 0 where
 * the system does not say.  It walks page tables: milliseconds where there is much. */
void gb_process_memory (GPid pid, guint64 *private_nbytes, guint64 *share_nbytes);
/* The shares of all together: what forks have in common is counted once. */
guint64 gb_processes_share (void);
/* Kills all of them and reaps those that are ours, except `reaped_elsewhere` (a GSubprocess); returns when
 * none is left or after half a second. */
void gb_processes_kill_all (GPid reaped_elsewhere);
/* Reaps those of ours that have ended, until one comes up whose end somebody else wants to know. */
void gb_processes_reap (GPid reaped_elsewhere, GPid also_elsewhere);

G_END_DECLS
