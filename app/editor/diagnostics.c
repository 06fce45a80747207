#include "editor/diagnostics.h"

#include "common/i18n.h"

#include <string.h>

/* pattern: what the message must match; its groups fill the %s of the sentence in order. */
typedef struct
{
  const char *type; /* NULL: any */
  const char *pattern;
  const char *sentence, *way_out; /* msgids; way_out may be NULL */
} Known;

static const Known known[] = {
  { NULL,
    "size of tensor a \\((\\d+)\\) must match the size of tensor b \\((\\d+)\\) at non-singleton dimension "
    "(\\d+)",
    N_ ("These shapes meet at a dimension where one has %s and the other %s (dimension %s). Neither is 1."),
    N_ ("Print both shapes; unsqueeze or transpose one so that every pair from the right is equal or 1.") },
  { NULL, "mat1 and mat2 shapes cannot be multiplied \\((\\S+) and (\\S+)\\)",
    N_ ("A product of %s and %s needs the inner sizes to be equal."),
    N_ ("Make the last size of the left one and the first size of the right one the same; for a Linear after "
        "a "
        "convolution that is usually flatten(1) and in_features.") },
  { NULL, "view size is not compatible with input tensor's size and stride",
    N_ ("view() needs memory that is read in one run, and this tensor is read in jumps."),
    N_ ("Use reshape(), which copies when it must, or contiguous().view().") },
  { NULL, "shape '(.+)' is invalid for input of size (\\d+)",
    N_ ("Shape %s does not hold exactly %s elements."),
    N_ ("Leave one size to be computed: write -1 for it.") },
  { NULL, "Trying to backward through the graph a second time",
    N_ ("The graph was freed by the first backward(). This line called it again."),
    N_ ("Compute the loss again, or pass retain_graph=True to the first backward().") },
  { NULL, "grad can be implicitly created only for scalar outputs",
    N_ ("backward() without an argument starts from one number, and this tensor has more."),
    N_ ("Call it on loss.mean() or loss.sum(), or pass gradient=.") },
  { NULL, "modified by an inplace operation",
    N_ ("A tensor that the graph had saved was changed in place before backward() read it."),
    N_ ("Use the form without the underscore, or clone() before the change.") },
  { NULL, "a leaf Variable that requires grad is being used in an in-place operation",
    N_ ("A leaf that collects gradients may not be changed in place while gradients are recorded."),
    N_ ("Put the change under torch.no_grad().") },
  { NULL, "element 0 of tensors does not require grad and does not have a grad_fn",
    N_ ("Nothing on the way to this tensor requires a gradient, so there is no graph to go back through."),
    N_ ("Set requires_grad=True on a leaf, and look for no_grad(), detach() or .item() on the way.") },
  { NULL, "expected scalar type (\\w+) but found (\\w+)", N_ ("One operand is %s where the other is %s."),
    N_ ("Convert one with .float(), .long() or .to(dtype).") },
  { NULL, "index (-?\\d+) is out of bounds for dimension (\\d+) with size (\\d+)",
    N_ ("Index %s at dimension %s, which has size %s."), NULL },
  { NULL,
    "Dimension out of range \\(expected to be in range of \\[(-?\\d+), (-?\\d+)\\], but got (-?\\d+)\\)",
    N_ ("Dimensions of this tensor go from %s to %s; this line asks for %s."), NULL },
  { NULL,
    "Given groups=(\\d+), weight of size \\[(.+?)\\], expected input\\[.+?\\] to have (\\d+) channels, but "
    "got (\\d+)",
    N_ ("The convolution (groups %s, weight %s) reads %s channels and got %s."),
    N_ ("Make in_channels the size of dimension 1 of the input.") },
  { NULL, "Target (-?\\d+) is out of bounds",
    N_ ("Class %s is not one of the classes that the scores are for."),
    N_ ("Classes count from 0; the last layer needs as many outputs as there are classes.") },
  { "NameError", "name '(.+?)' is not defined",
    N_ ("%s has no value here: misspelt, or used before its line ran."), NULL },
  { "AttributeError", "module 'torch(\\.?\\w*)' has no attribute '(.+?)'",
    N_ ("torch%s has nothing called %s."), NULL },
  { "AttributeError", "'(.+?)' object has no attribute '(.+?)'", N_ ("A %s has no %s."), NULL },
  { "ModuleNotFoundError", "No module named '(.+?)'", N_ ("There is no module %s here."), NULL },
  { "NotImplementedError", "(\\S+)", N_ ("Not in this version: %s."), NULL },
  { "FileNotFoundError", NULL, N_ ("There is no such file where this program can look."),
    N_ ("A program sees its own folder and the system's libraries; homes and /etc are not shown to it.") },
  /* Landlock refuses a file with "Permission denied", seccomp everything else with "not permitted". */
  { "PermissionError", "Operation not permitted",
    N_ ("The sandbox lets a program open no network, start no other program and signal no process but its own."),
    N_ ("Data comes from files beside the program; what another program would do is done in Python here.") },
  { "BlockingIOError", "Resource temporarily unavailable",
    N_ ("This program has as many processes as it may have at once."),
    N_ ("Wait for the ones that were started before starting more; at most 24 live at a time.") },
  { "PermissionError", NULL, N_ ("The sandbox keeps programs to their own scratch folder."),
    N_ ("Write to a relative path; what is written there can be saved from the window.") },
  { "KeyError", "(.+)", N_ ("There is no entry %s."), NULL },
  { "ZeroDivisionError", NULL, N_ ("A number was divided by zero."), NULL },
  { "RecursionError", NULL, N_ ("The function calls itself without an end."), NULL },
  { "MemoryError", NULL, N_ ("The program asked for more memory than its limit."), NULL },
  { "KeyboardInterrupt", NULL, N_ ("Stopped, as asked."), NULL },
  { "AssertionError", NULL, N_ ("A condition that was claimed here does not hold."), NULL },
  { "IndentationError", NULL, N_ ("The indentation does not fit the lines around it."), NULL },
  { "SyntaxError", NULL, N_ ("Python cannot read this line."), NULL },
};

