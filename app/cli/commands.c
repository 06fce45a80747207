#include "cli/commands.h"

#include "common/i18n.h"
#include <string.h>

/* GB_HAVE_*: set by app/meson.build from the files that are there. */
static const GbCommand commands[] = {
#ifdef GB_HAVE_RUN_COMMAND
  { .name = "run",
    .arguments = "FILE.py|SCENE|TOPIC [--trace OUT] [--out DIR] [-- ARGS]",
    .summary = N_ ("runs a program in the sandbox, prints what it prints, exits with its status"),
    .help = "  --trace OUT   write the recording to OUT\n"
            "  --out DIR     copy the files that the program wrote, and its figures, to DIR\n"
            "  --seconds S, --memory MB, --output MB   stop it beyond that\n"
            "  --no-bubblewrap   leave out that layer of the sandbox\n"
            "  -v            tell how the sandbox is built\n"
            "\n"
            "Status: the program's own; 124 out of time, 125 Gradboard itself failed, 126 out of memory,\n"
            "disk or output, 130 interrupted, 128 + n ended by signal n.\n",
    .run = gb_command_run },
#endif
#ifdef GB_HAVE_REPLAY_COMMAND
  { .name = "replay",
    .arguments = "RECORDING [--verify]",
    .summary = N_ ("opens a recording; with --verify runs it again and compares bit for bit"),
    .help = "  --verify      run the program again, fed with what it read of clocks, entropy, knobs and input,\n"
            "                and compare every recorded event and value\n"
            "\n"
            "Status: 0 the same, 1 different, 3 the same within rounding on another kind of processor,\n"
            "125 Gradboard itself failed.\n",
    .run = gb_command_replay },
#endif
#ifdef GB_HAVE_RENDER_COMMAND
  { .name = "render",
    .arguments = "FILE.py|SCENE|RECORDING --view ID -o OUT.png|.svg|.pdf",
    .summary = N_ ("draws one view into a picture file"),
    .help = "  --view ID     which one, of those named below\n"
            "  --at WHERE    iter:N, op:N, line:N or end (as it is when not given)\n"
            "  --tensor NAME which one grid and stride show; 'NAME[0, 2]' says where that element came from\n"
            "  --with FILE   a recording to compare with (view ab), or to draw beside\n"
            "  --branch N    of a run that was wound back: what its branch N did\n"
            "  --theme NAME  light, dark, hc or hcd\n"
            "  --lang LANG   zh or en\n"
            "  --scale X     1 is 100 %\n"
            "  --size WxH    in pixels, before scaling\n"
            "  --list        no picture: which views have something to show, and which open by themselves\n"
            "  --gallery DIR draws every view from built-in samples\n",
    .dup_more = gb_command_render_dup_views,
    .run = gb_command_render },
#endif
#ifdef GB_HAVE_EXPLAIN_COMMAND
  { .name = "explain",
    .arguments = "FILE.py|SCENE|RECORDING",
    .summary = N_ ("tells from the run's past what made an error, a None, a NaN or a growth"),
    .help = "  --at WHERE    iter:N, op:N, line:N or end (as it is when not given)\n"
            "  --lang LANG   zh or en\n"
            "  --echo        show what the program prints\n"
            "  --seconds S   stop it beyond that\n"
            "  --anyway      also a case that is to be diagnosed\n"
            "\n"
            "Status: 0 nothing asks for an explanation, 1 something does, 3 it is held back, 125 Gradboard itself failed.\n",
    .run = gb_command_explain },
#endif
#ifdef GB_HAVE_TOPICS_COMMAND
  { .name = "topics",
    .arguments = "[--search TEXT] [--json]",
    .summary = N_ ("lists the outline's topics, the scenes, cases and exercises"),
    .help = "  --search TEXT what in notes, questions, scenes, cases and exercises has all of its words, in zh or en, the\n"
            "                best first; status 1: nothing has\n"
            "  --json        say it as JSON\n",
    .run = gb_command_topics },
#endif
#ifdef GB_HAVE_CHECK_COMMAND
  { .name = "check",
    .arguments = "[--authoring|--scenes] [--jobs N] [SCENE|TOPIC|CASE…], or CASE FILE.py [--json] [--seed N]",
    .summary = N_ ("runs every scene, prediction, note, case and solution, and says which hold"),
    .help = "  --authoring   look at the material as it is written, and run nothing: schemas, names, lengths,\n"
            "                languages, sentences that two topics share\n"
            "  --scenes      leave out cases and exercises\n"
            "  --jobs N      so many at once, told in their order; as many as there are processors when not given\n"
            "  CASE FILE.py  check the program in the file against the hidden check of a case or exercise\n"
            "  --json        say what it found as JSON\n"
            "  --seed N      of the hidden checks' random inputs; for a file another one each time when it is not given\n"
            "\n"
            "Runs on the engine and, where python3-torch is installed, on PyTorch. Status: 0 all holds, 1 not.\n",
    .run = gb_command_check },
#endif
#ifdef GB_HAVE_BENCH_COMMAND
  { .name = "bench",
    .arguments = "[window|class|time|topics [LEAF…]|scenes [SCENE…]|NAME…]",
    .summary = N_ ("measures the engine and the views on this machine"),
    .help = "  window        what watching costs, in a real window (needs a display)\n"
            "  class         what it costs that 60 people follow a lesson, in a real window (needs a display)\n"
            "  time          what snapshots cost, and how long a way back takes\n"
            "  topics        how soon topics open (needs a display)\n"
            "  scenes        how soon scenes show and are done, beside what their data allow (needs a display)\n"
            "  NAME…         only these workloads of data/bench/workloads.py\n",
    .run = gb_command_bench },
#endif
#ifdef GB_HAVE_REPORT_COMMAND
  { .name = "report",
    .arguments = "INTERVIEW -o OUT.pdf|.html|.md|.json, or --list",
    .summary = N_ ("writes the report of an interview that was kept"),
    .help = "  INTERVIEW     its file, or words that stand in its name, notes or questions\n"
            "  --candidate   what the candidate may read: no notes, no scores of single questions\n"
            "  --lang LANG   zh or en\n"
            "  --list        the interviews that are kept, newest first: file, candidate, title\n",
    .run = gb_command_report },
#endif
#ifdef GB_HAVE_CLASS_COMMAND
  { .name = "class",
    .arguments = "[FILE.py|SCENE|TOPIC] [--serve] [--host ADDRESS] [--port N]",
    .summary = N_ ("opens the presenter's window and a board for the class (needs a display)"),
    .help = "  --serve       let the class follow in its browsers, on this computer only, and print the link\n"
            "  --host ADDRESS   the same at an address of this computer; 0.0.0.0: whoever is in the network (not encrypted)\n"
            "  --port N      at that port; any that is free when it is not given\n"
            "\n"
            "Status: 0, 1 when nothing can listen there.\n",
    .run = gb_command_class },
#endif
#ifdef GB_HAVE_DOCTOR_COMMAND
  { .name = "doctor",
    .arguments = "[--coverage [--json]]",
    .summary = N_ ("shows display, fonts, sandbox layers, BLAS, Python and versions"),
    .help = "  --coverage    list what of PyTorch's public names is there, module by module\n"
            "  --json        the same as JSON\n",
    .run = gb_command_doctor },
#endif
  { NULL }
};

