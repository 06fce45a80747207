#include "common/frame-budget.h"

#define ALLOWANCE_USEC 14000 /* of the 25 ms that watching may cost: painting is followed by the X server's own work */
#define WINDOW_USEC    100000

void
gb_budget_init (GbBudget *budget, gint64 allowance_usec, gint64 window_usec)
{
  *budget = (GbBudget){ .allowance_usec = allowance_usec, .window_usec = window_usec };
}

/* Debt shrinks by the allowance per window as time goes by. */
static void
budget_settle (GbBudget *budget, gint64 now_usec)
{
  gint64 passed = now_usec - budget->at_usec;
  budget->at_usec = now_usec;
  if (passed > 0)
    budget->debt_usec = MAX (0, budget->debt_usec - passed * budget->allowance_usec / budget->window_usec);
}

gboolean
gb_budget_may_spend (GbBudget *budget, gint64 now_usec)
{
  budget_settle (budget, now_usec);
  return budget->debt_usec < budget->allowance_usec / 4;
}

void
gb_budget_spend (GbBudget *budget, gint64 now_usec, gint64 spent_usec)
{
  budget_settle (budget, now_usec);
  budget->debt_usec = MIN (budget->debt_usec + spent_usec, 4 * budget->allowance_usec);
}

struct _GbBudgetClient
{
  GtkWidget *widget;
  GbRefreshFunc refresh;
  gpointer data;
  guint tick;
  gint64 refreshed_usec;
  gboolean stale, under_pointer;
};

static struct
{
  GPtrArray *clients;
  GbBudget budget;
  gint64 frame_start_usec; /* first refresh of the frame being made, 0: none */
  gint64 spent_usec, since_usec;
  double load;
  GdkFrameClock *clock; /* whose after-paint closes the frame */
  gulong after_paint;
} shared;

static void
frame_done (GdkFrameClock *clock, gpointer data)
{
  gint64 now = g_get_monotonic_time ();

  g_signal_handler_disconnect (clock, shared.after_paint);
  shared.after_paint = 0;
  g_clear_object (&shared.clock);
  gb_budget_spend (&shared.budget, now, now - shared.frame_start_usec);
  shared.spent_usec += now - shared.frame_start_usec;
  shared.frame_start_usec = 0;
  if (now - shared.since_usec > 1000000)
    {
      shared.load = (double) shared.spent_usec / (now - shared.since_usec);
      shared.spent_usec = 0;
      shared.since_usec = now;
    }
}

/* The stale client that goes first: under the pointer, else the one that waited longest. */
static GbBudgetClient *
next_client (void)
{
  GbBudgetClient *best = NULL;

  for (guint i = 0; i < shared.clients->len; i++)
    {
      GbBudgetClient *client = g_ptr_array_index (shared.clients, i);
      if (!client->stale || !gtk_widget_get_mapped (client->widget))
        continue;
      if (best == NULL || client->under_pointer > best->under_pointer
          || (client->under_pointer == best->under_pointer && client->refreshed_usec < best->refreshed_usec))
        best = client;
    }
  return best;
}

static void
client_refresh (GbBudgetClient *client, GdkFrameClock *clock)
{
  if (shared.frame_start_usec == 0)
    {
      shared.frame_start_usec = g_get_monotonic_time ();
      shared.clock = g_object_ref (clock);
      shared.after_paint = g_signal_connect (clock, "after-paint", G_CALLBACK (frame_done), NULL);
    }
  client->stale = FALSE;
  client->refreshed_usec = g_get_monotonic_time ();
  client->refresh (client->data);
}

static gboolean
client_tick (GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
  GbBudgetClient *client = data;
  gint64 now = g_get_monotonic_time ();

  if (client->stale && next_client () == client
      && gb_budget_may_spend (&shared.budget, now)
      /* One refresh makes a frame: what it costs to replay it is only known when it has been painted. */
      && shared.frame_start_usec == 0)
    client_refresh (client, clock);
  if (client->stale)
    return G_SOURCE_CONTINUE;
  client->tick = 0;
  return G_SOURCE_REMOVE;
}

GbBudgetClient *
gb_frame_budget_join (GtkWidget *widget, GbRefreshFunc refresh, gpointer data)
{
  GbBudgetClient *client = g_new0 (GbBudgetClient, 1);

  if (shared.clients == NULL)
    {
      shared.clients = g_ptr_array_new ();
      shared.since_usec = g_get_monotonic_time ();
      gb_budget_init (&shared.budget, ALLOWANCE_USEC, WINDOW_USEC);
    }
  client->widget = widget;
  client->refresh = refresh;
  client->data = data;
  g_ptr_array_add (shared.clients, client);
  return client;
}

void
gb_frame_budget_leave (GbBudgetClient *client)
{
  if (client == NULL)
    return;
  gb_frame_budget_fresh (client);
  g_ptr_array_remove (shared.clients, client);
  g_free (client);
}

void
gb_frame_budget_stale (GbBudgetClient *client)
{
  client->stale = TRUE;
  if (client->tick == 0)
    client->tick = gtk_widget_add_tick_callback (client->widget, client_tick, client, NULL);
}

void
gb_frame_budget_fresh (GbBudgetClient *client)
{
  client->stale = FALSE;
  if (client->tick)
    gtk_widget_remove_tick_callback (client->widget, client->tick);
  client->tick = 0;
}

void
gb_frame_budget_set_pointer (GbBudgetClient *client, gboolean under_pointer)
{
  client->under_pointer = under_pointer;
}

double
gb_frame_budget_get_load (void)
{
  return shared.load;
}
