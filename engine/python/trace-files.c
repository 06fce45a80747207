/* What a file of tensors holds, told when the program saves or loads one, as an event named "torch.save" or
 * "torch.load":
 *   {"path": …, "nbytes": …, "format": "zip" or "legacy", "more": entries that are left out,
 *    "entries": [[key, dtype, [sizes], number of its storage, offset, bytes of the storage, device], … [key,
 * type, value]]} The window reads no file of a person's: this is what it knows of them. */
#include "python/trace-files.h"
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include "core/tensor.h"
#include "io/pickle.h"
#include "python/trace-private.h"

#define MOST_NBYTES   (48u << 10) /* of the text: it is one record */
#define MOST_STORAGES 1024
#define MOST_DEPTH    8
#define MOST_VALUE    60

typedef struct
{
  TeIoBuffer json;
  const TeStorage *storages[MOST_STORAGES];
  unsigned n_storages, n_entries, n_more;
  const TeFilePlaces *places;
  bool are_apart; /* every tensor has bytes of its own */
} Teller;

void
te_file_places_note (TeFilePlaces *self, const TeStorage *storage, const char *location)
{
  if (self->n >= TE_FILE_MOST_PLACES)
    return;
  self->storages[self->n] = storage;
  snprintf (self->names[self->n++], sizeof self->names[0], "%s", location);
}

static void put (Teller *t, const char *format, ...) __attribute__ ((format (printf, 2, 3)));

static void
put (Teller *t, const char *format, ...)
{
  char text[128];
  va_list args;
  va_start (args, format);
  int n = vsnprintf (text, sizeof text, format, args);
  va_end (args);
  if (n > 0)
    te_io_buffer_add (&t->json, text, (size_t) n < sizeof text ? (size_t) n : sizeof text - 1);
}

static void
put_text (Teller *t, const char *text, size_t n)
{
  te_io_buffer_add (&t->json, "\"", 1);
  for (size_t i = 0; i < n; i++)
    if (text[i] == '"' || text[i] == '\\')
      put (t, "\\%c", text[i]);
    else
      te_io_buffer_add (&t->json, (unsigned char) text[i] < 32 ? "?" : &text[i], 1);
  te_io_buffer_add (&t->json, "\"", 1);
}

static unsigned
storage_number (Teller *t, const TeStorage *storage)
{
  for (unsigned i = 0; i < t->n_storages; i++)
    if (t->storages[i] == storage)
      return i;
  if (t->n_storages < MOST_STORAGES)
    t->storages[t->n_storages++] = storage;
  return t->n_storages - 1;
}

static const char *
place_of (const Teller *t, const TeStorage *storage)
{
  for (unsigned i = 0; t->places && i < t->places->n; i++)
    if (t->places->storages[i] == storage)
      return t->places->names[i];
  return "cpu";
}

/* Begins an entry; false: no room for it. */
static bool
begin (Teller *t, const char *key)
{
  if (t->json.n > MOST_NBYTES)
    {
      t->n_more++;
      return false;
    }
  put (t, t->n_entries++ ? ", [" : "[");
  put_text (t, key, strlen (key));
  return true;
}

static void
tell_tensor (Teller *t, const char *key, const TeTensor *tensor)
{
  if (!begin (t, key))
    return;
  put (t, ", \"%s\", [", te_dtype_name (te_tensor_dtype (tensor)));
  for (int d = 0; d < tensor->ndim; d++)
    put (t, "%s%lld", d ? ", " : "", (long long) tensor->sizes[d]);
  if (t->are_apart)
    put (t, "], %u, 0, %llu, ", t->n_entries,
         (unsigned long long) tensor->numel * te_dtype_nbytes (te_tensor_dtype (tensor)));
  else
    put (t, "], %u, %lld, %llu, ", storage_number (t, tensor->storage), (long long) tensor->offset,
         (unsigned long long) tensor->storage->nbytes);
  const char *place = place_of (t, tensor->storage);
  put_text (t, place, strlen (place));
  put (t, "]");
}

