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
      if (fact->type != TE_FACT_ATTENTION || refs->len == 0)
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
  g_free (((GbAttentionLayer *) data)->name);
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

/* One list of tokens names both axes. */
static void
take_labels (GbAttention *self, const char *json)
{
  GbShowLabels labels;
  if (!gb_show_labels_read (&labels, json))
    return;
  self->query_labels = labels.rows ? labels.rows : g_strdupv (labels.columns);
  self->n_query_labels = labels.rows ? labels.n_rows : labels.n_columns;
  self->key_labels = labels.columns;
  self->n_key_labels = labels.n_columns;
}

static void
find_labels (GbAttention *self, GbTrace *trace, guint64 position)
{
  for (guint i = gb_trace_get_n_shows (trace); i-- > 0 && !self->query_labels;)
    {
      const GbShow *show = gb_trace_get_show (trace, i);
      if (show->seq <= position && show->labels && *show->labels
          && (!show->view || !*show->view || g_str_equal (show->view, "attn")))
        take_labels (self, show->labels);
    }
}

GbAttention *
gb_attention_new (GbTraceCursor *cursor)
{
  GbAttention *self = g_new0 (GbAttention, 1);
  GbTrace *trace = gb_trace_cursor_get_trace (cursor);
  guint64 position = gb_trace_cursor_get_position (cursor);
  g_autoptr (GArray) places = places_of (trace);
  self->layers = g_array_new (FALSE, FALSE, sizeof (GbAttentionLayer));
  g_array_set_clear_func (self->layers, layer_clear);
  for (guint i = 0; i < places->len; i++)
    {
      const TeRecord *fact =
          gb_trace_get_fact (trace, TE_FACT_ATTENTION, g_array_index (places, Place, i).key, position);
      if (fact)
        add_layer (self, trace, (const TeFactAttention *) fact);
    }
  find_labels (self, trace, position);
  return self;
}

void
gb_attention_free (GbAttention *self)
{
  if (!self)
    return;
  g_array_unref (self->layers);
  g_strfreev (self->query_labels);
  g_strfreev (self->key_labels);
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
label_of (char **labels, guint n, guint index, char *buffer, gsize nbytes)
{
  if (labels && index < n && labels[index])
    return labels[index];
  g_snprintf (buffer, nbytes, "%u", index);
  return buffer;
}

const char *
gb_attention_query_label (const GbAttention *self, guint query, char *buffer, gsize nbytes)
{
  return label_of (self->query_labels, self->n_query_labels, query, buffer, nbytes);
}

const char *
gb_attention_key_label (const GbAttention *self, guint key, char *buffer, gsize nbytes)
{
  return label_of (self->key_labels, self->n_key_labels, key, buffer, nbytes);
}

gboolean
gb_attention_exists (GbTrace *trace)
{
  g_autoptr (GArray) places = places_of (trace);
  return places->len > 0;
}
