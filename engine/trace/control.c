#include "trace/control.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

void
te_control_init (TeControl *self)
{
  memset (self, 0, sizeof *self);
  pthread_mutex_init (&self->mutex, NULL);
  pthread_condattr_t monotonic;
  pthread_condattr_init (&monotonic);
  pthread_condattr_setclock (&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init (&self->changed, &monotonic);
  pthread_condattr_destroy (&monotonic);
}

void
te_breakpoints_free (TeBreakpoint *breakpoints, size_t n)
{
  for (size_t i = 0; i < n; i++)
    {
      free (breakpoints[i].path);
      free (breakpoints[i].condition);
    }
  free (breakpoints);
}

static void
free_answers (TeControl *self)
{
  while (self->answers)
    {
      TeAnswer *next = self->answers->next;
      free (self->answers->text);
      free (self->answers);
      self->answers = next;
    }
  self->last_answer = NULL;
}

void
te_control_clear (TeControl *self)
{
  while (self->knobs)
    {
      TeKnobSetting *next = self->knobs->next;
      free (self->knobs->name);
      free (self->knobs->text);
      free (self->knobs);
      self->knobs = next;
    }
  free_answers (self);
  free (self->watches);
  te_breakpoints_free (self->breakpoints, self->n_breakpoints);
  pthread_cond_destroy (&self->changed);
  pthread_mutex_destroy (&self->mutex);
}

static void
set_mode (TeControl *self, TeMode mode, TeStepUnit unit, uint32_t count)
{
  pthread_mutex_lock (&self->mutex);
  if (self->mode != TE_MODE_QUIT)
    {
      self->mode = mode;
      self->step_unit = unit;
      self->step_count = count;
      if (mode != TE_MODE_PAUSE)
        self->parked = false;
      self->attention = mode != TE_MODE_RUN;
    }
  pthread_cond_broadcast (&self->changed);
  pthread_mutex_unlock (&self->mutex);
}

void
te_control_pause (TeControl *self)
{
  set_mode (self, TE_MODE_PAUSE, TE_STEP_OP, 0);
}

void
te_control_continue (TeControl *self)
{
  set_mode (self, TE_MODE_RUN, TE_STEP_OP, 0);
}

void
te_control_step (TeControl *self, TeStepUnit unit, uint32_t count)
{
  set_mode (self, TE_MODE_STEP, unit, count ? count : 1);
}

void
te_control_until (TeControl *self, uint64_t call)
{
  pthread_mutex_lock (&self->mutex);
  self->until_call = call;
  pthread_mutex_unlock (&self->mutex);
  set_mode (self, TE_MODE_UNTIL, TE_STEP_OP, 0);
}

void
te_control_quit (TeControl *self)
{
  set_mode (self, TE_MODE_QUIT, TE_STEP_OP, 0);
  pthread_mutex_lock (&self->mutex);
  self->parked = false;
  pthread_cond_broadcast (&self->changed);
  pthread_mutex_unlock (&self->mutex);
}

bool
te_control_set_knob (TeControl *self, const char *name, double value, const char *text)
{
  char *text_copy = text ? strdup (text) : NULL;
  if (text && !text_copy)
    return false;
  pthread_mutex_lock (&self->mutex);
  TeKnobSetting *knob = self->knobs;
  while (knob && strcmp (knob->name, name))
    knob = knob->next;
  if (!knob && (knob = calloc (1, sizeof *knob)))
    {
      knob->name = strdup (name);
      knob->next = self->knobs;
      if (knob->name)
        self->knobs = knob;
      else
        {
          free (knob);
          knob = NULL;
        }
    }
  if (knob)
    {
      free (knob->text);
      knob->text = text_copy;
      knob->value = value;
      __atomic_fetch_add (&self->knob_version, 1, __ATOMIC_RELEASE);
    }
  else
    free (text_copy);
  pthread_mutex_unlock (&self->mutex);
  return knob != NULL;
}

bool
te_control_answer (TeControl *self, const char *text, size_t nbytes)
{
  TeAnswer *answer = calloc (1, sizeof *answer);
  char *copy = malloc (nbytes + 1);
  if (!answer || !copy)
    {
      free (answer);
      free (copy);
      return false;
    }
  memcpy (copy, text, nbytes);
  copy[nbytes] = 0;
  *answer = (TeAnswer){ NULL, copy, nbytes };
  pthread_mutex_lock (&self->mutex);
  if (self->last_answer)
    self->last_answer->next = answer;
  else
    self->answers = answer;
  self->last_answer = answer;
  pthread_cond_broadcast (&self->changed);
  pthread_mutex_unlock (&self->mutex);
  return true;
}

bool
te_control_set_watches (TeControl *self, const TeWatch *watches, size_t n)
{
  TeWatch *copy = malloc (n ? n * sizeof *copy : 1);
  if (!copy)
    return false;
  memcpy (copy, watches, n * sizeof *copy);
  pthread_mutex_lock (&self->mutex);
  free (self->watches);
  self->watches = copy;
  self->n_watches = n;
  __atomic_fetch_add (&self->watch_version, 1, __ATOMIC_RELEASE);
  pthread_mutex_unlock (&self->mutex);
  return true;
}

void
te_control_take_breakpoints (TeControl *self, TeBreakpoint *breakpoints, size_t n)
{
  pthread_mutex_lock (&self->mutex);
  te_breakpoints_free (self->breakpoints, self->n_breakpoints);
  self->breakpoints = breakpoints;
  self->n_breakpoints = n;
  __atomic_fetch_add (&self->breakpoint_version, 1, __ATOMIC_RELEASE);
  pthread_mutex_unlock (&self->mutex);
}

bool
te_control_point (TeControl *self, TeStepUnit unit)
{
  pthread_mutex_lock (&self->mutex);
  bool stop = self->mode == TE_MODE_PAUSE || self->mode == TE_MODE_QUIT
              || (self->mode == TE_MODE_STEP && self->step_unit == unit && --self->step_count == 0);
  if (stop && self->mode != TE_MODE_QUIT)
    {
      self->mode = TE_MODE_PAUSE;
      self->parked = true;
    }
  pthread_mutex_unlock (&self->mutex);
  return stop;
}

static uint64_t
nsec_between (const struct timespec *begin, const struct timespec *end)
{
  return (uint64_t) ((int64_t) (end->tv_sec - begin->tv_sec) * 1000000000 + end->tv_nsec - begin->tv_nsec);
}

/* Waits for `changed`, at most 20 ms; the lock is held. */
static void
wait_a_little (TeControl *self)
{
  struct timespec begin, until;
  clock_gettime (CLOCK_MONOTONIC, &begin);
  until = begin;
  until.tv_nsec += 20000000;
  if (until.tv_nsec >= 1000000000)
    {
      until.tv_sec++;
      until.tv_nsec -= 1000000000;
    }
  pthread_cond_timedwait (&self->changed, &self->mutex, &until);
  clock_gettime (CLOCK_MONOTONIC, &until);
  self->waited_nsec += nsec_between (&begin, &until);
}

bool
te_control_park (TeControl *self, bool (*still_fine) (void *), void *ctx)
{
  bool fine = true;
  pthread_mutex_lock (&self->mutex);
  while (self->parked && self->mode != TE_MODE_QUIT && fine)
    {
      wait_a_little (self);
      pthread_mutex_unlock (&self->mutex);
      fine = !still_fine || still_fine (ctx);
      pthread_mutex_lock (&self->mutex);
    }
  if (!fine)
    {
      self->parked = false;
      self->mode = TE_MODE_RUN;
      self->attention = 0;
    }
  fine = fine && self->mode != TE_MODE_QUIT;
  pthread_mutex_unlock (&self->mutex);
  return fine;
}

char *
te_control_take_answer (TeControl *self, size_t *nbytes, bool (*still_fine) (void *), void *ctx)
{
  bool fine = true;
  char *text = NULL;
  pthread_mutex_lock (&self->mutex);
  while (!self->answers && self->mode != TE_MODE_QUIT && fine)
    {
      wait_a_little (self);
      pthread_mutex_unlock (&self->mutex);
      fine = !still_fine || still_fine (ctx);
      pthread_mutex_lock (&self->mutex);
    }
  if (fine && self->answers)
    {
      TeAnswer *answer = self->answers;
      self->answers = answer->next;
      if (!self->answers)
        self->last_answer = NULL;
      text = answer->text;
      *nbytes = answer->nbytes;
      free (answer);
    }
  pthread_mutex_unlock (&self->mutex);
  return text;
}

void
te_control_drop_answers (TeControl *self)
{
  pthread_mutex_lock (&self->mutex);
  free_answers (self);
  pthread_mutex_unlock (&self->mutex);
}

void
te_control_take_knob_feed (TeControl *self, TeKnobFeed *feed, size_t n)
{
  for (size_t i = 0; i < self->n_knob_feed; i++)
    free (self->knob_feed[i].name);
  free (self->knob_feed);
  self->knob_feed = feed;
  self->n_knob_feed = n;
}

bool
te_control_fed_knob (const TeControl *self, const char *name, uint32_t nth, double *value)
{
  for (size_t i = 0; i < self->n_knob_feed; i++)
    if (self->knob_feed[i].nth == nth && self->knob_feed[i].name && !strcmp (self->knob_feed[i].name, name))
      {
        *value = self->knob_feed[i].value;
        return true;
      }
  return false;
}
