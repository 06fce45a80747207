/* A run of bytes that tensors look at.  Counted by references (not atomically: one thread owns tensors). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

typedef struct TeStorage TeStorage;
typedef void (*TeStorageRelease) (void *data, void *owner);

struct TeStorage
{
  int64_t refcount;
  uint64_t id; /* never reused; names the storage in the trace */
  size_t nbytes;
  void *data;               /* NULL on device meta */
  uint32_t version;         /* bumped by every in-place write through a tensor that shares its counter */
  bool meta;                /* has sizes but no bytes */
  bool shared;              /* forks write to the same bytes */
  bool resizable;           /* false for memory that somebody else owns */
  TeStorageRelease release; /* NULL: data came from te_data_alloc */
  void *owner;              /* handed to release */
};

TeStorage *te_storage_new (size_t nbytes, TeError *err);
TeStorage *te_storage_new_meta (size_t nbytes, TeError *err);
TeStorage *
te_storage_new_external (void *data, size_t nbytes, TeStorageRelease release, void *owner, TeError *err);
bool te_storage_resize (TeStorage *storage, size_t nbytes, TeError *err); /* keeps what fits */
/* Moves the bytes to memory that processes forked from now on share. */
bool te_storage_share (TeStorage *storage, TeError *err);
bool te_storage_any_shared (void); /* memory that forks share is alive in this process */
static inline TeStorage *
te_storage_ref (TeStorage *storage)
{
  storage->refcount++;
  return storage;
}
void te_storage_unref (TeStorage *storage); /* NULL is fine */
void te_storage_move_to_meta (TeStorage *storage); /* lets its bytes go */

/* One observer hears of births and deaths (the trace's memory lanes); NULL takes it away. */
typedef struct
{
  void (*born) (const TeStorage *storage);
  void (*died) (const TeStorage *storage);
} TeStorageObserver;
void te_storage_set_observer (const TeStorageObserver *observer);
const TeStorageObserver *te_storage_observer (void); /* or NULL */
