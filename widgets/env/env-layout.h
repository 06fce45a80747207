/* env: the world as it stands at a step, the way that led there, and below it a strip with the reward of each
 * step. */
#pragma once

#include "common/draw.h"
#include "models/env-model.h"
#include "models/selection.h"

G_BEGIN_DECLS

#define GB_ENV_STRIP_H 44

typedef struct
{
  GbEnv *env; /* NULL: nothing to show */
  double width, height;
  double x, y, cell; /* of a grid */
  double world_width, world_height;
  double reach; /* of a cart's track, metres on either side */
  double strip_x, strip_y, step_width;
  double most_reward; /* of the strip */
  double low, high;   /* of the values, for the colours */
} GbEnvLayout;

GbEnvLayout *gb_env_layout_new (GbTraceCursor *cursor, const GbDrawContext *ctx);
void gb_env_layout_free (GbEnvLayout *self);
/* The step that is shown: the one that is pointed at, else that of the position; -1: none. */
int gb_env_layout_shown (const GbEnvLayout *self, GbSelection *selection);
/* A step of the strip at a point, -1: none. */
int gb_env_layout_step_at (const GbEnvLayout *self, double x, double y);
/* A cell of a grid at a point. */
gboolean gb_env_layout_cell_at (const GbEnvLayout *self, double x, double y, gint64 *row, gint64 *column);
void gb_env_layout_pick_step (const GbEnvLayout *self, int step, GbPick *pick);
/* FALSE: no tensor says anything of cells. */
gboolean gb_env_layout_pick_cell (const GbEnvLayout *self, gint64 row, gint64 column, GbPick *pick);
gboolean gb_env_layout_find_cell (const GbEnvLayout *self, const GbPick *pick, gint64 *row, gint64 *column);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbEnvLayout, gb_env_layout_free)

G_END_DECLS
