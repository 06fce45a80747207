#include "models/trace-cursor.h"

#include <string.h>

#include "models/record-check.h"
#include "models/trace-branches.h"
#include "trace/frames.h"

struct _GbTraceCursor
{
  GObject parent_instance;
  GbTrace *run, *trace; /* trace: the run, or the branch that is looked at */
  guint branch;
  GbTrace *beside; /* NULL: the default, not opened yet */
  guint beside_branch;
  char *beside_name;
  guint64 position;
  gboolean following;
  GbPosition line_place;
};

enum
{
  PROP_0,
  PROP_TRACE,
  PROP_POSITION,
  PROP_FOLLOWING,
  N_PROPS,
};

G_DEFINE_FINAL_TYPE (GbTraceCursor, gb_trace_cursor, G_TYPE_OBJECT)

static GParamSpec *properties[N_PROPS];
static guint changed_signal;

static void
forget_beside (GbTraceCursor *self)
{
  g_clear_object (&self->beside);
  g_clear_pointer (&self->beside_name, g_free);
  self->beside_branch = 0;
}

static void
trace_changed (GbTraceCursor *self, guint changes)
{
  if (changes & GB_TRACE_CHANGED_RESET)
    {
      /* The run goes on from elsewhere: it is looked at, beside what it just left. */
      g_set_object (&self->trace, self->run);
      self->branch = 0;
      self->following = TRUE;
      if (!self->beside_name)
        forget_beside (self);
    }
  else if (self->branch)
    return;
  g_signal_emit (self, changed_signal, 0, changes);
  if (self->following)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_POSITION]);
}

static void
gb_trace_cursor_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GbTraceCursor *self = GB_TRACE_CURSOR (object);

  switch (id)
    {
    case PROP_TRACE:
      self->run = g_value_dup_object (value);
      self->trace = self->run ? g_object_ref (self->run) : NULL;
      if (self->run)
        g_signal_connect_object (self->run, "changed", G_CALLBACK (trace_changed), self, G_CONNECT_SWAPPED);
      break;
    case PROP_POSITION:
      gb_trace_cursor_set_position (self, g_value_get_uint64 (value));
      break;
    case PROP_FOLLOWING:
      if (g_value_get_boolean (value))
        gb_trace_cursor_follow (self);
      else
        gb_trace_cursor_set_position (self, gb_trace_cursor_get_position (self));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
gb_trace_cursor_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GbTraceCursor *self = GB_TRACE_CURSOR (object);

  switch (id)
    {
    case PROP_TRACE:
      g_value_set_object (value, self->run);
      break;
    case PROP_POSITION:
      g_value_set_uint64 (value, gb_trace_cursor_get_position (self));
      break;
    case PROP_FOLLOWING:
      g_value_set_boolean (value, self->following);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
gb_trace_cursor_dispose (GObject *object)
{
  GbTraceCursor *self = GB_TRACE_CURSOR (object);
  g_clear_object (&self->trace);
  g_clear_object (&self->run);
  forget_beside (self);
  G_OBJECT_CLASS (gb_trace_cursor_parent_class)->dispose (object);
}

static void
gb_trace_cursor_class_init (GbTraceCursorClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->set_property = gb_trace_cursor_set_property;
  object_class->get_property = gb_trace_cursor_get_property;
  object_class->dispose = gb_trace_cursor_dispose;
  properties[PROP_TRACE] =
      g_param_spec_object ("trace", NULL, NULL, GB_TYPE_TRACE,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_POSITION] =
      g_param_spec_uint64 ("position", NULL, NULL, 0, G_MAXUINT64, 0,
                           G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  properties[PROP_FOLLOWING] = g_param_spec_boolean (
      "following", NULL, NULL, TRUE, G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  changed_signal = g_signal_new ("changed", GB_TYPE_TRACE_CURSOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                 G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
gb_trace_cursor_init (GbTraceCursor *self)
{
  self->following = TRUE;
}

GbTraceCursor *
gb_trace_cursor_new (GbTrace *trace)
{
  return g_object_new (GB_TYPE_TRACE_CURSOR, "trace", trace, NULL);
}

GbTrace *
gb_trace_cursor_get_trace (GbTraceCursor *self)
{
  return self->trace;
}

/* ---- branches ---- */

GbTrace *
gb_trace_cursor_get_run (GbTraceCursor *self)
{
  return self->run;
}

guint
gb_trace_cursor_get_branch (GbTraceCursor *self)
{
  return self->branch;
}

gboolean
gb_trace_cursor_show_branch (GbTraceCursor *self, guint id)
{
  if (id == self->branch)
    return TRUE;
  g_autoptr (GbTrace) next = id ? gb_trace_open_branch (self->run, id) : g_object_ref (self->run);
  if (!next)
    return FALSE;
  guint64 iteration = gb_trace_cursor_get_iteration (self);
  guint was = self->branch;
  g_set_object (&self->trace, next);
  self->branch = id;
  if (self->beside_branch == id && !self->beside_name)
    {
      forget_beside (self);
      if (was && id == 0)
        gb_trace_cursor_set_beside_branch (self, was);
    }
  const GbIteration *at = iteration ? gb_trace_find_iteration (next, iteration) : NULL;
  self->following = at == NULL || id == 0;
  self->position = at ? at->last_seq : 0;
  g_signal_emit (self, changed_signal, 0, GB_TRACE_CHANGED_RESET);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_POSITION]);
  return TRUE;
}

gboolean
gb_trace_cursor_set_beside_branch (GbTraceCursor *self, guint id)
{
  g_autoptr (GbTrace) beside = id ? gb_trace_open_branch (self->run, id) : g_object_ref (self->run);
  if (!beside || id == self->branch)
    return FALSE;
  forget_beside (self);
  self->beside = g_steal_pointer (&beside);
  self->beside_branch = id;
  g_signal_emit (self, changed_signal, 0, GB_TRACE_CHANGED_STRUCTURE);
  return TRUE;
}

void
gb_trace_cursor_set_beside (GbTraceCursor *self, GbTrace *trace, const char *name)
{
  forget_beside (self);
  self->beside = g_object_ref (trace);
  self->beside_name = g_strdup (name);
  g_signal_emit (self, changed_signal, 0, GB_TRACE_CHANGED_STRUCTURE);
}

gboolean
gb_trace_cursor_has_beside (GbTraceCursor *self)
{
  return self->beside || self->branch || gb_trace_get_n_branches (self->run);
}

gboolean
gb_trace_cursor_peek_beside (GbTraceCursor *self, guint *branch, const char **name)
{
  *branch = self->beside_branch;
  *name = self->beside_name;
  return self->beside != NULL;
}

GbTrace *
gb_trace_cursor_get_beside (GbTraceCursor *self, guint *branch, const char **name)
{
  guint n = gb_trace_get_n_branches (self->run);
  if (!self->beside && self->branch)
    self->beside = g_object_ref (self->run);
  else if (!self->beside && n)
    {
      self->beside_branch = gb_trace_get_branch (self->run, n - 1)->id;
      self->beside = gb_trace_open_branch (self->run, self->beside_branch);
    }
  *branch = self->beside_branch;
  *name = self->beside_name;
  return self->beside;
}

guint64
gb_trace_cursor_get_position (GbTraceCursor *self)
{
  return self->following ? gb_trace_get_last_seq (self->trace) : self->position;
}

static void
cursor_move (GbTraceCursor *self, guint64 position, gboolean following)
{
  gboolean was_following = self->following;

  if (was_following == following && (following || self->position == position))
    return;
  self->position = position;
  self->following = following;
  g_signal_emit (self, changed_signal, 0, 0);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_POSITION]);
  if (was_following != following)
    g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_FOLLOWING]);
}

