/* io: bytes to tensors and back, trusting no byte.  Knows nothing of Python: what a file holds is read into a
 * document of plain values, and a document is written.  Whoever turns values into objects (python) decides
 * which global names it is willing to call; reading alone calls nothing.
 *
 * This header: the document.  It owns all its values, which may share parts and even hold themselves; they
 * all go with it.  A value made with a document that has run out of memory is NULL. */
#pragma once

#include "core/tensor.h"

typedef enum
{
  TE_IO_NONE,
  TE_IO_BOOL,
  TE_IO_INT,
  TE_IO_LONG, /* an integer wider than 64 bits: bytes, little-endian two's complement */
  TE_IO_FLOAT,
  TE_IO_STR, /* UTF-8 */
  TE_IO_BYTES,
  TE_IO_LIST,
  TE_IO_TUPLE,
  TE_IO_DICT,   /* items: key, value, key, value … */
  TE_IO_GLOBAL, /* a name of a module: "collections OrderedDict" */
  TE_IO_OBJECT, /* what a global makes from arguments, with what is put into it afterwards */
  TE_IO_TENSOR,
  TE_IO_STORAGE,
} TeIoKind;

typedef struct TeIoValue TeIoValue;
typedef struct TeIoDocument TeIoDocument;

typedef struct
{
  TeIoValue **at;
  size_t n, room;
} TeIoItems;

struct TeIoValue
{
  TeIoKind kind;
  bool is_new;  /* OBJECT: made by class.__new__ (class, *args) instead of callable (*args) */
  int32_t memo; /* for the writer: number + 1 once it has been written */
  union
  {
    int64_t i; /* BOOL, INT */
    double f;
    struct
    {
      char *data; /* LONG, STR, BYTES: n bytes and a 0 after them */
      size_t n;
    } bytes;
    TeIoItems items; /* LIST, TUPLE, DICT */
    struct
    {
      const char *module, *name; /* GLOBAL */
    } global;
    struct
    {
      TeIoValue *callable, *args, *state; /* OBJECT; state NULL when none was set */
      TeIoItems items, pairs;             /* appended; set as key, value … */
    } object;
    struct
    {
      TeTensor *tensor; /* TENSOR; owned by the document */
      bool parameter, requires_grad;
    } tensor;
    struct
    {
      TeStorage *storage; /* STORAGE; owned by the document */
      TeDtype dtype;
    } storage;
  };
  void *object_of; /* free for who converts the document */
};

TeIoDocument *te_io_document_new (TeError *err);
void te_io_document_free (TeIoDocument *doc); /* NULL is fine */

TeIoValue *te_io_none (TeIoDocument *doc);
TeIoValue *te_io_bool (TeIoDocument *doc, bool value);
TeIoValue *te_io_int (TeIoDocument *doc, int64_t value);
TeIoValue *te_io_float (TeIoDocument *doc, double value);
TeIoValue *
te_io_bytes (TeIoDocument *doc, TeIoKind kind, const char *data, size_t n); /* copies; LONG, STR, BYTES */
TeIoValue *te_io_container (TeIoDocument *doc, TeIoKind kind);              /* LIST, TUPLE, DICT */
TeIoValue *te_io_global (TeIoDocument *doc, const char *module, const char *name); /* copies */
TeIoValue *te_io_object (TeIoDocument *doc, TeIoValue *callable, TeIoValue *args);
TeIoValue *te_io_tensor (TeIoDocument *doc,
                         TeTensor *tensor,
                         bool parameter,
                         bool requires_grad);                                    /* takes a reference */
TeIoValue *te_io_storage (TeIoDocument *doc, TeStorage *storage, TeDtype dtype); /* takes a reference */

/* Appends to LIST, TUPLE, DICT (key, then value) items or to an object's lists; false without memory. */
bool te_io_append (TeIoDocument *doc, TeIoItems *items, TeIoValue *value);
bool te_io_is_global (const TeIoValue *value, const char *module, const char *name);
