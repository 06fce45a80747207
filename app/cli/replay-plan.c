#include "cli/replay-plan.h"

#include "common/i18n.h"
#include "paths.h"
#include "trace/recording.h"

#include <json-c/json.h>
#include <string.h>

typedef struct
{
  GbReplayPlan *plan;
  GHashTable *strings; /* guint32 -> char * */
  char *path;          /* of the program, from BEGIN */
  char *entropy;
  struct json_object *clock, *knobs, *files;
  guint n_begins;
  guint64 work_seq; /* the beginning of the last op, or of the backward that it ran in; 0: none has begun */
  gboolean in_backward;
} Scan;

static char *
text_of (const void *bytes, gsize nbytes)
{
  return g_strndup (bytes, nbytes);
}

static const char *
member_text (struct json_object *object, const char *name)
{
  struct json_object *member;
  return json_object_object_get_ex (object, name, &member) ? json_object_get_string (member) : NULL;
}

static struct json_object *
begin_about (const TeRecordBegin *begin)
{
  g_autofree char *text = text_of (begin + 1, begin->about_nbytes);
  return json_tokener_parse (text);
}

char *
gb_replay_content_name (guint nth)
{
  return g_strdup_printf (".replay-%u", nth);
}

char *
gb_replay_processor (const TeRecordBegin *begin)
{
  struct json_object *about = begin_about (begin);
  const char *cpu = about ? member_text (about, "cpu") : NULL,
             *blas = about ? member_text (about, "blas") : NULL;
  char *both = cpu && blas ? g_strdup_printf ("%s, %s", cpu, blas) : NULL;
  json_object_put (about);
  return both;
}

static void
scan_begin (Scan *scan, const TeRecordBegin *begin)
{
  struct json_object *about = scan->n_begins++ ? NULL : begin_about (begin), *argv;
  if (!about)
    return;
  scan->path = g_strdup (member_text (about, "file"));
  scan->entropy = g_strdup (member_text (about, "entropy"));
  scan->plan->processor = gb_replay_processor (begin);
  scan->plan->has_files = json_object_object_get_ex (about, "files", NULL);
  g_autoptr (GPtrArray) words = g_ptr_array_new ();
  if (json_object_object_get_ex (about, "argv", &argv) && json_object_is_type (argv, json_type_array))
    for (gsize i = 1; i < json_object_array_length (argv); i++)
      g_ptr_array_add (words, g_strdup (json_object_get_string (json_object_array_get_idx (argv, i))));
  g_ptr_array_add (words, NULL);
  scan->plan->argv = (char **) g_ptr_array_steal (words, NULL);
  json_object_put (about);
}

static void
scan_source (Scan *scan, const TeRecordSource *source)
{
  const char *path = g_hash_table_lookup (scan->strings, GUINT_TO_POINTER (source->path));
  if (!scan->plan->text && (source->flags & 1) && path && scan->path && strcmp (path, scan->path) == 0)
    scan->plan->text = text_of (source + 1, source->text_nbytes);
}

static void
scan_knob (Scan *scan, const TeRecordKnobSet *set)
{
  struct json_object *entry = json_object_new_array ();
  const char *name = g_hash_table_lookup (scan->strings, GUINT_TO_POINTER (set->name));
  json_object_array_add (entry, json_object_new_string (name ? name : ""));
  json_object_array_add (entry, json_object_new_int64 (set->nth));
  json_object_array_add (entry, json_object_new_double (set->value));
  json_object_array_add (scan->knobs, entry);
}