void
gb_trace_cursor_set_position (GbTraceCursor *self, guint64 seq)
{
  g_return_if_fail (GB_IS_TRACE_CURSOR (self));
  cursor_move (self, MIN (seq, gb_trace_get_last_seq (self->trace)), FALSE);
}

gboolean
gb_trace_cursor_get_following (GbTraceCursor *self)
{
  return self->following;
}

void
gb_trace_cursor_follow (GbTraceCursor *self)
{
  g_return_if_fail (GB_IS_TRACE_CURSOR (self));
  cursor_move (self, 0, TRUE);
}

guint64
gb_trace_cursor_get_iteration (GbTraceCursor *self)
{
  guint64 position = gb_trace_cursor_get_position (self);
  guint64 iteration = gb_trace_iteration_at (self->trace, position);
  const GbIteration *before = iteration > 1 ? gb_trace_find_iteration (self->trace, iteration - 1) : NULL;
  guint64 call = before ? gb_trace_get_last_call_at (self->trace, position) : 0;
  GbOp op;

  /* Nothing begun since: the iteration that just ended. */
  if (before && before->last_seq < position && call
      && (!gb_trace_get_op (self->trace, call, &op) || op.record->head.seq <= before->last_seq))
    return before->iteration;
  return iteration;
}

gboolean
gb_trace_cursor_step (GbTraceCursor *self, GbStepUnit unit, int direction)
{
  guint64 position = gb_trace_cursor_get_position (self), last = gb_trace_get_last_seq (self->trace);
  guint64 stop = gb_trace_find_stop (self->trace, position, unit, direction);
  /* The newest is a stop of every unit, so that who has gone back comes there again. */
  if (!stop && direction >= 0 && gb_trace_settle (self->trace, position) < last)
    stop = last;
  if (!stop)
    return FALSE;
  cursor_move (self, stop, !self->following && stop == last);
  return TRUE;
}

