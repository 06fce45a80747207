#include "mem/mem-layout.h"

#include <math.h>

#include "common/i18n.h"

#define SPOT 8.0f /* a place that ink can hang on */
#define PAD    14
#define HEADER 46 /* the sentence of now and peak, then the legend */
#define LEFT   58
#define AXIS   24
#define HEAD   24 /* titles of the list */
#define FOOTER 6

void
gb_mem_layout_free (GbMemLayout *self)
{
  if (self == NULL)
    return;
  g_free (self->pixels);
  g_clear_pointer (&self->list, g_array_unref);
  g_free (self);
}

const char *
gb_mem_kind_title (GbMemoryKind kind)
{
  switch (kind)
    {
    case GB_MEMORY_PARAM:
      return _ ("parameters");
    case GB_MEMORY_GRAD:
      return _ ("gradients");
    case GB_MEMORY_SAVED:
      return _ ("saved for backward");
    case GB_MEMORY_STATE:
      return _ ("optimiser");
    case GB_MEMORY_OTHER:
      return _ ("other");
    case GB_N_MEMORY_KINDS:
      break;
    }
  return "";
}

/* The greatest sum that falls into each column of pixels; where nothing changed, the one before. */
static void
layout_sample (GbMemLayout *self)
{
  const GArray *samples = self->memory->samples;
  const GbMemorySample *before = gb_memory_at (self->memory, self->first);
  guint at = 0;

  self->n_pixels = (guint) MAX (self->plot_width, 1);
  self->pixels = g_new0 (GbMemPixel, self->n_pixels);
  while (at < samples->len && g_array_index (samples, GbMemorySample, at).seq <= self->first)
    at++;
  for (guint i = 0; i < self->n_pixels; i++)
    {
      guint64 end = self->first + (guint64) ((double) (self->last - self->first) * (i + 1) / self->n_pixels);
      const GbMemorySample *most = NULL;
      for (; at < samples->len && g_array_index (samples, GbMemorySample, at).seq <= end; at++)
        {
          const GbMemorySample *sample = &g_array_index (samples, GbMemorySample, at);
          if (most == NULL || gb_memory_total (sample) > gb_memory_total (most))
            most = sample;
          before = sample;
        }
      if (most == NULL)
        most = before;
      if (most == NULL)
        continue;
      self->pixels[i].seq = MAX (most->at, self->first);
      for (guint k = 0; k < GB_N_MEMORY_KINDS; k++)
        self->pixels[i].nbytes[k] = (double) most->nbytes[k];
    }
}

static void
layout_choose_axis (GbMemLayout *self)
{
  static const char *const names[] = { "B", "KiB", "MiB", "GiB", "TiB" };
  double most = 0;
  guint unit = 0;

  for (guint i = 0; i < self->n_pixels; i++)
    {
      double sum = 0;
      for (guint k = 0; k < GB_N_MEMORY_KINDS; k++)
        sum += self->pixels[i].nbytes[k];
      most = MAX (most, sum);
    }
  for (self->unit = 1; most / self->unit >= 1000 && unit + 1 < G_N_ELEMENTS (names); unit++)
    self->unit *= 1024;
  self->unit_name = names[unit];
  self->axis =
      gb_axis_linear (0, MAX (most / self->unit, 1e-9), (guint) CLAMP (self->plot_height / 30, 2, 5));
}

static void
layout_place_list (GbMemLayout *self, const GbMemOptions *options, double y, const GbDrawContext *ctx)
{
  const GbColumn columns[GB_MEM_N_COLUMNS] = {
    [GB_MEM_NAME] = { _ ("held by"), 110, 3, GB_ALIGN_LEFT, 0 },
    [GB_MEM_KIND] = { _ ("as"), 108, 1, GB_ALIGN_LEFT, 2 },
    [GB_MEM_BYTES] = { _ ("memory"), 66, 0, GB_ALIGN_RIGHT, 0 },
    [GB_MEM_LINE] = { _ ("made in line"), 66, 0, GB_ALIGN_RIGHT, 1 },
  };

  for (guint i = 0; i < GB_MEM_N_COLUMNS; i++)
    self->columns[i] = columns[i];
  gb_columns_fit (self->columns, GB_MEM_N_COLUMNS, PAD, self->width - 2 * PAD);
  self->window.first_row = options->first_row;
  gb_row_window_place (&self->window, self->list->len, y + HEAD, self->height - y - HEAD - FOOTER);
}

