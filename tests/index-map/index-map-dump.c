/* index-map-dump RECORDING: for each op record that the program's lines made, what its first results were
 * made of. One line of JSON each: {"line": 7, "op": "mm", "backward": false, "inputs": [ids], "output": id,
 * "form": n, "why": …, "elements": [[[id, place], …], …], "storages": {id: storage}} with row-major places.
 */
#include <json-c/json.h>
#include <math.h>
#include <stdio.h>

#include "models/index-map/derivation.h"

#define MOST_ELEMENTS 512

static gint64
place_in (const GbTensor *tensor, const gint64 *index)
{
  gint64 place = 0;
  for (int d = 0; d < tensor->ndim; d++)
    place = place * tensor->sizes[d] + index[d];
  return place;
}

static struct json_object *
sources_of (const GbIndexMap *map)
{
  struct json_object *list = json_object_new_array ();
  for (guint i = 0; i < map->terms->len; i++)
    {
      const GbIndexMapTerm *term = &g_array_index (map->terms, GbIndexMapTerm, i);
      for (guint k = 0; k < term->n_factors; k++)
        {
          const GbTensor *input = &map->inputs[term->factors[k].input];
          struct json_object *pair = json_object_new_array ();
          json_object_array_add (pair, json_object_new_int64 ((gint64) input->tensor));
          json_object_array_add (pair, json_object_new_int64 (place_in (input, term->factors[k].index)));
          json_object_array_add (list, pair);
        }
    }
  return list;
}

/* The arithmetic with recorded numbers against the recorded result. */
static void
check_arithmetic (
    GbTrace *trace, const GbOp *op, const GbTensor *output, const gint64 *index, int *checked, int *wrong)
{
  double value;
  g_autoptr (GbDerivation) derivation =
      gb_derivation_new (trace, output->tensor, op->end->head.seq, index, NULL);
  if (derivation == NULL || derivation->map->call != op->record->call || !derivation->has_value
      || !gb_derivation_evaluate (derivation, &value))
    return;
  ++*checked;
  if (!(fabs (value - derivation->value) <= 1e-5 + 1e-4 * fabs (value)))
    {
      g_autofree char *line = gb_derivation_arithmetic (derivation, trace, 12);
      fprintf (stderr, "%s: %s, but %g\n", derivation->op_name, line, value);
      ++*wrong;
    }
}

static void
dump_output (GbTrace *trace, const GbOp *op, struct json_object *to)
{
  struct json_object *elements = json_object_new_array ();
  gint64 index[GB_VALUES_MAX_NDIM] = { 0 }, numel = 1;
  int checked = 0, wrong = 0;
  GbTensor output;
  if (!gb_trace_op_output (trace, op, 0, &output) || output.ndim > GB_VALUES_MAX_NDIM)
    return;
  for (int d = 0; d < output.ndim; d++)
    numel *= output.sizes[d];
  json_object_object_add (to, "output", json_object_new_int64 ((gint64) output.tensor));
  for (gint64 i = 0; i < MIN (numel, MOST_ELEMENTS); i++)
    {
      const char *why;
      g_autoptr (GbIndexMap) map = gb_index_map_new (trace, op, 0, index, &why);
      if (map == NULL)
        {
          json_object_object_add (to, "why", json_object_new_string (why));
          break;
        }
      if (map->untold)
        json_object_object_add (to, "untold", json_object_new_string (map->untold));
      json_object_array_add (elements, sources_of (map));
      check_arithmetic (trace, op, &output, index, &checked, &wrong);
      for (int d = output.ndim - 1; d >= 0 && ++index[d] == output.sizes[d]; d--)
        index[d] = 0;
    }
  json_object_object_add (to, "elements", elements);
  json_object_object_add (to, "checked", json_object_new_int (checked));
  json_object_object_add (to, "wrong", json_object_new_int (wrong));
}

static void
add_storage (struct json_object *to, const GbTensor *tensor)
{
  char id[32];
  g_snprintf (id, sizeof id, "%" G_GUINT64_FORMAT, tensor->tensor);
  json_object_object_add (to, id, json_object_new_int64 ((gint64) tensor->storage));
}

static void
dump_op (GbTrace *trace, const GbOp *op)
{
  const GbPosition *pos =
      gb_trace_get_position (trace, op->record->caller_pos ? op->record->caller_pos : op->record->pos);
  struct json_object *to = json_object_new_object (), *inputs = json_object_new_array ();
  struct json_object *storages = json_object_new_object ();
  GbTensor tensor;
  for (guint i = 0; i < op->record->n_inputs; i++)
    {
      json_object_array_add (inputs, json_object_new_int64 ((gint64) op->inputs[i]));
      if (op->inputs[i] && gb_trace_get_tensor (trace, op->inputs[i], op->record->head.seq, &tensor))
        add_storage (storages, &tensor);
    }
  if (gb_trace_op_output (trace, op, 0, &tensor))
    add_storage (storages, &tensor);
  json_object_object_add (to, "storages", storages);
  json_object_object_add (to, "line", json_object_new_int (pos ? (int) pos->line : 0));
  json_object_object_add (to, "op", json_object_new_string (gb_trace_op_name (trace, op)));
  json_object_object_add (to, "top", json_object_new_boolean (op->record->parent == 0));
  json_object_object_add (to, "backward",
                          json_object_new_boolean ((op->record->flags & TE_WIRE_OP_BACKWARD) != 0));
  json_object_object_add (to, "inputs", inputs);
  dump_output (trace, op, to);
  puts (json_object_to_json_string_ext (to, JSON_C_TO_STRING_PLAIN));
  json_object_put (to);
}

int
main (int argc, char **argv)
{
  g_autoptr (GbTrace) trace = gb_trace_new ();
  GbTraceIter iter;
  const TeRecord *record;
  g_autoptr (GError) error = NULL;
  if (argc != 2)
    return 2;
  gb_trace_set_open_ended (trace, FALSE);
  if (!gb_trace_load (trace, argv[1], &error))
    {
      fprintf (stderr, "%s\n", error->message);
      return 1;
    }
  gb_trace_iter_init (&iter, trace, 0);
  while ((record = gb_trace_iter_next (&iter)))
    {
      GbOp op;
      if (record->type == TE_RECORD_OP && gb_trace_op_from_record (trace, (const TeRecordOp *) record, &op)
          && op.end)
        dump_op (trace, &op);
    }
  return 0;
}
