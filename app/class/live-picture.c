#include "class/live-picture.h"

#include "common/svg.h"

#include <gio/gio.h>
#include <string.h>

#define SLICE_USEC 1500
#define GZIP_LEVEL 3 /* the picture changes soon */

struct _GbLivePicture
{
  GObject parent_instance;

  GbBoardWatch *watch;
  GbSvgImages *images; /* of what was drawn before */
  GbSvgWriter *writer; /* at work, or NULL */
  GTask *packing;      /* the same, in its thread; borrowed */
  guint idle;
  gboolean is_on, is_stale; /* stale: there is another picture than that which is being made */
  char *digest; /* of the last one that was passed on */
};

G_DEFINE_FINAL_TYPE (GbLivePicture, gb_live_picture, G_TYPE_OBJECT)

typedef struct
{
  GBytes *svg, *packed;
  char *digest;
} Made;

static void
made_free (gpointer data)
{
  Made *made = data;
  g_clear_pointer (&made->svg, g_bytes_unref);
  g_clear_pointer (&made->packed, g_bytes_unref);
  g_free (made->digest);
  g_free (made);
}

/* ---- packing, in a thread ---- */

static GBytes *
gzip (GBytes *bytes)
{
  g_autoptr (GZlibCompressor) compressor = g_zlib_compressor_new (G_ZLIB_COMPRESSOR_FORMAT_GZIP, GZIP_LEVEL);
  g_autoptr (GOutputStream) out = g_memory_output_stream_new_resizable ();
  g_autoptr (GOutputStream) in = g_converter_output_stream_new (out, G_CONVERTER (compressor));
  gsize nbytes;
  gconstpointer data = g_bytes_get_data (bytes, &nbytes);
  if (!g_output_stream_write_all (in, data, nbytes, NULL, NULL, NULL) || !g_output_stream_close (in, NULL, NULL))
    return NULL;
  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (out));
}

/* Taken by the task from the object: the thread that packs frees it. */
static void
pack (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  const char *last = g_object_get_data (G_OBJECT (task), "digest");
  Made *made = g_new0 (Made, 1);
  char *svg = gb_svg_writer_finish (data);
  gsize nbytes = strlen (svg);
  made->digest = g_compute_checksum_for_data (G_CHECKSUM_SHA1, (const guchar *) svg, nbytes);
  made->svg = g_bytes_new_take (svg, nbytes);
  if (g_strcmp0 (made->digest, last) != 0)
    made->packed = gzip (made->svg);
  g_task_return_pointer (task, made, made_free);
}

static void begin (GbLivePicture *self);

static void
on_packed (GObject *source, GAsyncResult *result, gpointer data)
{
  GbLivePicture *self = GB_LIVE_PICTURE (source);
  Made *made = g_task_propagate_pointer (G_TASK (result), NULL);
  self->packing = NULL;
  if (made->packed && self->is_on)
    {
      g_free (self->digest);
      self->digest = g_steal_pointer (&made->digest);
      g_signal_emit_by_name (self, "made", made->svg, made->packed);
    }
  made_free (made);
  if (self->is_stale)
    begin (self);
}

/* ---- writing, between frames ---- */

static gboolean
on_idle (gpointer data)
{
  GbLivePicture *self = data;
  if (!gb_svg_writer_work (self->writer, SLICE_USEC))
    return G_SOURCE_CONTINUE;
  self->idle = 0;
  self->packing = g_task_new (self, NULL, on_packed, NULL);
  g_task_set_task_data (self->packing, g_steal_pointer (&self->writer), NULL);
  g_object_set_data_full (G_OBJECT (self->packing), "digest", g_strdup (self->digest), g_free);
  g_task_run_in_thread (self->packing, pack);
  g_object_unref (self->packing); /* it lives until it is done */
  return G_SOURCE_REMOVE;
}

static void
begin (GbLivePicture *self)
{
  double width, height;
  GskRenderNode *node = gb_board_watch_get_node (self->watch, &width, &height);
  if (!self->is_on || !node)
    return;
  self->is_stale = self->writer || self->packing;
  if (self->is_stale)
    return;
  self->writer = gb_svg_writer_new (node, width, height, self->images);
  self->idle = g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, on_idle, self, NULL);
}

void
gb_live_picture_set_on (GbLivePicture *self, gboolean is_on)
{
  if (self->is_on == is_on)
    return;
  self->is_on = is_on;
  g_clear_pointer (&self->digest, g_free); /* whoever looks now has seen nothing */
  begin (self);
}

/* ---- the object ---- */

static void
gb_live_picture_dispose (GObject *object)
{
  GbLivePicture *self = GB_LIVE_PICTURE (object);
  g_clear_handle_id (&self->idle, g_source_remove);
  g_clear_pointer (&self->writer, gb_svg_writer_free);
  g_clear_pointer (&self->images, gb_svg_images_free);
  g_clear_pointer (&self->digest, g_free);
  g_clear_object (&self->watch);
  G_OBJECT_CLASS (gb_live_picture_parent_class)->dispose (object);
}

static void
gb_live_picture_class_init (GbLivePictureClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = gb_live_picture_dispose;
  g_signal_new ("made", GB_TYPE_LIVE_PICTURE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 2, G_TYPE_BYTES, G_TYPE_BYTES);
}

static void
gb_live_picture_init (GbLivePicture *self)
{
  self->images = gb_svg_images_new ();
}

GbLivePicture *
gb_live_picture_new (GbBoardWatch *watch)
{
  GbLivePicture *self = g_object_new (GB_TYPE_LIVE_PICTURE, NULL);
  self->watch = g_object_ref (watch);
  g_signal_connect_object (watch, "taken", G_CALLBACK (begin), self, G_CONNECT_SWAPPED);
  return self;
}
