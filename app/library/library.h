/* library: what the board can open besides files: the outline, the scenes, the cases and exercises, and the topics that
 * are written for its leaves.  All but the topics are read at the start, a topic when it is first asked for.  A
 * folder whose JSON is broken stays in the list, with the fault as its text. */
#pragma once

#include <gio/gio.h>

#include "library/case.h"
#include "library/outline.h"
#include "library/scene.h"
#include "library/topic.h"

G_BEGIN_DECLS

/* Signals: "changed" after the library was read again (gb_library_watch). */
#define GB_TYPE_LIBRARY (gb_library_get_type ())
G_DECLARE_FINAL_TYPE (GbLibrary, gb_library, GB, LIBRARY, GObject)

/* data_dir: the folder with outline.json, scenes/, topics/, cases/ and exercises/. */
GbLibrary *gb_library_new (const char *data_dir);
/* Without what a candidate must not see: topics have no notes and no questions; cases no hints, no explanation, no evidence
 * and no replay, and none of their causes is right. */
GbLibrary *gb_library_new_sealed (const char *data_dir);
/* Reads everything again when a file below one of these changes, a quarter of a second after the last
 * change.  Scenes and topics that were handed out before stay valid as long as the library lives. */
void gb_library_watch (GbLibrary *self);

const char *gb_library_get_data_dir (GbLibrary *self);
guint gb_library_get_n_scenes (GbLibrary *self);
const GbScene *gb_library_get_scene (GbLibrary *self, guint nth);
const GbScene *gb_library_find_scene (GbLibrary *self, const char *id);
/* Cases, then exercises, each by id. */
guint gb_library_get_n_cases (GbLibrary *self);
const GbCase *gb_library_get_case (GbLibrary *self, guint nth);
const GbCase *gb_library_find_case (GbLibrary *self, const char *id);
/* Ids of the leaves that have a topic, in the order of their folders. */
const char *const *gb_library_get_leaves (GbLibrary *self);
/* The topic of a leaf, or NULL; a broken one has its fault in error. */
const GbTopic *gb_library_find_topic (GbLibrary *self, const char *leaf);
/* The scene that shows a leaf: its topic's, or the first one that names the leaf.  NULL: none. */
const GbScene *gb_library_find_scene_of_leaf (GbLibrary *self, const char *leaf);
/* What there is to read beside a scene: its own note, or that of the first leaf it shows.  NULL: none. */
const GbTopic *gb_library_find_topic_of_scene (GbLibrary *self, const GbScene *scene);
/* Roots of the outline tree. */
GListModel *gb_library_get_outline (GbLibrary *self);
/* The outline's common coding tasks: leaves without a tree. */
GListModel *gb_library_get_coding_tasks (GbLibrary *self);
/* What candidates are judged by, levels, ways of asking: roots like the outline's. */
GListModel *gb_library_get_assessment (GbLibrary *self);
/* Of any of these three; NULL: there is none.  Borrowed. */
GbOutlineItem *gb_library_find_leaf (GbLibrary *self, const char *id);
/* What is wrong with outline.json, or NULL. */
const char *gb_library_get_error (GbLibrary *self);

G_END_DECLS
