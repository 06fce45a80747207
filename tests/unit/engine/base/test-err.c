/* Errors as values, and warnings. */
#include <glib.h>
#include <string.h>

#include "base/err.h"

static void
test_set (void)
{
  TeError err;
  te_error_clear (&err);
  g_assert_cmpint (err.kind, ==, TE_ERR_NONE);
  g_assert_false (te_error_set (&err, TE_ERR_INDEX, "index %d", 7));
  g_assert_cmpint (err.kind, ==, TE_ERR_INDEX);
  g_assert_cmpstr (err.text, ==, "index 7");
}

/* A text longer than its room is cut, never written past the end. */
static void
test_long_text (void)
{
  TeError err;
  g_autofree char *text = g_strnfill (10000, 'x');
  te_error_clear (&err);
  te_error_set (&err, TE_ERR_VALUE, "%s", text);
  g_assert_cmpuint (strlen (err.text), <, sizeof err.text);
  te_error_no_memory (&err);
  g_assert_cmpint (err.kind, ==, TE_ERR_MEMORY);
}

static char *warned;
static bool make_error;

static bool
handler (TeWarnKind kind, const char *text, TeError *err)
{
  g_free (warned);
  warned = g_strdup_printf ("%d %s", kind, text);
  return !make_error || te_error_set (err, TE_ERR_PENDING, "turned");
}

static void
test_warn (void)
{
  TeError err;
  te_error_clear (&err);
  te_warn_set_handler (handler);
  g_assert_true (te_warn (&err, TE_WARN_DEPRECATION, "old %s", "thing"));
  g_assert_cmpstr (warned, ==, "1 old thing");
  make_error = true;
  g_assert_false (te_warn (&err, TE_WARN_USER, "no"));
  g_assert_cmpint (err.kind, ==, TE_ERR_PENDING);
  te_warn_set_handler (NULL);
  g_free (warned);
}

static void
test_interrupt (void)
{
  g_assert_false (te_interrupted ());
  te_interrupt_set ();
  g_assert_true (te_interrupted ());
  te_interrupt_clear ();
  g_assert_false (te_interrupted ());
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/err/set", test_set);
  g_test_add_func ("/err/long-text", test_long_text);
  g_test_add_func ("/err/warn", test_warn);
  g_test_add_func ("/err/interrupt", test_interrupt);
  return g_test_run ();
}
