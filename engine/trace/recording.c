#include "trace/recording.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "trace/record.h"

#define CHUNK (1u << 20)

/* ---- writing ---- */

struct TeRecordingWriter
{
  int fd;
  uint64_t offset, n_records;
  TeRecordingMark *marks;
  size_t n_marks, marks_capacity;
  char *path;
};

static bool
write_all (int fd, const void *bytes, size_t nbytes)
{
  const char *at = bytes;
  while (nbytes)
    {
      ssize_t n = write (fd, at, nbytes);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return false;
      at += n;
      nbytes -= (size_t) n;
    }
  return true;
}

static bool
write_fails (TeRecordingWriter *self, TeError *err)
{
  return te_error_set (err, TE_ERR_RUNTIME, "%s cannot be written: %s", self->path, strerror (errno));
}

TeRecordingWriter *
te_recording_writer_new (const char *path, TeError *err)
{
  TeRecordingWriter *self = calloc (1, sizeof *self);
  char *copy = strdup (path);
  if (!self || !copy)
    {
      te_error_no_memory (err);
      free (self);
      free (copy);
      return NULL;
    }
  self->path = copy;
  self->fd = open (path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  struct timespec now;
  clock_gettime (CLOCK_REALTIME, &now);
  TeRecordingHeader header = { .wire_version = TE_WIRE_VERSION,
                               .header_nbytes = sizeof header,
                               .time_usec =
                                   (uint64_t) now.tv_sec * 1000000u + (uint64_t) now.tv_nsec / 1000 };
  memcpy (header.magic, TE_RECORDING_MAGIC, sizeof header.magic);
  if (self->fd < 0 || !write_all (self->fd, &header, sizeof header))
    {
      write_fails (self, err);
      if (self->fd >= 0)
        close (self->fd);
      free (self->path);
      free (self);
      return NULL;
    }
  self->offset = sizeof header;
  return self;
}

static bool
add_mark (TeRecordingMark **marks, size_t *n, size_t *capacity, TeRecordingMark mark)
{
  if (*n == *capacity)
    {
      size_t next = *capacity ? *capacity * 2 : 256;
      TeRecordingMark *grown = realloc (*marks, next * sizeof *grown);
      if (!grown)
        return false;
      *marks = grown;
      *capacity = next;
    }
  (*marks)[(*n)++] = mark;
  return true;
}

bool
te_recording_writer_append (TeRecordingWriter *self, const void *bytes, size_t nbytes, TeError *err)
{
  for (size_t at = 0; at < nbytes;)
    {
      const TeRecord *record = (const TeRecord *) ((const char *) bytes + at);
      if (record->type == TE_RECORD_ITERATION
          && !add_mark (&self->marks, &self->n_marks, &self->marks_capacity,
                        (TeRecordingMark){ ((const TeRecordIteration *) record)->iteration, record->seq,
                                           self->offset + at }))
        return te_error_no_memory (err);
      self->n_records++;
      at += record->nbytes;
    }
  if (!write_all (self->fd, bytes, nbytes))
    return write_fails (self, err);
  self->offset += nbytes;
  return true;
}

bool
te_recording_writer_close (TeRecordingWriter *self, TeError *err)
{
  TeRecordingTrailer trailer = { self->n_marks, self->n_records, self->offset, { 0 } };
  memcpy (trailer.magic, TE_RECORDING_INDEX_MAGIC, sizeof trailer.magic);
  bool ok = write_all (self->fd, self->marks, self->n_marks * sizeof *self->marks)
            && write_all (self->fd, &trailer, sizeof trailer);
  if (!ok)
    write_fails (self, err);
  if (close (self->fd) && ok)
    ok = write_fails (self, err);
  free (self->marks);
  free (self->path);
  free (self);
  return ok;
}

/* ---- reading ---- */

struct TeRecording
{
  int fd;
  char *path;
  uint64_t file_nbytes, stream_end, at; /* at: file offset of bytes[start] */
  char *bytes;
  size_t start, end, capacity;
  bool has_index;
  uint64_t n_records; /* as the index tells */
  uint64_t n_read;    /* records handed out, for messages */
  uint64_t last_seq;
  TeRecordingMark *marks;
  size_t n_marks;
  char *notes;
};

static bool
read_at (int fd, void *bytes, size_t nbytes, uint64_t offset)
{
  char *at = bytes;
  while (nbytes)
    {
      ssize_t n = pread (fd, at, nbytes, (off_t) offset);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return false;
      at += n;
      offset += (uint64_t) n;
      nbytes -= (size_t) n;
    }
  return true;
}

static size_t
notes_room (size_t nbytes)
{
  return nbytes ? sizeof (TeRecordingNotes) + (nbytes + 7) / 8 * 8 : 0;
}

/* Between the records and the marks; false: what is there are no notes. */
static bool
read_notes (TeRecording *self, uint64_t from, uint64_t to)
{
  TeRecordingNotes notes;
  if (from == to)
    return true;
  if (from > to || to - from > notes_room (TE_RECORDING_NOTES_MOST) || to - from < sizeof notes
      || !read_at (self->fd, &notes, sizeof notes, from)
      || memcmp (notes.magic, TE_RECORDING_NOTES_MAGIC, sizeof notes.magic) || !notes.nbytes
      || notes.nbytes > TE_RECORDING_NOTES_MOST || notes_room (notes.nbytes) != to - from)
    return false;
  char *text = malloc (notes.nbytes + 1);
  if (!text || !read_at (self->fd, text, notes.nbytes, from + sizeof notes))
    {
      free (text);
      return false;
    }
  text[notes.nbytes] = 0;
  self->notes = text;
  return true;
}

/* An index is a help, not a need: one that does not fit the file is ignored. */
static void
read_index (TeRecording *self)
{
  TeRecordingTrailer trailer;
  self->stream_end = self->file_nbytes;
  if (self->file_nbytes < sizeof (TeRecordingHeader) + sizeof trailer
      || !read_at (self->fd, &trailer, sizeof trailer, self->file_nbytes - sizeof trailer)
      || memcmp (trailer.magic, TE_RECORDING_INDEX_MAGIC, sizeof trailer.magic))
    return;
  uint64_t nbytes;
  if (__builtin_mul_overflow (trailer.n_marks, sizeof (TeRecordingMark), &nbytes)
      || nbytes > self->file_nbytes - sizeof (TeRecordingHeader) - sizeof trailer
      || trailer.stream_end < sizeof (TeRecordingHeader)
      || !read_notes (self, trailer.stream_end, self->file_nbytes - sizeof trailer - nbytes))
    return;
  TeRecordingMark *marks = malloc (nbytes ? nbytes : 1);
  if (!marks)
    return;
  if (!read_at (self->fd, marks, nbytes, self->file_nbytes - sizeof trailer - nbytes))
    {
      free (marks);
      return;
    }
  for (uint64_t i = 0; i < trailer.n_marks; i++)
    if (marks[i].offset < sizeof (TeRecordingHeader) || marks[i].offset >= trailer.stream_end
        || marks[i].offset % 8)
      {
        free (marks);
        return;
      }
  self->marks = marks;
  self->n_marks = trailer.n_marks;
  self->n_records = trailer.n_records;
  self->stream_end = trailer.stream_end;
  self->has_index = true;
}

TeRecording *
te_recording_open (const char *path, TeError *err)
{
  TeRecording *self = calloc (1, sizeof *self);
  TeRecordingHeader header;
  struct stat about;
  if (!self || !(self->path = strdup (path)))
    {
      free (self);
      te_error_no_memory (err);
      return NULL;
    }
  self->fd = open (path, O_RDONLY | O_CLOEXEC);
  if (self->fd < 0 || fstat (self->fd, &about))
    te_error_set (err, TE_ERR_RUNTIME, "%s cannot be opened: %s", path, strerror (errno));
  else if (!S_ISREG (about.st_mode))
    te_error_set (err, TE_ERR_VALUE, "%s is not a file", path);
  else if ((uint64_t) about.st_size < sizeof header || !read_at (self->fd, &header, sizeof header, 0)
           || memcmp (header.magic, TE_RECORDING_MAGIC, sizeof header.magic))
    te_error_set (err, TE_ERR_VALUE, "%s is not a recording of Gradboard", path);
  else if (header.wire_version != TE_WIRE_VERSION || header.header_nbytes != sizeof header)
    te_error_set (err, TE_ERR_VALUE, "%s was recorded by another version (format %u; this one reads %d)",
                  path, header.wire_version, TE_WIRE_VERSION);
  else
    {
      self->file_nbytes = (uint64_t) about.st_size;
      self->at = sizeof header;
      read_index (self);
      return self;
    }
  te_recording_free (self);
  return NULL;
}

void
te_recording_free (TeRecording *self)
{
  if (!self)
    return;
  if (self->fd >= 0)
    close (self->fd);
  free (self->path);
  free (self->bytes);
  free (self->marks);
  free (self->notes);
  free (self);
}

static bool
damaged (TeRecording *self, const char *why, TeError *err)
{
  return te_error_set (err, TE_ERR_VALUE, "%s is damaged at byte %llu, after %llu records: %s", self->path,
                       (unsigned long long) self->at, (unsigned long long) self->n_read, why);
}

/* Reads on until `need` bytes are there or the stream ends. */
static bool
fill (TeRecording *self, size_t need, TeError *err)
{
  if (self->start)
    memmove (self->bytes, self->bytes + self->start, self->end - self->start);
  self->end -= self->start;
  self->start = 0;
  if (need > self->capacity)
    {
      char *grown = realloc (self->bytes, need);
      if (!grown)
        return te_error_no_memory (err);
      self->bytes = grown;
      self->capacity = need;
    }
  uint64_t from = self->at + self->end, left = self->stream_end - from;
  size_t nbytes = self->capacity - self->end;
  if (nbytes > left)
    nbytes = (size_t) left;
  if (!read_at (self->fd, self->bytes + self->end, nbytes, from))
    return te_error_set (err, TE_ERR_RUNTIME, "%s cannot be read: %s", self->path, strerror (errno));
  self->end += nbytes;
  return true;
}

const void *
te_recording_read (TeRecording *self, size_t *nbytes, TeError *err)
{
  *nbytes = 0;
  if (self->at >= self->stream_end)
    return self;
  if (!fill (self, self->capacity > CHUNK ? self->capacity : CHUNK, err))
    return NULL;
  size_t at = 0;
  TeError why;
  te_error_clear (&why);
  while (at < self->end)
    {
      const TeRecord *record = (const TeRecord *) (self->bytes + at);
      size_t left = self->end - at;
      bool whole = left >= sizeof *record && record->nbytes <= left;
      if (!whole && self->at + self->end < self->stream_end
          && (left < sizeof *record || record->nbytes <= TE_RECORD_MAX_NBYTES))
        {
          if (at)
            break;
          if (!fill (self, left < sizeof *record ? CHUNK : (size_t) record->nbytes, err))
            return NULL;
          continue;
        }
      if (!te_record_check (record, left, &why) || !te_record_follows (record, self->last_seq))
        {
          if (at)
            break; /* what is whole comes first; the damage next time */
          damaged (self, why.kind ? why.text : "records out of order", err);
          return NULL;
        }
      self->last_seq = record->seq;
      self->n_read++;
      at += record->nbytes;
    }
  const void *bytes = self->bytes;
  *nbytes = at;
  self->start = at;
  self->at += at;
  return bytes;
}

bool
te_recording_seek (TeRecording *self, uint64_t offset, TeError *err)
{
  if (offset < sizeof (TeRecordingHeader) || offset > self->stream_end || offset % 8)
    return te_error_set (err, TE_ERR_INDEX, "%s has no record at byte %llu", self->path,
                         (unsigned long long) offset);
  self->at = offset;
  self->start = self->end = 0;
  self->last_seq = 0;
  return true;
}

bool
te_recording_has_index (const TeRecording *self)
{
  return self->has_index;
}

const TeRecordingMark *
te_recording_get_marks (const TeRecording *self, size_t *n)
{
  *n = self->n_marks;
  return self->marks;
}

const char *
te_recording_get_notes (const TeRecording *self)
{
  return self->notes;
}

/* ---- what is noted ---- */

/* The records stand whole in front of it all: who ends in between leaves a recording without its index. */
static bool
write_tail (int fd, const TeRecording *about, const char *text)
{
  TeRecordingNotes notes = { .nbytes = strlen (text) };
  TeRecordingTrailer trailer = { about->n_marks, about->n_records, about->stream_end, { 0 } };
  memcpy (notes.magic, TE_RECORDING_NOTES_MAGIC, sizeof notes.magic);
  memcpy (trailer.magic, TE_RECORDING_INDEX_MAGIC, sizeof trailer.magic);
  size_t padding = notes.nbytes ? notes_room (notes.nbytes) - sizeof notes - notes.nbytes : 0;
  return !ftruncate (fd, (off_t) about->stream_end) && lseek (fd, 0, SEEK_END) >= 0
         && (!notes.nbytes
             || (write_all (fd, &notes, sizeof notes) && write_all (fd, text, notes.nbytes)
                 && write_all (fd, "\0\0\0\0\0\0\0", padding)))
         && write_all (fd, about->marks, about->n_marks * sizeof *about->marks)
         && write_all (fd, &trailer, sizeof trailer);
}

bool
te_recording_keep_notes (const char *path, const char *text, TeError *err)
{
  TeRecording *about = te_recording_open (path, err);
  if (!about)
    return false;
  bool ok = false;
  int fd = -1;
  if (!about->has_index)
    te_error_set (err, TE_ERR_VALUE, "%s was not written to its end: nothing can be noted in it", path);
  else if (strlen (text) > TE_RECORDING_NOTES_MOST)
    te_error_set (err, TE_ERR_VALUE, "%s has no room for so many notes", path);
  else if ((fd = open (path, O_WRONLY | O_CLOEXEC)) < 0 || !write_tail (fd, about, text))
    te_error_set (err, TE_ERR_RUNTIME, "%s cannot be written: %s", path, strerror (errno));
  else
    ok = true;
  if (fd >= 0 && close (fd) && ok)
    ok = te_error_set (err, TE_ERR_RUNTIME, "%s cannot be written: %s", path, strerror (errno));
  te_recording_free (about);
  return ok;
}