const GbCommand *
gb_command_lookup (const char *name)
{
  for (const GbCommand *c = commands; c->name; c++)
    if (strcmp (c->name, name) == 0)
      return c;
  return NULL;
}

void
gb_commands_print_version (void)
{
  g_print ("gradboard %s\n", GRADBOARD_VERSION);
}

static void
print_command_list (void)
{
  for (const GbCommand *c = commands; c->name; c++)
    g_print ("  %-8s %s\n", c->name, _ (c->summary));
}

void
gb_commands_print_help (void)
{
  g_print ("%s\n", _ ("Usage: gradboard [FILE.py|SCENE|RECORDING]"));
  g_print ("       gradboard COMMAND …\n\n");
  g_print ("%s\n\n", _ ("Without a command it opens the board."));
  g_print ("%s\n", _ ("Commands, which need no display unless they say so:"));
  print_command_list ();
  g_print ("\n  --help, --version\n");
  g_print ("%s\n", _ ("`gradboard COMMAND --help` says more about one of them."));
}

void
gb_commands_print_no_display (void)
{
  g_printerr ("%s\n", _ ("gradboard: there is no display, so the board cannot open."));
  g_printerr ("%s\n", _ ("These commands need none:"));
  for (const GbCommand *c = commands; c->name; c++)
    g_printerr ("  gradboard %s %s\n", c->name, c->arguments);
}

int
gb_command_main (const GbCommand *command, int argc, char **argv)
{
  for (int i = 1; i < argc && strcmp (argv[i], "--") != 0; i++)
    {
      if (strcmp (argv[i], "--help") == 0 || strcmp (argv[i], "-h") == 0)
        {
          g_print ("gradboard %s %s\n  %s\n", command->name, command->arguments, _ (command->summary));
          if (command->help)
            g_print ("\n%s", command->help);
          if (command->dup_more)
            {
              g_autofree char *more = command->dup_more ();
              g_print ("\n%s", more);
            }
          return 0;
        }
      if (strcmp (argv[i], "--version") == 0)
        {
          gb_commands_print_version ();
          return 0;
        }
    }
  return command->run (argc, argv);
}
