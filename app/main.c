/* gradboard: one executable.  With the name of a command as its first word it runs that command and needs no display. */
#include "cli/commands.h"

#include <locale.h>
#include <string.h>

int
main (int argc, char **argv)
{
  setlocale (LC_CTYPE, "");
  const GbCommand *command = argc > 1 ? gb_command_lookup (argv[1]) : NULL;
  if (command)
    return gb_command_main (command, argc - 1, argv + 1);
  if (argc > 1 && strcmp (argv[1], "--version") == 0)
    {
      gb_commands_print_version ();
      return 0;
    }
  gb_commands_print_help ();
  return argc > 1 && strcmp (argv[1], "--help") == 0 ? 0 : GB_EXIT_USAGE;
}
