/* Attention maps at a position: for each softmax that a product consumed (found by data flow, see the trace),
 * the newest map of a sample at or before it.  Layers are in the order in which the program runs them. */
#pragma once

#include "models/trace-cursor.h"

G_BEGIN_DECLS

typedef struct
{
  guint64 call_key, tensor, call, iteration;
  guint heads, queries, keys;
  guint sample, samples; /* which of the batch, of how many that were told: at least 1 */
  const float *weights; /* heads × queries × keys; borrowed until the next flush */
  char *name;           /* dotted path of its module, or NULL */
  gboolean is_causal;   /* nothing above the diagonal in any head */
  char **query_labels, **key_labels; /* tokens; NULL: only numbers */
} GbAttentionLayer;

typedef struct
{
  GArray *layers; /* GbAttentionLayer */
  guint n_heads;  /* of all of them */
} GbAttention;

/* What one head does, in numbers. */
typedef struct
{
  guint best_query, best_key; /* largest weight of the rows that have a choice, ties to the first */
  double best;
  double spread;      /* mean entropy of the rows, bits */
  double to_previous; /* mean weight on the key before the query; rows from the second on */
  double to_itself;
} GbHeadSummary;

/* Never NULL.  A layer of which so many samples were not told shows its first. */
GbAttention *gb_attention_new (GbTraceCursor *cursor, guint sample);
void gb_attention_free (GbAttention *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbAttention, gb_attention_free)

static inline const GbAttentionLayer *
gb_attention_layer (const GbAttention *self, guint index)
{
  return &g_array_index (self->layers, GbAttentionLayer, index);
}
/* Of the layer with the most. */
guint gb_attention_most_samples (const GbAttention *self);
static inline double
gb_attention_weight (const GbAttentionLayer *layer, guint head, guint query, guint key)
{
  return layer->weights[((gsize) head * layer->queries + query) * layer->keys + key];
}
/* Is (query, key) masked: above the diagonal of a causal map? */
static inline gboolean
gb_attention_is_masked (const GbAttentionLayer *layer, guint query, guint key)
{
  return layer->is_causal && key > query + (layer->keys - layer->queries);
}
void gb_attention_summarize (const GbAttentionLayer *layer, guint head, GbHeadSummary *summary);
/* Token text of a query or key, or its number; buffer of at least 16 bytes. */
const char *gb_attention_query_label (const GbAttentionLayer *layer, guint query, char *buffer, gsize nbytes);
const char *gb_attention_key_label (const GbAttentionLayer *layer, guint key, char *buffer, gsize nbytes);
gboolean gb_attention_exists (GbTrace *trace);

G_END_DECLS
