/* All views together may draw 25 ms per 100 ms while a program trains, the one under the pointer first; what the
 * person does (steps, hovers, resizes) is outside the budget.  A view says that it is stale; the budget calls it back
 * in a frame when it may refresh. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The arithmetic, without GTK: time in microseconds.  Debt above the allowance is paid off before new work. */
typedef struct
{
  gint64 allowance_usec, window_usec;
  gint64 debt_usec, at_usec;
} GbBudget;

void gb_budget_init (GbBudget *budget, gint64 allowance_usec, gint64 window_usec);
gboolean gb_budget_may_spend (GbBudget *budget, gint64 now_usec);
void gb_budget_spend (GbBudget *budget, gint64 now_usec, gint64 spent_usec);

typedef struct _GbBudgetClient GbBudgetClient;
typedef void (*GbRefreshFunc) (gpointer data);

GbBudgetClient *gb_frame_budget_join (GtkWidget *widget, GbRefreshFunc refresh, gpointer data);
void gb_frame_budget_leave (GbBudgetClient *client);
void gb_frame_budget_stale (GbBudgetClient *client);
void gb_frame_budget_fresh (GbBudgetClient *client); /* it was refreshed for another reason */
void gb_frame_budget_set_pointer (GbBudgetClient *client, gboolean under_pointer);
/* Share of time that views drew for live data lately, 0 to 1; for the window's own meter and for bench. */
double gb_frame_budget_get_load (void);

G_END_DECLS
