#include "models/ink-json.h"

#include <string.h>

/* What one step of undo did; undoing it is doing it the other way round. */
typedef struct
{
  GPtrArray *added, *removed; /* GbInkMark */
} Step;

struct _GbInk
{
  GObject parent_instance;
  GPtrArray *marks; /* GbInkMark */
  GPtrArray *steps; /* Step */
  guint n_done;     /* of the steps; the others can be done again */
};

enum
{
  CHANGED,
  LOGGED,
  N_SIGNALS,
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbInk, gb_ink, G_TYPE_OBJECT)

/* ---- a mark ---- */
GbInkMark *
gb_ink_mark_new (GbInkKind kind, const char *program, const char *surface)
{
  GbInkMark *self = g_rc_box_new0 (GbInkMark);
  self->id = (guint64) g_random_int () << 32 | MAX (g_random_int (), 1);
  self->kind = kind;
  self->program = g_intern_string (program);
  self->surface = g_intern_string (surface);
  self->points = g_array_new (FALSE, FALSE, sizeof (GbInkPoint));
  return self;
}

GbInkMark *
gb_ink_mark_ref (GbInkMark *self)
{
  return g_rc_box_acquire (self);
}

static void
mark_clear (gpointer data)
{
  GbInkMark *self = data;
  for (guint i = 0; i < self->n_anchors; i++)
    g_free (self->anchors[i].text);
  g_array_unref (self->points);
  g_free (self->text);
}

void
gb_ink_mark_unref (GbInkMark *self)
{
  g_rc_box_release_full (self, mark_clear);
}

void
gb_ink_mark_take_anchor (GbInkMark *self, const GbInkAnchor *anchor)
{
  g_return_if_fail (self->n_anchors < G_N_ELEMENTS (self->anchors));
  self->anchors[self->n_anchors++] = *anchor;
}

void
gb_ink_mark_add_point (GbInkMark *self, double x, double y, double pressure)
{
  GbInkPoint point = { x, y, pressure };
  if (self->points->len < GB_INK_MOST_POINTS)
    g_array_append_val (self->points, point);
}

/* ---- steps ---- */
static GPtrArray *
new_marks (void)
{
  return g_ptr_array_new_with_free_func ((GDestroyNotify) gb_ink_mark_unref);
}

static Step *
step_new (void)
{
  Step *step = g_new (Step, 1);
  *step = (Step){ new_marks (), new_marks () };
  return step;
}

static void
step_free (gpointer data)
{
  Step *step = data;
  g_ptr_array_unref (step->added);
  g_ptr_array_unref (step->removed);
  g_free (step);
}

static GbInkMark *
find_mark (GbInk *self, guint64 id)
{
  for (guint i = 0; i < self->marks->len; i++)
    if (gb_ink_get (self, i)->id == id)
      return gb_ink_get (self, i);
  return NULL;
}

