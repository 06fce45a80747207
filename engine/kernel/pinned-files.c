#include "kernel/pinned-files.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "kernel/interpreter.h"
#include "kernel/pins.h"

#define MOST_PREFIXES        32
#define N_SEEN               (1u << 14)
#define MOST_CHILDREN_NBYTES (2 * TE_FILES_MOST_NBYTES)

typedef int (*OpenFunc) (const char *, int, ...);
typedef FILE *(*FopenFunc) (const char *, const char *);

typedef struct
{
  char *path;
  uint64_t hash, nbytes;
  char *content; /* NULL: it was too large to be kept */
} FedFile;

/* What one of the program's processes read, followed by path and content; a multiple of 8 long. */
typedef struct
{
  uint64_t nbytes, hash;
  uint32_t entry_nbytes, path_nbytes, content_nbytes, fed;
  _Atomic uint32_t ready; /* written whole */
  uint32_t pad;
} ChildRead;

/* Shared with every process that the program makes: they append, the interpreter reads at the end. */
typedef struct
{
  _Atomic uint64_t used;
  _Alignas(8) char bytes[MOST_CHILDREN_NBYTES];
} ChildReads;

static struct
{
  bool on, busy;
  ChildReads *children;           /* NULL: no memory */
  char *libraries[MOST_PREFIXES]; /* folders with a slash at the end */
  int n_libraries;
  char *here; /* the working directory, with a slash */
  /* By the hash of a path: what it held when it was told last; 1: the program wrote it. */
  uint64_t *seen;
  uint64_t kept_nbytes;
  FedFile *fed;
  size_t n_fed;
} files;

/* ---- which files count ---- */

static bool
begins_with (const char *text, const char *prefix)
{
  return strncmp (text, prefix, strlen (prefix)) == 0;
}

/* As a replay knows it: relative where it lies in the working directory, which has another name each time. */
static const char *
told_path (const char *path)
{
  return files.here && begins_with (path, files.here) ? path + strlen (files.here) : path;
}

static bool
is_library (const char *path)
{
  static const char *const systems[] = { "/usr/", "/lib", "/etc/", "/proc/", "/sys/", "/dev/", "/var/" };
  const char *dot = strrchr (path, '.');
  if (dot && (!strcmp (dot, ".pyc") || !strcmp (dot, ".so")))
    return true;
  for (size_t i = 0; i < sizeof systems / sizeof systems[0]; i++)
    if (begins_with (path, systems[i]))
      return true;
  for (int i = 0; i < files.n_libraries; i++)
    if (begins_with (path, files.libraries[i]))
      return true;
  return false;
}

static uint64_t *
seen_of (const char *path)
{
  return &files.seen[XXH3_64bits (path, strlen (path)) % N_SEEN];
}

/* ---- telling ---- */

static uint64_t
hash_of (int fd, uint64_t nbytes, char **content)
{
  static char buffer[1 << 16];
  XXH3_state_t *state = XXH3_createState ();
  uint64_t at = 0;
  ssize_t n;
  *content = NULL;
  if (!state)
    return 0;
  XXH3_64bits_reset (state);
  while ((n = pread (fd, buffer, sizeof buffer, (off_t) at)) > 0)
    {
      XXH3_64bits_update (state, buffer, (size_t) n);
      at += (uint64_t) n;
    }
  uint64_t hash = XXH3_64bits_digest (state);
  XXH3_freeState (state);
  if (nbytes <= TE_FILE_MOST_NBYTES && at == nbytes && (*content = malloc (nbytes + 1)))
    memcpy (*content, buffer, nbytes); /* it fits into one piece */
  return hash;
}
static_assert (TE_FILE_MOST_NBYTES <= 1 << 16, "a file that is kept fits into the buffer");

static void
tell (const char *path, uint64_t nbytes, uint64_t hash, const char *content, uint16_t flags)
{
  bool keeps = content && files.kept_nbytes + nbytes <= TE_FILES_MOST_NBYTES;
  if (keeps)
    files.kept_nbytes += nbytes;
  te_recorder_file (&te_interpreter.recorder, path, nbytes, hash, keeps ? content : NULL, flags);
}

