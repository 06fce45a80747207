/* cli: one command each; none needs a display.  A command is one row in commands.c and one file
 * NAME-command.c. */
#pragma once

#include <glib.h>

typedef struct
{
  const char *name;
  const char *arguments;              /* as usage shows them: "FILE.py or TOPIC [--trace OUT] [-- args]" */
  const char *summary;                /* one line, English; it is looked up in the catalogue when shown */
  const char *help;                   /* more lines for --help, or NULL */
  char *(*dup_more) (void);           /* and those that are found out when asked for, or NULL */
  int (*run) (int argc, char **argv); /* argv[0] is the command's name; returns the exit status */
} GbCommand;

/* Exit status of a command line that makes no sense. */
#define GB_EXIT_USAGE 2

/* gb_command_lookup: the command of that name, or NULL. */
const GbCommand *gb_command_lookup (const char *name);

/* gb_command_main: runs a command; answers --help and --version (before any "--") itself. */
int gb_command_main (const GbCommand *command, int argc, char **argv);

void gb_commands_print_help (void);
void gb_commands_print_version (void);

/* gb_commands_print_no_display: what to do without a display; names the commands. */
void gb_commands_print_no_display (void);

/* One per NAME-command.c. */
int gb_command_run (int argc, char **argv);
int gb_command_replay (int argc, char **argv);
int gb_command_render (int argc, char **argv);
char *gb_command_render_dup_views (void); /* "The views are: …", owned */
int gb_command_explain (int argc, char **argv);
int gb_command_topics (int argc, char **argv);
int gb_command_check (int argc, char **argv);
int gb_command_bench (int argc, char **argv);
int gb_command_doctor (int argc, char **argv);
int gb_command_report (int argc, char **argv);
int gb_command_class (int argc, char **argv);
