#include "attn/attn-layout.h"

#include "common/i18n.h"

#define MARGIN         14
#define SHORT_TITLE  16
#define SHORT_GAP    10
#define TITLE          22
#define CAPTIONS       66
#define SHORT_CAPTIONS 36
#define LEGEND         44
#define COLUMN_GAP     18
#define SMALL_MIN    18
#define SMALL_MAX      132
#define SMALL_NATURAL  108
#define CELL_MAX       44
#define CELL_DIGITS    26
#define NOTE           50
#define KEY_LABELS     26
#define STEPPER_GAP    12

static guint
most_heads (const GbAttention *attention)
{
  guint most = 0;
  for (guint i = 0; i < attention->layers->len; i++)
    most = MAX (most, gb_attention_layer (attention, i)->heads);
  return most;
}

static double
captions_height (const GbAttnLayout *self)
{
  return self->statistics ? CAPTIONS : self->captions ? SHORT_CAPTIONS : 4;
}

static double
title_height (const GbAttnLayout *self)
{
  return self->captions ? TITLE : SHORT_TITLE;
}

static double
column_gap (const GbAttnLayout *self)
{
  return self->captions ? COLUMN_GAP : SHORT_GAP;
}

/* Rows of maps: a layer is a row; more heads than fit wrap.  Returns where they end. */
static double
place_small (GbAttnLayout *self, const GbAttention *attention, double width, double size, guint columns)
{
  double y = MARGIN, gap = column_gap (self), row = title_height (self) + size + captions_height (self);
  g_array_set_size (self->small, 0);
  self->small_width = CLAMP ((width - 2 * MARGIN + gap) / columns, size + gap, size * 1.35 + gap);
  for (guint layer = 0; layer < attention->layers->len; layer++)
    for (guint head = 0; head < gb_attention_layer (attention, layer)->heads; head++)
      {
        guint column = head % columns;
        if (head && column == 0)
          y += row;
        GbAttnSmall small = { layer, head, MARGIN + column * self->small_width, y + title_height (self), size };
        g_array_append_val (self->small, small);
        if (head + 1 == gb_attention_layer (attention, layer)->heads)
          y += row;
      }
  return y;
}

static guint
columns_for (const GbAttnLayout *self, double width, double size, guint most)
{
  double gap = column_gap (self);
  return (guint) CLAMP ((width - 2 * MARGIN + gap) / (size + gap), 1, MAX (most, 1));
}

/* The largest size at which all maps fit the area; captions go before maps get tiny. */
static void
fit_small (GbAttnLayout *self, const GbAttention *attention, double width, double height)
{
  guint most = most_heads (attention);
  for (int captions = 2; captions >= 0; captions--)
    {
      self->captions = captions > 0;
      self->statistics = captions > 1;
      for (double size = SMALL_MAX; size >= (captions ? 64 : SMALL_MIN); size -= 2)
        {
          if (captions > 1 && size + COLUMN_GAP < 118)
            break;
          if (place_small (self, attention, width, size, columns_for (self, width, size, most)) + LEGEND <= height)
            return;
        }
    }
  place_small (self, attention, width, SMALL_MIN, columns_for (self, width, SMALL_MIN, most));
}

static double
label_width (const GbAttentionLayer *layer, const GbDrawContext *ctx)
{
  double most = 0;
  char buffer[16];
  for (guint i = 0; i < layer->queries && i < 256; i++)
    most = MAX (most, gb_draw_text_width (ctx, GB_FACE_SMALL,
                                          gb_attention_query_label (layer, i, buffer, sizeof buffer)));
  return MIN (most, 96) + 12;
}

