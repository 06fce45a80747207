/* gradboard: one executable.  With the name of a command as its first word it runs that command and needs no
 * display; else it opens the board, on the files, scenes or recordings that it was given. */
#include "application.h"
#include "cli/commands.h"
#include "common/i18n.h"
#include "paths.h"

#include <gtk/gtk.h>
#include <stdlib.h>
#include <string.h>

static gboolean
have_display (void)
{
  const char *wayland = g_getenv ("WAYLAND_DISPLAY"), *x11 = g_getenv ("DISPLAY"),
             *web = g_getenv ("BROADWAY_DISPLAY");
  return ((wayland && *wayland) || (x11 && *x11) || (web && *web)) && gtk_init_check ();
}

int
main (int argc, char **argv)
{
  gb_i18n_init (gb_paths_get_locale_dir ());

  if (argc > 1)
    {
      const GbCommand *command = gb_command_lookup (argv[1]);
      if (command)
        return gb_command_main (command, argc - 1, argv + 1);
      if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0 || strcmp (argv[1], "help") == 0)
        {
          gb_commands_print_help ();
          return EXIT_SUCCESS;
        }
      if (strcmp (argv[1], "--version") == 0)
        {
          gb_commands_print_version ();
          return EXIT_SUCCESS;
        }
      if (argv[1][0] == '-' && strcmp (argv[1], "--interview") != 0 && strcmp (argv[1], "--study") != 0)
        {
          g_printerr (_ ("gradboard: there is no option %s\n"), argv[1]);
          gb_commands_print_help ();
          return GB_EXIT_USAGE;
        }
    }

  if (!have_display ())
    {
      gb_commands_print_no_display ();
      return GB_EXIT_USAGE;
    }
  g_autoptr (GbApplication) application = gb_application_new ();
  return g_application_run (G_APPLICATION (application), argc, argv);
}
