/* What tests of interviews share: the library, plans and an interview that was told, and a folder for their files. */
#pragma once

#include "interview/session.h"
#include "interview/plan.h"

extern GbLibrary *library; /* from gb_test_interviews_init() on */

/* To begin with: nothing of whoever runs it is touched. */
void gb_test_interviews_init (int *argc, char ***argv);

GbPlan *propose (GbLevel level, double minutes, guint32 seed);
char *file_path (const char *name);
/* An interview of some minutes, told as the windows tell it. */
GbSession *make_interview (const char *path);
