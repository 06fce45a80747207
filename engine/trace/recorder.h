/* The writer's side of the trace: typed functions that put records into the two rings of a shared segment,
 * and the tables that give texts and places their ids.  One thread writes (the GIL's holder).  No function
 * fails: what finds no room is counted and told by a GAP record (wire.h says when a writer waits). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "trace/record.h"
#include "trace/wire.h"

typedef struct TeRecorder
{
  TeRingSegment *segment; /* NULL: muted, every call is a no-op */
  size_t segment_nbytes;
  int wakeup_fd;
  uint64_t seq;        /* of the last record */
  uint64_t begin_nsec; /* monotonic clock at BEGIN */
  struct
  {
    char *bytes;
    uint64_t nbytes, mask_head; /* head as we count it; never read back from shared memory */
    uint64_t pending_head;      /* after the record being written */
    uint64_t tail;              /* as it was read last: it only grows, and its cache line is the reader's */
    uint64_t gap_first, gap_count;
  } rings[2];    /* 0 structure, 1 detail */
  int open_ring; /* of the record being written */
  struct TeStringSlot *strings;
  uint32_t n_strings, strings_capacity;
  uint32_t n_files, n_positions;
  uint64_t n_waits;
  uint32_t n_steps; /* since the last op began (te_record_is_step) */
  bool waits; /* nothing is dropped: somebody steps; beside the segment's `lossless` */
} TeRecorder;

/* Takes over a mapped segment (checked: sizes are read once); errors: ValueError. */
bool te_recorder_init (TeRecorder *self, void *segment, size_t nbytes, int wakeup_fd, TeError *err);
/* In a forked child: another process's ring is never written. */
void te_recorder_mute (TeRecorder *self);
/* In a fork that goes on in place of the process it was forked from, whose writing has ended: writes behind what
 * that one left, once it has been read (waits for it, at most two seconds), and tells RESUME.  call: the last op. */
void te_recorder_resume (TeRecorder *self, uint64_t call);
void te_recorder_clear (TeRecorder *self);

/* Room for a record of nbytes (header and tail, unpadded); NULL when it cannot be written now.  The header is
 * filled, the rest is not cleared except for the padding.  Ends with te_recorder_commit. */
void *te_recorder_reserve (TeRecorder *self, TeRecordType type, size_t nbytes);
void te_recorder_commit (TeRecorder *self);
void te_recorder_flush (TeRecorder *self); /* wakes a sleeping reader for certain */
uint64_t te_recorder_clock_nsec (void);

uint32_t te_recorder_string (TeRecorder *self, const char *text, size_t nbytes); /* writes STRING when new */
uint32_t te_recorder_text (TeRecorder *self, const char *text); /* the same, terminated; NULL: 0 */
uint32_t
te_recorder_source (TeRecorder *self, const char *path, const char *text, size_t nbytes, uint32_t flags);
uint32_t te_recorder_position (TeRecorder *self,
                               uint32_t file,
                               const char *function,
                               uint32_t line,
                               uint32_t end_line,
                               uint32_t column,
                               uint32_t end_column);

void te_recorder_begin (TeRecorder *self, const char *about_json);
void te_recorder_end (TeRecorder *self, int exit_code, int signal, uint16_t flags);
void te_recorder_line (TeRecorder *self, uint32_t file, uint32_t line, uint32_t depth, uint32_t event);
void te_recorder_module (
    TeRecorder *self, uint32_t id, uint32_t parent, const char *name, const char *class_name, uint32_t flags);
void te_recorder_module_enter (TeRecorder *self, uint64_t call, uint32_t module, uint32_t pos);
void te_recorder_module_leave (TeRecorder *self, uint64_t call, uint32_t module, uint32_t pos, bool raised);
void te_recorder_param (
    TeRecorder *self, uint64_t tensor, const char *name, uint32_t module, uint32_t index, uint32_t flags);
