/* What the head of an npy file says, for a picture of its bytes.  The bytes come from a program: nothing in them is
 * trusted, and nothing but the head is read.  Source: numpy.lib.format. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define GB_NPY_MOST_NDIM 32

typedef struct
{
  char type[24];    /* "float32", or as it is written there when numpy's letters say something else */
  guint item_nbytes; /* 0: not known */
  gboolean is_swapped, is_fortran;
  int ndim;
  gint64 sizes[GB_NPY_MOST_NDIM];
  gsize begin;      /* of the elements, in bytes */
  guint version;
} GbNpyHead;

/* FALSE: no npy file, or one whose head is not whole; *why is a msgid, NULL when it does not begin like one at all. */
gboolean gb_npy_head_read (GbNpyHead *self, gconstpointer data, gsize nbytes, const char **why);

G_END_DECLS