static const Known *
find_known (const char *type, const char *message, GMatchInfo **match)
{
  for (guint i = 0; i < G_N_ELEMENTS (known); i++)
    {
      if (known[i].type && strcmp (known[i].type, type) != 0)
        continue;
      g_clear_pointer (match, g_match_info_unref);
      if (!known[i].pattern)
        return &known[i];
      g_autoptr (GRegex) regex = g_regex_new (known[i].pattern, 0, 0, NULL);
      if (regex && g_regex_match (regex, message, 0, match))
        return &known[i];
    }
  g_clear_pointer (match, g_match_info_unref);
  return NULL;
}

/* Puts the groups of a match in place of the %s of a sentence. */
static char *
fill (const char *sentence, GMatchInfo *match)
{
  GString *text = g_string_new (NULL);
  int group = 1;
  for (const char *p = sentence; *p; p++)
    if (p[0] == '%' && p[1] == 's')
      {
        g_autofree char *value = match ? g_match_info_fetch (match, group++) : NULL;
        g_string_append (text, value ? value : "");
        p++;
      }
    else
      g_string_append_c (text, *p);
  return g_string_free (text, FALSE);
}

char *
gb_diagnostics_explain (const char *type, const char *message)
{
  g_autoptr (GMatchInfo) match = NULL;
  const Known *found = find_known (type, message, &match);
  if (found)
    return fill (_ (found->sentence), match);
  return g_strdup_printf (_ ("This line raised %s."), type);
}

char *
gb_diagnostics_way_out (const char *type, const char *message)
{
  g_autoptr (GMatchInfo) match = NULL;
  const Known *found = find_known (type, message, &match);
  return found && found->way_out ? g_strdup (_ (found->way_out)) : NULL;
}

guint
gb_diagnostics_find_line (const char *traceback, const char *path)
{
  g_autofree char *place = g_strdup_printf ("File \"%s\", line ", path);
  guint line = 0;
  for (const char *at = traceback; at && (at = strstr (at, place)); at += strlen (place))
    line = (guint) g_ascii_strtoull (at + strlen (place), NULL, 10);
  return line;
}

char *
gb_diagnostics_ended (const char *reason, guint line, int signal_number)
{
  static const struct
  {
    const char *reason, *cause;
  } causes[] = {
    { "memory", N_ ("out of memory") },
    { "output", N_ ("it printed more than its limit") },
    { "time", N_ ("its time was used up") },
    { "killed", N_ ("it did not answer the interrupt") },
  };
  g_autofree char *cause = NULL;
  for (guint i = 0; i < G_N_ELEMENTS (causes); i++)
    if (strcmp (causes[i].reason, reason) == 0)
      cause = g_strdup (_ (causes[i].cause));
  if (!cause && signal_number)
    cause = g_strdup_printf (_ ("signal %d, %s"), signal_number, g_strsignal (signal_number));
  if (!cause)
    cause = g_strdup (_ ("it crashed"));
  if (line)
    return g_strdup_printf (_ ("The interpreter stopped at line %u (%s). Your code is safe."), line, cause);
  return g_strdup_printf (_ ("The interpreter stopped (%s). Your code is safe."), cause);
}
