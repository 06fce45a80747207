/* The search over everything: Chinese without spaces, both languages, nothing that gives a case away. */
#include "common/i18n.h"
#include "library/search.h"
#include "paths.h"

#include <locale.h>
#include <string.h>

static GbLibrary *library;
static GbSearch *search;

static gboolean
has (GPtrArray *found, GbFoundKind kind, const char *id)
{
  for (guint i = 0; i < found->len; i++)
    {
      const GbFound *one = g_ptr_array_index (found, i);
      if (one->kind == kind && strcmp (one->id, id) == 0)
        return TRUE;
    }
  return FALSE;
}

static void
test_words (void)
{
  static const struct
  {
    const char *language, *query;
    GbFoundKind kind;
    const char *id;
  } rows[] = {
    { "en", "broadcasting", GB_FOUND_TOPIC, "tensor.broadcasting" },
    { "en", "BroadCasting  RULES", GB_FOUND_TOPIC, "tensor.broadcasting" },
    { "en", "广播", GB_FOUND_TOPIC, "tensor.broadcasting" },
    { "zh", "右对齐", GB_FOUND_SCENE, "broadcast" },
    { "zh", "从最右边", GB_FOUND_TOPIC, "tensor.broadcasting" },
    { "zh", "ＳＴＲＩＤＥ", GB_FOUND_TOPIC, "tensor.memory-layout" },
    { "zh", "两个形状stride", GB_FOUND_SCENE, "broadcast" }, /* cut where Han meets Latin */
    { "en", "B08", GB_FOUND_CASE, "B08" },
    { "en", "softplus", GB_FOUND_CASE, "B08" },
    { "zh", "log-softmax", GB_FOUND_EXERCISE, "C10" },
    { "en", "backward broadcasting", GB_FOUND_QUESTION, "tensor.broadcasting" },
  };
  for (guint i = 0; i < G_N_ELEMENTS (rows); i++)
    {
      gb_i18n_set_language (rows[i].language);
      g_autoptr (GPtrArray) found = gb_search_find (search, rows[i].query, 50);
      g_test_message ("%s: %u", rows[i].query, found->len);
      g_assert_true (has (found, rows[i].kind, rows[i].id));
    }
  g_assert_cmpuint (gb_search_get_n_places (search), >, 200);
}

static void
test_order_and_snippets (void)
{
  gb_i18n_set_language ("zh");
  g_autoptr (GPtrArray) found = gb_search_find (search, "广播", 5);
  g_assert_cmpuint (found->len, ==, 5);
  for (guint i = 0; i < found->len; i++)
    {
      const GbFound *one = g_ptr_array_index (found, i);
      g_assert_true (g_utf8_validate (one->snippet, -1, NULL));
      g_assert_cmpuint (g_utf8_strlen (one->snippet, -1), <, 120);
      if (one->length)
        g_assert_cmpint (strncmp (one->snippet + one->match, "广播", one->length), ==, 0);
      if (i)
        g_assert_cmpfloat (one->score, <=, ((GbFound *) g_ptr_array_index (found, i - 1))->score);
    }
  g_assert_cmpstr (((GbFound *) g_ptr_array_index (found, 0))->id, ==, "tensor.broadcasting");
  static const char *const none[] = { "", "   ", "　", "zzzzqqq", "广播 zzzzqqq" };
  for (guint i = 0; i < G_N_ELEMENTS (none); i++)
    {
      g_autoptr (GPtrArray) nothing = gb_search_find (search, none[i], 5);
      g_assert_cmpuint (nothing->len, ==, 0);
    }
}

/* Every cause, hint and explanation of every case is out of its reach. */
static void
test_gives_nothing_away (void)
{
  gb_i18n_set_language ("en");
  for (guint i = 0; i < gb_library_get_n_cases (library); i++)
    {
      const GbCase *which = gb_library_get_case (library, i);
      const char *texts[4] = { which->explanation.en, which->explanation.zh };
      if (which->hints->len)
        texts[2] = ((GbCaseHint *) g_ptr_array_index (which->hints, which->hints->len - 1))->text.en;
      if (which->causes->len)
        texts[3] = ((GbCaseCause *) g_ptr_array_index (which->causes, 0))->text.en;
      for (guint k = 0; k < 4; k++)
        {
          g_autoptr (GPtrArray) found = texts[k] ? gb_search_find (search, texts[k], 50) : NULL;
          g_assert_false (
              found && (has (found, GB_FOUND_CASE, which->id) || has (found, GB_FOUND_EXERCISE, which->id)));
        }
    }
}

static void
test_quick (void)
{
  gint64 start = g_get_monotonic_time ();
  for (guint i = 0; i < 20; i++)
    g_ptr_array_unref (gb_search_find (search, "梯度 grad", 50));
  double msec = (double) (g_get_monotonic_time () - start) / 20000;
  g_test_message ("%.1f ms a search over %u places", msec, gb_search_get_n_places (search));
  g_assert_cmpfloat (msec, <, 200);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  g_test_init (&argc, &argv, NULL);
  library = gb_library_new (gb_paths_get_data_dir ());
  search = gb_search_new (library);
  g_test_add_func ("/search/words", test_words);
  g_test_add_func ("/search/order-and-snippets", test_order_and_snippets);
  g_test_add_func ("/search/gives-nothing-away", test_gives_nothing_away);
  g_test_add_func ("/search/quick", test_quick);
  int result = g_test_run ();
  gb_search_free (search);
  g_object_unref (library);
  return result;
}
