/* GbLivePicture: what a GbBoardWatch sees, as SVG for browsers.  Written in slices of a millisecond or two between frames, packed by
 * another thread; a picture that is the same as the last one is not passed on. */
#pragma once

#include "class/board-watch.h"

G_BEGIN_DECLS

#define GB_TYPE_LIVE_PICTURE (gb_live_picture_get_type ())
G_DECLARE_FINAL_TYPE (GbLivePicture, gb_live_picture, GB, LIVE_PICTURE, GObject)

/* Signal "made" (GBytes *svg, GBytes *packed), both borrowed; packed: by gzip. */
GbLivePicture *gb_live_picture_new (GbBoardWatch *watch);
/* Nobody looks: nothing is made, until it is on again, which makes one at once. */
void gb_live_picture_set_on (GbLivePicture *self, gboolean is_on);

G_END_DECLS