static gboolean
cursor_seek_line (GbTraceCursor *self, guint64 line)
{
  GbTraceIter iter;
  const TeRecord *record;
  guint64 found = 0;

  gb_trace_iter_init_back (&iter, self->trace, gb_trace_get_last_seq (self->trace));
  while ((record = gb_trace_iter_previous (&iter)) != NULL)
    {
      if (record->type == TE_RECORD_LINE && ((const TeRecordLine *) record)->line == line)
        found = record->seq;
      else if (record->type == TE_RECORD_OP)
        {
          const TeRecordOp *op = (const TeRecordOp *) record;
          const GbPosition *place =
              gb_trace_get_position (self->trace, op->caller_pos ? op->caller_pos : op->pos);
          GbOp ended;
          if (place && place->line == line)
            found = gb_trace_op_from_record (self->trace, op, &ended) && ended.end ? ended.end->head.seq
                                                                                   : record->seq;
        }
      if (found)
        {
          cursor_move (self, found, FALSE);
          return TRUE;
        }
    }
  return FALSE;
}

gboolean
gb_trace_cursor_seek (GbTraceCursor *self, const char *place, GError **error)
{
  const char *colon = strchr (place, ':');
  guint64 n = 0;

  if (g_strcmp0 (place, "end") == 0)
    {
      gb_trace_cursor_set_position (self, gb_trace_get_last_seq (self->trace));
      return TRUE;
    }
  if (colon && g_ascii_string_to_unsigned (colon + 1, 10, 1, G_MAXUINT64, &n, NULL))
    {
      if (g_str_has_prefix (place, "iter:"))
        {
          const GbIteration *it = gb_trace_find_iteration (self->trace, n);
          if (it && it->iteration == n)
            {
              gb_trace_cursor_set_position (self, it->last_seq);
              return TRUE;
            }
        }
      else if (g_str_has_prefix (place, "op:"))
        {
          GbOp op;
          if (gb_trace_get_op (self->trace, n, &op))
            {
              gb_trace_cursor_set_position (self, op.end ? op.end->head.seq : op.record->head.seq);
              return TRUE;
            }
        }
      else if (g_str_has_prefix (place, "line:") && cursor_seek_line (self, n))
        return TRUE;
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "nothing is recorded at %s", place);
      return FALSE;
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s is no place: iter:N, op:N, line:N or end",
               place);
  return FALSE;
}

/* ---- the source place ---- */

/* Of a line as a record tells it: no columns. */
static const GbPosition *
place_of_line (GbTraceCursor *self, const TeRecordLine *line)
{
  self->line_place = (GbPosition){ .file = line->file, .line = line->line, .end_line = line->line };
  return &self->line_place;
}

static const GbPosition *
place_of_op (const TeRecordOp *op, GbTrace *trace)
{
  return gb_trace_get_position (trace, op->caller_pos ? op->caller_pos : op->pos);
}

static const GbPosition *
place_of_node (GbTrace *trace, const TeRecordNodeRun *run)
{
  GbNode node;
  GbOp op;
  if (!gb_trace_get_node (trace, run->node, &node) || !node.record->call
      || !gb_trace_get_op (trace, node.record->call, &op))
    return NULL;
  return place_of_op (op.record, trace);
}

const GbPosition *
gb_trace_cursor_get_source_position (GbTraceCursor *self)
{
  GbTraceIter iter;
  const TeRecord *record;
  const GbPosition *place;
  guint looked = 0;
  guint32 depth = G_MAXUINT32; /* of a function that was left: what ran at it or deeper is not where we are */

  /* Right before an op: it is what runs next. */
  record = gb_trace_get_record (self->trace, gb_trace_cursor_get_position (self) + 1);
  if (record && record->type == TE_RECORD_OP
      && (place = place_of_op ((const TeRecordOp *) record, self->trace)))
    return place;
  gb_trace_iter_init_back (&iter, self->trace, gb_trace_cursor_get_position (self));
  while ((record = gb_trace_iter_previous (&iter)) != NULL && looked++ < 4096)
    switch (record->type)
      {
      case TE_RECORD_STATE:
        {
          /* Paused before an op, or before a line that no record told of: between two instructions, say. */
          const TeRecordState *state = (const TeRecordState *) record;
          if (state->state == TE_STATE_PAUSED && state->pos
              && (state->unit == TE_STEP_LINE || state->unit == TE_STEP_OP))
            return gb_trace_get_position (self->trace, state->pos);
          break;
        }
      case TE_RECORD_LINE:
        {
          const TeRecordLine *line = (const TeRecordLine *) record;
          if (line->event == 2)
            depth = MIN (depth, line->depth);
          else if (line->event == 0 && line->depth < depth)
            return place_of_line (self, line);
          break;
        }
      case TE_RECORD_OP:
        {
          if (depth == G_MAXUINT32)
            return place_of_op ((const TeRecordOp *) record, self->trace);
          break;
        }
      case TE_RECORD_NODE_BEGIN:
        if ((place = place_of_node (self->trace, (const TeRecordNodeRun *) record)))
          return place;
        break;
      case TE_RECORD_BACKWARD_BEGIN:
        if (((const TeRecordBackward *) record)->pos)
          return gb_trace_get_position (self->trace, ((const TeRecordBackward *) record)->pos);
        break;
      default:
        break;
      }
  return NULL;
}
