/* lecture-notes: all that is written about a scene and a topic for who teaches it, as Markdown: the note, the questions with their
 * answers, what is commonly said wrong, and how to ask on. */
#pragma once

#include "library/scene.h"

G_BEGIN_DECLS

/* Either may be NULL; in the current language.  Owned. */
char *gb_lecture_notes (const GbScene *scene, const GbTopic *topic);

G_END_DECLS
