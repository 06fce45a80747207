/* Frames from a hostile interpreter, and bytes on the broker's connection: the broker ends cleanly or goes
 * on. */
#include <gio/gio.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz.h"
#include "kernel/frame-io.h"

static void
test_buffer (void)
{
  g_autoptr (GRand) rand = fuzz_rand ();
  guint rounds = fuzz_rounds (300);
  for (guint i = 0; i < rounds; i++)
    {
      int pair[2], passed;
      pid_t pid = 0;
      guint8 bytes[2048];
      g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
      gsize nbytes = 0;
      while (nbytes < 1500)
        {
          TeFrame frame = { TE_FRAME_MAGIC, TE_FRAME_REPLY, nbytes,
                            (guint32) g_rand_int_range (rand, 0, 200) };
          memcpy (bytes + nbytes, &frame, sizeof frame);
          memset (bytes + nbytes + sizeof frame, 'x', frame.nbytes);
          nbytes += sizeof frame + frame.nbytes;
        }
      if (i % 3)
        fuzz_mutate (rand, bytes, nbytes);
      TeFrameBuffer buffer = { 0 };
      for (gsize at = 0; at < nbytes;)
        {
          gsize most = (gsize) g_rand_int_range (rand, 1, 700), part = MIN (nbytes - at, most);
          g_assert_cmpint (write (pair[1], bytes + at, part), ==, part);
          at += part;
          g_assert_true (te_frame_buffer_read (&buffer, pair[0], &pid, &passed));
          TeFrame frame;
          const char *payload;
          gsize consumed;
          int got;
          while ((got = te_frame_buffer_next (&buffer, &frame, &payload, &consumed)) > 0)
            {
              g_assert_cmpuint (consumed, <=, buffer.nbytes);
              te_frame_buffer_drop (&buffer, consumed);
            }
          if (got < 0)
            break;
        }
      te_frame_buffer_clear (&buffer);
      close (pair[0]);
      close (pair[1]);
    }
}

/* Begins as a D-Bus client and goes on with nonsense. */
static void
one_connection (GRand *rand, guint round)
{
  int pair[2];
  g_autoptr (GError) error = NULL;
  g_assert_cmpint (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), ==, 0);
  GSubprocessLauncher *launcher = g_subprocess_launcher_new (G_SUBPROCESS_FLAGS_STDERR_SILENCE);
  g_subprocess_launcher_take_fd (launcher, pair[1], 3);
  g_autoptr (GSubprocess) broker =
      g_subprocess_launcher_spawn (launcher, &error, g_getenv ("GRADBOARD_KERNEL"), NULL);
  g_object_unref (launcher);
  g_assert_no_error (error);
  if (round % 2)
    {
      static const char hello[] = "\0AUTH ANONYMOUS\r\nNEGOTIATE_UNIX_FD\r\nBEGIN\r\n";
      g_assert_cmpint (send (pair[0], hello, sizeof hello - 1, MSG_NOSIGNAL), ==, sizeof hello - 1);
      g_usleep (20000);
    }
  for (int i = 0; i < 20; i++)
    {
      guint8 bytes[512] = { 'l', 1, 0, 1, 0,   0, 0, 0, 1, 0, 0,   0,   40,  0,
                            0,   0, 1, 1, 'o', 0, 4, 0, 0, 0, '/', 'o', 'r', 'g' };
      for (guint k = 28; k < sizeof bytes; k++)
        bytes[k] = (guint8) g_rand_int (rand);
      if (round % 4 > 1)
        fuzz_mutate (rand, bytes, sizeof bytes);
      if (send (pair[0], bytes, (gsize) g_rand_int_range (rand, 1, sizeof bytes), MSG_NOSIGNAL) < 0)
        break;
    }
  close (pair[0]);
  g_assert_true (g_subprocess_wait (broker, NULL, &error));
  g_assert_true (g_subprocess_get_if_exited (broker)); /* not by a signal */
}

static void
test_connection (void)
{
  g_autoptr (GRand) rand = fuzz_rand ();
  guint rounds = fuzz_rounds (8);
  for (guint i = 0; i < rounds; i++)
    one_connection (rand, i);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  signal (SIGPIPE, SIG_IGN);
  g_test_add_func ("/fuzz/frames/buffer", test_buffer);
  g_test_add_func ("/fuzz/frames/connection", test_connection);
  return g_test_run ();
}
