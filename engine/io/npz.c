#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "io/archive.h"
#include "io/npy.h"

#define SUFFIX ".npy"
#define N_SUFFIX 4
#define LONGEST_NAME 1000

/* ---- writing ---- */
static bool
add_member (TeArchive *archive, TeIoBuffer *file, const TeIoValue *name, const TeIoValue *value, TeError *err)
{
  char path[LONGEST_NAME + N_SUFFIX + 1];
  if (name->kind != TE_IO_STR || value->kind != TE_IO_TENSOR || !name->bytes.n || name->bytes.n > LONGEST_NAME)
    return te_error_set (err, TE_ERR_VALUE, "npz files hold tensors by name, nothing else");
  snprintf (path, sizeof path, "%s" SUFFIX, name->bytes.data);
  return te_npy_write (file, value->tensor.tensor, err) && te_archive_add (archive, path, file->data, file->n, err);
}

bool
te_npz_write (TeIoBuffer *out, const TeIoValue *tensors, TeError *err)
{
  size_t n = tensors->items.n / 2;
  TeArchive archive = { NULL };
  TeIoBuffer *files = te_new_sized ((n + 1) * sizeof *files);
  bool ok = files ? te_archive_create (&archive, err) : te_error_no_memory (err);
  for (size_t i = 0; ok && i < n; i++)
    ok = add_member (&archive, &files[i], tensors->items.at[2 * i], tensors->items.at[2 * i + 1], err);
  ok = ok && te_archive_finish (&archive, out, err);
  te_archive_clear (&archive);
  for (size_t i = 0; files && i < n; i++)
    te_io_buffer_clear (&files[i]);
  te_free_sized (files, (n + 1) * sizeof *files);
  return ok;
}

/* ---- reading ---- */
static bool
read_member (TeIoDocument *doc, TeIoValue *dict, TeArchive *archive, zip_uint64_t index, TeError *err)
{
  const char *path = zip_get_name (archive->zip, index, 0);
  size_t n = path ? strlen (path) : 0;
  if (n < N_SUFFIX || strcmp (path + n - N_SUFFIX, SUFFIX))
    return te_error_set (err, TE_ERR_VALUE, "the npz file's member %.100s is no array", path ? path : "");
  TeStorage *bytes = te_archive_read (archive, index, path, err);
  if (!bytes)
    return err->kind == TE_ERR_MEMORY ? false
                                      : te_error_set (err, TE_ERR_VALUE, "the npz file's member %.100s does not read", path);
  TeTensor *tensor = te_npy_read (bytes->data, bytes->nbytes, err);
  te_storage_unref (bytes);
  if (!tensor)
    return false;
  TeIoValue *name = te_io_bytes (doc, TE_IO_STR, path, n - N_SUFFIX);
  TeIoValue *value = te_io_tensor (doc, tensor, false, false);
  te_tensor_unref (tensor);
  return (name && value && te_io_append (doc, &dict->items, name) && te_io_append (doc, &dict->items, value))
         || te_error_no_memory (err);
}

TeIoValue *
te_npz_read (TeIoDocument *doc, const void *data, size_t n, TeError *err)
{
  TeArchive archive;
  te_error_clear (err);
  if (!te_archive_open (&archive, data, n))
    {
      te_error_set (err, TE_ERR_VALUE, "this is no npz file: it does not read as a zip archive");
      return NULL;
    }
  TeIoValue *dict = te_io_container (doc, TE_IO_DICT);
  zip_int64_t n_files = zip_get_num_entries (archive.zip, 0);
  bool ok = dict ? true : te_error_no_memory (err);
  for (zip_int64_t i = 0; ok && i < n_files; i++)
    ok = read_member (doc, dict, &archive, (zip_uint64_t) i, err);
  te_archive_clear (&archive);
  return ok ? dict : NULL;
}
