/* How quickly topics open, and how soon their scenes show and are done, in a window that is on a display.
 *
 * Opening is measured from where the sidebar's row is activated to the end of the frame in which program, note and
 * views of the topic stand.  Each topic is opened twice: where nothing else is open, and where all before it still
 * are.  A scene is run with its panes open and every prediction let pass, to the first frame after its first
 * records, and to the frame that shows its end. */
#include "cli/bench-topics.h"

#include <math.h>
#include <time.h>

#include "application.h"
#include "board-window-private.h"
#include "cli/commands.h"
#include "common/i18n.h"

#define PATIENCE_MSEC  60000
#define REST_MSEC      300
#define WANTED_OPEN    150 /* milliseconds */
#define WANTED_PICTURE 1.0 /* seconds */

typedef enum
{
  WAIT_NOTHING,
  WAIT_TOPIC,
  WAIT_PICTURE,
  WAIT_END,
} Waited;

typedef struct
{
  GbBoardWindow *window;
  GdkFrameClock *clock;
  GMainLoop *loop;
  const char *leaf; /* that is being opened */
  Waited waited;
  gint64 begin;
  double begin_processor;
  double msec, processor_msec; /* until what was waited for was painted; NAN: it was not */
  gulong after;
} Bench;

static double
own_processor_msec (void)
{
  struct timespec t;
  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &t);
  return (double) t.tv_sec * 1e3 + (double) t.tv_nsec / 1e6;
}

static gboolean
quit_loop (gpointer loop)
{
  g_main_loop_quit (loop);
  return G_SOURCE_REMOVE;
}

static void
rest (Bench *bench)
{
  g_timeout_add (REST_MSEC, quit_loop, bench->loop);
  g_main_loop_run (bench->loop);
}

static gboolean
is_there (Bench *bench)
{
  switch (bench->waited)
    {
    case WAIT_TOPIC:
      return g_strcmp0 (bench->window->leaf, bench->leaf) == 0;
    case WAIT_PICTURE:
      return gb_trace_get_last_seq (bench->window->trace) > 0;
    case WAIT_END:
      return gb_run_control_get_state (bench->window->control) >= GB_RUN_ENDED;
    case WAIT_NOTHING:
      break;
    }
  return FALSE;
}

/* A frame was painted: is it the one that is waited for? */
static void
on_after_paint (GdkFrameClock *clock, Bench *bench)
{
  if (bench->waited == WAIT_NOTHING || !is_there (bench))
    return;
  bench->msec = (double) (g_get_monotonic_time () - bench->begin) / 1000;
  bench->processor_msec = own_processor_msec () - bench->begin_processor;
  bench->waited = WAIT_NOTHING;
  g_main_loop_quit (bench->loop);
}

static void
begin (Bench *bench)
{
  bench->begin = g_get_monotonic_time ();
  bench->begin_processor = own_processor_msec ();
}

static double
wait_for (Bench *bench, Waited what)
{
  guint patience = g_timeout_add (PATIENCE_MSEC, quit_loop, bench->loop);
  bench->msec = bench->processor_msec = NAN;
  bench->waited = what;
  g_main_loop_run (bench->loop);
  if (bench->waited == WAIT_NOTHING)
    g_source_remove (patience);
  bench->waited = WAIT_NOTHING;
  return bench->msec;
}

/* ---- set-up ---- */

static gboolean
bench_begin (Bench *bench)
{
  g_autoptr (GError) error = NULL;
  *bench = (Bench){ 0 };
  if (!gtk_init_check ())
    {
      g_printerr ("%s\n", _ ("This bench needs a display."));
      return FALSE;
    }
  g_autoptr (GbApplication) application = gb_application_new ();
  if (!g_application_register (G_APPLICATION (application), NULL, &error))
    {
      g_printerr ("%s\n", error->message);
      return FALSE;
    }
  bench->loop = g_main_loop_new (NULL, FALSE);
  bench->window = g_object_ref_sink (gb_board_window_new (GTK_APPLICATION (application)));
  gtk_window_present (GTK_WINDOW (bench->window));
  g_timeout_add (1000, quit_loop, bench->loop);
  g_main_loop_run (bench->loop);
  bench->clock = gtk_widget_get_frame_clock (GTK_WIDGET (bench->window));
  bench->after = g_signal_connect (bench->clock, "after-paint", G_CALLBACK (on_after_paint), bench);
  return TRUE;
}

static void
bench_end (Bench *bench)
{
  gb_run_control_stop (bench->window->control);
  g_signal_handler_disconnect (bench->clock, bench->after);
  gtk_window_destroy (GTK_WINDOW (bench->window));
  g_object_unref (bench->window);
  g_main_loop_unref (bench->loop);
}

/* ---- topics ---- */

typedef struct
{
  double sum, longest;
  guint n, n_late;
} Sum;

static void
add (Sum *sum, double value, double wanted)
{
  sum->sum += value;
  sum->n++;
  sum->longest = isnan (value) ? INFINITY : fmax (sum->longest, value);
  sum->n_late += !(value <= wanted);
}

typedef struct
{
  double msec, processor_msec;
} Opening;

static Opening
open_leaf (Bench *bench, const char *leaf)
{
  bench->leaf = leaf;
  begin (bench);
  gb_board_window_open_topic (bench->window, leaf);
  wait_for (bench, WAIT_TOPIC);
  Opening opening = { bench->msec, bench->processor_msec };
  rest (bench);
  return opening;
}

