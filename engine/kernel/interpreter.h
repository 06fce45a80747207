/* The interpreter process: one main thread that runs programs, one small thread that answers the broker's
 * frames. */
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <pthread.h>
#include <stdbool.h>

#include "kernel/sandbox.h"
#include "python/trace-api.h"

typedef struct
{
  char *path, *text; /* text NULL: read path */
  char **argv;       /* of the program, without its own name; NULL at the end */
  bool cell;         /* goes on in the present __main__ */
  bool pause;        /* stop at the first line */
  char *feed;        /* what it is to read of the world (pins.h), or NULL */
  bool has_until;
  uint64_t until;    /* pause before the first op after this call */
  bool snapshots;    /* forks that sleep are left behind, to wind back to */
  uint32_t snapshot_msec; /* running time between two of them; 0: the usual */
  bool untraced;     /* only what it prints, logs and checks is recorded */
  uint32_t frame_id; /* to reply to */
} TeJob;

typedef struct
{
  int status;
  const char *reason; /* "ended", "exit", "exception", "interrupted" */
  char *message;      /* owned, or NULL */
} TeProgramResult;

typedef struct
{
  TeRecorder recorder;
  TeControl control;
  TeSandboxState sandbox;
  const TeTraceApi *trace; /* NULL while torch is missing */
  char *trace_error;       /* why, or NULL */
  char *board_path, *torch_path, *scratch;
  bool has_channel;        /* TE_FD_CHANNEL is open */
  uint64_t output_limit_nbytes, output_nbytes;
  pthread_mutex_t job_mutex;
  pthread_cond_t job_ready;
  TeJob *job;
  bool quit;
  volatile int busy;        /* a program runs: an interrupt may reach it */
  volatile int interrupted; /* set by the signal handler */
  volatile int snapshotting; /* a fork that happens now is a snapshot's */
  volatile int threads_ran;  /* other ones of Python, since the program began */
  volatile int forked;      /* this is a child that a program made: it owns neither ring nor frames */
} TeInterpreter;

extern TeInterpreter te_interpreter;

/* ---- program.c ---- */
void te_program_run (TeJob *job, TeProgramResult *result);
void te_job_free (TeJob *job);
/* ---- streams.c: sys.stdin, stdout, stderr as records ---- */
bool te_streams_install (void);
void te_streams_flush (void);
/* ---- answers.c ---- */
bool te_answers_start (void); /* the thread */
/* ---- snapshot.c: around a program ---- */
void te_snapshots_begin (const TeJob *job);
void te_snapshots_end (void);
/* ---- places ---- */
uint32_t te_interpreter_position (void);
bool te_interpreter_still_fine (void *unused);