static void
place_large (GbAttnLayout *self, const GbAttention *attention, const GbDrawContext *ctx, double left)
{
  const GbAttentionLayer *layer = gb_attention_layer (attention, self->layer);
  double width = ctx->width - left - MARGIN, height = ctx->height - MARGIN - TITLE - KEY_LABELS - NOTE;
  self->label_width = label_width (layer, ctx);
  self->cell_width = MIN ((width - self->label_width - 8) / layer->keys, CELL_MAX);
  self->cell_height = MIN (height / layer->queries, self->cell_width * 0.82);
  if (self->cell_width < 3 || self->cell_height < 3)
    return;
  self->has_large = TRUE;
  self->large_digits = self->cell_width >= CELL_DIGITS && self->cell_height >= 16;
  self->x = left + self->label_width;
  self->y = MARGIN + TITLE + KEY_LABELS;
  self->note_y = self->y + self->cell_height * layer->queries + 12;
}

char *
gb_attn_stepper_text (const GbAttnStepper *stepper)
{
  const char *form = stepper->choice == GB_ATTN_SAMPLE  ? _ ("sample %u of %u")
                     : stepper->choice == GB_ATTN_LAYER ? _ ("layer %u of %u")
                                                        : _ ("head %u of %u");
  return g_strdup_printf (form, stepper->now + 1, stepper->n);
}

/* Where there is something to choose, and from x on while there is room. */
static void
place_steppers (GbAttnLayout *self, const GbAttention *attention, const GbDrawContext *ctx, double x, double end)
{
  const GbAttentionLayer *layer = gb_attention_layer (attention, self->layer);
  GbAttnStepper all[] = {
    { GB_ATTN_SAMPLE, layer->sample, gb_attention_most_samples (attention), 0, 0 },
    { GB_ATTN_LAYER, self->layer, attention->layers->len, 0, 0 },
    { GB_ATTN_HEAD, self->head, layer->heads, 0, 0 },
  };
  for (guint i = 0; i < G_N_ELEMENTS (all); i++)
    {
      GbAttnStepper widest = all[i];
      widest.now = widest.n - 1; /* arrows stay where they are while one steps */
      g_autofree char *text = gb_attn_stepper_text (&widest);
      all[i].x = x;
      all[i].width = gb_draw_text_width (ctx, GB_FACE_SMALL_BOLD, text) + 2 * GB_ATTN_ARROW + 12;
      if (all[i].n < 2 || x + all[i].width > end || (!self->has_large && all[i].choice != GB_ATTN_SAMPLE))
        continue;
      x += all[i].width + STEPPER_GAP;
      self->steppers[self->n_steppers++] = all[i];
    }
  self->title_x = x;
}

/* Without a large map the small ones are of one sample: its choice stands beside the legend. */
static void
place_step_in_legend (GbAttnLayout *self, const GbAttention *attention, const GbDrawContext *ctx)
{
  place_steppers (self, attention, ctx, self->legend_x + 190, ctx->width - MARGIN);
  for (guint i = 0; i < self->n_steppers; i++)
    self->steppers[i].x = ctx->width - MARGIN - self->steppers[i].width;
  self->stepper_y = self->legend_y - 4;
}

GbAttnLayout *
gb_attn_layout_new (const GbAttention *attention, guint layer, guint head, const GbDrawContext *ctx)
{
  GbAttnLayout *self = g_new0 (GbAttnLayout, 1);
  gboolean beside = ctx->width >= 640;
  double small_width = beside ? ctx->width * 0.42 : ctx->width;
  self->small = g_array_new (FALSE, FALSE, sizeof (GbAttnSmall));
  if (!attention->layers->len)
    return self;
  self->layer = MIN (layer, attention->layers->len - 1);
  self->head = MIN (head, gb_attention_layer (attention, self->layer)->heads - 1);
  fit_small (self, attention, small_width, ctx->height);
  self->legend_x = MARGIN;
  self->legend_y = ctx->height - LEGEND + 8;
  if (beside)
    place_large (self, attention, ctx, small_width + MARGIN);
  if (!self->has_large)
    {
      place_step_in_legend (self, attention, ctx);
      return self;
    }
  self->stepper_y = MARGIN - 2;
  place_steppers (self, attention, ctx, small_width + MARGIN, ctx->width - MARGIN);
  if (self->n_steppers == 0)
    self->title_x = self->x;
  return self;
}