/* ---- what a process of the program's reads ---- */

static void
note_for_parent (const char *path, uint64_t nbytes, uint64_t hash, const char *content, bool fed)
{
  size_t path_nbytes = strlen (path) + 1, content_nbytes = content ? nbytes : 0;
  size_t whole = (sizeof (ChildRead) + path_nbytes + content_nbytes + 7) & ~(size_t) 7;
  if (!files.children || whole > MOST_CHILDREN_NBYTES)
    return;
  uint64_t at = atomic_fetch_add (&files.children->used, whole);
  if (at > MOST_CHILDREN_NBYTES - whole)
    return; /* what does not fit is told by nobody */
  ChildRead *read = (ChildRead *) (files.children->bytes + at);
  char *tail = (char *) (read + 1);
  *read = (ChildRead){ nbytes, hash, (uint32_t) whole, (uint32_t) path_nbytes, (uint32_t) content_nbytes, fed,
                       0,      0 };
  memcpy (tail, path, path_nbytes);
  if (content_nbytes)
    memcpy (tail + path_nbytes, content, content_nbytes);
  atomic_store (&read->ready, 1);
}

/* A child may have been killed while it wrote, and may write anything: nothing is taken on trust. */
static const ChildRead *
read_at (uint64_t at, uint64_t used)
{
  const ChildRead *read = (const ChildRead *) (files.children->bytes + at);
  if (used - at < sizeof *read || !read->entry_nbytes || read->entry_nbytes % 8
      || read->entry_nbytes > used - at
      || (uint64_t) sizeof *read + read->path_nbytes + read->content_nbytes > read->entry_nbytes
      || !read->path_nbytes || ((const char *) (read + 1))[read->path_nbytes - 1])
    return NULL;
  return read;
}

static int
compare_reads (const void *a, const void *b)
{
  const ChildRead *one = *(const ChildRead *const *) a, *other = *(const ChildRead *const *) b;
  int order = strcmp ((const char *) (one + 1), (const char *) (other + 1));
  return order ? order : one->hash < other->hash ? -1 : one->hash > other->hash;
}

/* By path, each once: which process came first is nobody's business.  The processes are gone or will not be
 * waited for. */
static void
tell_children (void)
{
  const ChildRead *list[1024], *read;
  uint64_t used = files.children ? atomic_load (&files.children->used) : 0;
  size_t n = 0;
  if (used > MOST_CHILDREN_NBYTES)
    used = MOST_CHILDREN_NBYTES;
  for (uint64_t at = 0; n < sizeof list / sizeof list[0] && (read = read_at (at, used));
       at += read->entry_nbytes)
    if (atomic_load (&((ChildRead *) read)->ready))
      list[n++] = read;
  qsort (list, n, sizeof list[0], compare_reads);
  for (size_t i = 0; i < n; i++)
    {
      const char *path = (const char *) (list[i] + 1);
      uint64_t *seen = seen_of (path);
      if (*seen == 1 || *seen == (list[i]->hash | 2))
        continue;
      *seen = list[i]->hash | 2;
      tell (path, list[i]->nbytes, list[i]->hash,
            list[i]->content_nbytes ? path + list[i]->path_nbytes : NULL,
            (uint16_t) (TE_WIRE_FILE_CHILD | (list[i]->fed ? TE_WIRE_FILE_FED : 0)));
    }
}

/* What a replay has of the file, when that is not what is there now. */
static const FedFile *
fed_instead (const char *path, uint64_t hash)
{
  for (size_t i = 0; i < files.n_fed; i++)
    if (!strcmp (files.fed[i].path, path))
      return files.fed[i].hash != hash && files.fed[i].content ? &files.fed[i] : NULL;
  return NULL;
}

static int
descriptor_of (const FedFile *fed)
{
  int fd = memfd_create ("fed", MFD_CLOEXEC);
  if (fd >= 0 && (write (fd, fed->content, fed->nbytes) != (ssize_t) fed->nbytes || lseek (fd, 0, SEEK_SET)))
    {
      close (fd);
      fd = -1;
    }
  return fd;
}

