/* GbPicture: what a view or the whole board shows, to be copied, saved and printed. */
#pragma once

#include "common/view.h"

G_BEGIN_DECLS

typedef struct
{
  GskRenderNode *node;  /* NULL: nothing */
  double width, height; /* pixels at scale 1 */
  char *name;           /* of a file, without its ending */
} GbPicture;

/* As the view stands there: zoomed, scrolled, with ink; in the colours of theme, NULL: in those of the window. */
GbPicture *gb_picture_new_shown (GbView *view, const GbTheme *theme);
/* All of it at its natural size, as `gradboard render` draws it. */
GbPicture *gb_picture_new_whole (GbView *view);
/* Everything that a widget shows.  It has a picture only once the frame is painted in which it last changed,
 * so taken is called then; widget must be in a window. */
typedef void (*GbPictureTaken) (GbPicture *self, gpointer object);
void gb_picture_take (GtkWidget *widget, const char *name, GbPictureTaken taken, gpointer object);
GbPicture *gb_picture_ref (GbPicture *self);
void gb_picture_unref (GbPicture *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbPicture, gb_picture_unref)

/* By the ending: .png (2 pixels per pixel), .svg or .pdf. */
gboolean gb_picture_save (GbPicture *self, const char *path, GError **error);
/* As a texture and as SVG: whoever pastes takes what it can. */
void gb_picture_copy (GbPicture *self, GdkClipboard *clipboard);

/* Tells the person how it ended. */
typedef void (*GbPictureSaid) (const char *sentence, gpointer object);
/* Both ask in a dialog; said is called unless object is gone by then. */
void gb_picture_ask_and_save (GbPicture *self, GtkWindow *parent, GbPictureSaid said, gpointer object);
void gb_picture_print (GbPicture *self, GtkWindow *parent, GbPictureSaid said, gpointer object);
/* The one page, as large as fits, into a PDF: what printing does, without a printer. */
gboolean gb_picture_print_to_file (GbPicture *self, const char *path, GError **error);

G_END_DECLS
