/* A trace in a file: a header, the record stream as it came from the rings, and behind it what people noted about it
 * and an index of iterations. The reader's side of the rings writes it, never the interpreter.  A file without its index (the
 * writer died, the disk was full) is read to where it ends; a damaged one is read to the damage, with an
 * error that says where. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "trace/wire.h"

#define TE_RECORDING_MAGIC       "GBTRACE1"
#define TE_RECORDING_INDEX_MAGIC "GBINDEX1"
#define TE_RECORDING_NOTES_MAGIC "GBNOTES1"
#define TE_RECORDING_NOTES_MOST  (1u << 20) /* bytes of text */

typedef struct
{
  char magic[8];
  uint32_t wire_version, header_nbytes;
  uint64_t time_usec;
  uint64_t pad;
} TeRecordingHeader;
static_assert (sizeof (TeRecordingHeader) == 32, "file");

typedef struct
{
  uint64_t iteration, seq, offset; /* of the ITERATION record, from the start of the file */
} TeRecordingMark;
static_assert (sizeof (TeRecordingMark) == 24, "file");

/* Behind the records, before the marks, if anything was noted; followed by the text and up to 7 zeros. */
typedef struct
{
  char magic[8];
  uint64_t nbytes;
} TeRecordingNotes;
static_assert (sizeof (TeRecordingNotes) == 16, "file");

/* Last in the file, after n_marks marks. */
typedef struct
{
  uint64_t n_marks, n_records, stream_end; /* stream_end: offset of the first byte after the records */
  char magic[8];
} TeRecordingTrailer;
static_assert (sizeof (TeRecordingTrailer) == 32, "file");

typedef struct TeRecordingWriter TeRecordingWriter;
TeRecordingWriter *te_recording_writer_new (const char *path, TeError *err);
/* Whole records, as te_ring_reader_drain gives them. */
bool te_recording_writer_append (TeRecordingWriter *self, const void *bytes, size_t nbytes, TeError *err);
/* Writes the index, closes and frees; false when the disk refused. */
bool te_recording_writer_close (TeRecordingWriter *self, TeError *err);

/* Puts text in the place of what was noted in a whole recording; "" takes it away.  Records are not touched. */
bool te_recording_keep_notes (const char *path, const char *text, TeError *err);

typedef struct TeRecording TeRecording;
TeRecording *te_recording_open (const char *path,
                                TeError *err); /* OSError texts as RuntimeError, else ValueError */
void te_recording_free (TeRecording *self);
/* The next whole, checked records, at least one; *nbytes 0 at the end.  NULL with err: what comes next is
 * damaged. */
const void *te_recording_read (TeRecording *self, size_t *nbytes, TeError *err);
bool te_recording_seek (TeRecording *self, uint64_t offset, TeError *err);
bool te_recording_has_index (const TeRecording *self);
const TeRecordingMark *te_recording_get_marks (const TeRecording *self, size_t *n);
/* What was noted, nul-terminated; NULL: nothing. */
const char *te_recording_get_notes (const TeRecording *self);
