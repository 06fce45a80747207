#include "kernel/pins.h"

#include "kernel/pinned-files.h"

#include <dlfcn.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

typedef int (*ClockFunc) (clockid_t, struct timespec *);
typedef ssize_t (*RandomFunc) (void *, size_t, unsigned);

static struct
{
  bool on;
  pthread_t thread;
  uint64_t seed, drawn; /* of the entropy: words given out */
  int64_t *clock;       /* what a replay is fed, in the order of reading */
  size_t n_clock, next_clock;
} pins;

/* ---- what the C library gives ---- */

static ssize_t
real_getrandom (void *into, size_t nbytes, unsigned flags)
{
  static RandomFunc real;
  if (!real)
    real = (RandomFunc) dlsym (RTLD_NEXT, "getrandom");
  return real (into, nbytes, flags);
}

static int
real_clock_gettime (clockid_t clock, struct timespec *time)
{
  static ClockFunc real;
  if (!real)
    real = (ClockFunc) dlsym (RTLD_NEXT, "clock_gettime");
  return real (clock, time);
}

/* Only the main thread reads in an order that comes again. */
static bool
pinned_here (void)
{
  return pins.on && !te_interpreter.forked && pthread_equal (pthread_self (), pins.thread);
}

bool
te_pins_are_mine (void)
{
  return pinned_here ();
}

/* Weyl sequence through the finaliser of MurmurHash3 (SplitMix64: Steele, Lea, Flood 2014). */
static uint64_t
next_word (void)
{
  uint64_t z = pins.seed + ++pins.drawn * 0x9e3779b97f4a7c15u;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
  return z ^ (z >> 31);
}

/* These two stand before the C library's, for Python and for every library that it loads. */
__attribute__ ((visibility ("default"))) ssize_t
getrandom (void *into, size_t nbytes, unsigned flags)
{
  if (!pinned_here ())
    return real_getrandom (into, nbytes, flags);
  for (size_t at = 0; at < nbytes; at += 8)
    {
      uint64_t word = next_word ();
      memcpy ((char *) into + at, &word, nbytes - at < 8 ? nbytes - at : 8);
    }
  return (ssize_t) nbytes;
}

/* A read of a clock: fed, or as it is; told in both cases. */
static int64_t
pinned_time (clockid_t clock, int64_t now_nsec)
{
  if (pins.next_clock < pins.n_clock)
    now_nsec = pins.clock[pins.next_clock++];
  te_recorder_clock_read (&te_interpreter.recorder, (uint32_t) clock, now_nsec);
  return now_nsec;
}

/* time.time () and datetime.now () come by here with the GIL; Python's own deadlines read the monotonic
 * clock, which passes. */
__attribute__ ((visibility ("default"))) int
clock_gettime (clockid_t clock, struct timespec *time)
{
  int status = real_clock_gettime (clock, time);
  if (status || clock != CLOCK_REALTIME || !pinned_here () || !PyGILState_Check ())
    return status;
  int64_t nsec = pinned_time (clock, (int64_t) time->tv_sec * 1000000000 + time->tv_nsec);
  time->tv_sec = (time_t) (nsec / 1000000000);
  time->tv_nsec = (long) (nsec % 1000000000);
  return 0;
}

/* Python's threads take turns as they come, and no recording holds their order; the engine's own leave no
 * trace. */
__attribute__ ((visibility ("default"))) int
pthread_create (pthread_t *thread, const pthread_attr_t *attributes, void *(*begin) (void *), void *argument)
{
  static int (*real) (pthread_t *, const pthread_attr_t *, void *(*) (void *), void *);
  Dl_info of_begin, of_python;
  if (!real)
    real = dlsym (RTLD_NEXT, "pthread_create");
  if (pins.on && dladdr ((void *) (uintptr_t) begin, &of_begin)
      && dladdr ((void *) (uintptr_t) PyThread_start_new_thread, &of_python)
      && of_begin.dli_fbase == of_python.dli_fbase)
    te_interpreter.threads_ran = 1;
  return real (thread, attributes, begin, argument);
}

/* ---- Python's other clocks ---- */

typedef struct
{
  const char *name, *name_nsec; /* in module time */
  clockid_t clock;
} PinnedClock;

