/* gradboard class: opens the presenter's window and the board for the class, and lets it follow when asked to. */
#include "application.h"
#include "class/follow-server.h"
#include "cli/commands.h"
#include "common/i18n.h"

#include <stdlib.h>

typedef struct
{
  char *subject, *host;
  int port;
  gboolean is_served;
} Asked;

/* FALSE: it is said why. */
static gboolean
read_arguments (Asked *asked, int argc, char **argv)
{
  g_auto (GStrv) rest = NULL;
  const GOptionEntry entries[] = {
    { "serve", 0, 0, G_OPTION_ARG_NONE, &asked->is_served, NULL, NULL },
    { "host", 0, 0, G_OPTION_ARG_STRING, &asked->host, NULL, NULL },
    { "port", 0, 0, G_OPTION_ARG_INT, &asked->port, NULL, NULL },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &rest, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    g_printerr ("gradboard class: %s\n", error->message);
  else if (rest && rest[0] && rest[1])
    g_printerr (_ ("gradboard class: one program, scene or topic at a time\n"));
  else if (asked->port < 0 || asked->port > 65535)
    g_printerr (_ ("gradboard class: there is no port %d\n"), asked->port);
  else
    {
      asked->subject = rest && rest[0] ? g_strdup (rest[0]) : NULL;
      return TRUE;
    }
  return FALSE;
}

int
gb_command_class (int argc, char **argv)
{
  Asked asked = { 0 };
  int status = GB_EXIT_USAGE;
  if (!read_arguments (&asked, argc, argv))
    status = GB_EXIT_USAGE;
  else if (!gtk_init_check ())
    gb_commands_print_no_display ();
  else
    {
      g_autoptr (GbApplication) application = gb_application_new ();
      const char *host = asked.host ? asked.host : GB_FOLLOW_LOOPBACK;
      gb_application_begin_with_class (application, asked.subject, asked.is_served || asked.host ? host : NULL, (guint16) asked.port);
      status = g_application_run (G_APPLICATION (application), 1, argv);
      if (gb_application_has_failed (application))
        status = EXIT_FAILURE;
    }
  g_free (asked.subject);
  g_free (asked.host);
  return status;
}
