/* The files of a program: archives of tensors that it saved or loaded, entry by entry, as the trace tells of
 * them, and files that it read, with their text where the trace keeps it.  Nothing here opens a file. */
#pragma once

#include "models/trace-cursor.h"

G_BEGIN_DECLS

typedef enum
{
  GB_FILE_SAVED,
  GB_FILE_LOADED,
  GB_FILE_READ,
} GbFileVerb;

typedef enum
{
  GB_KEY_PLAIN,
  GB_KEY_UNEXPECTED, /* in the file, not in the net that it meets */
  GB_KEY_MISSING,    /* in the net, not in the file */
} GbKeyState;

typedef struct
{
  char *key, *type, *shape, *place; /* type: "float32", "int" …; shape NULL: no tensor; place: "cuda:0" */
  char *value;                      /* of what is no tensor */
  gint64 nbytes;                    /* of its own elements */
  gint64 storage_nbytes;
  int storage;        /* number in the file */
  gboolean is_shared; /* an entry before it has the same storage, whose bytes are counted there */
  gboolean is_far;    /* it was on another device than this machine has */
  GbKeyState state;
} GbFileEntry;

typedef struct
{
  GbFileVerb verb;
  guint64 seq;
  guint32 pos;
  char *path; /* "": no file of the disk */
  char *format;
  guint64 nbytes;
  GArray *entries; /* GbFileEntry */
  guint n_more, n_tensors;
  gint64 tensor_nbytes; /* of all storages, each once */
  guint n_missing, n_unexpected;
  char **lines; /* of a text, or of bytes in hexadecimal digits; NULL: none is kept */
  const char *why; /* msgid: what is wrong with a file that begins as a known one, or NULL */
} GbFile;

typedef struct
{
  GPtrArray *files; /* GbFile, in the order in which they came; those up to the position */
} GbFiles;

/* Never NULL.  of: the file whose entries are wanted; -1: the last.  Only that one has entries and lines. */
GbFiles *gb_files_new (GbTraceCursor *cursor, int of);
void gb_files_free (GbFiles *self);
guint gb_files_count (GbTraceCursor *cursor, guint *n_archives); /* cheap */
/* "model.pt", of the last folder only. */
const char *gb_file_name (const GbFile *file);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbFiles, gb_files_free)

G_END_DECLS
