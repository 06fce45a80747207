#include "env/env-layout.h"

#include <math.h>

#define PAD        16
#define TOP        50
#define MOST_CELL  72
#define LEAST_CELL 6
#define TRACK      2.4 /* metres, where the usual cart ends */

void
gb_env_layout_free (GbEnvLayout *self)
{
  if (self == NULL)
    return;
  gb_env_free (self->env);
  g_free (self);
}

static void
find_limits (GbEnvLayout *self)
{
  const GbEnv *env = self->env;

  self->low = INFINITY;
  self->high = -INFINITY;
  for (gint64 row = 0; row < env->rows; row++)
    for (gint64 column = 0; column < env->columns; column++)
      {
        double value;
        if (gb_env_value (env, row, column, &value) && isfinite (value))
          {
            self->low = MIN (self->low, value);
            self->high = MAX (self->high, value);
          }
      }
  self->most_reward = 0;
  self->reach = TRACK;
  for (guint i = 0; i < env->n; i++)
    {
      const GbEnvStep *step = gb_env_step (env, (int) (env->first + i));
      if (isfinite (step->reward))
        self->most_reward = MAX (self->most_reward, fabs (step->reward));
      if (env->kind == GB_ENV_CART && isfinite (step->a))
        self->reach = MAX (self->reach, fabs (step->a));
    }
}

GbEnvLayout *
gb_env_layout_new (GbTraceCursor *cursor, const GbDrawContext *ctx)
{
  GbEnvLayout *self = g_new0 (GbEnvLayout, 1);
  double room_x = ctx->width - 2 * PAD, room_y;

  self->env = gb_env_new (cursor);
  self->width = ctx->width;
  self->height = ctx->height;
  if (self->env == NULL)
    return self;
  find_limits (self);
  room_y = ctx->height - TOP - PAD - (self->env->n ? GB_ENV_STRIP_H + 12 : 0);
  self->x = PAD;
  self->y = TOP;
  if (self->env->kind == GB_ENV_GRID)
    {
      self->cell =
          floor (CLAMP (MIN (room_x / MAX (self->env->columns, 1), room_y / MAX (self->env->rows, 1)),
                        LEAST_CELL, MOST_CELL));
      self->world_width = self->cell * self->env->columns;
      self->world_height = self->cell * self->env->rows;
    }
  else
    {
      self->world_width = room_x;
      self->world_height = MAX (MIN (room_y, 260), 60);
    }
  self->strip_x = PAD;
  self->strip_y = MIN (self->y + self->world_height + 16, ctx->height - GB_ENV_STRIP_H - 6);
  self->step_width = self->env->n ? MIN (14, room_x / self->env->n) : 0;
  return self;
}

int
gb_env_layout_shown (const GbEnvLayout *self, GbSelection *selection)
{
  const GbPick *pick = selection ? gb_selection_get_current (selection) : NULL;

  if (pick && (pick->facets & GB_PICK_PART) && !(pick->facets & GB_PICK_TENSOR)
      && gb_env_step (self->env, (int) pick->part))
    return (int) pick->part;
  return self->env->current;
}

int
gb_env_layout_step_at (const GbEnvLayout *self, double x, double y)
{
  double nth = self->step_width > 0 ? floor ((x - self->strip_x) / self->step_width) : -1;

  if (self->env == NULL || y < self->strip_y || y >= self->strip_y + GB_ENV_STRIP_H || nth < 0
      || nth >= self->env->n)
    return -1;
  return (int) (self->env->first + (guint) nth);
}

gboolean
gb_env_layout_cell_at (const GbEnvLayout *self, double x, double y, gint64 *row, gint64 *column)
{
  if (self->env == NULL || self->env->kind != GB_ENV_GRID || x < self->x || y < self->y
      || x >= self->x + self->world_width || y >= self->y + self->world_height)
    return FALSE;
  *column = (gint64) ((x - self->x) / self->cell);
  *row = (gint64) ((y - self->y) / self->cell);
  return TRUE;
}

void
gb_env_layout_pick_step (const GbEnvLayout *self, int step, GbPick *pick)
{
  guint32 pos = gb_env_step (self->env, step)->pos;
  *pick =
      (GbPick){ .facets = GB_PICK_PART | (pos ? GB_PICK_POSITION : 0), .part = (guint32) step, .pos = pos };
}

static const GbTensorValues *
map_of (const GbEnv *env)
{
  return env->values ? env->values : env->worth ? env->worth : env->cells;
}

gboolean
gb_env_layout_pick_cell (const GbEnvLayout *self, gint64 row, gint64 column, GbPick *pick)
{
  const GbTensorValues *map = map_of (self->env);

  if (map == NULL || row >= map->tensor.sizes[0] || column >= map->tensor.sizes[1])
    return FALSE;
  *pick = (GbPick){ .facets = GB_PICK_TENSOR | GB_PICK_ELEMENT | GB_PICK_ADDRESS,
                    .tensor = map->tensor.tensor,
                    .storage = map->tensor.storage,
                    .ndim = map->tensor.ndim,
                    .index = { row, column } };
  if (map == self->env->worth)
    pick->index[2] = MAX (gb_env_policy (self->env, row, column, NULL), 0);
  pick->address = gb_tensor_address (&map->tensor, pick->index);
  return TRUE;
}

static gboolean
is_of (const GbTensorValues *map, const GbPick *pick)
{
  return map && map->tensor.tensor == pick->tensor;
}

gboolean
gb_env_layout_find_cell (const GbEnvLayout *self, const GbPick *pick, gint64 *row, gint64 *column)
{
  const GbEnv *env = self->env;

  if (env == NULL || env->kind != GB_ENV_GRID || !(pick->facets & GB_PICK_ELEMENT) || pick->ndim < 2
      || !(is_of (env->values, pick) || is_of (env->worth, pick) || is_of (env->cells, pick)))
    return FALSE;
  *row = pick->index[0];
  *column = pick->index[1];
  return *row < env->rows && *column < env->columns;
}
