#include "modtree/modtree-layout.h"

#include "common/i18n.h"

#define PAD       14
#define HEADER    44 /* the sum, then the titles */
#define FOOTER    24
#define INDENT    16
#define OPEN_ROWS 60 /* modules open by themselves as deep as gives no more rows */

void
gb_modtree_layout_free (GbModtreeLayout *self)
{
  if (self == NULL)
    return;
  gb_module_tree_free (self->tree);
  g_array_unref (self->rows);
  g_free (self);
}

static GbTreeNode *
node_at (const GbModtreeLayout *self, guint nth)
{
  return &g_array_index (self->tree->nodes, GbTreeNode, nth);
}

const GbTreeNode *
gb_modtree_layout_node (const GbModtreeLayout *self, guint row)
{
  return node_at (self, g_array_index (self->rows, guint, row));
}

/* The deepest level at which what is in sight still fits. */
static int
choose_depth (const GbModtreeLayout *self)
{
  guint counts[66] = { 0 }, sum = 0;
  int depth = 0;

  for (guint i = 0; i < self->tree->nodes->len; i++)
    counts[MIN (node_at (self, i)->depth, 65)]++;
  for (; depth < 65; depth++)
    {
      sum += counts[depth];
      if (sum + counts[depth + 1] > OPEN_ROWS)
        break;
    }
  return MAX (depth, 1);
}

gboolean
gb_modtree_layout_is_open (const GbModtreeLayout *self, guint node, const GbModtreeOptions *options)
{
  const GbTreeNode *it = node_at (self, node);
  gboolean is_open = it->depth < self->open_depth;
  return options->toggled && g_hash_table_contains (options->toggled, GUINT_TO_POINTER (it->module))
             ? !is_open
             : is_open;
}

static void
layout_list_rows (GbModtreeLayout *self, const GbModtreeOptions *options)
{
  for (guint i = 0; i < self->tree->nodes->len;)
    {
      const GbTreeNode *node = node_at (self, i);
      g_array_append_val (self->rows, i);
      self->has_moved = self->has_moved || node->moved != GB_MOVED_UNKNOWN;
      i = node->kind == GB_TREE_MODULE && !gb_modtree_layout_is_open (self, i, options) ? node->end : i + 1;
    }
}

GbModtreeLayout *
gb_modtree_layout_new (GbTraceCursor *cursor, const GbModtreeOptions *options, const GbDrawContext *ctx)
{
  GbModtreeLayout *self = g_new0 (GbModtreeLayout, 1);
  const GbColumn columns[GB_MODTREE_N_COLUMNS] = {
    [GB_MODTREE_NAME] = { _ ("module"), 108, 3, GB_ALIGN_LEFT, 0 },
    [GB_MODTREE_SHAPE] = { _ ("shape"), 86, 1, GB_ALIGN_LEFT, 3 },
    [GB_MODTREE_COUNT] = { _ ("numbers"), 62, 0, GB_ALIGN_RIGHT, 0 },
    [GB_MODTREE_MODE] = { _ ("mode"), 58, 0, GB_ALIGN_LEFT, 1 },
    [GB_MODTREE_MOVED] = { _ ("moved by"), 92, 0.5, GB_ALIGN_LEFT, 2 },
  };

  self->width = ctx->width;
  self->height = ctx->height;
  self->rows = g_array_new (FALSE, FALSE, sizeof (guint));
  self->tree = gb_module_tree_new (gb_trace_cursor_get_trace (cursor), gb_trace_cursor_get_position (cursor));
  self->open_depth = choose_depth (self);
  layout_list_rows (self, options);
  for (guint i = 0; i < GB_MODTREE_N_COLUMNS; i++)
    self->columns[i] = columns[i];
  if (self->tree->n_unregistered)
    self->columns[GB_MODTREE_MODE].least = gb_draw_text_width (ctx, GB_FACE_SMALL, _ ("not registered")) + 2;
  gb_columns_fit (self->columns, self->has_moved ? GB_MODTREE_N_COLUMNS : GB_MODTREE_MOVED, PAD,
                  ctx->width - 2 * PAD);
  self->window.first_row = options->first_row;
  gb_row_window_place (&self->window, self->rows->len, HEADER, ctx->height - HEADER - FOOTER);
  return self;
}

double
gb_modtree_layout_name_x (const GbModtreeLayout *self, const GbTreeNode *node)
{
  const GbColumn *name = &self->columns[GB_MODTREE_NAME];
  return name->x + MIN (node->depth * INDENT, name->width / 2) + 14;
}

void
gb_modtree_layout_pick (const GbModtreeLayout *self, guint row, GbPick *pick)
{
  const GbTreeNode *node = gb_modtree_layout_node (self, row);

  *pick = (GbPick){ .facets = GB_PICK_MODULE, .module = node->module };
  if (node->kind == GB_TREE_MODULE && node->place)
    {
      pick->facets |= GB_PICK_PART;
      pick->part = node->place;
    }
  if (node->kind == GB_TREE_MODULE)
    return;
  pick->facets |= GB_PICK_TENSOR;
  pick->tensor = node->tensor;
  if (node->kind == GB_TREE_PARAM)
    {
      pick->facets |= GB_PICK_PARAM;
      pick->param = node->param;
    }
}

/* Of several rows that hold the tensor, the one of the picked module; of several places of a module the picked one. */
int
gb_modtree_layout_find (const GbModtreeLayout *self, const GbPick *pick)
{
  int found = -1;

  for (guint r = 0; r < self->rows->len; r++)
    {
      const GbTreeNode *node = gb_modtree_layout_node (self, r);
      if (pick->facets & (GB_PICK_TENSOR | GB_PICK_PARAM))
        {
          if (node->kind == GB_TREE_MODULE || node->tensor != pick->tensor)
            continue;
          if (!(pick->facets & GB_PICK_MODULE) || node->module == pick->module)
            return (int) r;
          found = found < 0 ? (int) r : found;
        }
      else if ((pick->facets & GB_PICK_MODULE) && node->kind == GB_TREE_MODULE && node->module == pick->module)
        {
          if (node->place == (pick->facets & GB_PICK_PART ? pick->part : 0))
            return (int) r;
          found = found < 0 ? (int) r : found;
        }
    }
  return found;
}
