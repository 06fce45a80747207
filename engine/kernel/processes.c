#include "kernel/processes.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

typedef void (*Visit) (pid_t pid, char state, guint64 cpu_ticks, guint64 rss_pages, gpointer data);

/* /proc/PID/stat: "pid (name) state ppid pgrp session … utime(14) stime(15) … rss(24)"; the name may hold
 * anything. */
static gboolean
parse_stat (const char *text, char *state, long *session, guint64 *ticks, guint64 *rss)
{
  const char *after = strrchr (text, ')');
  long ppid, pgrp;
  unsigned long long utime, stime, pages;
  if (!after
      || sscanf (after + 1,
                 " %c %ld %ld %ld %*d %*d %*u %*u %*u %*u %*u %llu %llu %*d %*d %*d %*d %*d %*d %*u %*u %llu",
                 state, &ppid, &pgrp, session, &utime, &stime, &pages)
             != 7)
    return FALSE;
  *ticks = utime + stime;
  *rss = pages;
  return TRUE;
}

static void
visit_session (Visit visit, gpointer data)
{
  GDir *dir = g_dir_open ("/proc", 0, NULL);
  const char *name;
  pid_t self = getpid ();
  long session = getsid (0);
  while (dir && (name = g_dir_read_name (dir)))
    {
      pid_t pid = atoi (name);
      if (pid <= 0 || pid == self)
        continue;
      char path[64], text[1024];
      g_snprintf (path, sizeof path, "/proc/%d/stat", pid);
      int fd = open (path, O_RDONLY | O_CLOEXEC);
      ssize_t n = fd >= 0 ? read (fd, text, sizeof text - 1) : -1;
      if (fd >= 0)
        close (fd);
      char state;
      long its_session;
      guint64 ticks, rss;
      if (n <= 0)
        continue;
      text[n] = 0;
      if (parse_stat (text, &state, &its_session, &ticks, &rss) && its_session == session)
        visit (pid, state, ticks, rss, data);
    }
  if (dir)
    g_dir_close (dir);
}

static void
add_up (pid_t pid, char state, guint64 ticks, guint64 rss, gpointer data)
{
  GbProcesses *out = data;
  out->count++;
  out->rss_nbytes += rss * (guint64) sysconf (_SC_PAGESIZE);
  out->cpu_usec += ticks * 1000000 / (guint64) sysconf (_SC_CLK_TCK);
}

void
gb_processes_measure (GbProcesses *out)
{
  memset (out, 0, sizeof *out);
  visit_session (add_up, out);
}

void
gb_process_memory (GPid pid, guint64 *private_nbytes, guint64 *share_nbytes)
{
  char path[64], line[128];
  guint64 kib;
  *private_nbytes = *share_nbytes = 0;
  g_snprintf (path, sizeof path, "/proc/%d/smaps_rollup", (int) pid);
  FILE *file = fopen (path, "re");
  while (file && fgets (line, sizeof line, file))
    if (sscanf (line, "Private_Clean: %" G_GUINT64_FORMAT, &kib) == 1
        || sscanf (line, "Private_Dirty: %" G_GUINT64_FORMAT, &kib) == 1)
      *private_nbytes += kib * 1024;
    else if (sscanf (line, "Pss: %" G_GUINT64_FORMAT, &kib) == 1)
      *share_nbytes = kib * 1024;
  if (file)
    fclose (file);
}

static void
add_share (pid_t pid, char state, guint64 ticks, guint64 rss, gpointer data)
{
  guint64 private_nbytes, share;
  gb_process_memory (pid, &private_nbytes, &share);
  *(guint64 *) data += share ? share : rss * (guint64) sysconf (_SC_PAGESIZE);
}

guint64
gb_processes_share (void)
{
  guint64 total = 0;
  visit_session (add_share, &total);
  return total;
}

char
gb_processes_state (GPid pid)
{
  char path[64], text[1024], state = 0;
  long session;
  guint64 ticks, rss;
  g_snprintf (path, sizeof path, "/proc/%d/stat", (int) pid);
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  ssize_t n = fd >= 0 ? read (fd, text, sizeof text - 1) : -1;
  if (fd >= 0)
    close (fd);
  if (n > 0)
    {
      text[n] = 0;
      parse_stat (text, &state, &session, &ticks, &rss);
    }
  return state;
}

static void
kill_one (pid_t pid, char state, guint64 ticks, guint64 rss, gpointer data)
{
  if (state != 'Z' && state != 'X')
    {
      kill (pid, SIGKILL);
      ++*(guint *) data;
    }
}

void
gb_processes_reap (GPid reaped_elsewhere, GPid also_elsewhere)
{
  siginfo_t who = { 0 };
  while (waitid (P_ALL, 0, &who, WEXITED | WNOHANG | WNOWAIT) == 0 && who.si_pid
         && who.si_pid != reaped_elsewhere && who.si_pid != also_elsewhere)
    {
      waitpid (who.si_pid, NULL, WNOHANG);
      who.si_pid = 0;
    }
}

void
gb_processes_kill_all (GPid reaped_elsewhere)
{
  for (int round = 0; round < 250; round++)
    {
      guint killed = 0;
      visit_session (kill_one, &killed);
      gb_processes_reap (reaped_elsewhere, 0);
      if (!killed)
        return;
      g_usleep (2000);
    }
}