static const PinnedClock clocks[] = {
  { "perf_counter", "perf_counter_ns", CLOCK_MONOTONIC },
  { "monotonic", "monotonic_ns", CLOCK_MONOTONIC },
  { "process_time", "process_time_ns", CLOCK_PROCESS_CPUTIME_ID },
  { "thread_time", "thread_time_ns", CLOCK_THREAD_CPUTIME_ID },
};
enum
{
  N_CLOCKS = sizeof clocks / sizeof clocks[0]
};

static bool
read_nsec (const PinnedClock *clock, int64_t *nsec)
{
  struct timespec time;
  if (real_clock_gettime (clock->clock, &time))
    {
      PyErr_SetFromErrno (PyExc_OSError);
      return false;
    }
  *nsec = (int64_t) time.tv_sec * 1000000000 + time.tv_nsec;
  if (pinned_here ())
    *nsec = pinned_time (clock->clock, *nsec);
  return true;
}

static PyObject *
read_seconds (PyObject *index, PyObject *unused)
{
  int64_t nsec;
  return read_nsec (&clocks[PyLong_AsLong (index)], &nsec) ? PyFloat_FromDouble ((double) nsec / 1e9) : NULL;
}

static PyObject *
read_integer (PyObject *index, PyObject *unused)
{
  int64_t nsec;
  return read_nsec (&clocks[PyLong_AsLong (index)], &nsec) ? PyLong_FromLongLong (nsec) : NULL;
}

/* Puts our readers into module time, once; each keeps the docstring of the one that it stands for. */
static void
stand_before_clocks (void)
{
  static PyMethodDef seconds[N_CLOCKS], integers[N_CLOCKS];
  static bool done;
  PyObject *time = done ? NULL : PyImport_ImportModule ("time");
  for (int i = 0; time && i < N_CLOCKS; i++)
    {
      PyObject *index = PyLong_FromLong (i);
      const char *const names[] = { clocks[i].name, clocks[i].name_nsec };
      PyMethodDef *const methods[] = { &seconds[i], &integers[i] };
      for (int k = 0; index && k < 2; k++)
        {
          PyObject *old = PyObject_GetAttrString (time, names[k]);
          *methods[k] =
              (PyMethodDef){ names[k], k ? read_integer : read_seconds, METH_NOARGS,
                             old && PyCFunction_Check (old) ? ((PyCFunctionObject *) old)->m_ml->ml_doc
                                                            : NULL };
          PyObject *module = PyUnicode_FromString ("time");
          PyObject *reader = module ? PyCFunction_NewEx (methods[k], index, module) : NULL;
          if (reader)
            PyObject_SetAttrString (time, names[k], reader);
          Py_XDECREF (reader);
          Py_XDECREF (module);
          Py_XDECREF (old);
        }
      Py_XDECREF (index);
    }
  done = done || time;
  Py_XDECREF (time);
  PyErr_Clear ();
}

/* Generators that libraries seeded when they were loaded, before the program began. */
static void
seed_again (const char *module_name)
{
  PyObject *module = PyDict_GetItemString (PyImport_GetModuleDict (), module_name);
  PyObject *seeded = module ? PyObject_CallMethod (module, "seed", NULL) : NULL;
  Py_XDECREF (seeded);
  PyErr_Clear ();
}

/* ---- the feed ---- */

/* The array called name; NULL: there is none. */
static struct json_object *
list_of (struct json_object *feed, const char *name)
{
  struct json_object *list;
  return json_object_object_get_ex (feed, name, &list) && json_object_is_type (list, json_type_array) ? list
                                                                                                      : NULL;
}

static bool
is_after (struct json_object *entry, uint64_t after_seq)
{
  return (uint64_t) json_object_get_int64 (json_object_array_get_idx (entry, 0)) > after_seq;
}

static bool
take_clock (struct json_object *list, uint64_t after_seq)
{
  size_t n = list ? json_object_array_length (list) : 0;
  free (pins.clock);
  pins.n_clock = pins.next_clock = 0;
  pins.clock = n ? calloc (n, sizeof *pins.clock) : NULL;
  for (size_t i = 0; pins.clock && i < n; i++)
    {
      struct json_object *entry = json_object_array_get_idx (list, i);
      if (is_after (entry, after_seq))
        pins.clock[pins.n_clock++] = json_object_get_int64 (json_object_array_get_idx (entry, 1));
    }
  return pins.clock || !n;
}

