#include "cli/commands.h"

#include "base/places.h"

#include "common/i18n.h"
#include "kernel/kernel-client.h"

#include <adwaita.h>
#include <glib/gstdio.h>
#include <gtksourceview/gtksource.h>
#include <json-c/json.h>
#include <pango/pangocairo.h>
#include <string.h>
#include <unistd.h>

/* gradboard doctor: what this machine has of what the board uses.  Status 0 when programs can run, 1 when
 * not; missing layers of the sandbox, a missing display or missing fonts are told, not failed. */

typedef struct
{
  GMainLoop *loop;
  GbKernelClient *client;
  GbTraceSource *source;
  char *scratch, *program;
  GString *printed;
  gboolean ok;
} Doctor;

static void
line (const char *name, const char *value)
{
  /* Chinese characters are two columns wide. */
  int columns = 0;
  for (const char *c = name; *c; c = g_utf8_next_char (c))
    columns += g_unichar_iswide (g_utf8_get_char (c)) ? 2 : 1;
  g_print ("  %s%*s %s\n", name, MAX (0, 30 - columns), "", value);
}

static void
yes_no (const char *name, gboolean present, const char *otherwise)
{
  g_autofree char *text = present ? g_strdup (_ ("yes")) : g_strdup_printf ("%s: %s", _ ("no"), otherwise);
  line (name, text);
}

/* ---- the machine ---- */

static char *
first_value (const char *path, const char *key)
{
  g_autofree char *text = NULL;
  if (!g_file_get_contents (path, &text, NULL, NULL))
    return g_strdup ("?");
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);
  for (char **at = lines; *at; at++)
    if (g_str_has_prefix (*at, key))
      {
        const char *value = strpbrk (*at, ":=");
        g_autofree char *copy = g_strdup (value ? value + 1 : "");
        g_strstrip (copy);
        gsize n = strlen (copy);
        return n > 1 && copy[0] == '"' ? g_strndup (copy + 1, n - 2) : g_steal_pointer (&copy);
      }
  return g_strdup ("?");
}

static void
tell_machine (void)
{
  g_autofree char *cpu = first_value ("/proc/cpuinfo", "model name"),
                  *memory = first_value ("/proc/meminfo", "MemTotal");
  g_autofree char *system = first_value ("/etc/os-release", "PRETTY_NAME"), *kernel = NULL;
  g_autofree char *cores = g_strdup_printf ("%s, %ld", cpu, sysconf (_SC_NPROCESSORS_ONLN));
  g_file_get_contents ("/proc/sys/kernel/osrelease", &kernel, NULL, NULL);
  g_print ("%s\n", _ ("Machine"));
  line (_ ("system"), system);
  line (_ ("kernel"), kernel ? g_strchomp (kernel) : "?");
  line (_ ("processor, cores"), cores);
  line (_ ("memory"), memory);
#ifdef __x86_64__
  yes_no ("AVX2, FMA", __builtin_cpu_supports ("avx2") && __builtin_cpu_supports ("fma"),
          _ ("the engine refuses to load"));
#endif
}

static const char *
display_text (void)
{
  const char *wayland = g_getenv ("WAYLAND_DISPLAY"), *x11 = g_getenv ("DISPLAY");
  if (wayland && *wayland)
    return wayland;
  return x11 && *x11 ? x11 : NULL;
}

static gboolean
has_font (PangoFontMap *map, const char *wanted)
{
  PangoFontFamily **families;
  int n;
  gboolean found = FALSE;
  pango_font_map_list_families (map, &families, &n);
  for (int i = 0; i < n && !found; i++)
    found = strcmp (pango_font_family_get_name (families[i]), wanted) == 0;
  g_free (families);
  return found;
}