static void
tell_value (Teller *t, const char *key, const char *type, const char *text, size_t n)
{
  if (!begin (t, key))
    return;
  put (t, ", \"%s\", ", type);
  put_text (t, text, n < MOST_VALUE ? n : MOST_VALUE);
  put (t, "]");
}

static void walk (Teller *t, const char *key, const TeIoValue *value, int depth);

static void
walk_part (Teller *t, const char *key, const TeIoValue *name, size_t nth, const TeIoValue *value, int depth)
{
  char inner[256], own[96];
  if (name && name->kind == TE_IO_STR)
    snprintf (own, sizeof own, "%.*s", (int) (name->bytes.n < 90 ? name->bytes.n : 90), name->bytes.data);
  else
    snprintf (own, sizeof own, "%lld",
              name && name->kind == TE_IO_INT ? (long long) name->i : (long long) nth);
  snprintf (inner, sizeof inner, "%s%s%s", key, *key ? " / " : "", own);
  walk (t, inner, value, depth + 1);
}

static void
walk_items (Teller *t, const char *key, const TeIoItems *items, bool pairs, int depth)
{
  for (size_t i = 0; i + pairs < items->n; i += 1 + pairs)
    walk_part (t, key, pairs ? items->at[i] : NULL, i, items->at[i + pairs], depth);
}

static void
walk (Teller *t, const char *key, const TeIoValue *value, int depth)
{
  char text[48];
  if (!value || depth > MOST_DEPTH)
    return;
  switch (value->kind)
    {
    case TE_IO_TENSOR:
      tell_tensor (t, key, value->tensor.tensor);
      break;
    case TE_IO_DICT:
      walk_items (t, key, &value->items, true, depth);
      break;
    case TE_IO_LIST:
    case TE_IO_TUPLE:
      walk_items (t, key, &value->items, false, depth);
      break;
    case TE_IO_OBJECT:
      walk_items (t, key, &value->object.pairs, true, depth);
      walk_items (t, key, &value->object.items, false, depth);
      if (value->object.state && value->object.pairs.n == 0)
        walk (t, key, value->object.state, depth + 1);
      break;
    case TE_IO_STR:
      tell_value (t, key, "str", value->bytes.data, value->bytes.n);
      break;
    case TE_IO_INT:
      tell_value (t, key, "int", text, (size_t) snprintf (text, sizeof text, "%lld", (long long) value->i));
      break;
    case TE_IO_FLOAT:
      tell_value (t, key, "float", text, (size_t) snprintf (text, sizeof text, "%.9g", value->f));
      break;
    case TE_IO_BOOL:
      tell_value (t, key, "bool", value->i ? "True" : "False", value->i ? 4 : 5);
      break;
    case TE_IO_NONE:
      tell_value (t, key, "None", "None", 4);
      break;
    case TE_IO_LONG:
    case TE_IO_BYTES:
    case TE_IO_GLOBAL:
    case TE_IO_STORAGE:
      tell_value (t, key, "object", "", 0);
      break;
    }
}

void
te_trace_file_told (const char *what,
                    const char *path,
                    const TeIoValue *root,
                    size_t nbytes,
                    const char *format,
                    const TeFilePlaces *places)
{
  if (!te_trace_hears ())
    return;
  Teller t = { .places = places, .are_apart = !strcmp (format, "safetensors") };
  put (&t, "{\"path\": ");
  put_text (&t, path ? path : "", path ? strlen (path) : 0);
  put (&t, ", \"nbytes\": %zu, \"format\": \"%s\", \"entries\": [", nbytes, format);
  walk (&t, "", root, 0);
  put (&t, "], \"more\": %u}", t.n_more);
  te_io_buffer_add (&t.json, "", 1);
  if (t.json.data)
    te_recorder_named (te_trace_state.recorder, TE_RECORD_EVENT, what, t.json.data,
                       te_trace_person_position (), 0);
  te_io_buffer_clear (&t.json);
}