void
gb_attn_layout_free (GbAttnLayout *self)
{
  if (!self)
    return;
  g_array_unref (self->small);
  g_free (self);
}

void
gb_attn_natural_size (const GbAttention *attention, double *width, double *height)
{
  guint rows = attention->layers->len, most = most_heads (attention);
  guint columns = CLAMP (most, 1, 4);
  guint lines = rows * ((most + columns - 1) / columns);
  *width = MAX (760, (columns * (SMALL_NATURAL + 18) + 2 * MARGIN) / 0.42);
  *height = MAX (420, lines * (TITLE + SMALL_NATURAL + CAPTIONS) + LEGEND + MARGIN);
}

GbAttnHit
gb_attn_layout_pick (
    const GbAttnLayout *self, const GbAttention *attention, double x, double y, guint *a, guint *b)
{
  for (guint i = 0; i < self->n_steppers; i++)
    {
      double at = x - self->steppers[i].x, end = self->steppers[i].width;
      if (y < self->stepper_y || y >= self->stepper_y + GB_ATTN_ARROW || at < 0 || at >= end
          || (at >= GB_ATTN_ARROW && at < end - GB_ATTN_ARROW))
        continue;
      *a = self->steppers[i].choice;
      *b = at >= GB_ATTN_ARROW;
      return GB_ATTN_STEP;
    }
  for (guint i = 0; i < self->small->len; i++)
    {
      const GbAttnSmall *small = &g_array_index (self->small, GbAttnSmall, i);
      if (x >= small->x - 4 && x < small->x + small->size + 4 && y >= small->y - TITLE
          && y < small->y + small->size + 4)
        {
          *a = small->layer;
          *b = small->head;
          return GB_ATTN_SMALL;
        }
    }
  if (self->has_large && self->layer < attention->layers->len)
    {
      const GbAttentionLayer *layer = gb_attention_layer (attention, self->layer);
      double column = (x - self->x) / self->cell_width, row = (y - self->y) / self->cell_height;
      if (column >= 0 && row >= 0 && column < layer->keys && row < layer->queries)
        {
          *a = (guint) row;
          *b = (guint) column;
          return GB_ATTN_CELL;
        }
    }
  return GB_ATTN_NOTHING;
}

gboolean
gb_attn_layout_locate (const GbAttnLayout *self, const GbAttention *attention, const GbPick *pick, graphene_rect_t *box)
{
  guint sample = pick->facets & GB_PICK_SAMPLE ? pick->sample : 0;
  if (!(pick->facets & GB_PICK_HEAD))
    return FALSE;
  for (guint i = 0; i < self->small->len; i++)
    {
      const GbAttnSmall *small = &g_array_index (self->small, GbAttnSmall, i);
      const GbAttentionLayer *layer = gb_attention_layer (attention, small->layer);
      gboolean cell = (pick->facets & GB_PICK_ELEMENT) && pick->ndim == 2, large = self->has_large
                      && small->layer == self->layer && small->head == self->head;
      if (layer->call_key != pick->call_key || small->head != pick->head || layer->sample != sample)
        continue;
      if (cell && (pick->index[0] < 0 || pick->index[1] < 0 || pick->index[0] >= layer->queries || pick->index[1] >= layer->keys))
        return FALSE;
      if (!cell)
        graphene_rect_init (box, (float) small->x, (float) small->y, (float) small->size, (float) small->size);
      else if (large)
        graphene_rect_init (box, (float) (self->x + (double) pick->index[1] * self->cell_width),
                            (float) (self->y + (double) pick->index[0] * self->cell_height), (float) self->cell_width,
                            (float) self->cell_height);
      else /* another head is the large one: the place in the small map */
        graphene_rect_init (box, (float) (small->x + (double) pick->index[1] * small->size / layer->keys),
                            (float) (small->y + (double) pick->index[0] * small->size / layer->queries),
                            (float) (small->size / layer->keys), (float) (small->size / layer->queries));
      return TRUE;
    }
  return FALSE;
}