static void
tell_display (void)
{
  g_autofree char *gtk = g_strdup_printf ("%u.%u.%u", gtk_get_major_version (), gtk_get_minor_version (),
                                          gtk_get_micro_version ());
  g_autofree char *adw = g_strdup_printf ("%u.%u.%u", adw_get_major_version (), adw_get_minor_version (),
                                          adw_get_micro_version ());
  g_autofree char *source =
      g_strdup_printf ("%u.%u.%u", gtk_source_get_major_version (), gtk_source_get_minor_version (),
                       gtk_source_get_micro_version ());
  PangoFontMap *map = pango_cairo_font_map_get_default ();
  g_print ("\n%s\n", _ ("Display"));
  line (_ ("display"),
        display_text () ? display_text () : _ ("none: commands work, the board does not open"));
  line ("GTK", gtk);
  line ("libadwaita", adw);
  line ("GtkSourceView", source);
  line ("GSK_RENDERER", g_getenv ("GSK_RENDERER") ? g_getenv ("GSK_RENDERER") : "-");
  yes_no ("Noto Sans CJK SC", has_font (map, "Noto Sans CJK SC"),
          _ ("install fonts-noto-cjk for Chinese text"));
  yes_no ("Noto Sans Mono CJK SC", has_font (map, "Noto Sans Mono CJK SC"),
          _ ("install fonts-noto-cjk for Chinese text"));
}

/* ---- the interpreter ---- */

static const char program[] = "import sys, torch\n"
                              "print('python', sys.version.split()[0])\n"
                              "print('torch', torch.__version__)\n"
                              "try:\n"
                              "    import ctypes\n"
                              "    config = ctypes.CDLL('libopenblas.so.0').openblas_get_config\n"
                              "    config.restype = ctypes.c_char_p\n"
                              "    print('blas', config().decode())\n"
                              "except Exception as error:\n"
                              "    print('blas', error)\n"
                              "try:\n"
                              "    import numpy\n"
                              "    print('numpy', numpy.__version__)\n"
                              "except ImportError:\n"
                              "    print('numpy -')\n"
                              "print('threads', torch.get_num_threads())\n";

static gboolean
flag (struct json_object *sandbox, const char *name)
{
  struct json_object *member;
  return sandbox && json_object_object_get_ex (sandbox, name, &member) && json_object_get_boolean (member);
}

static void
tell_sandbox (const GbKernelAbout *about)
{
  struct json_object *json = json_tokener_parse (about->json), *sandbox = NULL, *abi = NULL, *error = NULL;
  json_object_object_get_ex (json, "sandbox", &sandbox);
  int landlock =
      sandbox && json_object_object_get_ex (sandbox, "landlock", &abi) ? json_object_get_int (abi) : 0;
  g_autofree char *ready = g_strdup_printf ("%.1f ms", (double) about->ready_usec / 1000);
  g_autofree char *landlock_text = landlock ? g_strdup_printf (_ ("yes, version %d"), landlock) : NULL;
  g_autofree char *bwrap = g_find_program_in_path ("bwrap");
  g_print ("\n%s\n", _ ("Sandbox"));
  line (_ ("files (landlock)"),
        landlock ? landlock_text : _ ("no: this kernel has none; files are not fenced"));
  yes_no (_ ("system calls (seccomp)"), flag (sandbox, "seccomp"),
          _ ("network and programs are not refused"));
  yes_no (_ ("forks are granted one by one"), flag (sandbox, "notifications"),
          _ ("forks are refused, data loaders work in one process"));
  yes_no (_ ("signals stay inside"), flag (sandbox, "signals_scoped"),
          _ ("a filter by process id stands in"));
  yes_no (_ ("namespaces (bubblewrap)"), about->bubblewrap,
          bwrap ? _ ("it does not work on this machine") : _ ("bubblewrap is not installed"));
  yes_no (_ ("checks stay hidden"), landlock || about->bubblewrap,
          _ ("programs could read them, so none is checked; needs landlock or bubblewrap"));
  yes_no (_ ("unprivileged user"), geteuid () != 0 || flag (sandbox, "user_dropped"),
          _ ("some folder is closed to others; capabilities are dropped"));
  g_print ("\n%s\n", _ ("Engine"));
  line (_ ("interpreter ready after"), ready);
  if (json_object_object_get_ex (json, "torch_error", &error))
    line ("torch", json_object_get_string (error));
  json_object_put (json);
}

static void
take_records (const guint8 *bytes, gsize nbytes, gpointer data)
{
  Doctor *doctor = data;
  for (gsize at = 0; at < nbytes; at += ((const TeRecord *) (bytes + at))->nbytes)
    {
      const TeRecordPrint *print = (const TeRecordPrint *) (bytes + at);
      if (print->head.type == TE_RECORD_PRINT)
        g_string_append_len (doctor->printed, (const char *) (print + 1), print->text_nbytes);
    }
}

