/* kernel: the broker and the interpreters it starts.  gradboard-kernel (GLib, no Python) starts, limits,
 * watches and kills; gradboard-python (Python, no GLib) runs people's programs inside a sandbox.  They talk
 * in frames.
 *
 * This header: frames over a stream socketpair.  Blocking; the interpreter's two threads share a writer lock.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "trace/frames.h"

/* What the broker gives an interpreter, by number. */
#define TE_FD_FRAMES  3
#define TE_FD_SEGMENT 4
#define TE_FD_WAKEUP  5
#define TE_FD_CHANNEL 6 /* to another interpreter, where one is to talk with it */

/* Exit status of an interpreter that lost its broker, or whose program closed the channel. */
#define TE_EXIT_CHANNEL 71

/* False when the other side is gone. pass_fd: a descriptor to send along, or -1. */
bool te_frame_send (int fd, TeFrameType type, uint32_t id, const void *payload, size_t nbytes, int pass_fd);
/* Around a fork by one thread while another may be sending. */
void te_frame_lock (void);
void te_frame_unlock (void);
bool te_frame_send_text (int fd, TeFrameType type, uint32_t id, const char *text);

/* Reads one frame; *payload is malloc'ed, ends in a zero byte that does not count, and is the caller's. False
 * at the end of the stream or when what came is no frame. */
bool te_frame_receive (int fd, TeFrame *frame, char **payload);

/* Takes frames out of bytes as they come, for a reader that must not block. */
typedef struct
{
  char *bytes;
  size_t nbytes, capacity;
} TeFrameBuffer;
/* Reads what is there (fd non-blocking); *pid gets the sender's process id as the system says (SO_PASSCRED),
 * *passed a descriptor that came along, or -1.  False: end of stream, or an error. */
bool te_frame_buffer_read (TeFrameBuffer *self, int fd, pid_t *pid, int *passed);
/* 1: *frame and *payload (inside the buffer, until the next call) are set; 0: nothing whole; -1: no frame at
 * all. */
int te_frame_buffer_next (TeFrameBuffer *self, TeFrame *frame, const char **payload, size_t *consumed);
void te_frame_buffer_drop (TeFrameBuffer *self, size_t consumed);
void te_frame_buffer_clear (TeFrameBuffer *self);
