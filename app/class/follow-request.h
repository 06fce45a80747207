/* follow-request: what somebody who follows a lesson may ask for, read from bytes that nobody vouches for. */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

#define GB_FOLLOW_MOST_BODY 1024 /* bytes of an answer that is sent */

typedef enum
{
  GB_FOLLOW_NOTHING, /* there is no such place, or the token is not the lesson's */
  GB_FOLLOW_PAGE,
  GB_FOLLOW_STYLE,
  GB_FOLLOW_SCRIPT,
  GB_FOLLOW_EVENTS,
  GB_FOLLOW_PICTURE,
  GB_FOLLOW_TEXT,
  GB_FOLLOW_ANSWER,
} GbFollowPlace;

/* 128 bits that nobody can guess, as 22 letters of base64url.  Owned; NULL: the system gives no random numbers. */
char *gb_follow_new_token (void);
/* As many bits as who follows is known by; never 0. */
guint64 gb_follow_new_who (void);

/* path as it was asked for, "/TOKEN/…".  How long it takes tells nothing about the token. */
GbFollowPlace gb_follow_place (const char *path, const char *token);
/* "you=0123456789abcdef" anywhere in a query (NULL is fine); 0: it is not there. */
guint64 gb_follow_read_who (const char *query);

typedef struct
{
  guint64 who;
  char *id, *answer;
} GbFollowAnswer;

/* {"you": "16 hex digits", "id": …, "answer": …}.  FALSE: it is nothing of that kind, and answer holds nothing. */
gboolean gb_follow_answer_read (const char *body, gsize nbytes, GbFollowAnswer *answer);
void gb_follow_answer_clear (GbFollowAnswer *answer);

G_END_DECLS