void te_recorder_name (TeRecorder *self, uint64_t tensor, uint32_t name, uint32_t pos, uint16_t flags);
/* name, type: string ids; false: there was no room. */
bool te_recorder_value (TeRecorder *self,
                        uint32_t name,
                        uint32_t type,
                        int64_t n_items,
                        const char *text,
                        size_t nbytes,
                        uint32_t pos,
                        uint16_t flags);
void te_recorder_node_begin (TeRecorder *self, uint64_t backward, uint64_t node);
void te_recorder_node_end (TeRecorder *self,
                           uint64_t backward,
                           uint64_t node,
                           uint32_t nsec,
                           int n_grads,
                           const uint64_t *grads,
                           bool ok);
void te_recorder_accumulate (TeRecorder *self, uint64_t backward, uint64_t tensor, uint64_t grad, bool added);
void te_recorder_saved_freed (TeRecorder *self, uint64_t node);
void te_recorder_backward (
    TeRecorder *self, bool begin, uint64_t backward, uint64_t root, uint32_t pos, uint32_t status);
void te_recorder_storage (TeRecorder *self, bool born, uint64_t storage, uint64_t nbytes, uint64_t call);
void te_recorder_step (TeRecorder *self, uint64_t step, uint32_t optimizer, const char *name, double lr);
void te_recorder_iteration (TeRecorder *self, uint64_t iteration);
void te_recorder_batch (TeRecorder *self, uint64_t batch, uint64_t epoch, uint64_t n_batches);
/* over: what x is, "": the value belongs to the iteration and x is 0. */
void te_recorder_log (TeRecorder *self, uint64_t iteration, const char *name, double value, double x, const char *over,
                      uint32_t pos);
void te_recorder_print (TeRecorder *self, int stream, const char *text, size_t nbytes, uint32_t pos);
/* A picture as a PNG file of at most TE_FIGURE_MOST_NBYTES, in as many records as it takes. */
void te_recorder_figure (TeRecorder *self,
                         uint32_t number,
                         uint32_t width,
                         uint32_t height,
                         const void *png,
                         size_t nbytes,
                         uint32_t pos);
void te_recorder_exception (TeRecorder *self,
                            uint64_t call,
                            uint32_t pos,
                            const char *type,
                            const char *message,
                            const char *traceback);
void te_recorder_warning (TeRecorder *self, const char *category, const char *text, uint32_t pos);
void te_recorder_knob (TeRecorder *self,
                       const char *name,
                       uint32_t kind,
                       double value,
                       double default_value,
                       double low,
                       double high,
                       bool logarithmic,
                       const char *choices_json);
/* nth: which call of the knob, from 1, took the value. */
void te_recorder_knob_set (TeRecorder *self, const char *name, double value, uint32_t nth);
/* content: nbytes, or NULL. */
void te_recorder_file (
    TeRecorder *self, const char *path, uint64_t nbytes, uint64_t hash, const char *content, uint16_t flags);
void te_recorder_clock_read (TeRecorder *self, uint32_t clock, int64_t nsec);
/* MARK, ASK, TELL, CHECK (flags 1: holds). */
void te_recorder_named (
    TeRecorder *self, TeRecordType type, const char *name, const char *text, uint32_t pos, int flags);
void te_recorder_show (TeRecorder *self,
                       uint64_t tensor,
                       const char *view,
                       const char *name,
                       const char *labels_json,
                       uint32_t pos);
void te_recorder_state (TeRecorder *self, TeState state, uint32_t pos, const char *text, uint32_t unit);
void te_recorder_gradient (TeRecorder *self, const TeFactGradient *fact); /* head is filled in */
void te_recorder_stats (TeRecorder *self, const TeFactStats *fact);
void te_recorder_hash (TeRecorder *self, uint64_t call, uint64_t tensor, uint32_t output_nr, uint64_t hash);
void te_recorder_meter (TeRecorder *self,
                        uint64_t cpu_nsec,
                        uint64_t rss_nbytes,
                        uint64_t engine_nbytes,
                        uint64_t engine_peak_nbytes,
                        double steps_per_second);
