/* traffic: what a service does under load.  Panels over one axis of time: requests a second by version,
 * latency as percentiles, errors, the queue; alerts as lines through all of them; below them what the service
 * wrote. */
#pragma once

#include "common/axis.h"
#include "common/boxes.h"
#include "common/draw.h"
#include "models/selection.h"
#include "models/traffic-model.h"

G_BEGIN_DECLS

typedef enum
{
  GB_TRAFFIC_RATE,
  GB_TRAFFIC_LATENCY,
  GB_TRAFFIC_ERRORS,
  GB_TRAFFIC_QUEUE,
  GB_N_TRAFFIC_PANELS,
} GbTrafficPanelKind;

typedef struct
{
  GbTrafficPanelKind kind;
  double y, height; /* of the plot; its title stands above it */
  GbAxis axis;
} GbTrafficPanel;

typedef struct
{
  double y; /* middle */
  GbRole role;
  guint color; /* nth series; G_MAXUINT: role */
  char text[64];
} GbTrafficEnd; /* a label at the right end of a panel */

typedef struct
{
  double width, height;
  GbTraffic *model; /* NULL: nothing to show */
  double x, plot_width, right, y_top;
  GbTrafficPanel panels[GB_N_TRAFFIC_PANELS];
  guint n_panels;
  GbAxis time;
  GArray *ends; /* GbTrafficEnd */
  double notes_y, notes_height;
  guint first_note, n_notes; /* that are in sight */
} GbTrafficLayout;

GbTrafficLayout *gb_traffic_layout_new (GbTraceCursor *cursor, const GbDrawContext *ctx);
void gb_traffic_layout_free (GbTrafficLayout *self);
double gb_traffic_layout_x (const GbTrafficLayout *self, double seconds);
double gb_traffic_layout_y (const GbTrafficPanel *panel, double value);
/* The event there: a note, or the first request of a span.  0: none. */
guint64 gb_traffic_layout_at (const GbTrafficLayout *self, double x, double y);
void gb_traffic_layout_note (const GbTrafficLayout *self, guint note, GbBox *box);

/* ---- words, all owned ---- */
char *gb_traffic_sentence (const GbTraffic *model);
char *gb_traffic_span_text (const GbTraffic *model, guint span);
char *gb_traffic_version_text (const GbTraffic *model, guint version);
char *gb_traffic_note_text (const GbTraffic *model, guint note);
const char *gb_traffic_note_kind (const GbTrafficNote *note); /* translated, borrowed */
char *gb_traffic_clock (double seconds, double step);         /* "0:12", with tenths for short steps */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbTrafficLayout, gb_traffic_layout_free)

G_END_DECLS
