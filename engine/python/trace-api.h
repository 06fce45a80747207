/* What the interpreter gets from torch._C through the capsule "torch._C._trace_api": attaching the trace,
 * pausing, and answering questions.  All functions are called with the GIL held, from the main thread unless
 * said otherwise. */
#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include <stdbool.h>
#include <stdint.h>

#include "trace/control.h"
#include "trace/recorder.h"

#define TE_TRACE_API_CAPSULE "torch._C._trace_api"
#define TE_TRACE_API_VERSION 1

typedef struct
{
  uint32_t version;
  /* Starts observing into recorder and obeying control; both outlive the attachment.  False: exception set.
   */
  bool (*attach) (TeRecorder *recorder, TeControl *control);
  void (*detach) (void);
  /* In a forked child: observes nothing more.  Touches no Python object. */
  void (*mute) (void);
  /* Whether ops, nodes, storages and modules are observed at all; they are after attach. */
  void (*observe) (bool on);
  /* Name, version and kernels of the BLAS; borrowed. */
  const char *(*blas) (void);
  /* Around a program: its globals (for names), and what must be told at its end (final facts). */
  void (*program_begin) (PyObject *globals);
  void (*program_end) (void);
  /* Id of the place that runs now, of the innermost frame that is the person's; 0 when there is none. */
  uint32_t (*current_position) (void);
  /* Of an instruction of a code object; end to end, for tracebacks. */
  uint32_t (*code_position) (PyCodeObject *code, int instruction_offset);
  /* Of a place without code: a syntax error. */
  uint32_t (*place_position) (
      const char *path, uint32_t line, uint32_t end_line, uint32_t column, uint32_t end_column);
  bool (*is_person) (PyCodeObject *code);
  /* Parks if control says so; false with an exception set when the wait ended in an interrupt. */
  bool (*point) (TeStepUnit unit);
  /* The op that failed last, for EXCEPTION; 0 when none did since the program began. */
  uint64_t (*failed_call) (void);
  /* Tensors live in memory that forks share: what they hold is nobody's own. */
  bool (*shares_memory) (void);
  /* The last op begun, and the iteration that runs. */
  void (*progress) (uint64_t *call, uint64_t *iteration);
  void (*lines) (bool on); /* line tracer, while stepping by line or with breakpoints */
  /* From the thread that answers frames, GIL held: owned JSON text (malloc) or NULL with an exception set. */
  char *(*inspect) (const char *question_json);
  /* From a signal handler. */
  void (*interrupt) (void);
  void (*interrupt_clear) (void);
} TeTraceApi;
