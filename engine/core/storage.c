#include "core/storage.h"

#include <string.h>
#include <sys/mman.h>

#include "base/mem.h"

static uint64_t last_id;
static const TeStorageObserver *observer;

void
te_storage_set_observer (const TeStorageObserver *new_observer)
{
  observer = new_observer;
}

const TeStorageObserver *
te_storage_observer (void)
{
  return observer;
}

static TeStorage *
storage_make (void *data, size_t nbytes, TeError *err)
{
  TeStorage *storage = te_new (TeStorage);
  if (!storage)
    {
      te_error_no_memory (err);
      return NULL;
    }
  storage->refcount = 1;
  storage->id = ++last_id;
  storage->nbytes = nbytes;
  storage->data = data;
  storage->resizable = true;
  return storage;
}

/* te_storage_new: nbytes of memory, contents undefined. */
TeStorage *
te_storage_new (size_t nbytes, TeError *err)
{
  void *data = te_data_alloc (nbytes);
  if (!data)
    {
      te_error_set (
          err, TE_ERR_RUNTIME,
          "[enforce fail at alloc_cpu.cpp:75] err == 0. DefaultCPUAllocator: can't allocate memory: "
          "you tried to allocate %zu bytes. Error code 12 (Cannot allocate memory)",
          nbytes);
      return NULL;
    }
  TeStorage *storage = storage_make (data, nbytes, err);
  if (!storage)
    {
      te_data_free (data, nbytes);
      return NULL;
    }
  if (__builtin_expect (observer != NULL, 0))
    observer->born (storage);
  return storage;
}

/* te_storage_new_meta: a storage of device meta: a size without bytes. */
TeStorage *
te_storage_new_meta (size_t nbytes, TeError *err)
{
  TeStorage *storage = storage_make (NULL, nbytes, err);
  if (storage)
    storage->meta = true;
  return storage;
}

/* te_storage_new_external: looks at memory of somebody else; release (data, owner) is called once at the end
 * and not when this function fails. */
TeStorage *
te_storage_new_external (void *data, size_t nbytes, TeStorageRelease release, void *owner, TeError *err)
{
  TeStorage *storage = storage_make (data, nbytes, err);
  if (!storage)
    return NULL;
  storage->release = release;
  storage->owner = owner;
  storage->resizable = false;
  if (__builtin_expect (observer != NULL, 0))
    observer->born (storage);
  return storage;
}

bool
te_storage_resize (TeStorage *storage, size_t nbytes, TeError *err)
{
  if (!storage->resizable)
    return te_error_set (err, TE_ERR_RUNTIME, "Trying to resize storage that is not resizable");
  if (storage->meta)
    {
      storage->nbytes = nbytes;
      return true;
    }
  void *data = te_data_alloc (nbytes);
  if (!data)
    return te_error_no_memory (err);
  memcpy (data, storage->data, nbytes < storage->nbytes ? nbytes : storage->nbytes);
  te_data_free (storage->data, storage->nbytes);
  storage->data = data;
  storage->nbytes = nbytes;
  return true;
}

/* Memory that forks share, and what it stands for: views of other libraries may still look there. */
typedef struct
{
  size_t nbytes;
  void *before, *owner;
  TeStorageRelease release;
  bool own; /* before came from te_data_alloc */
} Shared;

static unsigned n_shared;

bool
te_storage_any_shared (void)
{
  return n_shared > 0;
}

static void
leave_shared (void *data, void *owner)
{
  Shared *shared = owner;
  n_shared--;
  munmap (data, shared->nbytes);
  if (shared->release)
    shared->release (shared->before, shared->owner);
  else if (shared->own)
    te_data_free (shared->before, shared->nbytes);
  te_free (shared);
}

bool
te_storage_share (TeStorage *storage, TeError *err)
{
  if (storage->shared || storage->meta || !storage->nbytes)
    {
      storage->shared = true;
      return true;
    }
  Shared *shared = te_new (Shared);
  void *data = shared ? mmap (NULL, storage->nbytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0)
                      : MAP_FAILED;
  if (data == MAP_FAILED)
    {
      te_free (shared);
      return te_error_no_memory (err);
    }
  memcpy (data, storage->data, storage->nbytes);
  *shared = (Shared){ storage->nbytes, storage->data, storage->owner, storage->release,
                       storage->resizable };
  storage->data = data;
  storage->release = leave_shared;
  storage->owner = shared;
  storage->shared = true;
  storage->resizable = false;
  n_shared++;
  return true;
}

static void
free_bytes (TeStorage *storage)
{
  if (__builtin_expect (observer != NULL, 0) && !storage->meta)
    observer->died (storage);
  if (storage->release)
    storage->release (storage->data, storage->owner);
  else if (!storage->meta && storage->resizable)
    te_data_free (storage->data, storage->nbytes);
}

void
te_storage_move_to_meta (TeStorage *storage)
{
  free_bytes (storage);
  storage->release = NULL;
  storage->data = NULL;
  storage->meta = true;
}

void
te_storage_unref (TeStorage *storage)
{
  if (!storage || --storage->refcount > 0)
    return;
  free_bytes (storage);
  te_free (storage);
}