static void
tell_read (const char *path, uint64_t nbytes, uint64_t hash, const char *content, bool fed)
{
  if (te_interpreter.forked)
    {
      note_for_parent (path, nbytes, hash, content, fed);
      return;
    }
  PyGILState_STATE gil = PyGILState_Ensure (); /* the recorder is written by whoever holds it */
  tell (path, nbytes, hash, content, fed ? TE_WIRE_FILE_FED : 0);
  PyGILState_Release (gil);
}

/* The fd of the path that the main thread or a process of the program's has opened, or -1 with errno: the one
 * to be given to the program. */
static int
opened_for_reading (const char *path, int fd)
{
  struct stat about = { 0 };
  int error = errno;
  char *content = NULL;
  path = told_path (path);
  uint64_t *seen = seen_of (path);
  if (*seen == 1 || (fd >= 0 && (fstat (fd, &about) || !S_ISREG (about.st_mode))))
    return errno = error, fd;
  uint64_t hash = fd >= 0 ? hash_of (fd, (uint64_t) about.st_size, &content) : 0;
  const FedFile *fed = fed_instead (path, hash);
  int instead = fed ? descriptor_of (fed) : -1;
  if (instead >= 0 && fd >= 0)
    close (fd);
  bool is_told = instead >= 0 || fd >= 0;
  uint64_t now = instead >= 0 ? fed->hash : hash;
  if (is_told && *seen != (now | 2))
    {
      *seen = now | 2;
      tell_read (path, instead >= 0 ? fed->nbytes : (uint64_t) about.st_size, now,
                 instead >= 0 ? fed->content : content, instead >= 0);
    }
  free (content);
  errno = error;
  return instead >= 0 ? instead : fd;
}

static bool
counts (const char *path)
{
  return files.on && !files.busy && (te_pins_are_mine () || te_interpreter.forked) && path
         && !is_library (path);
}

/* ---- before the C library's ---- */

static int
open_pinned (OpenFunc real, const char *path, int flags, mode_t mode)
{
  int fd = real (path, flags, mode);
  if (flags & (O_DIRECTORY | O_PATH) || !counts (path))
    return fd;
  files.busy = true;
  if ((flags & O_ACCMODE) == O_RDONLY && !(flags & O_CREAT))
    fd = opened_for_reading (path, fd);
  else if (fd >= 0)
    *seen_of (told_path (path)) = 1;
  files.busy = false;
  return fd;
}

