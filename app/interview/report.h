/* report: what an interview leaves: scores with what they rest on, time, each question, the program as it
 * grew, pictures and moments; in the current language. */
#pragma once

#include "paper/paper.h"
#include "interview/session.h"

G_BEGIN_DECLS

typedef enum
{
  GB_REPORT_INTERNAL,  /* all of it */
  GB_REPORT_CANDIDATE, /* what the candidate may read: nothing that others are asked with (answers, anchors),
                        * no notes and no scores of single questions */
} GbReportReader;

GbPaper *gb_report_make (GbSession *session, GbLibrary *library, GbReportReader reader);
/* The same facts for programs: one object, its "format" and "version" first.  Owned. */
char *gb_report_to_json (GbSession *session, GbLibrary *library, GbReportReader reader);
/* By the ending of the name: .pdf, .html, .md or .json. */
gboolean gb_report_write (
    GbSession *session, GbLibrary *library, GbReportReader reader, const char *path, GError **error);

/* Before the name of an interview's file and "?at=" with msec since it was made: that time is looked at again. */
#define GB_INTERVIEW_SCHEME "interview:"

/* "12:05" since the beginning of the interview, or "–" before it.  Owned. */
char *gb_report_dup_clock (const GbFacts *facts, gint64 at);
/* What was noticed, in a sentence.  Owned. */
char *gb_noticed_describe (const GbNoticed *evidence);

G_END_DECLS
