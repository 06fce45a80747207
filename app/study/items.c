#include "study/items.h"

#include "common/i18n.h"

#include <string.h>

#define QUESTION   "question:"
#define PREDICTION "prediction:"
#define CASE       "case:"

char *
gb_item_name_question (const char *owner, const GbQuestion *question)
{
  return g_strdup_printf (QUESTION "%s/%s", owner, question->level);
}

char *
gb_item_name_prediction (const GbScene *scene, const char *id)
{
  return g_strdup_printf (PREDICTION "%s/%s", scene->id, id);
}

char *
gb_item_name_case (const char *id)
{
  return g_strconcat (CASE, id, NULL);
}

/* ---- from a name ---- */

static gboolean
find_question (GbLibrary *library, const char *leaf, const char *level, GbItem *item)
{
  const GbTopic *topic = gb_library_find_topic (library, leaf);
  item->kind = GB_ITEM_QUESTION;
  item->scene = topic ? NULL : gb_library_find_scene (library, leaf);
  if (item->scene)
    topic = item->scene->own;
  for (guint i = 0; topic && i < topic->questions->len; i++)
    {
      const GbQuestion *question = g_ptr_array_index (topic->questions, i);
      if (g_strcmp0 (question->level, level) != 0)
        continue;
      item->leaf = topic->leaf;
      item->question = question;
      return TRUE;
    }
  return FALSE;
}

static gboolean
find_prediction (GbLibrary *library, const char *scene, const char *id, GbItem *item)
{
  item->kind = GB_ITEM_PREDICTION;
  item->scene = gb_library_find_scene (library, scene);
  item->prediction = item->scene ? gb_scene_find_prediction (item->scene, id) : NULL;
  item->leaf = item->scene && item->scene->leaves ? item->scene->leaves[0] : NULL;
  return item->prediction != NULL;
}

gboolean
gb_item_find (GbLibrary *library, const char *name, GbItem *item)
{
  const char *rest = strchr (name, ':'), *slash = rest ? strchr (rest, '/') : NULL;
  *item = (GbItem){ 0 };
  if (!rest)
    return FALSE;
  rest++;
  if (g_str_has_prefix (name, CASE))
    {
      item->kind = GB_ITEM_CASE;
      item->which = gb_library_find_case (library, rest);
      item->leaf = item->which ? item->which->leaf : NULL;
      return item->which != NULL;
    }
  if (!slash)
    return FALSE;
  g_autofree char *first = g_strndup (rest, (gsize) (slash - rest));
  if (g_str_has_prefix (name, QUESTION))
    return find_question (library, first, slash + 1, item);
  return g_str_has_prefix (name, PREDICTION) && find_prediction (library, first, slash + 1, item);
}

const char *
gb_item_get_title (const GbItem *item)
{
  switch (item->kind)
    {
    case GB_ITEM_QUESTION:
      return gb_text_get (&item->question->question);
    case GB_ITEM_PREDICTION:
      return gb_text_get (&item->prediction->prompt);
    case GB_ITEM_CASE:
      return gb_text_get (&item->which->title);
    }
  return "";
}

/* ---- of a leaf ---- */

GPtrArray *
gb_items_of_leaf (GbLibrary *library, const char *leaf)
{
  GPtrArray *names = g_ptr_array_new_with_free_func (g_free);
  const GbTopic *topic = gb_library_find_topic (library, leaf);
  const GbScene *scene = gb_library_find_scene_of_leaf (library, leaf);
  const char *tab = topic && scene && gb_scene_find_tab (scene, topic->tab) ? topic->tab : NULL;
  for (guint i = 0; topic && i < topic->questions->len; i++)
    g_ptr_array_add (names, gb_item_name_question (leaf, g_ptr_array_index (topic->questions, i)));
  for (guint i = 0; scene && i < scene->predictions->len; i++)
    {
      const GbPrediction *prediction = g_ptr_array_index (scene->predictions, i);
      if (!tab || !prediction->tab || strcmp (tab, prediction->tab) == 0)
        g_ptr_array_add (names, gb_item_name_prediction (scene, prediction->id));
    }
  for (guint i = 0; i < gb_library_get_n_cases (library); i++)
    {
      const GbCase *which = gb_library_get_case (library, i);
      if (g_strcmp0 (which->leaf, leaf) == 0 || g_strcmp0 (which->coding_task, leaf) == 0)
        g_ptr_array_add (names, gb_item_name_case (which->id));
    }
  return names;
}

GbLeafProgress
gb_leaf_get_progress (GbLibrary *library, GbProgress *progress, const char *leaf, gint64 today)
{
  g_autoptr (GPtrArray) names = gb_items_of_leaf (library, leaf);
  GbLeafProgress found = { .n_items = names->len };
  for (guint i = 0; i < names->len; i++)
    {
      GbItemState state = gb_progress_get_item (progress, g_ptr_array_index (names, i));
      found.n_right += state.n_answers && state.last >= GB_RATING_GOOD;
      found.n_missed += state.n_answers && state.last < GB_RATING_GOOD;
      found.n_due += state.due_day <= today;
    }
  found.state = names->len == 0                  ? GB_LEAF_EMPTY
                : found.n_due                    ? GB_LEAF_DUE
                : found.n_missed                 ? GB_LEAF_WEAK
                : found.n_right == found.n_items ? GB_LEAF_DONE
                : found.n_right                  ? GB_LEAF_BEGUN
                                                 : GB_LEAF_NEW;
  return found;
}

static const struct
{
  const char *mark, *name;
} states[] = {
  [GB_LEAF_EMPTY] = { "·", N_ ("not written yet") },
  [GB_LEAF_NEW] = { "○", N_ ("new") },
  [GB_LEAF_BEGUN] = { "◔", N_ ("begun") },
  [GB_LEAF_WEAK] = { "▽", N_ ("weak") },
  [GB_LEAF_DUE] = { "◆", N_ ("due") },
  [GB_LEAF_DONE] = { "●", N_ ("done") },
};

const char *
gb_leaf_state_get_mark (GbLeafState state)
{
  return states[state].mark;
}

const char *
gb_leaf_state_get_name (GbLeafState state)
{
  return _ (states[state].name);
}
