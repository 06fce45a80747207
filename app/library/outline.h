/* outline: the interview outline as a tree of rows: sections, subsections, groups and leaves. */
#pragma once

#include <gio/gio.h>

#include "library/text.h"

G_BEGIN_DECLS

/* A row of the outline; a GListModel of these is a tree. */
#define GB_TYPE_OUTLINE_ITEM (gb_outline_item_get_type ())
G_DECLARE_FINAL_TYPE (GbOutlineItem, gb_outline_item, GB, OUTLINE_ITEM, GObject)

const char *gb_outline_item_get_id (GbOutlineItem *self);
const char *gb_outline_item_get_number (GbOutlineItem *self);
const char *gb_outline_item_get_title (GbOutlineItem *self);    /* in the current language */
const GbText *gb_outline_item_get_text (GbOutlineItem *self);   /* the title in both */
GListModel *gb_outline_item_get_children (GbOutlineItem *self); /* NULL: a leaf */
/* The leaf with this id in the tree, or NULL.  Borrowed. */
GbOutlineItem *gb_outline_find_leaf (GListModel *items, const char *id);

/* The tree of outline.json, empty where the JSON has none; and its common coding tasks, which stand behind the tree. */
GListStore *gb_outline_read (GbJson *root);
GListStore *gb_outline_read_coding_tasks (GbJson *root);
/* What candidates are judged by, their levels and the ways of asking, as three roots. */
GListStore *gb_outline_read_assessment (GbJson *root);

G_END_DECLS