/* What the scene in front records in a while is there when the next topic opens. */
static void
run_a_while (Bench *bench)
{
  begin (bench);
  gb_board_window_run (bench->window, -1);
  wait_for (bench, WAIT_PICTURE);
  for (int i = 0; i < 5; i++)
    rest (bench);
  gb_run_control_stop (bench->window->control);
  rest (bench);
}

int
gb_bench_topics (char **names)
{
  Bench bench;
  if (!bench_begin (&bench))
    return GB_EXIT_USAGE;
  const char *const *leaves =
      names ? (const char *const *) names : gb_library_get_leaves (bench.window->library);
  guint n = g_strv_length ((char **) leaves);
  g_autofree Opening *alone = g_new0 (Opening, n);
  Sum sums[2] = { 0 };
  for (guint i = 0; i < n; i++)
    {
      alone[i] = open_leaf (&bench, leaves[i]);
      gb_editor_area_close_tab (bench.window->editor);
      rest (&bench);
    }
  g_print ("%-28s %12s %12s %14s %12s\n", _ ("topic"), _ ("alone, ms"), _ ("processor"), _ ("with others"),
           _ ("processor"));
  for (guint i = 0; i < n; i++)
    {
      Opening among = open_leaf (&bench, leaves[i]);
      run_a_while (&bench);
      add (&sums[0], alone[i].msec, WANTED_OPEN);
      add (&sums[1], among.msec, WANTED_OPEN);
      g_print ("%-28s %12.0f %12.0f %14.0f %12.0f\n", leaves[i], alone[i].msec, alone[i].processor_msec, among.msec,
               among.processor_msec);
    }
  g_print ("%-28s %12.0f %12s %14.0f\n", _ ("mean"), sums[0].sum / n, "", sums[1].sum / n);
  g_print ("%-28s %12.0f %12s %14.0f\n", _ ("the longest"), sums[0].longest, "", sums[1].longest);
  g_print (_ ("%u of %u took longer than %d ms\n"), sums[0].n_late + sums[1].n_late, 2 * n, WANTED_OPEN);
  bench_end (&bench);
  return 0;
}

/* ---- scenes ---- */

/* Questions are let pass, as with "Just show". */
static void
on_control (Bench *bench)
{
  if (bench->waited != WAIT_NOTHING && gb_run_control_get_state (bench->window->control) == GB_RUN_ANSWER)
    gb_run_control_answer (bench->window->control, "");
}

static gboolean
bench_scene (Bench *bench, const char *id, Sum *pictures, guint *n_long)
{
  const GbScene *scene = gb_library_find_scene (bench->window->library, id);
  if (!scene)
    {
      g_printerr (_ ("There is no scene %s.\n"), id);
      return FALSE;
    }
  gb_board_window_open_scene (bench->window, id);
  rest (bench);
  begin (bench);
  gb_board_window_run (bench->window, -1);
  double picture = wait_for (bench, WAIT_PICTURE) / 1e3, full = wait_for (bench, WAIT_END) / 1e3;
  gboolean is_long = !(full <= scene->seconds), is_well = gb_trace_get_n_exceptions (bench->window->trace) == 0;
  const TeFactMeter *meter = gb_trace_get_meter (bench->window->trace);
  g_print ("%-20s %12.2f %10.2f %8g %12.2f %10.2f  %s\n", id, picture, full, scene->seconds,
           meter ? (double) meter->cpu_nsec / 1e9 : NAN, bench->processor_msec / 1e3,
           !is_well ? _ ("failed") : is_long ? _ ("too long") : "");
  add (pictures, picture, WANTED_PICTURE);
  *n_long += is_long || !is_well;
  gb_run_control_stop (bench->window->control);
  gb_editor_area_close_tab (bench->window->editor);
  rest (bench);
  return TRUE;
}

int
gb_bench_scenes (char **names)
{
  Bench bench;
  if (!bench_begin (&bench))
    return GB_EXIT_USAGE;
  guint n = names ? g_strv_length (names) : gb_library_get_n_scenes (bench.window->library), n_long = 0;
  Sum pictures = { 0 };
  gboolean known = TRUE;
  g_signal_connect_swapped (bench.window->control, "changed", G_CALLBACK (on_control), &bench);
  g_print ("%-20s %12s %10s %8s %12s %10s\n%-20s %12s %10s %8s %12s %10s\n", _ ("scene"), _ ("first"), _ ("full"),
           _ ("wanted"), _ ("interpreter"), _ ("window"), "", _ ("picture, s"), _ ("result, s"), "s", _ ("cpu, s"),
           _ ("cpu, s"));
  for (guint i = 0; i < n && known; i++)
    known = bench_scene (&bench, names ? names[i] : gb_library_get_scene (bench.window->library, i)->id, &pictures,
                         &n_long);
  if (known)
    g_print (_ ("first picture: mean %.2f s, the longest %.2f s, %u of %u later than %g s; full result too late or failed: %u\n"),
             pictures.sum / n, pictures.longest, pictures.n_late, n, WANTED_PICTURE, n_long);
  g_signal_handlers_disconnect_by_data (bench.window->control, &bench);
  bench_end (&bench);
  return known ? 0 : GB_EXIT_USAGE;
}
