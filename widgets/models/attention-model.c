#include "models/attention-model.h"

#include <math.h>
#include <string.h>

#include "models/show-labels.h"
#include "models/trace-private.h"

typedef struct
{
  guint64 key, first_seq;
} Place;

static int
compare_place (gconstpointer a, gconstpointer b)
{
  const Place *x = a, *y = b;
  return x->first_seq < y->first_seq ? -1 : x->first_seq > y->first_seq;
}

/* All places of the program that gave a map, in order of their first. */
static GArray *
places_of (GbTrace *trace)
{
  GArray *places = g_array_new (FALSE, FALSE, sizeof (Place));
  GHashTableIter iter;
  gpointer key, value;
  g_hash_table_iter_init (&iter, gb_trace_facts_of (trace, TE_FACT_ATTENTION));
  while (g_hash_table_iter_next (&iter, &key, &value))
    {
      const GbFactKey *fact = key;
      const GArray *refs = value;
      if (fact->type != TE_FACT_ATTENTION || fact->kind != 0 || refs->len == 0)
        continue;
      Place place = { fact->id, g_array_index (refs, GbRecordRef, 0).seq };
      g_array_append_val (places, place);
    }
  g_array_sort (places, compare_place);
  return places;
}

static gboolean
looks_causal (const GbAttentionLayer *layer)
{
  gboolean any = FALSE;
  if (layer->keys < layer->queries)
    return FALSE;
  for (guint head = 0; head < layer->heads; head++)
    for (guint query = 0; query < layer->queries; query++)
      for (guint key = query + (layer->keys - layer->queries) + 1; key < layer->keys; key++)
        {
          any = TRUE;
          if (gb_attention_weight (layer, head, query, key) != 0)
            return FALSE;
        }
  return any;
}

static void
layer_clear (gpointer data)
{
  GbAttentionLayer *layer = data;
  g_free (layer->name);
  g_strfreev (layer->query_labels);
  g_strfreev (layer->key_labels);
}

static void
add_layer (GbAttention *self, GbTrace *trace, const TeFactAttention *fact)
{
  gsize room = fact->head.nbytes - sizeof *fact;
  GbAttentionLayer layer = { .call_key = fact->call_key,
                             .tensor = fact->tensor,
                             .call = fact->call,
                             .iteration = fact->iteration,
                             .heads = fact->heads,
                             .queries = fact->queries,
                             .keys = fact->keys,
                             .sample = fact->batch,
                             .samples = MAX (fact->samples, 1),
                             .weights = (const float *) (fact + 1) };
  const char *name = gb_trace_get_string (trace, fact->module);
  if (!fact->heads || !fact->queries || !fact->keys || fact->heads > 4096 || fact->queries > 65536
      || fact->keys > 65536 || (guint64) fact->heads * fact->queries * fact->keys * sizeof (float) > room)
    return;
  layer.name = *name ? g_strdup (name) : NULL;
  layer.is_causal = looks_causal (&layer);
  g_array_append_val (self->layers, layer);
}

/* ---- tokens ---- */

/* Names fit an axis that is as long as they are many, or (longer) one of a sequence that has not come so far: `names` is
 * given away or freed. */
static void
name_axis (char ***axis, guint length, char **names, guint n, gboolean longer)
{
  if (names && *axis == NULL && (longer ? n > length : n == length))
    *axis = names;
  else
    g_strfreev (names);
}

/* Two lists name queries and keys; one list names whichever axis is as long, both of a map of tokens by themselves. */
static void
take_labels (GbAttentionLayer *layer, const char *json, gboolean longer)
{
  GbShowLabels labels;
  if (!gb_show_labels_read (&labels, json))
    return;
  if (labels.rows && !longer && (labels.n_rows != layer->queries || labels.n_columns != layer->keys))
    {
      gb_show_labels_clear (&labels);
      return;
    }
  if (labels.rows)
    name_axis (&layer->query_labels, layer->queries, labels.rows, labels.n_rows, longer);
  else
    name_axis (&layer->query_labels, layer->queries, g_strdupv (labels.columns), labels.n_columns, longer);
  name_axis (&layer->key_labels, layer->keys, labels.columns, labels.n_columns, longer);
}

/* The latest names that fit, those that were shown of this map itself before all others; last those of a longer sequence,
 * of which this one is the beginning.  What was shown in a later iteration names other tokens. */
static void
find_labels (GbAttentionLayer *layer, GbTrace *trace, guint64 position)
{
  enum { OWN, ANY, LONGER, N_PASSES };
  if (layer->sample > 0)
    return; /* names are those of the first */
  for (int pass = OWN; pass < N_PASSES; pass++)
    for (guint i = gb_trace_get_n_shows (trace); i-- > 0 && !(layer->query_labels && layer->key_labels);)
      {
        const GbShow *show = gb_trace_get_show (trace, i);
        gboolean of_tokens = !show->view || !*show->view || g_str_equal (show->view, "attn")
                             || g_str_equal (show->view, "tokens");
        if (show->seq <= position && show->labels && *show->labels && of_tokens
            && (show->tensor == layer->tensor
                || (pass != OWN && gb_trace_iteration_at (trace, show->seq) <= layer->iteration)))
          take_labels (layer, show->labels, pass == LONGER);
      }
}

