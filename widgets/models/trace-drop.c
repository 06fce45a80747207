/* Letting go of a segment: whatever points into it is forgotten. */
#include "models/trace-private.h"

static gpointer
key (guint64 id)
{
  return GSIZE_TO_POINTER (id);
}

/* One tensor of a storage is forgotten; the list is cleaned when most of it is, so that this stays cheap when
 * a loop makes views of one storage for hours. */
static void
owners_drop (GbTrace *self, guint64 storage)
{
  GbOwners *owners = g_hash_table_lookup (self->storages, key (storage));

  if (owners == NULL)
    return;
  if (owners->n_alive <= 1)
    {
      g_hash_table_remove (self->storages, key (storage));
      return;
    }
  owners->n_alive--;
  if (owners->ids->len >= 2 * owners->n_alive + 64)
    gb_owners_clean (self, owners);
}

void
gb_owners_clean (GbTrace *self, GbOwners *owners)
{
  guint kept = 0;
  for (guint i = 0; i < owners->ids->len; i++)
    {
      guint64 id = g_array_index (owners->ids, guint64, i);
      if (g_hash_table_contains (self->tensors, key (id)))
        g_array_index (owners->ids, guint64, kept++) = id;
    }
  g_array_set_size (owners->ids, kept);
}

static void
trace_drop_tensor (GbTrace *self, guint64 seq, guint64 id, gboolean name)
{
  GbTensorEntry *entry = g_hash_table_lookup (self->tensors, key (id));
  guint64 storage = 0;

  if (entry == NULL)
    return;
  if (name && entry->names)
    gb_refs_remove (entry->names, sizeof (GbNameRef), seq);
  if (!name && entry->refs->len)
    {
      storage = g_array_index (entry->refs, GbTensorRef, 0).wire->storage;
      gb_refs_remove (entry->refs, sizeof (GbTensorRef), seq);
    }
  if (entry->refs->len || (entry->names && entry->names->len))
    {
      if (entry->refs->len == 0 && storage)
        entry->storage = storage;
      return;
    }
  storage = storage ? storage : entry->storage;
  g_hash_table_remove (self->tensors, key (id));
  if (storage)
    owners_drop (self, storage);
}

void
gb_trace_drop_segment_index (GbTrace *self, GbSegment *segment, guint64 first_seq)
{
  first_seq = MAX (first_seq, segment->first_seq);
  for (guint i = gb_refs_lower_bound (segment->refs, sizeof (GbRecordRef), first_seq); i < segment->refs->len; i++)
    {
      const TeRecord *record = g_array_index (segment->refs, GbRecordRef, i).record;
      GbFactKey fact;

      switch (record->type)
        {
        case TE_RECORD_OP_END:
          {
            const TeRecordOpEnd *end = (const TeRecordOpEnd *) record;
            const TeWireTensor *wire = (const TeWireTensor *) (end + 1);
            for (guint k = 0; k < end->n_outputs; k++)
              {
                trace_drop_tensor (self, record->seq, wire->tensor, FALSE);
                wire = (const TeWireTensor *) ((const guint8 *) wire + te_wire_tensor_nbytes (wire));
              }
            break;
          }
        case TE_RECORD_TENSOR:
          trace_drop_tensor (self, record->seq, ((const TeRecordTensor *) record)->tensor.tensor, FALSE);
          break;
        case TE_RECORD_NAME:
          trace_drop_tensor (self, record->seq, ((const TeRecordName *) record)->tensor, TRUE);
          break;
        case TE_RECORD_NODE:
          if (g_hash_table_lookup (self->nodes, key (((const TeRecordNode *) record)->node)) == record)
            g_hash_table_remove (self->nodes, key (((const TeRecordNode *) record)->node));
          break;
        default:
          if (gb_fact_key_of (record, &fact))
            {
              GHashTable *facts = gb_trace_facts_of (self, fact.type);
              GArray *refs = g_hash_table_lookup (facts, &fact);
              if (refs)
                gb_refs_remove (refs, sizeof (GbRecordRef), record->seq);
              if (refs && refs->len == 0)
                g_hash_table_remove (facts, &fact);
            }
          break;
        }
    }
  /* Ops of kept segments may end in this one: its own, and those of the ones just before it, which stand in order. */
  guint at = gb_trace_index_of_segment (self, segment);
  for (guint s = MIN (at + 1, self->segments->len); s-- > 0 && s + GB_OP_SEGMENTS >= at;)
    {
      GbSegment *other = g_ptr_array_index (self->segments, s);
      for (guint i = 0; i < other->ops->len; i++)
        {
          GbOpRef *ref = &g_array_index (other->ops, GbOpRef, i);
          if (ref->end && ref->end->head.seq >= first_seq && ref->end->head.seq <= segment->last_seq)
            ref->end = NULL;
        }
    }
}
