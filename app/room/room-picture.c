#include "room/room-picture.h"

#include "board/picture.h"

#define MOST_WIDTH  1280 /* pixels */
#define MOST_NBYTES (400u << 10)
#define LEAST_WIDTH 160

typedef struct
{
  GbRoom *room;
  GbSession *session; /* not read but compared */
  guint item;
  char *title;
  cairo_surface_t *surface;
} Taking;

static void
taking_free (gpointer data)
{
  Taking *self = data;
  g_object_unref (self->room);
  g_clear_object (&self->session);
  g_clear_pointer (&self->surface, cairo_surface_destroy);
  g_free (self->title);
  g_free (self);
}

/* ---- packing ---- */

static cairo_status_t
append (gpointer closure, const guchar *data, guint length)
{
  g_byte_array_append (closure, data, length);
  return CAIRO_STATUS_SUCCESS;
}

static cairo_surface_t *
shrink (cairo_surface_t *surface, double by)
{
  int width = MAX (1, (int) (cairo_image_surface_get_width (surface) * by)),
      height = MAX (1, (int) (cairo_image_surface_get_height (surface) * by));
  cairo_surface_t *out = cairo_image_surface_create (CAIRO_FORMAT_RGB24, width, height);
  cairo_t *cr = cairo_create (out);
  cairo_scale (cr, by, by);
  cairo_set_source_surface (cr, surface, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_GOOD);
  cairo_paint (cr);
  cairo_destroy (cr);
  return out;
}

GBytes *
gb_room_picture_pack (cairo_surface_t *surface, gsize most_nbytes)
{
  cairo_surface_t *shown = cairo_surface_reference (surface);
  GBytes *png = NULL;

  while (png == NULL)
    {
      g_autoptr (GByteArray) data = g_byte_array_new ();
      int width = cairo_image_surface_get_width (shown);
      if (cairo_surface_write_to_png_stream (shown, append, data) != CAIRO_STATUS_SUCCESS)
        break;
      if (data->len <= most_nbytes)
        png = g_byte_array_free_to_bytes (g_steal_pointer (&data));
      else if (width < 2 * LEAST_WIDTH)
        break;
      else
        {
          cairo_surface_t *smaller = shrink (surface, 0.7 * width / cairo_image_surface_get_width (surface));
          cairo_surface_destroy (shown);
          shown = smaller;
        }
    }
  cairo_surface_destroy (shown);
  return png;
}

static void
pack (GTask *task, gpointer source, gpointer data, GCancellable *cancellable)
{
  GBytes *png = gb_room_picture_pack (((Taking *) data)->surface, MOST_NBYTES);
  gsize length = 0;
  gconstpointer bytes = png ? g_bytes_get_data (png, &length) : NULL;
  g_task_return_pointer (task, png ? g_base64_encode (bytes, length) : NULL, g_free);
  g_clear_pointer (&png, g_bytes_unref);
}

/* A board on which nothing has changed since is not kept twice. */
static gboolean
is_last (GbRoom *room, const char *png)
{
  const GPtrArray *pictures = gb_room_get_facts (room)->pictures;
  gsize length = 0;
  g_autofree guchar *data = g_base64_decode (png, &length);
  g_autoptr (GBytes) bytes = g_bytes_new (data, length);
  return pictures->len
         && g_bytes_equal (bytes, ((GbInterviewPicture *) g_ptr_array_index (pictures, pictures->len - 1))->png);
}

static void
on_packed (GObject *source, GAsyncResult *result, gpointer data)
{
  Taking *self = g_task_get_task_data (G_TASK (result));
  g_autofree char *png = g_task_propagate_pointer (G_TASK (result), NULL);
  GbJson *body;

  if (png == NULL || gb_room_get_session (self->room) != self->session || is_last (self->room, png))
    return;
  body = json_object_new_object ();
  json_object_object_add (body, "item", json_object_new_int64 (self->item));
  json_object_object_add (body, "title", json_object_new_string (self->title));
  json_object_object_add (body, "png", json_object_new_string (png));
  gb_room_notice (self->room, "picture", body);
}

/* ---- taking ---- */

static void
on_taken (GbPicture *picture, gpointer object)
{
  Taking *self = g_object_steal_data (object, "gb-taking");
  double scale = MIN (1, MOST_WIDTH / MAX (picture->width, 1));
  g_autoptr (GTask) task = NULL;
  cairo_t *cr;

  if (self == NULL)
    return;
  self->surface = cairo_image_surface_create (CAIRO_FORMAT_RGB24, MAX (1, (int) (picture->width * scale)),
                                              MAX (1, (int) (picture->height * scale)));
  cr = cairo_create (self->surface);
  cairo_scale (cr, scale, scale);
  if (picture->node)
    gsk_render_node_draw (picture->node, cr);
  cairo_destroy (cr);
  cairo_surface_flush (self->surface);
  task = g_task_new (NULL, NULL, on_packed, NULL);
  g_task_set_task_data (task, self, taking_free);
  g_task_run_in_thread (task, pack);
}

void
gb_room_picture_take (GbRoom *room, GtkWidget *board, guint item, const char *title)
{
  Taking *self;

  if (g_object_get_data (G_OBJECT (board), "gb-taking")) /* the same frame */
    return;
  self = g_new0 (Taking, 1);
  *self = (Taking){ g_object_ref (room), g_object_ref (gb_room_get_session (room)), item, g_strdup (title), NULL };
  g_object_set_data_full (G_OBJECT (board), "gb-taking", self, taking_free);
  gb_picture_take (board, "board", on_taken, board);
}
