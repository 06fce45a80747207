#include "kernel/fork-gate.h"

#include <errno.h>
#include <glib-unix.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kernel/processes.h"

/* A granted fork shows in /proc only a moment later; until then the grant itself is counted. */
#define GRANT_USEC 20000
/* Sleepers that are told to end are processes until they have. */
#define ENDING_USEC 2000000

struct _GbForkGate
{
  int fd;
  guint source, baseline, sleeping, ending, refused;
  gint64 ended_usec;
  gint64 grants[GB_FORK_LIMIT];
  struct seccomp_notif_sizes sizes;
};

static gboolean
may_fork (GbForkGate *self)
{
  gint64 now = g_get_monotonic_time ();
  guint recent = 0;
  int oldest = 0;
  for (int i = 0; i < GB_FORK_LIMIT; i++)
    {
      recent += now - self->grants[i] < GRANT_USEC;
      if (self->grants[i] < self->grants[oldest])
        oldest = i;
    }
  GbProcesses live;
  guint uncounted = self->baseline + self->sleeping + (now - self->ended_usec < ENDING_USEC ? self->ending : 0);
  gb_processes_measure (&live);
  guint others = live.count > uncounted ? live.count - uncounted : 0;
  if (recent == GB_FORK_LIMIT || others + recent >= GB_FORK_LIMIT)
    {
      if (others >= GB_FORK_LIMIT || recent == GB_FORK_LIMIT)
        return FALSE;
      /* Some grants may be counted twice; let them settle and look again. */
      g_usleep (3000);
      gb_processes_measure (&live);
      if (live.count >= uncounted + GB_FORK_LIMIT)
        return FALSE;
    }
  self->grants[oldest] = now;
  return TRUE;
}

static gboolean
answer (gint fd, GIOCondition condition, gpointer data)
{
  GbForkGate *self = data;
  if (!(condition & G_IO_IN))
    {
      self->source = 0;
      return G_SOURCE_REMOVE;
    }
  g_autofree struct seccomp_notif *request = g_malloc0 (MAX (self->sizes.seccomp_notif, sizeof *request));
  g_autofree struct seccomp_notif_resp *response =
      g_malloc0 (MAX (self->sizes.seccomp_notif_resp, sizeof *response));
  if (ioctl (fd, SECCOMP_IOCTL_NOTIF_RECV, request))
    return G_SOURCE_CONTINUE; /* it was interrupted or killed meanwhile */
  response->id = request->id;
  if (may_fork (self))
    response->flags = SECCOMP_USER_NOTIF_FLAG_CONTINUE;
  else
    {
      response->error = -EAGAIN;
      self->refused++;
    }
  ioctl (fd, SECCOMP_IOCTL_NOTIF_SEND, response);
  return G_SOURCE_CONTINUE;
}

GbForkGate *
gb_fork_gate_new (int fd, guint baseline)
{
  GbForkGate *self = g_new0 (GbForkGate, 1);
  self->fd = fd;
  self->baseline = baseline;
  self->ended_usec = G_MININT64 / 2;
  for (int i = 0; i < GB_FORK_LIMIT; i++)
    self->grants[i] = G_MININT64 / 2;
  if (syscall (SYS_seccomp, SECCOMP_GET_NOTIF_SIZES, 0, &self->sizes))
    memset (&self->sizes, 0, sizeof self->sizes);
  self->source = g_unix_fd_add (fd, G_IO_IN | G_IO_HUP | G_IO_ERR, answer, self);
  return self;
}

void
gb_fork_gate_set_sleeping (GbForkGate *self, guint n)
{
  if (!self)
    return;
  if (n < self->sleeping)
    {
      gint64 now = g_get_monotonic_time ();
      self->ending = self->sleeping - n + (now - self->ended_usec < ENDING_USEC ? self->ending : 0);
      self->ended_usec = now;
    }
  self->sleeping = n;
}

void
gb_fork_gate_free (GbForkGate *self)
{
  if (!self)
    return;
  if (self->source)
    g_source_remove (self->source);
  close (self->fd);
  g_free (self);
}

guint
gb_fork_gate_get_refused (GbForkGate *self)
{
  return self ? self->refused : 0;
}
