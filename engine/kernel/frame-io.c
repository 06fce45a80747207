#include "kernel/frame-io.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static pthread_mutex_t send_lock = PTHREAD_MUTEX_INITIALIZER;

void
te_frame_lock (void)
{
  pthread_mutex_lock (&send_lock);
}

void
te_frame_unlock (void)
{
  pthread_mutex_unlock (&send_lock);
}

static bool
send_all (int fd, const void *bytes, size_t nbytes)
{
  const char *at = bytes;
  while (nbytes)
    {
      ssize_t n = send (fd, at, nbytes, MSG_NOSIGNAL);
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
send_head (int fd, const TeFrame *frame, int pass_fd)
{
  if (pass_fd < 0)
    return send_all (fd, frame, sizeof *frame);
  union
  {
    struct cmsghdr head;
    char room[CMSG_SPACE (sizeof (int))];
  } control = {
    .head = { .cmsg_len = CMSG_LEN (sizeof (int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS }
  };
  memcpy (CMSG_DATA (&control.head), &pass_fd, sizeof pass_fd);
  struct iovec part = { (void *) frame, sizeof *frame };
  struct msghdr message = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
  };
  ssize_t n;
  do
    n = sendmsg (fd, &message, MSG_NOSIGNAL);
  while (n < 0 && errno == EINTR);
  return n > 0 && send_all (fd, (const char *) frame + n, sizeof *frame - (size_t) n);
}

bool
te_frame_send (int fd, TeFrameType type, uint32_t id, const void *payload, size_t nbytes, int pass_fd)
{
  if (nbytes > TE_FRAME_MAX)
    return false;
  TeFrame frame = { TE_FRAME_MAGIC, type, id, (uint32_t) nbytes };
  pthread_mutex_lock (&send_lock);
  bool ok = send_head (fd, &frame, pass_fd) && send_all (fd, payload, nbytes);
  pthread_mutex_unlock (&send_lock);
  return ok;
}

bool
te_frame_send_text (int fd, TeFrameType type, uint32_t id, const char *text)
{
  return te_frame_send (fd, type, id, text, strlen (text), -1);
}

static bool
receive_all (int fd, void *bytes, size_t nbytes)
{
  char *at = bytes;
  while (nbytes)
    {
      ssize_t n = recv (fd, at, nbytes, 0);
      if (n < 0 && errno == EINTR)
        continue;
      if (n <= 0)
        return false;
      at += n;
      nbytes -= (size_t) n;
    }
  return true;
}

bool
te_frame_receive (int fd, TeFrame *frame, char **payload)
{
  *payload = NULL;
  if (!receive_all (fd, frame, sizeof *frame) || frame->magic != TE_FRAME_MAGIC
      || frame->nbytes > TE_FRAME_MAX)
    return false;
  *payload = malloc ((size_t) frame->nbytes + 1);
  if (!*payload || !receive_all (fd, *payload, frame->nbytes))
    {
      free (*payload);
      *payload = NULL;
      return false;
    }
  (*payload)[frame->nbytes] = 0;
  return true;
}

bool
te_frame_buffer_read (TeFrameBuffer *self, int fd, pid_t *pid, int *passed)
{
  *passed = -1;
  if (self->capacity - self->nbytes < 65536)
    {
      size_t capacity = self->capacity ? self->capacity * 2 : 131072;
      char *grown = capacity <= 4 * (size_t) TE_FRAME_MAX ? realloc (self->bytes, capacity) : NULL;
      if (!grown)
        return false;
      self->bytes = grown;
      self->capacity = capacity;
    }
  union
  {
    struct cmsghdr head;
    char room[CMSG_SPACE (sizeof (struct ucred)) + CMSG_SPACE (8 * sizeof (int))];
  } control;
  struct iovec part = { self->bytes + self->nbytes, self->capacity - self->nbytes };
  struct msghdr message = {
    .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control
  };
  ssize_t n = recvmsg (fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
  if (n < 0)
    return errno == EAGAIN || errno == EINTR;
  for (struct cmsghdr *c = CMSG_FIRSTHDR (&message); c; c = CMSG_NXTHDR (&message, c))
    if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_CREDENTIALS && pid)
      {
        struct ucred who;
        memcpy (&who, CMSG_DATA (c), sizeof who);
        *pid = who.pid;
      }
    else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
      for (size_t i = 0; CMSG_LEN ((i + 1) * sizeof (int)) <= c->cmsg_len; i++)
        {
          int got;
          memcpy (&got, CMSG_DATA (c) + i * sizeof got, sizeof got);
          if (*passed < 0)
            *passed = got;
          else
            close (got);
        }
  self->nbytes += (size_t) n;
  return n > 0;
}

int
te_frame_buffer_next (TeFrameBuffer *self, TeFrame *frame, const char **payload, size_t *consumed)
{
  if (self->nbytes < sizeof *frame)
    return 0;
  memcpy (frame, self->bytes, sizeof *frame);
  if (frame->magic != TE_FRAME_MAGIC || frame->nbytes > TE_FRAME_MAX)
    return -1;
  if (self->nbytes < sizeof *frame + frame->nbytes)
    return 0;
  *payload = self->bytes + sizeof *frame;
  *consumed = sizeof *frame + frame->nbytes;
  return 1;
}

void
te_frame_buffer_drop (TeFrameBuffer *self, size_t consumed)
{
  memmove (self->bytes, self->bytes + consumed, self->nbytes - consumed);
  self->nbytes -= consumed;
}

void
te_frame_buffer_clear (TeFrameBuffer *self)
{
  free (self->bytes);
  memset (self, 0, sizeof *self);
}
