#include "study/progress.h"

#include "common/i18n.h"
#include "store/store.h"

#include <math.h>

const int gb_confidences[GB_N_CONFIDENCES] = { 25, 50, 75, 95 };

typedef struct
{
  gint64 id, day;
  char *item;
  GbRating rating;
  int confidence;
} Answer;

struct _GbProgress
{
  GObject parent_instance;

  GbStore *store;
  char *trouble;
  GPtrArray *answers; /* Answer, oldest first */
  GHashTable *states; /* item: GbItemState */
};

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (GbProgress, gb_progress, G_TYPE_OBJECT)

static const char *const steps[] = {
  "CREATE TABLE answers (id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL, item TEXT NOT NULL,"
  " rating INTEGER NOT NULL CHECK (rating BETWEEN 1 AND 4),"
  " confidence INTEGER CHECK (confidence BETWEEN 1 AND 100), said TEXT);"
  "CREATE INDEX answers_of_item ON answers (item, id)",
  NULL
};

static void
answer_free (Answer *answer)
{
  g_free (answer->item);
  g_free (answer);
}

/* ---- days ---- */

gint64
gb_study_day (gint64 at)
{
  g_autoptr (GDateTime) time = g_date_time_new_from_unix_local (at);
  GDate date;
  if (!time)
    return 0;
  g_date_clear (&date, 1);
  g_date_set_dmy (&date, (GDateDay) g_date_time_get_day_of_month (time),
                  (GDateMonth) g_date_time_get_month (time), (GDateYear) g_date_time_get_year (time));
  return g_date_get_julian (&date);
}

gint64
gb_study_today (void)
{
  return gb_study_day (g_get_real_time () / G_USEC_PER_SEC);
}

/* ---- what is computed ---- */

static void
take_into_state (GbProgress *self, const Answer *answer)
{
  GbItemState *state = g_hash_table_lookup (self->states, answer->item);
  if (!state)
    {
      state = g_new0 (GbItemState, 1);
      g_hash_table_insert (self->states, g_strdup (answer->item), state);
    }
  gint64 days = state->n_answers ? MAX (0, answer->day - state->last_day) : 0;
  state->memory = gb_fsrs_answer (state->memory, answer->rating, (double) days);
  state->n_answers++;
  state->last = answer->rating;
  state->last_day = answer->day;
  state->was_missed |= answer->rating < GB_RATING_GOOD;
  state->due_day =
      state->was_missed ? answer->day + gb_fsrs_get_interval (state->memory, GB_WANTED_RECALL) : G_MAXINT64;
}

static void
compute_states (GbProgress *self)
{
  g_hash_table_remove_all (self->states);
  for (guint i = 0; i < self->answers->len; i++)
    take_into_state (self, g_ptr_array_index (self->answers, i));
}

GbItemState
gb_progress_get_item (GbProgress *self, const char *item)
{
  const GbItemState *state = g_hash_table_lookup (self->states, item);
  return state ? *state : (GbItemState){ .due_day = G_MAXINT64 };
}

static int
compare_due (gconstpointer a, gconstpointer b, gpointer data)
{
  GbProgress *self = data;
  const char *x = *(const char *const *) a, *y = *(const char *const *) b;
  gint64 due_x = gb_progress_get_item (self, x).due_day, due_y = gb_progress_get_item (self, y).due_day;
  return due_x != due_y ? (due_x < due_y ? -1 : 1) : g_strcmp0 (x, y);
}

GPtrArray *
gb_progress_list_due (GbProgress *self, gint64 day)
{
  GPtrArray *due = g_ptr_array_new_with_free_func (g_free);
  GHashTableIter iter;
  gpointer item, state;
  g_hash_table_iter_init (&iter, self->states);
  while (g_hash_table_iter_next (&iter, &item, &state))
    if (((GbItemState *) state)->due_day <= day)
      g_ptr_array_add (due, g_strdup (item));
  g_ptr_array_sort_with_data (due, compare_due, self);
  return due;
}

gint64
gb_progress_get_next_day (GbProgress *self, gint64 day)
{
  gint64 next = G_MAXINT64;
  GHashTableIter iter;
  gpointer state;
  g_hash_table_iter_init (&iter, self->states);
  while (g_hash_table_iter_next (&iter, NULL, &state))
    if (((GbItemState *) state)->due_day > day)
      next = MIN (next, ((GbItemState *) state)->due_day);
  return next;
}

void
gb_progress_get_calibration (GbProgress *self, GbCalibration rows[GB_N_CONFIDENCES])
{
  g_autoptr (GHashTable) days =
      g_hash_table_new (g_str_hash, g_str_equal); /* item: day of its last answer so far */
  for (guint k = 0; k < GB_N_CONFIDENCES; k++)
    rows[k] = (GbCalibration){ 0 };
  for (guint i = 0; i < self->answers->len; i++)
    {
      const Answer *answer = g_ptr_array_index (self->answers, i);
      gboolean again = GPOINTER_TO_INT (g_hash_table_lookup (days, answer->item)) == (int) answer->day;
      g_hash_table_insert (days, answer->item, GINT_TO_POINTER ((int) answer->day));
      for (guint k = 0; !again && k < GB_N_CONFIDENCES; k++)
        if (answer->confidence == gb_confidences[k])
          {
            rows[k].n++;
            rows[k].n_right += answer->rating >= GB_RATING_GOOD;
          }
    }
}

double
gb_calibration_score (const GbCalibration rows[GB_N_CONFIDENCES])
{
  double sum = 0;
  guint n = 0;
  for (guint k = 0; k < GB_N_CONFIDENCES; k++)
    {
      double said = gb_confidences[k] / 100.0;
      sum += rows[k].n_right * (1 - said) * (1 - said) + (rows[k].n - rows[k].n_right) * said * said;
      n += rows[k].n;
    }
  return n ? sum / n : NAN;
}