static bool
take_knobs (struct json_object *list)
{
  size_t n = list ? json_object_array_length (list) : 0;
  TeKnobFeed *feed = n ? calloc (n, sizeof *feed) : NULL;
  for (size_t i = 0; feed && i < n; i++)
    {
      struct json_object *entry = json_object_array_get_idx (list, i);
      const char *name = json_object_get_string (json_object_array_get_idx (entry, 0));
      feed[i].name = name ? strdup (name) : NULL;
      feed[i].nth = (uint32_t) json_object_get_int64 (json_object_array_get_idx (entry, 1));
      feed[i].value = json_object_get_double (json_object_array_get_idx (entry, 2));
    }
  te_control_take_knob_feed (&te_interpreter.control, feed, feed ? n : 0);
  return feed || !n;
}

static bool
take_inputs (struct json_object *list, uint64_t after_seq)
{
  bool ok = true;
  for (size_t i = 0; ok && list && i < json_object_array_length (list); i++)
    {
      struct json_object *entry = json_object_array_get_idx (list, i),
                         *text = json_object_array_get_idx (entry, 1);
      if (is_after (entry, after_seq) && json_object_is_type (text, json_type_string))
        ok = te_control_answer (&te_interpreter.control, json_object_get_string (text),
                                (size_t) json_object_get_string_len (text));
    }
  return ok;
}

/* Where between two ops a way ends.  Lines are told again where they were told. */
static void
take_place (struct json_object *feed, uint64_t after_seq)
{
  TeControl *control = &te_interpreter.control;
  struct json_object *place = NULL, *member;
  json_object_object_get_ex (feed, "place", &place);
  control->until_steps = control->until_lines = 0;
  control->lines_since = UINT64_MAX;
  if (json_object_object_get_ex (place, "steps", &member))
    control->until_steps = (uint32_t) json_object_get_int64 (member);
  if (json_object_object_get_ex (place, "lines-since", &member))
    control->lines_since = (uint64_t) json_object_get_int64 (member);
  struct json_object *lines = list_of (place, "lines");
  for (size_t i = 0; lines && i < json_object_array_length (lines); i++)
    control->until_lines +=
        (uint64_t) json_object_get_int64 (json_object_array_get_idx (lines, i)) > after_seq;
}

bool
te_pins_take_feed (struct json_object *feed, uint64_t after_seq)
{
  struct json_object *entropy;
  if (json_object_object_get_ex (feed, "entropy", &entropy))
    pins.seed = strtoull (json_object_get_string (entropy), NULL, 16);
  take_place (feed, after_seq);
  return take_clock (list_of (feed, "clock"), after_seq) && take_knobs (list_of (feed, "knobs"))
         && take_inputs (list_of (feed, "inputs"), after_seq);
}

static bool
take_feed_file (const char *path)
{
  struct json_object *feed = json_object_from_file (path);
  char folder[4096];
  const char *slash = strrchr (path, '/');
  snprintf (folder, sizeof folder, "%.*s", slash ? (int) (slash - path) : 1, slash ? path : ".");
  unlink (path);
  bool ok = json_object_is_type (feed, json_type_object) && te_pins_take_feed (feed, 0)
            && te_pinned_files_take_feed (list_of (feed, "files"), folder);
  json_object_put (feed);
  return ok;
}

bool
te_pins_prepare (const TeJob *job)
{
  free (pins.clock);
  pins.clock = NULL;
  pins.n_clock = pins.next_clock = 0;
  pins.drawn = 0;
  pins.thread = pthread_self ();
  te_control_take_knob_feed (&te_interpreter.control, NULL, 0);
  take_place (NULL, 0);
  if (job->feed)
    return take_feed_file (job->feed);
  return real_getrandom (&pins.seed, sizeof pins.seed, 0) == sizeof pins.seed;
}

void
te_pins_seed_text (char text[17])
{
  snprintf (text, 17, "%016llx", (unsigned long long) pins.seed);
}

uint64_t
te_pins_get_drawn (void)
{
  return pins.drawn;
}

void
te_pins_set_drawn (uint64_t drawn)
{
  pins.drawn = drawn;
}

void
te_pins_begin (void)
{
  stand_before_clocks ();
  pins.on = true;
  te_pinned_files_begin ();
  seed_again ("random");
  seed_again ("numpy.random");
}

void
te_pins_end (void)
{
  te_pinned_files_end ();
  pins.on = false;
}
