/* What several ranks did beside each other, as a program tells it: an event with the number of its rank.
 *
 *   gb.log ("forward", seconds, rank=0, at=start)                     time of its own
 *   gb.log ("send", seconds, rank=0, at=start, peer=1, bytes=n)       a message; the receiver tells "recv"
 *   gb.log ("all_reduce", seconds, rank=0, at=start, bytes=n)         a collective: the nth of each rank meet
 *   gb.log ("wait", seconds, rank=0, at=start), gb.log ("dead", 0, rank=0, at=when)
 *
 * Without `at` an event begins where the one before it on its rank ended.  `kind` ("compute", "send", "recv",
 * "collective", "wait", "dead") says what the name does not.  Messages between two ranks arrive in their
 * order. */
#pragma once

#include "models/trace-cursor.h"

G_BEGIN_DECLS

#define GB_RANKS_MOST      256
#define GB_RANKS_MOST_BARS 20000

typedef enum
{
  GB_RANK_COMPUTE,
  GB_RANK_SEND,
  GB_RANK_RECV,
  GB_RANK_COLLECTIVE,
  GB_RANK_WAIT,
  GB_RANK_DEAD,
} GbRankKind;

typedef struct
{
  guint64 seq; /* of its event */
  GbRankKind kind;
  guint lane;
  const char *name;  /* of the trace's events */
  double start, end; /* seconds */
  double ready;      /* until then it waited for others; start: it did not */
  double nbytes;     /* NAN: not told */
  int peer;          /* number of a rank, -1: none */
  int other;         /* bar of a message's other end, -1: none */
  int meeting;       /* of collectives, -1: none */
  gboolean is_open;  /* it never ended: whom it waits for did not come */
} GbRankBar;

typedef struct
{
  int number;
  double dead_at;                 /* NAN: alive */
  double computed, moved, waited; /* seconds */
  double waited_for;              /* by others, at collectives and messages */
  double sent, received;          /* bytes */
  guint n_meetings;
} GbRank;

/* A collective: the nth of each rank. */
typedef struct
{
  const char *name;
  guint nth, n_bars, n_missing; /* how many ranks came, and did not */
  double ready, nbytes;
  guint last_lane;   /* who came last */
  gboolean is_mixed; /* ranks called different ones */
} GbRankMeeting;

typedef struct
{
  GArray *ranks;    /* GbRank, by number */
  GArray *bars;     /* GbRankBar, in order of events */
  GArray *meetings; /* GbRankMeeting */
  double start, end;
  guint n_messages, n_lost; /* lost: sent and never received */
  gboolean is_cut;
} GbRanks;

/* NULL: no rank is told of at the cursor. */
GbRanks *gb_ranks_new (GbTraceCursor *cursor);
void gb_ranks_free (GbRanks *self);
gboolean gb_ranks_peek (GbTraceCursor *cursor); /* cheap */
const GbRank *gb_ranks_rank (const GbRanks *self, guint lane);
const GbRankBar *gb_ranks_bar (const GbRanks *self, guint nth);
const GbRankMeeting *gb_ranks_meeting (const GbRanks *self, guint nth);
/* Part of the time of all ranks in which they computed, 0 to 1. */
double gb_ranks_efficiency (const GbRanks *self);
/* Ranks that did not come, dead or alive. */
guint gb_ranks_missing (const GbRanks *self, guint meeting);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbRanks, gb_ranks_free)

G_END_DECLS
