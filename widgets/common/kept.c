#include "common/kept.h"

#include <string.h>

#define MOST_NBYTES (24 << 20) /* of a generation */
#define PART_NBYTES 2048       /* that a part of a few strokes may take */

typedef struct
{
  GskRenderNode *node;
  gsize weight; /* bytes, about */
} Kept;

/* Two generations: what is asked for moves to the young one, and when that is full the old one goes. */
static GHashTable *young, *old; /* GBytes -> Kept */
static gsize young_nbytes;

static void
kept_free (gpointer data)
{
  gsk_render_node_unref (((Kept *) data)->node);
  g_free (data);
}

static GHashTable *
new_generation (void)
{
  return g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, kept_free);
}

/* Takes the node. */
static void
put (gconstpointer key, gsize nbytes, GskRenderNode *node, gsize weight)
{
  Kept *kept = g_new (Kept, 1);
  *kept = (Kept){ node, weight };
  if (young_nbytes + weight > MOST_NBYTES)
    {
      g_hash_table_unref (old);
      old = young;
      young = new_generation ();
      young_nbytes = 0;
    }
  young_nbytes += weight;
  g_hash_table_insert (young, g_bytes_new (key, nbytes), kept);
}

GtkSnapshot *
gb_kept_open (GtkSnapshot *snapshot, gconstpointer key, gsize nbytes)
{
  g_autoptr (GBytes) bytes = g_bytes_new_static (key, nbytes);
  const Kept *kept;

  if (young == NULL)
    {
      young = new_generation ();
      old = new_generation ();
    }
  kept = g_hash_table_lookup (young, bytes);
  if (kept == NULL)
    {
      kept = g_hash_table_lookup (old, bytes);
      if (kept == NULL)
        return gtk_snapshot_new ();
      GskRenderNode *node = gsk_render_node_ref (kept->node);
      put (key, nbytes, node, kept->weight); /* the old generation may be gone now */
      gtk_snapshot_append_node (snapshot, node);
      return NULL;
    }
  gtk_snapshot_append_node (snapshot, kept->node);
  return NULL;
}

void
gb_kept_close (GtkSnapshot *snapshot, GtkSnapshot *part, gconstpointer key, gsize nbytes, gsize weight)
{
  GskRenderNode *node = gtk_snapshot_free_to_node (part);

  if (node == NULL)
    node = gsk_container_node_new (NULL, 0);
  gtk_snapshot_append_node (snapshot, node);
  put (key, nbytes, node, weight + nbytes + PART_NBYTES);
}

/* Multiply and fold, in two lanes with other odd factors: it tells pictures apart, it keeps nobody out. */
GbKeptDigest
gb_kept_digest (gconstpointer bytes, gsize nbytes)
{
  const guint8 *at = bytes;
  GbKeptDigest digest = { 0x9e3779b97f4a7c15u ^ nbytes, 0xc2b2ae3d27d4eb4fu + nbytes };

  for (; nbytes; at += MIN (nbytes, 8), nbytes -= MIN (nbytes, 8))
    {
      guint64 word = 0;
      memcpy (&word, at, MIN (nbytes, 8));
      digest.a = (digest.a ^ word) * 0xff51afd7ed558ccdu;
      digest.a ^= digest.a >> 32;
      digest.b = (digest.b + word) * 0xc4ceb9fe1a85ec53u;
      digest.b ^= digest.b >> 29;
    }
  return digest;
}