static void
scan_file_read (Scan *scan, const TeRecordFile *file)
{
  GPtrArray *contents = scan->plan->contents;
  struct json_object *entry = json_object_new_array ();
  const char *path = g_hash_table_lookup (scan->strings, GUINT_TO_POINTER (file->path));
  g_autofree char *hash = g_strdup_printf ("%016" G_GINT64_MODIFIER "x", file->hash);
  json_object_array_add (entry, json_object_new_string (path ? path : ""));
  json_object_array_add (entry, json_object_new_string (hash));
  if (file->content_nbytes == file->nbytes)
    {
      g_autofree char *name = gb_replay_content_name (contents->len);
      json_object_array_add (entry, json_object_new_string (name));
      g_ptr_array_add (contents, g_bytes_new (file + 1, file->content_nbytes));
    }
  json_object_array_add (scan->files, entry);
}

static void
scan_record (Scan *scan, const TeRecord *record)
{
  GbReplayPlan *plan = scan->plan;
  switch (record->type)
    {
    case TE_RECORD_BEGIN:
      scan_begin (scan, (const TeRecordBegin *) record);
      break;
    case TE_RECORD_STRING:
      {
        const TeRecordString *string = (const TeRecordString *) record;
        g_hash_table_insert (scan->strings, GUINT_TO_POINTER (string->id),
                             text_of (string + 1, string->text_nbytes));
        break;
      }
    case TE_RECORD_SOURCE:
      scan_source (scan, (const TeRecordSource *) record);
      break;
    case TE_RECORD_PRINT:
      {
        const TeRecordPrint *print = (const TeRecordPrint *) record;
        if (print->stream == 3)
          g_queue_push_tail (&plan->inputs, text_of (print + 1, print->text_nbytes));
        break;
      }
    case TE_RECORD_CLOCK:
      {
        struct json_object *read = json_object_new_array ();
        json_object_array_add (read, json_object_new_int64 ((gint64) record->seq));
        json_object_array_add (read, json_object_new_int64 (((const TeRecordClock *) record)->nsec));
        json_object_array_add (scan->clock, read);
      }
      break;
    case TE_RECORD_OP:
      if (!scan->in_backward)
        scan->work_seq = record->seq;
      break;
    case TE_RECORD_BACKWARD_BEGIN:
      if (!scan->in_backward)
        scan->work_seq = record->seq;
      scan->in_backward = TRUE;
      break;
    case TE_RECORD_BACKWARD_END:
      scan->in_backward = FALSE;
      break;
    case TE_RECORD_FILE:
      scan_file_read (scan, (const TeRecordFile *) record);
      break;
    case TE_RECORD_RESUME:
      plan->wound_back = TRUE;
      break;
    case TE_RECORD_KNOB_SET:
      scan_knob (scan, (const TeRecordKnobSet *) record);
      break;
    case TE_RECORD_EXCEPTION:
      {
        const TeRecordException *raised = (const TeRecordException *) record;
        plan->interrupted = raised->type_nbytes == strlen ("KeyboardInterrupt")
                            && memcmp (raised + 1, "KeyboardInterrupt", raised->type_nbytes) == 0;
        if (plan->interrupted)
          /* What it broke off may have made a part of its results. */
          plan->last_seq = (scan->work_seq ? scan->work_seq : record->seq) - 1;
        break;
      }
    case TE_RECORD_GAP:
      plan->has_gaps = plan->has_gaps || ((const TeRecordGap *) record)->ring == 0;
      plan->detail_gaps = TRUE;
      break;
    case TE_RECORD_END:
      plan->complete = TRUE;
      plan->had_threads = (record->flags & TE_END_THREADS) != 0;
      break;
    case TE_FACT_HASH:
      plan->has_hashes = TRUE;
      break;
    case TE_FACT_GRADIENT:
      plan->has_gradients = TRUE;
      break;
    case TE_RECORD_STEP_BEGIN:
    case TE_RECORD_ZERO_GRAD:
    case TE_RECORD_OPTIMIZER:
    case TE_RECORD_SCHEDULER:
    case TE_RECORD_MODE:
    case TE_RECORD_GRAD_NONE:
    case TE_RECORD_GRAPH_HELD:
      plan->has_training = TRUE;
      break;
    default: /* says nothing about how to run it */
      break;
    }
}