/* The newest map of a place, of a sample that was told together with the first: that comes last. */
static const TeFactAttention *
find_map (GbTrace *trace, guint64 key, guint sample, guint64 position)
{
  const TeFactAttention *first =
      (const TeFactAttention *) gb_trace_get_fact (trace, TE_FACT_ATTENTION, key, position);
  const TeFactAttention *other = NULL;
  if (first && sample > 0 && sample < first->samples)
    other = (const TeFactAttention *) gb_trace_get_fact_of_kind (trace, TE_FACT_ATTENTION, (guint16) sample, key,
                                                                 first->head.seq);
  return other && other->tensor == first->tensor ? other : first;
}

GbAttention *
gb_attention_new (GbTraceCursor *cursor, guint sample)
{
  GbAttention *self = g_new0 (GbAttention, 1);
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 position = gb_trace_cursor_get_position (cursor);
  g_autoptr (GArray) places = places_of (trace);
  self->layers = g_array_new (FALSE, FALSE, sizeof (GbAttentionLayer));
  g_array_set_clear_func (self->layers, layer_clear);
  for (guint i = 0; i < places->len; i++)
    {
      const TeFactAttention *fact = find_map (trace, g_array_index (places, Place, i).key, sample, position);
      if (fact)
        add_layer (self, trace, fact);
    }
  for (guint i = 0; i < self->layers->len; i++)
    {
      GbAttentionLayer *layer = &g_array_index (self->layers, GbAttentionLayer, i);
      self->n_heads += layer->heads;
      find_labels (layer, trace, position);
    }
  return self;
}

guint
gb_attention_most_samples (const GbAttention *self)
{
  guint most = 1;
  for (guint i = 0; i < self->layers->len; i++)
    most = MAX (most, gb_attention_layer (self, i)->samples);
  return most;
}

void
gb_attention_free (GbAttention *self)
{
  if (!self)
    return;
  g_array_unref (self->layers);
  g_free (self);
}

/* Entropy of a row in bits: -sum p log2 p.  Source: Shannon 1948. */
static double
row_entropy (const GbAttentionLayer *layer, guint head, guint query)
{
  double bits = 0;
  for (guint key = 0; key < layer->keys; key++)
    {
      double p = gb_attention_weight (layer, head, query, key);
      if (p > 0)
        bits -= p * log2 (p);
    }
  return bits;
}

void
gb_attention_summarize (const GbAttentionLayer *layer, guint head, GbHeadSummary *summary)
{
  guint shift = layer->keys >= layer->queries ? layer->keys - layer->queries : 0, with_previous = 0;
  *summary = (GbHeadSummary){ .best = -1 };
  for (guint query = 0; query < layer->queries; query++)
    {
      /* a row that can read one key only says nothing about the head */
      gboolean choice = !gb_attention_is_masked (layer, query, 1) || layer->queries == 1;
      for (guint key = 0; key < layer->keys && choice; key++)
        if (gb_attention_weight (layer, head, query, key) > summary->best)
          {
            summary->best = gb_attention_weight (layer, head, query, key);
            summary->best_query = query;
            summary->best_key = key;
          }
      summary->spread += row_entropy (layer, head, query) / layer->queries;
      if (query + shift < layer->keys)
        summary->to_itself += gb_attention_weight (layer, head, query, query + shift) / layer->queries;
      if (query + shift > 0 && query + shift - 1 < layer->keys)
        {
          summary->to_previous += gb_attention_weight (layer, head, query, query + shift - 1);
          with_previous++;
        }
    }
  if (with_previous)
    summary->to_previous /= with_previous;
  summary->best = MAX (summary->best, 0);
}

static const char *
label_of (char **labels, guint index, char *buffer, gsize nbytes)
{
  if (labels && labels[index])
    return labels[index];
  g_snprintf (buffer, nbytes, "%u", index);
  return buffer;
}

const char *
gb_attention_query_label (const GbAttentionLayer *layer, guint query, char *buffer, gsize nbytes)
{
  return label_of (query < layer->queries ? layer->query_labels : NULL, query, buffer, nbytes);
}

const char *
gb_attention_key_label (const GbAttentionLayer *layer, guint key, char *buffer, gsize nbytes)
{
  return label_of (key < layer->keys ? layer->key_labels : NULL, key, buffer, nbytes);
}

gboolean
gb_attention_exists (GbTrace *trace)
{
  g_autoptr (GArray) places = places_of (trace);
  return places->len > 0;
}
