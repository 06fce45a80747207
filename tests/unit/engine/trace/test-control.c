/* Pausing, stepping and answers between two threads. */
#include <glib.h>
#include <string.h>
#include <unistd.h>

#include "trace/control.h"

static void
test_step (void)
{
  TeControl control;
  te_control_init (&control);
  te_control_step (&control, TE_STEP_OP, 3);
  g_assert_true (control.attention);
  g_assert_false (te_control_point (&control, TE_STEP_OP));
  g_assert_false (te_control_point (&control, TE_STEP_LINE));
  g_assert_false (te_control_point (&control, TE_STEP_OP));
  g_assert_true (te_control_point (&control, TE_STEP_OP));
  te_control_continue (&control);
  g_assert_false (control.attention);
  te_control_pause (&control);
  g_assert_true (te_control_point (&control, TE_STEP_NODE));
  te_control_clear (&control);
}

static void *
continue_soon (void *data)
{
  g_usleep (30000);
  te_control_continue (data);
  return NULL;
}

static bool
until_three (void *data)
{
  return ++*(int *) data < 3;
}

static void
test_park (void)
{
  TeControl control;
  te_control_init (&control);
  te_control_pause (&control);
  g_assert_true (te_control_point (&control, TE_STEP_OP));
  GThread *thread = g_thread_new ("continue", continue_soon, &control);
  g_assert_true (te_control_park (&control, NULL, NULL));
  g_thread_join (thread);
  te_control_pause (&control);
  g_assert_true (te_control_point (&control, TE_STEP_OP));
  int asked = 0;
  g_assert_false (te_control_park (&control, until_three, &asked));
  g_assert_false (control.attention);
  te_control_quit (&control);
  te_control_continue (&control); /* quitting is final */
  g_assert_cmpint (control.mode, ==, TE_MODE_QUIT);
  te_control_clear (&control);
}

static void
test_answers (void)
{
  TeControl control;
  te_control_init (&control);
  g_assert_true (te_control_answer (&control, "a\n", 2));
  g_assert_true (te_control_answer (&control, "", 0));
  size_t nbytes;
  g_autofree char *first = te_control_take_answer (&control, &nbytes, NULL, NULL);
  g_assert_cmpstr (first, ==, "a\n");
  g_autofree char *second = te_control_take_answer (&control, &nbytes, NULL, NULL);
  g_assert_cmpuint (nbytes, ==, 0);
  int asked = 0;
  g_assert_null (te_control_take_answer (&control, &nbytes, until_three, &asked));
  te_control_clear (&control);
}

static void
test_knobs (void)
{
  TeControl control;
  te_control_init (&control);
  te_control_set_knob (&control, "lr", 0.5, NULL);
  te_control_set_knob (&control, "lr", 0.25, NULL);
  te_control_set_knob (&control, "kind", 0, "adam");
  g_assert_cmpuint (control.knob_version, ==, 3);
  g_assert_cmpstr (control.knobs->text, ==, "adam");
  g_assert_cmpfloat (control.knobs->next->value, ==, 0.25);
  g_assert_null (control.knobs->next->next);
  te_control_clear (&control);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/trace/control/step", test_step);
  g_test_add_func ("/trace/control/park", test_park);
  g_test_add_func ("/trace/control/answers", test_answers);
  g_test_add_func ("/trace/control/knobs", test_knobs);
  return g_test_run ();
}
