/* gradboard report: an interview that was kept, as a document. */
#include <stdio.h>
#include <string.h>

#include "cli/commands.h"
#include "common/i18n.h"
#include "interview/report.h"
#include "interview/shelf.h"
#include "paths.h"

typedef struct
{
  char *out, *language;
  gboolean is_list, is_for_candidate;
} Options;

static int
fail (const char *message)
{
  fprintf (stderr, "gradboard report: %s\n", message);
  return 1;
}

/* A file, or words that stand in one interview only. */
static char *
find_session (GbLibrary *library, const char *what, GError **error)
{
  g_autoptr (GPtrArray) rows = NULL;
  if (g_file_test (what, G_FILE_TEST_EXISTS))
    return g_strdup (what);
  rows = gb_shelf_list (gb_shelf_get_folder (), library, what);
  if (rows->len == 1)
    return g_strdup (((GbShelfRow *) rows->pdata[0])->path);
  g_set_error (
      error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
      rows->len
          ? _ ("“%s” stands in %u interviews; gradboard report --list names their files.")
          : _ ("There is no file and no interview “%s” (%u); gradboard report --list names those there are."),
      what, rows->len);
  return NULL;
}

static int
list (GbLibrary *library)
{
  g_autoptr (GPtrArray) rows = gb_shelf_list (gb_shelf_get_folder (), library, NULL);
  for (guint i = 0; i < rows->len; i++)
    {
      const GbShelfRow *row = g_ptr_array_index (rows, i);
      printf ("%s\t%s\t%s\n", row->path, row->candidate, row->error ? row->error : row->title);
    }
  if (rows->len == 0)
    fprintf (stderr, "%s\n", _ ("No interview has been kept yet."));
  return 0;
}

static int
write_report (GbLibrary *library, const char *what, const Options *options)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *path = find_session (library, what, &error);
  g_autoptr (GbSession) session = path ? gb_session_open (path, GB_SESSION_TO_READ, &error) : NULL;

  if (session == NULL
      || !gb_report_write (session, library,
                           options->is_for_candidate ? GB_REPORT_CANDIDATE : GB_REPORT_INTERNAL, options->out,
                           &error))
    return fail (error->message);
  printf ("%s\n", options->out);
  return 0;
}

int
gb_command_report (int argc, char **argv)
{
  Options options = { NULL };
  g_auto (GStrv) rest = NULL;
  g_autoptr (GError) error = NULL;
  const GOptionEntry entries[] = {
    { "out", 'o', 0, G_OPTION_ARG_FILENAME, &options.out, NULL, NULL },
    { "candidate", 0, 0, G_OPTION_ARG_NONE, &options.is_for_candidate, NULL, NULL },
    { "lang", 0, 0, G_OPTION_ARG_STRING, &options.language, NULL, NULL },
    { "list", 0, 0, G_OPTION_ARG_NONE, &options.is_list, NULL, NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &rest, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GbLibrary) library = NULL;
  int status = GB_EXIT_USAGE;

  g_option_context_add_main_entries (context, entries, NULL);
  g_option_context_set_help_enabled (context, FALSE);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    fprintf (stderr, "gradboard report: %s\n", error->message);
  else if (options.language && strcmp (options.language, "zh") != 0 && strcmp (options.language, "en") != 0)
    fprintf (stderr, "gradboard report: %s\n", _ ("--lang is zh or en"));
  else if (!options.is_list && (rest == NULL || rest[0] == NULL || rest[1] || options.out == NULL))
    fprintf (stderr, "gradboard report: %s\n", _ ("name one interview, and with -o the file to write"));
  else
    {
      if (options.language)
        gb_i18n_set_language (options.language);
      library = gb_library_new (gb_paths_get_data_dir ());
      status = options.is_list ? list (library) : write_report (library, rest[0], &options);
    }
  g_free (options.out);
  g_free (options.language);
  return status;
}
