#include "library/outline.h"

#include <string.h>

struct _GbOutlineItem
{
  GObject parent_instance;

  char *id, *number;
  GbText title;
  GListStore *children;
};

G_DEFINE_FINAL_TYPE (GbOutlineItem, gb_outline_item, G_TYPE_OBJECT)

static GListStore *
read_items (GbJson *object, const char *const *keys)
{
  GListStore *items = g_list_store_new (GB_TYPE_OUTLINE_ITEM);
  for (guint i = 0; i < gb_json_get_length (object, keys[0]); i++)
    {
      GbJson *from = gb_json_get_nth (object, keys[0], i);
      g_autoptr (GbOutlineItem) item = g_object_new (GB_TYPE_OUTLINE_ITEM, NULL);
      item->id = gb_json_dup_string (from, "id");
      item->number = gb_json_dup_string (from, "num");
      item->title = (GbText){ gb_json_dup_string (from, "zh"), gb_json_dup_string (from, "en") };
      if (keys[1])
        item->children = read_items (from, keys + 1);
      g_list_store_append (items, item);
    }
  return items;
}

GListStore *
gb_outline_read (GbJson *root)
{
  static const char *const levels[] = { "sections", "subsections", "groups", "leaves", NULL };
  return read_items (root, levels);
}

GListStore *
gb_outline_read_coding_tasks (GbJson *root)
{
  static const char *const levels[] = { "items", NULL };
  GbJson *evaluation = gb_json_get (root, "evaluation", json_type_object);
  return read_items (gb_json_get (evaluation, "coding_tasks", json_type_object), levels);
}

/* What candidates are judged by, the levels, the ways of asking and the coding tasks: each a root of its own. */
GListStore *
gb_outline_read_assessment (GbJson *root)
{
  static const char *const parts[] = { "dimensions", "levels", "strategies", "coding_tasks" };
  static const char *const grouped[] = { "items", "leaves", NULL }, *const plain[] = { "items", NULL };
  GbJson *evaluation = gb_json_get (root, "evaluation", json_type_object);
  GListStore *all = g_list_store_new (GB_TYPE_OUTLINE_ITEM);
  for (guint i = 0; i < G_N_ELEMENTS (parts); i++)
    {
      GbJson *from = gb_json_get (evaluation, parts[i], json_type_object);
      g_autoptr (GbOutlineItem) item = g_object_new (GB_TYPE_OUTLINE_ITEM, NULL);
      item->id = gb_json_dup_string (from, "id");
      item->title = (GbText){ gb_json_dup_string (from, "zh"), gb_json_dup_string (from, "en") };
      item->children = read_items (from, i == 0 ? grouped : plain);
      g_list_store_append (all, item);
    }
  return all;
}

GbOutlineItem *
gb_outline_find_leaf (GListModel *items, const char *id)
{
  for (guint i = 0; i < g_list_model_get_n_items (items); i++)
    {
      g_autoptr (GbOutlineItem) item = g_list_model_get_item (items, i);
      GbOutlineItem *found = item->children ? gb_outline_find_leaf (G_LIST_MODEL (item->children), id)
                             : g_strcmp0 (item->id, id) == 0 ? item
                                                             : NULL;
      if (found)
        return found;
    }
  return NULL;
}

const char *
gb_outline_item_get_id (GbOutlineItem *self)
{
  return self->id ? self->id : "";
}

const char *
gb_outline_item_get_number (GbOutlineItem *self)
{
  return self->number ? self->number : "";
}

const char *
gb_outline_item_get_title (GbOutlineItem *self)
{
  return gb_text_get (&self->title);
}

const GbText *
gb_outline_item_get_text (GbOutlineItem *self)
{
  return &self->title;
}

GListModel *
gb_outline_item_get_children (GbOutlineItem *self)
{
  return self->children ? G_LIST_MODEL (self->children) : NULL;
}

static void
gb_outline_item_finalize (GObject *object)
{
  GbOutlineItem *self = GB_OUTLINE_ITEM (object);
  g_free (self->id);
  g_free (self->number);
  gb_text_clear (&self->title);
  g_clear_object (&self->children);
  G_OBJECT_CLASS (gb_outline_item_parent_class)->finalize (object);
}

static void
gb_outline_item_class_init (GbOutlineItemClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_outline_item_finalize;
}

static void
gb_outline_item_init (GbOutlineItem *self)
{
}