/* The C library's symbol; the headers may give its C name to the variant for large files. */
#define OPEN(name)                                                                                           \
  __attribute__ ((visibility ("default"))) int pinned_##name (const char *path, int flags,                   \
                                                              ...) __asm__(#name);                           \
  int pinned_##name (const char *path, int flags, ...)                                                       \
  {                                                                                                          \
    static OpenFunc real;                                                                                    \
    mode_t mode = 0;                                                                                         \
    if (!real)                                                                                               \
      real = (OpenFunc) dlsym (RTLD_NEXT, #name);                                                            \
    if (flags & (O_CREAT | O_TMPFILE))                                                                       \
      {                                                                                                      \
        va_list rest;                                                                                        \
        va_start (rest, flags);                                                                              \
        mode = va_arg (rest, mode_t);                                                                        \
        va_end (rest);                                                                                       \
      }                                                                                                      \
    return open_pinned (real, path, flags, mode);                                                            \
  }
OPEN (open)
OPEN (open64)

static FILE *
fopen_pinned (FopenFunc real, const char *path, const char *mode)
{
  FILE *file = real (path, mode);
  if (!counts (path))
    return file;
  files.busy = true;
  if (mode[0] != 'r' || strchr (mode, '+'))
    {
      if (file)
        *seen_of (told_path (path)) = 1;
    }
  else
    {
      int was = file ? dup (fileno (file)) : -1, fd = opened_for_reading (path, was);
      if (fd == was && fd >= 0)
        close (fd);
      else if (fd != was)
        {
          if (file)
            fclose (file);
          file = fdopen (fd, mode);
        }
    }
  files.busy = false;
  return file;
}

#define FOPEN(name)                                                                                          \
  __attribute__ ((visibility ("default")))                                                                   \
  FILE *pinned_##name (const char *path, const char *mode) __asm__(#name);                                   \
  FILE *pinned_##name (const char *path, const char *mode)                                                   \
  {                                                                                                          \
    static FopenFunc real;                                                                                   \
    if (!real)                                                                                               \
      real = (FopenFunc) dlsym (RTLD_NEXT, #name);                                                           \
    return fopen_pinned (real, path, mode);                                                                  \
  }
FOPEN (fopen)
FOPEN (fopen64)

/* ---- feeds ---- */

static void
forget_feed (void)
{
  for (size_t i = 0; i < files.n_fed; i++)
    {
      free (files.fed[i].path);
      free (files.fed[i].content);
    }
  free (files.fed);
  files.fed = NULL;
  files.n_fed = 0;
}

static void
read_content (FedFile *fed, const char *folder, const char *name)
{
  char path[4096];
  struct stat about;
  snprintf (path, sizeof path, "%s/%s", folder, name);
  int fd = open (path, O_RDONLY | O_CLOEXEC);
  if (fd >= 0 && fstat (fd, &about) == 0 && about.st_size <= TE_FILE_MOST_NBYTES
      && (fed->content = malloc ((size_t) about.st_size + 1)))
    {
      ssize_t n = read (fd, fed->content, (size_t) about.st_size);
      fed->nbytes = n > 0 ? (uint64_t) n : 0;
    }
  if (fd >= 0)
    close (fd);
  unlink (path);
}

bool
te_pinned_files_take_feed (struct json_object *list, const char *folder)
{
  forget_feed ();
  size_t n = list ? json_object_array_length (list) : 0;
  files.fed = n ? calloc (n, sizeof *files.fed) : NULL;
  for (size_t i = 0; files.fed && i < n; i++)
    {
      struct json_object *entry = json_object_array_get_idx (list, i);
      const char *path = json_object_get_string (json_object_array_get_idx (entry, 0)),
                 *hash = json_object_get_string (json_object_array_get_idx (entry, 1)),
                 *name = json_object_get_string (json_object_array_get_idx (entry, 2));
      FedFile *fed = &files.fed[files.n_fed];
      if (!path || !(fed->path = strdup (path)))
        continue;
      fed->hash = hash ? strtoull (hash, NULL, 16) : 0;
      if (name && !strchr (name, '/'))
        read_content (fed, folder, name);
      files.n_fed++;
    }
  return files.fed || !n;
}

/* ---- begin and end ---- */

static char *
with_slash (const char *folder)
{
  size_t n = folder ? strlen (folder) : 0;
  char *text = n ? malloc (n + 2) : NULL;
  if (text)
    {
      memcpy (text, folder, n + 1);
      if (text[n - 1] != '/')
        memcpy (text + n, "/", 2);
    }
  return text;
}

/* All of sys.path but the program's own folder, which comes first. */
static void
note_libraries (void)
{
  PyObject *path = PySys_GetObject ("path");
  Py_ssize_t n = path && PyList_Check (path) ? PyList_GET_SIZE (path) : 0;
  while (files.n_libraries)
    free (files.libraries[--files.n_libraries]);
  for (Py_ssize_t i = 1; i < n && files.n_libraries < MOST_PREFIXES; i++)
    {
      PyObject *entry = PyList_GET_ITEM (path, i);
      char *folder = with_slash (PyUnicode_Check (entry) ? PyUnicode_AsUTF8 (entry) : NULL);
      if (folder)
        files.libraries[files.n_libraries++] = folder;
    }
  PyErr_Clear ();
}

void
te_pinned_files_begin (void)
{
  char here[4096];
  note_libraries ();
  free (files.here);
  files.here = with_slash (getcwd (here, sizeof here));
  free (files.seen);
  files.seen = calloc (N_SEEN, sizeof *files.seen);
  files.kept_nbytes = 0;
  void *shared = mmap (NULL, sizeof *files.children, PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  files.children = shared == MAP_FAILED ? NULL : shared;
  files.on = files.seen != NULL;
}

void
te_pinned_files_end (void)
{
  if (files.on && !te_interpreter.forked)
    tell_children ();
  if (files.children)
    munmap (files.children, sizeof *files.children);
  files.children = NULL;
  files.on = false;
  forget_feed ();
}
