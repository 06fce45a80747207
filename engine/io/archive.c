#include "io/archive.h"

#define MOST_RATIO 1032 /* of deflate: what claims to grow by more lies */

/* ---- writing ---- */
static bool
failed (TeArchive *self, TeError *err)
{
  return te_error_set (err, TE_ERR_RUNTIME, "PytorchStreamWriter failed writing file: %s", zip_strerror (self->zip));
}

bool
te_archive_create (TeArchive *self, TeError *err)
{
  zip_error_t why;
  zip_error_init (&why);
  *self = (TeArchive){ .memory = zip_source_buffer_create (NULL, 0, 0, &why) };
  if (self->memory)
    zip_source_keep (self->memory);
  self->zip = self->memory ? zip_open_from_source (self->memory, ZIP_TRUNCATE, &why) : NULL;
  if (!self->zip)
    {
      if (self->memory)
        zip_source_free (self->memory);
      te_error_set (err, TE_ERR_RUNTIME, "PytorchStreamWriter failed initializing: %s", zip_error_strerror (&why));
    }
  zip_error_fini (&why);
  return self->zip != NULL;
}

bool
te_archive_add (TeArchive *self, const char *path, const void *data, size_t n, TeError *err)
{
  zip_source_t *source = zip_source_buffer (self->zip, n ? data : "", n, 0);
  if (!source)
    return failed (self, err);
  zip_int64_t index = zip_file_add (self->zip, path, source, ZIP_FL_ENC_UTF_8);
  if (index < 0)
    {
      zip_source_free (source);
      return failed (self, err);
    }
  zip_set_file_compression (self->zip, (zip_uint64_t) index, ZIP_CM_STORE, 0);
  zip_file_set_mtime (self->zip, (zip_uint64_t) index, 0, 0); /* the same bytes for the same content */
  return true;
}

bool
te_archive_finish (TeArchive *self, TeIoBuffer *out, TeError *err)
{
  char chunk[1 << 16];
  zip_int64_t n = -1;
  if (zip_get_num_entries (self->zip, 0) == 0)
    { /* libzip writes no archive without files: it is the record that ends every archive */
      static const char end[22] = "PK\5\6";
      te_io_buffer_add (out, end, sizeof end);
      return !out->failed || te_error_no_memory (err);
    }
  if (zip_close (self->zip) != 0)
    return failed (self, err);
  self->zip = NULL;
  if (zip_source_open (self->memory) == 0)
    {
      while ((n = zip_source_read (self->memory, chunk, sizeof chunk)) > 0)
        te_io_buffer_add (out, chunk, (size_t) n);
      zip_source_close (self->memory);
    }
  if (n < 0)
    return te_error_set (err, TE_ERR_RUNTIME, "PytorchStreamWriter failed writing file: %s",
                         zip_error_strerror (zip_source_error (self->memory)));
  return !out->failed || te_error_no_memory (err);
}

/* ---- reading ---- */
bool
te_archive_open (TeArchive *self, const void *data, size_t n)
{
  zip_error_t why;
  zip_error_init (&why);
  zip_source_t *source = zip_source_buffer_create (data, n, 0, &why);
  *self = (TeArchive){ .nbytes = n, .zip = source ? zip_open_from_source (source, ZIP_RDONLY, &why) : NULL };
  if (source && !self->zip)
    zip_source_free (source);
  zip_error_fini (&why);
  return self->zip != NULL;
}

TeStorage *
te_archive_read (TeArchive *self, zip_uint64_t index, const char *name, TeError *err)
{
  zip_stat_t stat;
  zip_file_t *file = NULL;
  TeStorage *storage = NULL;
  if (zip_stat_index (self->zip, index, 0, &stat) == 0 && (stat.valid & ZIP_STAT_SIZE))
    file = zip_fopen_index (self->zip, index, 0);
  bool lies = !file || __builtin_add_overflow (self->taken, stat.size, &self->taken)
              || self->taken / MOST_RATIO > self->nbytes;
  storage = lies ? NULL : te_storage_new ((size_t) stat.size, err);
  zip_uint64_t at = 0;
  zip_int64_t n = 1;
  while (storage && at < stat.size && (n = zip_fread (file, (char *) storage->data + at, stat.size - at)) > 0)
    at += (zip_uint64_t) n;
  /* reading to the end is what compares the checksum */
  char beyond;
  if (storage && at == stat.size)
    n = zip_fread (file, &beyond, 1);
  if (lies || (storage && (at != stat.size || n < 0)))
    {
      te_storage_unref (storage);
      storage = NULL;
      te_error_set (err, TE_ERR_RUNTIME, "PytorchStreamReader failed reading file %s: file read failed", name);
    }
  if (file)
    zip_fclose (file);
  return storage;
}

void
te_archive_clear (TeArchive *self)
{
  if (self->zip)
    zip_discard (self->zip);
  if (self->memory)
    zip_source_free (self->memory);
  *self = (TeArchive){ NULL };
}