/* A damaged recording is read to the damage. */
static gboolean
scan_file (Scan *scan, const char *path, GError **error)
{
  TeError err;
  gsize nbytes;
  const char *bytes;
  guint64 last = 0;
  te_error_clear (&err);
  TeRecording *recording = te_recording_open (path, &err);
  if (!recording)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "%s: %s", path, err.text);
      return FALSE;
    }
  while ((bytes = te_recording_read (recording, &nbytes, &err)) && nbytes)
    for (gsize at = 0; at < nbytes; at += ((const TeRecord *) (bytes + at))->nbytes)
      {
        scan_record (scan, (const TeRecord *) (bytes + at));
        last = ((const TeRecord *) (bytes + at))->seq;
        if (scan->plan->interrupted || scan->plan->complete)
          break;
      }
  te_recording_free (recording);
  if (!scan->plan->interrupted)
    scan->plan->last_seq = last;
  return TRUE;
}

/* The file in the sandbox as it stood when it ran: a scene of ours reads its data sets, any program its
 * folder. */
static GbProgram *
find_program (const char *path)
{
  g_autofree char *folder = g_path_get_dirname (path), *scene = g_path_get_basename (folder);
  g_autofree char *scenes = g_build_filename (gb_paths_get_data_dir (), "scenes", NULL);
  GbProgram *program = g_str_has_prefix (path, scenes) ? gb_program_find (scene, NULL) : NULL;
  if (!program)
    program = gb_program_find (path, NULL);
  if (!program)
    {
      program = g_new0 (GbProgram, 1);
      program->path = g_strdup (path);
    }
  return program;
}

static char *
feed_text (const Scan *scan)
{
  struct json_object *feed = json_object_new_object ();
  json_object_object_add (feed, "entropy", json_object_new_string (scan->entropy ? scan->entropy : "0"));
  json_object_object_add (feed, "clock", json_object_get (scan->clock));
  json_object_object_add (feed, "knobs", json_object_get (scan->knobs));
  json_object_object_add (feed, "files", json_object_get (scan->files));
  char *text = g_strdup (json_object_to_json_string_ext (feed, JSON_C_TO_STRING_PLAIN));
  json_object_put (feed);
  return text;
}

GbReplayPlan *
gb_replay_plan_new (const char *path, GError **error)
{
  g_autoptr (GbReplayPlan) plan = g_new0 (GbReplayPlan, 1);
  Scan scan = { .plan = plan,
                .strings = g_hash_table_new_full (NULL, NULL, NULL, g_free),
                .clock = json_object_new_array (),
                .knobs = json_object_new_array (),
                .files = json_object_new_array () };
  plan->contents = g_ptr_array_new_with_free_func ((GDestroyNotify) g_bytes_unref);
  gboolean read = scan_file (&scan, path, error);
  if (read && plan->wound_back)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_SUPPORTED,
                 _ ("%s was wound back while it was recorded, so it is no run that could be repeated."), path);
  else if (read && plan->text && scan.path)
    {
      plan->program = find_program (scan.path);
      plan->feed = feed_text (&scan);
    }
  else if (read)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
                 _ ("%s holds no program that could run again: its source was not recorded."), path);
  g_hash_table_unref (scan.strings);
  g_free (scan.path);
  g_free (scan.entropy);
  json_object_put (scan.clock);
  json_object_put (scan.knobs);
  json_object_put (scan.files);
  return plan->program ? g_steal_pointer (&plan) : NULL;
}

void
gb_replay_plan_free (GbReplayPlan *self)
{
  if (!self)
    return;
  gb_program_free (self->program);
  g_free (self->text);
  g_strfreev (self->argv);
  g_free (self->processor);
  g_free (self->feed);
  g_queue_clear_full (&self->inputs, g_free);
  g_clear_pointer (&self->contents, g_ptr_array_unref);
  g_free (self);
}
