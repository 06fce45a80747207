/* Damaged moments: opened or refused with a sentence, never a crash. */
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

#include "board/moment.h"
#include "fuzz.h"

static const char good[] =
    "{\"gradboard-moment\": 1, \"path\": \"/tmp/a.py\", \"call\": 12, \"steps\": 3,\n"
    " \"views\": [\"graph\", \"chart\"], \"text\": \"print(1)\",\n"
    " \"feed\": {\"entropy\": \"0a\", \"clock\": [[3, 17]], \"knobs\": [[\"lr\", 1, 0.5]],\n"
    "          \"inputs\": [[4, \"line\\n\"]]}}\n";
static char *path;

static GbMoment *
load (const char *bytes, gsize nbytes)
{
  g_autoptr (GError) error = NULL;
  g_assert_true (g_file_set_contents (path, bytes, (gssize) nbytes, NULL));
  GbMoment *moment = gb_moment_load (path, &error);
  g_assert_true (moment ? !error : error && *error->message);
  if (moment)
    {
      g_assert_true (moment->path && moment->feed && moment->views);
      g_assert_true (g_utf8_validate (moment->text, -1, NULL));
    }
  return moment;
}

static void
test_whole (void)
{
  g_autoptr (GbMoment) moment = load (good, sizeof good - 1);
  g_assert_nonnull (moment);
  g_assert_cmpuint (moment->place.call, ==, 12);
  g_assert_cmpuint (moment->place.steps, ==, 3);
  g_assert_cmpstr (moment->text, ==, "print(1)");
  g_assert_cmpuint (g_strv_length (moment->views), ==, 2);
  g_assert_true (gb_moment_save (moment, path, NULL));
  g_autoptr (GbMoment) again = gb_moment_load (path, NULL);
  g_assert_nonnull (again);
  g_assert_cmpstr (again->feed, ==, moment->feed);
}

static void
test_mutated (void)
{
  g_autoptr (GRand) rand = fuzz_rand ();
  for (guint i = 0, rounds = fuzz_rounds (500); i < rounds; i++)
    {
      char bytes[sizeof good];
      memcpy (bytes, good, sizeof good);
      fuzz_mutate (rand, (guint8 *) bytes, sizeof good - 1);
      gb_moment_free (load (bytes, sizeof good - 1));
    }
}

/* As text: there and back, and damaged. */
static void
test_text (void)
{
  g_autoptr (GRand) rand = fuzz_rand ();
  g_autoptr (GbMoment) moment = load (good, sizeof good - 1);
  g_autofree char *text = gb_moment_to_text (moment);
  g_assert_true (g_str_has_prefix (text, GB_MOMENT_SCHEME));
  g_assert_null (strpbrk (text, "+/= \n"));
  g_autoptr (GbMoment) again = gb_moment_from_text (text, NULL);
  g_assert_nonnull (again);
  g_assert_cmpstr (again->text, ==, moment->text);
  g_assert_cmpstr (again->feed, ==, moment->feed);
  g_assert_cmpuint (again->place.steps, ==, moment->place.steps);
  gsize n = strlen (text);
  for (guint i = 0, rounds = fuzz_rounds (500); i < rounds; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *damaged = g_strdup (text);
      guint at = g_rand_int_range (rand, 0, (gint32) n);
      damaged[at] = (char) g_rand_int_range (rand, i % 2 ? 0 : '0', 127);
      g_autoptr (GbMoment) got = gb_moment_from_text (damaged, &error);
      g_assert_true (got ? !error : error && *error->message);
    }
  g_assert_null (gb_moment_from_text ("", NULL));
  g_assert_null (gb_moment_from_text ("moment:", NULL));
  g_assert_null (gb_moment_from_text (good, NULL));
}

static void
test_cut (void)
{
  for (gsize nbytes = 0; nbytes < strlen (good) - 2; nbytes++)
    g_assert_null (load (good, nbytes));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  int fd = g_file_open_tmp ("gradboard-XXXXXX.moment", &path, NULL);
  g_assert_cmpint (fd, >=, 0);
  close (fd);
  g_test_add_func ("/fuzz/moment/whole", test_whole);
  g_test_add_func ("/fuzz/moment/mutated", test_mutated);
  g_test_add_func ("/fuzz/moment/text", test_text);
  g_test_add_func ("/fuzz/moment/cut", test_cut);
  int status = g_test_run ();
  g_unlink (path);
  return status;
}
