/* Pictures as SVG whose text is text: it can be searched, selected and read aloud.  Cairo would write
 * outlines. */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* A whole document of width × height pixels; node may be NULL.  Owned. */
char *gb_svg_new (GskRenderNode *node, double width, double height);

/* For pictures that follow each other on a screen: images as large as they are seen, and what stays the same is neither drawn nor
 * packed again. */
typedef struct _GbSvgImages GbSvgImages;
GbSvgImages *gb_svg_images_new (void);
void gb_svg_images_free (GbSvgImages *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbSvgImages, gb_svg_images_free)

/* The same little by little, so that frames come between: new, work until it is TRUE, finish. */
typedef struct _GbSvgWriter GbSvgWriter;
/* images: as above, has to live until all is written; NULL: for paper. */
GbSvgWriter *gb_svg_writer_new (GskRenderNode *node, double width, double height, GbSvgImages *images);
/* For about so long, 0: to the end; by the thread that draws.  TRUE: all is written. */
gboolean gb_svg_writer_work (GbSvgWriter *self, gint64 most_usec);
/* Packs the images, which takes longest, and may be done by any thread.  Frees self.  Owned. */
char *gb_svg_writer_finish (GbSvgWriter *self);
void gb_svg_writer_free (GbSvgWriter *self);

G_END_DECLS