static const char *
to_line (struct json_object *json)
{
  return json_object_to_json_string_ext (json, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
}

/* One line per program that has part in it. */
static void
log_step (GbInk *self, const GPtrArray *added, const GPtrArray *removed)
{
  const GPtrArray *both[2] = { added, removed };
  g_autoptr (GHashTable) seen = g_hash_table_new (NULL, NULL);
  for (int of = 0; of < 2; of++)
    for (guint i = 0; i < both[of]->len; i++)
      g_hash_table_add (seen, (gpointer) ((GbInkMark *) both[of]->pdata[i])->program);
  GHashTableIter iter;
  gpointer program;
  g_hash_table_iter_init (&iter, seen);
  while (g_hash_table_iter_next (&iter, &program, NULL))
    {
      struct json_object *json = json_object_new_object ();
      for (int of = 0; of < 2; of++)
        {
          struct json_object *list = json_object_new_array ();
          for (guint i = 0; i < both[of]->len; i++)
            {
              const GbInkMark *mark = both[of]->pdata[i];
              if (mark->program == program)
                json_object_array_add (list, of ? gb_ink_id_to_json (mark->id) : gb_ink_mark_to_json (mark));
            }
          if (json_object_array_length (list))
            json_object_object_add (json, of ? "remove" : "add", list);
          else
            json_object_put (list);
        }
      g_signal_emit (self, signals[LOGGED], 0, program, to_line (json));
      json_object_put (json);
    }
}

static void
apply (GbInk *self, const GPtrArray *added, const GPtrArray *removed)
{
  for (guint i = 0; i < removed->len; i++)
    g_ptr_array_remove (self->marks, removed->pdata[i]);
  for (guint i = 0; i < added->len; i++)
    g_ptr_array_add (self->marks, gb_ink_mark_ref (added->pdata[i]));
  log_step (self, added, removed);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
do_step (GbInk *self, Step *step)
{
  g_ptr_array_set_size (self->steps, (int) self->n_done);
  g_ptr_array_add (self->steps, step);
  self->n_done++;
  apply (self, step->added, step->removed);
}

void
gb_ink_add (GbInk *self, GbInkMark *mark)
{
  Step *step = step_new ();
  g_ptr_array_add (step->added, mark);
  do_step (self, step);
}

void
gb_ink_remove (GbInk *self, const GPtrArray *marks)
{
  Step *step = step_new ();
  for (guint i = 0; i < marks->len; i++)
    if (g_ptr_array_find (self->marks, marks->pdata[i], NULL))
      g_ptr_array_add (step->removed, gb_ink_mark_ref (marks->pdata[i]));
  if (step->removed->len)
    do_step (self, step);
  else
    step_free (step);
}

gboolean
gb_ink_can_undo (GbInk *self)
{
  return self->n_done > 0;
}

gboolean
gb_ink_can_redo (GbInk *self)
{
  return self->n_done < self->steps->len;
}

void
gb_ink_undo (GbInk *self)
{
  if (!gb_ink_can_undo (self))
    return;
  const Step *step = self->steps->pdata[--self->n_done];
  apply (self, step->removed, step->added);
}

void
gb_ink_redo (GbInk *self)
{
  if (!gb_ink_can_redo (self))
    return;
  const Step *step = self->steps->pdata[self->n_done++];
  apply (self, step->added, step->removed);
}

guint
gb_ink_get_n (GbInk *self)
{
  return self->marks->len;
}

GbInkMark *
gb_ink_get (GbInk *self, guint nth)
{
  return g_ptr_array_index (self->marks, nth);
}

/* ---- what is no step ---- */
void
gb_ink_move_line (GbInk *self, GbInkMark *mark, guint anchor, guint line, const char *text)
{
  GbInkAnchor *on = &mark->anchors[anchor];
  if (anchor >= mark->n_anchors || on->kind != GB_INK_ON_LINE
      || (on->line == line && g_strcmp0 (on->text, text) == 0))
    return;
  on->line = line;
  g_free (on->text);
  on->text = g_strdup (text);
  struct json_object *json = json_object_new_object (), *list = json_object_new_array ();
  struct json_object *moved = json_object_new_object ();
  json_object_object_add (moved, "id", gb_ink_id_to_json (mark->id));
  json_object_object_add (moved, "anchor", json_object_new_int64 (anchor));
  json_object_object_add (moved, "line", json_object_new_int64 (line));
  json_object_object_add (moved, "text", json_object_new_string (text));
  json_object_array_add (list, moved);
  json_object_object_add (json, "lines", list);
  g_signal_emit (self, signals[LOGGED], 0, mark->program, to_line (json));
  json_object_put (json);
}

void
gb_ink_rename (GbInk *self, const char *from, const char *to)
{
  g_autofree char *line = gb_ink_dup_line (self, from);
  from = g_intern_string (from);
  for (guint i = 0; i < self->marks->len; i++)
    if (gb_ink_get (self, i)->program == from)
      gb_ink_get (self, i)->program = g_intern_string (to);
  if (*line)
    g_signal_emit (self, signals[LOGGED], 0, to, line);
}

static GArray *
list_of (struct json_object *json, const char *name)
{
  GArray *items = g_array_new (FALSE, FALSE, sizeof (struct json_object *));
  struct json_object *list;
  if (json_object_object_get_ex (json, name, &list) && json_object_is_type (list, json_type_array))
    for (gsize i = 0; i < json_object_array_length (list); i++)
      {
        struct json_object *item = json_object_array_get_idx (list, i);
        g_array_append_val (items, item);
      }
  return items;
}

static void
replay_line (GbInk *self, struct json_object *moved)
{
  struct json_object *id = NULL, *anchor = NULL, *line = NULL, *text = NULL;
  json_object_object_get_ex (moved, "id", &id);
  json_object_object_get_ex (moved, "anchor", &anchor);
  json_object_object_get_ex (moved, "line", &line);
  json_object_object_get_ex (moved, "text", &text);
  GbInkMark *mark = find_mark (self, gb_ink_id_from_json (id));
  guint nth = (guint) json_object_get_int64 (anchor);
  if (mark == NULL || nth >= mark->n_anchors || mark->anchors[nth].kind != GB_INK_ON_LINE)
    return;
  mark->anchors[nth].line = (guint) CLAMP (json_object_get_int64 (line), 1, G_MAXINT);
  g_free (mark->anchors[nth].text);
  mark->anchors[nth].text =
      g_strdup (json_object_is_type (text, json_type_string) ? json_object_get_string (text) : "");
}

gboolean
gb_ink_replay (GbInk *self, const char *program, const char *line)
{
  struct json_object *json = json_tokener_parse (line);
  if (!json_object_is_type (json, json_type_object))
    {
      json_object_put (json);
      return FALSE;
    }
  g_autoptr (GArray) added = list_of (json, "add"), removed = list_of (json, "remove"),
                     lines = list_of (json, "lines");
  for (guint i = 0; i < removed->len; i++)
    {
      GbInkMark *mark =
          find_mark (self, gb_ink_id_from_json (g_array_index (removed, struct json_object *, i)));
      if (mark)
        g_ptr_array_remove (self->marks, mark);
    }
  for (guint i = 0; i < added->len; i++)
    {
      GbInkMark *mark = gb_ink_mark_from_json (g_array_index (added, struct json_object *, i), program);
      if (mark && find_mark (self, mark->id) == NULL)
        g_ptr_array_add (self->marks, mark);
      else if (mark)
        gb_ink_mark_unref (mark);
    }
  for (guint i = 0; i < lines->len; i++)
    replay_line (self, g_array_index (lines, struct json_object *, i));
  gboolean known = added->len || removed->len || lines->len;
  json_object_put (json);
  if (known)
    g_signal_emit (self, signals[CHANGED], 0);
  return known;
}

gboolean
gb_ink_bring (GbInk *self, const char *program, const char *line)
{
  if (!gb_ink_replay (self, program, line))
    return FALSE;
  g_signal_emit (self, signals[LOGGED], 0, program, line);
  return TRUE;
}

char *
gb_ink_dup_line (GbInk *self, const char *program)
{
  struct json_object *json = json_object_new_object (), *list = json_object_new_array ();
  program = g_intern_string (program);
  for (guint i = 0; i < self->marks->len; i++)
    if (gb_ink_get (self, i)->program == program)
      json_object_array_add (list, gb_ink_mark_to_json (gb_ink_get (self, i)));
  gboolean any = json_object_array_length (list) > 0;
  json_object_object_add (json, "add", list);
  char *line = g_strdup (any ? to_line (json) : "");
  json_object_put (json);
  return line;
}

/* ---- object ---- */
static void
gb_ink_finalize (GObject *object)
{
  GbInk *self = GB_INK (object);
  g_ptr_array_unref (self->marks);
  g_ptr_array_unref (self->steps);
  G_OBJECT_CLASS (gb_ink_parent_class)->finalize (object);
}

static void
gb_ink_class_init (GbInkClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_ink_finalize;
  signals[CHANGED] =
      g_signal_new ("changed", GB_TYPE_INK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[LOGGED] = g_signal_new ("logged", GB_TYPE_INK, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE,
                                  2, G_TYPE_STRING, G_TYPE_STRING);
}

static void
gb_ink_init (GbInk *self)
{
  self->marks = new_marks ();
  self->steps = g_ptr_array_new_with_free_func (step_free);
}

GbInk *
gb_ink_new (void)
{
  return g_object_new (GB_TYPE_INK, NULL);
}
