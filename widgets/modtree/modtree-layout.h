/* modtree: the modules of a program with what they hold: shapes, counts, modes, and what the last step moved. */
#pragma once

#include "common/columns.h"
#include "models/module-tree.h"
#include "models/selection.h"
#include "models/trace-cursor.h"

G_BEGIN_DECLS

typedef struct
{
  GHashTable
      *toggled; /* ids of modules that are open where they would be closed, or the other way; NULL: none */
  guint first_row;
} GbModtreeOptions;

typedef enum
{
  GB_MODTREE_NAME,
  GB_MODTREE_SHAPE,
  GB_MODTREE_COUNT,
  GB_MODTREE_MODE,
  GB_MODTREE_MOVED,
  GB_MODTREE_N_COLUMNS,
} GbModtreeColumn;

typedef struct
{
  GbModuleTree *tree;
  GArray *rows; /* guint: nodes in sight, those of closed modules left out */
  GbColumn columns[GB_MODTREE_N_COLUMNS];
  GbRowWindow window;
  double width, height;
  int open_depth; /* modules above this depth are open by themselves */
  gboolean has_moved;
} GbModtreeLayout;

GbModtreeLayout *
gb_modtree_layout_new (GbTraceCursor *cursor, const GbModtreeOptions *options, const GbDrawContext *ctx);
void gb_modtree_layout_free (GbModtreeLayout *self);
const GbTreeNode *gb_modtree_layout_node (const GbModtreeLayout *self, guint row);
gboolean gb_modtree_layout_is_open (const GbModtreeLayout *self, guint node, const GbModtreeOptions *options);
/* Row of what is picked, or -1. */
int gb_modtree_layout_find (const GbModtreeLayout *self, const GbPick *pick);
void gb_modtree_layout_pick (const GbModtreeLayout *self, guint row, GbPick *pick);
/* Left edge of a row's name. */
double gb_modtree_layout_name_x (const GbModtreeLayout *self, const GbTreeNode *node);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbModtreeLayout, gb_modtree_layout_free)

G_END_DECLS
