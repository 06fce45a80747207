/* The snapshots of one interpreter as the broker keeps them: sleeping forks, by the last op that they have run.
 * The first is kept as long as there is room.  Of the others those go last without which one of the latest 1,000
 * steps would be further than 0.7 s of running from the one before it; besides, the newest are dense and older ones
 * sparser and sparser.  Together their private memory stays within a limit, the oldest going first. */
#pragma once

#include <glib.h>
#include <sys/types.h>

G_BEGIN_DECLS

#define GB_SNAPSHOTS_MOST        28
#define GB_SNAPSHOTS_NEAR_STEPS  1000
#define GB_SNAPSHOTS_NEAR_USEC   700000
#define GB_SNAPSHOTS_NEAR_MOST   20 /* of them: the rest is for what is older, however long the steps take */
#define GB_SNAPSHOTS_MOST_NBYTES ((guint64) 1 << 30)

typedef struct _GbSnapshots GbSnapshots;
typedef struct
{
  int channel;
  pid_t pid; /* as the system outside the sandbox counts */
  guint32 execute_id;
  guint64 seq, call, iteration;
  gint64 ran_usec;   /* how long the program had run, without what it waited */
  guint64 own_nbytes; /* private memory when it was measured last */
} GbSnapshot;

/* changed: their number did; may be NULL. */
GbSnapshots *gb_snapshots_new (void (*changed) (gpointer data), gpointer data);
void gb_snapshots_free (GbSnapshots *self); /* NULL is fine; ends them */

/* A new one's channel; it is counted once it has said who it is.  Takes over the descriptor. */
void gb_snapshots_take (GbSnapshots *self, int channel);
/* The latest that has run no op after `call`: out of the list, with its channel the caller's.  Those after it
 * end, for their future will not come.  FALSE: there is none. */
gboolean gb_snapshots_wake (GbSnapshots *self, guint64 call, GbSnapshot *out);
/* One was made that has not yet said who it is: `changed` is called when it has, or when it is gone. */
gboolean gb_snapshots_is_awaiting (GbSnapshots *self);
void gb_snapshots_clear (GbSnapshots *self);
guint gb_snapshots_get_n (GbSnapshots *self);
const GbSnapshot *gb_snapshots_get (GbSnapshots *self, guint nth); /* ascending; borrowed until the next change */

/* Which of n, ascending, is least missed: neither first nor last. n is at least 3. */
guint gb_snapshots_least_missed (const GbSnapshot *list, guint n);

G_END_DECLS
