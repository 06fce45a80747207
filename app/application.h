/* GbApplication: the board as a program: its windows, its language, look and scale. */
#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

#define GB_TYPE_APPLICATION (gb_application_get_type ())
G_DECLARE_FINAL_TYPE (GbApplication, gb_application, GB, APPLICATION, AdwApplication)

GbApplication *gb_application_new (void);
/* Before it runs: it begins with a lesson.  subject: a program, scene or topic, or NULL; address: the class follows there, and the link
 * is printed; NULL: it does not.  An address or port that cannot be had ends the program with a sentence. */
void gb_application_begin_with_class (GbApplication *self, const char *subject, const char *address, guint16 port);
gboolean gb_application_has_failed (GbApplication *self); /* after it ran */

G_END_DECLS
