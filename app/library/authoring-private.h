/* What the rules of authoring share. */
#pragma once

#include "library/authoring.h"
#include "library/json-schema.h"

G_BEGIN_DECLS

typedef struct
{
  GbLibrary *library;
  GPtrArray *problems; /* char * */
} GbAuthoring;

/* Adds "PLACE: WHAT"; place is a path below the data folder, or what gb_json_file_describe says. */
void gb_authoring_say (GbAuthoring *self, const char *place, const char *format, ...) G_GNUC_PRINTF (3, 4);
/* Reads a JSON file and checks it against its schema (data/schemas/NAME.schema.json).  NULL: it does not
 * parse; what is wrong has been said.  folder: below the data folder. */
GbJsonFile *gb_authoring_load (GbAuthoring *self, const char *folder, const char *file, const char *schema);

/* Whether each text is in its language; field: where it stands. */
void gb_authoring_check_text (GbAuthoring *self, const char *place, const char *field, const GbText *text);

/* A text in Markdown: marks that are not closed, links that lead nowhere, formulas that cannot be set.  field: of the JSON
 * file that it stands in, NULL: place is the text's own file. */
void gb_authoring_check_markup (GbAuthoring *self, const char *place, const char *field, const char *text);
/* A text that is shown as it stands has no such marks. */
void gb_authoring_check_plain (GbAuthoring *self, const char *place, const char *field, const char *text);

/* The rules, each in a file of its own. */
void gb_authoring_check_scene (GbAuthoring *self, const GbScene *scene);
void gb_authoring_check_case (GbAuthoring *self, const GbCase *which);
void gb_authoring_check_topic (GbAuthoring *self, const GbTopic *topic, const char *folder, const char *file);
/* No sentence stands in two topics. */
void gb_authoring_check_shared (GbAuthoring *self);

G_END_DECLS