GbMemLayout *
gb_mem_layout_new (GbTraceCursor *cursor, const GbMemOptions *options, const GbDrawContext *ctx)
{
  GbMemLayout *self = g_new0 (GbMemLayout, 1);
  const GbMemorySample *now;

  self->trace = gb_trace_cursor_get_trace (cursor);
  self->seq = gb_trace_cursor_get_position (cursor);
  self->memory = gb_memory_of (self->trace);
  self->width = ctx->width;
  self->height = ctx->height;
  now = gb_memory_at (self->memory, self->seq);
  if (self->memory->samples == NULL || self->memory->samples->len == 0 || now == NULL)
    return self;
  self->list = gb_memory_list (self->memory, self->seq);
  self->now = self->memory->forgot ? *now : gb_memory_sum (self->memory, self->list, self->seq);
  self->first = g_array_index (self->memory->samples, GbMemorySample, 0).seq;
  self->last = gb_trace_get_last_seq (self->trace);
  if (options->only_iteration)
    {
      guint64 iteration = gb_trace_iteration_at (self->trace, self->seq);
      const GbIteration *it = gb_trace_find_iteration (self->trace, iteration);
      self->first = MAX (self->first, gb_trace_iteration_first_seq (self->trace, iteration));
      if (it && it->iteration == iteration)
        self->last = it->last_seq;
    }
  self->last = MAX (self->last, self->first + 1);
  self->peak_nbytes =
      gb_memory_peak (self->memory, self->trace, self->seq, &self->peak_seq, &self->peak_position);
  self->growth = gb_memory_growth (self->memory, self->trace, self->seq);
  self->x = PAD + LEFT;
  self->y = HEADER + 8;
  self->plot_width = MAX (ctx->width - self->x - PAD, 20);
  self->plot_height = MAX ((ctx->height - self->y) * 0.48 - AXIS, 24);
  layout_sample (self);
  layout_choose_axis (self);
  layout_place_list (self, options, self->y + self->plot_height + AXIS, ctx);
  return self;
}

double
gb_mem_layout_x (const GbMemLayout *self, guint64 seq)
{
  seq = CLAMP (seq, self->first, self->last);
  return self->x + self->plot_width * (double) (seq - self->first) / (double) (self->last - self->first);
}

double
gb_mem_layout_y (const GbMemLayout *self, double nbytes)
{
  return self->y + self->plot_height * (1 - gb_axis_place (&self->axis, nbytes / self->unit));
}

guint64
gb_mem_layout_seq_at (const GbMemLayout *self, double x, double y)
{
  if (self->n_pixels == 0 || x < self->x || x > self->x + self->plot_width || y < self->y - 8
      || y > self->y + self->plot_height + 8)
    return 0;
  return self->pixels[MIN ((guint) ((x - self->x) / self->plot_width * self->n_pixels), self->n_pixels - 1)]
      .seq;
}

const GbMemoryBlock *
gb_mem_layout_block (const GbMemLayout *self, guint row)
{
  return &g_array_index (self->memory->blocks, GbMemoryBlock, g_array_index (self->list, guint, row));
}

void
gb_mem_layout_pick (const GbMemLayout *self, guint row, GbPick *pick)
{
  const GbMemoryBlock *block = gb_mem_layout_block (self, row);
  g_autoptr (GArray) owners = gb_trace_storage_owners (self->trace, block->storage, self->seq);
  const GbPosition *position = gb_memory_position (self->trace, block);

  *pick = (GbPick){ .facets = GB_PICK_STORAGE, .storage = block->storage };
  if (owners->len)
    {
      pick->facets |= GB_PICK_TENSOR;
      pick->tensor = g_array_index (owners, guint64, 0);
    }
  if (position)
    {
      pick->facets |= GB_PICK_POSITION;
      pick->pos = position->id;
    }
}

int
gb_mem_layout_find (const GbMemLayout *self, const GbPick *pick)
{
  guint64 storage = pick->storage;
  GbTensor t;

  if (self->list == NULL || !(pick->facets & (GB_PICK_STORAGE | GB_PICK_TENSOR)))
    return -1;
  if (!(pick->facets & GB_PICK_STORAGE))
    {
      if (!gb_trace_get_tensor (self->trace, pick->tensor, self->seq, &t))
        return -1;
      storage = t.storage;
    }
  for (guint r = 0; r < self->list->len; r++)
    if (gb_mem_layout_block (self, r)->storage == storage)
      return (int) r;
  return -1;
}

static gboolean
locate_op (const GbMemLayout *self, guint64 call, graphene_rect_t *box)
{
  double nbytes = 0;
  GbOp op;
  if (self->n_pixels == 0 || !gb_trace_get_op (self->trace, call, &op))
    return FALSE;
  guint64 seq = op.end ? op.end->head.seq : op.record->head.seq;
  if (seq < self->first || seq > self->last)
    return FALSE;
  double x = gb_mem_layout_x (self, seq);
  const GbMemPixel *pixel =
      &self->pixels[MIN ((guint) ((x - self->x) / self->plot_width * self->n_pixels), self->n_pixels - 1)];
  for (guint kind = 0; kind < GB_N_MEMORY_KINDS; kind++)
    nbytes += pixel->nbytes[kind];
  graphene_rect_init (box, (float) x - SPOT / 2, (float) gb_mem_layout_y (self, nbytes) - SPOT / 2, SPOT, SPOT);
  return TRUE;
}

gboolean
gb_mem_layout_locate (const GbMemLayout *self, const GbPick *pick, graphene_rect_t *box)
{
  if (self->list == NULL)
    return FALSE;
  if (pick->facets & GB_PICK_OP)
    return locate_op (self, pick->call, box);
  int row = gb_mem_layout_find (self, pick);
  if (row < 0 || gb_row_window_at (&self->window, gb_row_window_y (&self->window, (guint) row) + 1) != row)
    return FALSE;
  graphene_rect_init (box, (float) PAD, (float) gb_row_window_y (&self->window, (guint) row), (float) (self->width - 2 * PAD),
                      (float) GB_ROW_HEIGHT);
  return TRUE;
}
