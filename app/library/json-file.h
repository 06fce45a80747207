/* json-file: a JSON file that people write by hand: every fault can be told with its file, line and field. */
#pragma once

#include <glib.h>
#include <json-c/json.h>

G_BEGIN_DECLS

typedef struct json_object GbJson;

typedef struct
{
  char *name, *text; /* name: of the file without its folder */
  GbJson *root;
} GbJsonFile;

/* Reads and parses the file.  NULL with a fault ("scene.json:3:7: …", owned by the caller) when it cannot. */
GbJsonFile *gb_json_file_read (const char *path, char **fault);
void gb_json_file_free (GbJsonFile *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbJsonFile, gb_json_file_free)

/* The line, from 1, on which a field's value begins; a field is a path such as "questions[0].level", and ""
 * is the whole.  A field that is not there has the line of the nearest one around it. */
guint gb_json_file_get_line (const GbJsonFile *self, const char *field);
/* "NAME:LINE: FIELD: WHAT"; owned. */
char *gb_json_file_describe (const GbJsonFile *self, const char *field, const char *what);

/* Members that are of the type asked for; NULL, "" or 0 otherwise, whatever shape the JSON has. */
GbJson *gb_json_get (GbJson *object, const char *key, enum json_type type);
guint gb_json_get_length (GbJson *object, const char *key);
GbJson *gb_json_get_nth (GbJson *object, const char *key, guint nth);
char *gb_json_dup_string (GbJson *object, const char *key);
char **gb_json_dup_strings (GbJson *object, const char *key);

G_END_DECLS
