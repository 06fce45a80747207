/* Where the parts of Gradboard lie: in the build tree that the running program belongs to, else beside the program in the
 * prefix that it was installed into, wherever that prefix stands now (DESTDIR, a copied folder, a package). */
#pragma once

typedef enum
{
  TE_PLACE_BROKER,      /* the executable gradboard-kernel */
  TE_PLACE_INTERPRETER, /* the executable gradboard-python */
  TE_PLACE_TORCH,       /* the folder that holds the package torch */
  TE_PLACE_BOARD,       /* the folder that holds the module gradboard */
  TE_PLACE_DATA,        /* the folder of scenes, topics, cases, styles */
  TE_PLACE_LOCALE,      /* the folder that holds zh/LC_MESSAGES */
  TE_PLACE_SETTINGS,    /* the folder of the compiled GSettings schema */
  TE_PLACE_NAMES,       /* the file of what the editor knows of the torch package */
  TE_N_PLACES
} TePlace;

/* Absolute; found once, lives as long as the program, never NULL.  Whether something lies there is not looked at. */
const char *te_place_get (TePlace place);

/* The same for a program at `program` (NULL: not known, then the prefix it was configured for); writes at most nbytes with the
 * final 0.  Returns what was written, NULL when it does not fit. */
const char *te_place_of (TePlace place, const char *program, char *out, unsigned nbytes);