guint
gb_progress_get_n_answers (GbProgress *self)
{
  return self->answers->len;
}

/* ---- what is done ---- */

static void
tell_trouble (GbProgress *self, const GError *error)
{
  g_free (self->trouble);
  self->trouble = g_strdup_printf (_ ("Your progress is not kept: %s"), error->message);
}

gboolean
gb_progress_add (
    GbProgress *self, const char *item, GbRating rating, int confidence, const char *said, gint64 at)
{
  g_autoptr (GError) error = NULL;
  static const char sql[] =
      "INSERT INTO answers (at, item, rating, confidence, said) VALUES (?, ?, ?, NULLIF (?, 0), ?)";
  if (!gb_store_run (self->store, &error, sql, "isiis", at, item, (gint64) rating, (gint64) confidence, said))
    tell_trouble (self, error);
  Answer *answer = g_new0 (Answer, 1);
  answer->id = error ? 0 : gb_store_get_last_id (self->store);
  answer->day = gb_study_day (at);
  answer->item = g_strdup (item);
  answer->rating = rating;
  answer->confidence = confidence;
  g_ptr_array_add (self->answers, answer);
  take_into_state (self, answer);
  g_signal_emit (self, signals[CHANGED], 0);
  return error == NULL;
}

const char *
gb_progress_get_last (GbProgress *self)
{
  return self->answers->len ? ((Answer *) g_ptr_array_index (self->answers, self->answers->len - 1))->item
                            : NULL;
}

void
gb_progress_undo (GbProgress *self)
{
  g_autoptr (GError) error = NULL;
  if (!self->answers->len)
    return;
  const Answer *last = g_ptr_array_index (self->answers, self->answers->len - 1);
  if (gb_store_run (self->store, &error, "DELETE FROM answers WHERE id = ?", "i", last->id))
    g_ptr_array_remove_index (self->answers, self->answers->len - 1);
  else
    tell_trouble (self, error);
  compute_states (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

static void
forget_item (GbProgress *self, const char *item)
{
  for (guint i = self->answers->len; i-- > 0;)
    if (g_strcmp0 (((Answer *) g_ptr_array_index (self->answers, i))->item, item) == 0)
      g_ptr_array_remove_index (self->answers, i);
}

void
gb_progress_erase (GbProgress *self, GPtrArray *items)
{
  g_autoptr (GError) error = NULL;
  gboolean ok = gb_store_begin (self->store, &error);
  if (ok && !items)
    ok = gb_store_run (self->store, &error, "DELETE FROM answers", "");
  for (guint i = 0; ok && items && i < items->len; i++)
    ok = gb_store_run (self->store, &error, "DELETE FROM answers WHERE item = ?", "s",
                       g_ptr_array_index (items, i));
  ok = ok && gb_store_commit (self->store, &error);
  if (!ok)
    {
      gb_store_roll_back (self->store);
      tell_trouble (self, error);
    }
  else if (!items)
    g_ptr_array_set_size (self->answers, 0);
  for (guint i = 0; ok && items && i < items->len; i++)
    forget_item (self, g_ptr_array_index (items, i));
  compute_states (self);
  g_signal_emit (self, signals[CHANGED], 0);
}

/* ---- life ---- */

static void
take_row (GbRow *row, gpointer data)
{
  GbProgress *self = data;
  const char *item = gb_row_get_text (row, 2);
  Answer *answer = g_new0 (Answer, 1);
  answer->id = gb_row_get_int (row, 0);
  answer->day = gb_study_day (gb_row_get_int (row, 1));
  answer->item = g_strdup (item ? item : "");
  answer->rating = (GbRating) CLAMP (gb_row_get_int (row, 3), GB_RATING_AGAIN, GB_RATING_EASY);
  answer->confidence = (int) gb_row_get_int (row, 4);
  g_ptr_array_add (self->answers, answer);
}

static void
load (GbProgress *self, const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *aside = NULL;
  self->store = gb_store_open (path, steps, &aside, &error);
  if (self->store
      && !gb_store_read (self->store, take_row, self, &error,
                         "SELECT id, at, item, rating, confidence FROM answers ORDER BY id", ""))
    g_clear_pointer (&self->store, gb_store_close);
  if (aside)
    self->trouble = g_strdup_printf (
        _ ("The file of your progress was damaged. It is set aside as %s; a new one is begun."), aside);
  if (!self->store)
    {
      tell_trouble (self, error);
      g_ptr_array_set_size (self->answers, 0);
      self->store = gb_store_open (":memory:", steps, NULL, NULL);
    }
  compute_states (self);
}

GbProgress *
gb_progress_new (const char *path)
{
  GbProgress *self = g_object_new (GB_TYPE_PROGRESS, NULL);
  load (self, path);
  return self;
}

const char *
gb_progress_get_trouble (GbProgress *self)
{
  return self->trouble;
}

static void
gb_progress_finalize (GObject *object)
{
  GbProgress *self = GB_PROGRESS (object);
  g_clear_pointer (&self->store, gb_store_close);
  g_ptr_array_unref (self->answers);
  g_hash_table_unref (self->states);
  g_free (self->trouble);
  G_OBJECT_CLASS (gb_progress_parent_class)->finalize (object);
}

static void
gb_progress_class_init (GbProgressClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_progress_finalize;
  signals[CHANGED] =
      g_signal_new ("changed", GB_TYPE_PROGRESS, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void
gb_progress_init (GbProgress *self)
{
  self->answers = g_ptr_array_new_with_free_func ((GDestroyNotify) answer_free);
  self->states = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}
