/* Files that a program reads, pinned: each is told with the hash of its content, and small ones with the
 * content, so that a replay sees that a file is another one, or is given what it was.  What a program wrote
 * itself is its own affair. Libraries are told by their versions and are left out.  Bounds:
 * TE_FILE_MOST_NBYTES of a file, TE_FILES_MOST_NBYTES of all together. */
#pragma once

#include <stdbool.h>

struct json_object;

/* Between begin and end, what the main thread opens for reading is told, and at the end what the processes read that
 * the program made (workers of a loader).  Holds the GIL. */
void te_pinned_files_begin (void);
void te_pinned_files_end (void);
/* [[path, hash in hexadecimal, file beside the feed that holds the content or null], …]; folder: where those
 * lie, which are read and unlinked.  NULL forgets.  False without memory. */
bool te_pinned_files_take_feed (struct json_object *list, const char *folder);