static void
executed (GObject *object, GAsyncResult *async, gpointer data)
{
  Doctor *doctor = data;
  g_autoptr (GError) error = NULL;
  GbKernelResult result = { 0 };
  if (!gb_kernel_client_execute_finish (doctor->client, async, &result, &error))
    line (_ ("programs"), error->message);
  else
    {
      g_auto (GStrv) lines = g_strsplit (g_strchomp (doctor->printed->str), "\n", -1);
      for (char **at = lines; *at; at++)
        {
          char *space = strchr (*at, ' ');
          if (space && !strstr (*at, "Traceback"))
            {
              *space = 0;
              line (*at, space + 1);
            }
        }
      doctor->ok = result.status == 0;
      line (_ ("programs"), doctor->ok ? _ ("run") : result.message);
      gb_kernel_result_clear (&result);
    }
  g_main_loop_quit (doctor->loop);
}

static void
started (GObject *object, GAsyncResult *async, gpointer data)
{
  Doctor *doctor = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GbKernelAbout) about = gb_kernel_client_start_finish (doctor->client, async, &error);
  if (!about)
    {
      g_print ("\n%s\n", _ ("Sandbox"));
      line (_ ("interpreter"), error->message);
      g_main_loop_quit (doctor->loop);
      return;
    }
  tell_sandbox (about);
  gb_kernel_client_execute_async (doctor->client, doctor->program, program, NULL, GB_EXECUTE_DEFAULT, 20,
                                  NULL, executed, doctor);
}

static gboolean
tell_interpreter (void)
{
  Doctor doctor = { .printed = g_string_new (NULL), .loop = g_main_loop_new (NULL, FALSE) };
  g_autoptr (GError) error = NULL;
  doctor.scratch = g_dir_make_tmp ("gradboard-XXXXXX", &error);
  doctor.source = doctor.scratch ? gb_trace_source_new (1 << 20, 1 << 20, &error) : NULL;
  if (!doctor.source)
    line (_ ("interpreter"), error->message);
  else
    {
      GbKernelOptions options = { .scratch = doctor.scratch };
      doctor.program = g_build_filename (doctor.scratch, "doctor.py", NULL);
      doctor.client = gb_kernel_client_new ();
      gb_trace_source_set_sink (doctor.source, take_records, NULL, &doctor);
      gb_kernel_client_start_async (doctor.client, &options, doctor.source, NULL, started, &doctor);
      g_main_loop_run (doctor.loop);
    }
  g_clear_object (&doctor.client);
  g_clear_object (&doctor.source);
  if (doctor.scratch)
    g_rmdir (doctor.scratch);
  g_main_loop_unref (doctor.loop);
  g_string_free (doctor.printed, TRUE);
  g_free (doctor.program);
  g_free (doctor.scratch);
  return doctor.ok;
}

/* What of PyTorch's names is there: a program of the torch package tells it. */
static int
tell_coverage (gboolean json)
{
  g_autofree char *path = g_build_filename (te_place_get (TE_PLACE_TORCH), "torch", "_coverage.py", NULL);
  char *arguments[] = { "run", path, "--", "--json", NULL };
  return gb_command_run (json ? 4 : 2, arguments); /* needs no display */
}

int
gb_command_doctor (int argc, char **argv)
{
  gboolean coverage = FALSE, json = FALSE;
  const GOptionEntry entries[] = {
    { "coverage", 0, 0, G_OPTION_ARG_NONE, &coverage, "list what of PyTorch's public names is there", NULL },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "with --coverage: as JSON", NULL },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    {
      g_printerr ("gradboard doctor: %s\n", error->message);
      return GB_EXIT_USAGE;
    }
  if (argc > 1 || (json && !coverage))
    {
      g_printerr (_ ("gradboard doctor takes no arguments, or --coverage and --json.\n"));
      return GB_EXIT_USAGE;
    }
  if (coverage)
    return tell_coverage (json);
  g_print ("gradboard %s\n\n", GRADBOARD_VERSION);
  tell_machine ();
  tell_display ();
  return tell_interpreter () ? 0 : 1;
}
