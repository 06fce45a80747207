/* What FILE.py or SCENE on a command line means: which file runs, and what it may read besides the system. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

typedef struct
{
  char *path;      /* absolute */
  char *scene;     /* id, or NULL for a file */
  char **readable; /* folders for the sandbox */
} GbProgram;

/* gb_program_find: a file as it is named, data/scenes/ID/scene.py, or a case's program as it is given.  NULL with a sentence in error. */
GbProgram *gb_program_find (const char *name, GError **error);
void gb_program_free (GbProgram *program);
/* gb_program_name_case: the id of the case that is meant by a name on a command line, or of the first of several (B01+B06), also
 * by a path into its folder or of its copy; an exercise is none.  NULL: no case. */
char *gb_program_name_case (const char *name);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbProgram, gb_program_free)

G_END_DECLS
