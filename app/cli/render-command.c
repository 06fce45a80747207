/* gradboard render: one view of a program, a scene or a recording as a picture, without a display. */
#include <gio/gio.h>
#include <string.h>

#include "cli/commands.h"
#include "cli/headless.h"
#include "cli/program-path.h"
#include "cli/render-series.h"
#include "common/i18n.h"
#include "gallery.h"
#include "models/explain.h"
#include "models/tensor-values.h"
#include "view-offer.h"
#include "view-registry.h"

typedef struct
{
  char *view, *at, *theme, *language, *size, *output, *gallery, *tensor, *with;
  double scale, seconds;
  int branch;
  gboolean bare, echo, list;
} Render;

static void
render_clear (Render *self)
{
  g_free (self->view);
  g_free (self->at);
  g_free (self->theme);
  g_free (self->language);
  g_free (self->size);
  g_free (self->output);
  g_free (self->gallery);
  g_free (self->tensor);
  g_free (self->with);
}

/* "640x400" */
static gboolean
parse_size (const char *text, double *width, double *height)
{
  g_auto (GStrv) parts = g_strsplit_set (text, "xX×", 2);
  guint64 w, h;

  if (g_strv_length (parts) != 2 || !g_ascii_string_to_unsigned (parts[0], 10, 16, 16384, &w, NULL)
      || !g_ascii_string_to_unsigned (parts[1], 10, 16, 16384, &h, NULL))
    return FALSE;
  *width = (double) w;
  *height = (double) h;
  return TRUE;
}

/* A run for one view records what a recording has, and what that view asks for at the rate of the board. */
static gboolean
fill_trace (const Render *self, const GbViewDef *def, const char *name, GbTrace *trace, GError **error)
{
  g_autoptr (GArray) watches = g_array_new (FALSE, FALSE, sizeof (TeWatch));
  g_array_append_vals (watches, gb_recording_watches, (guint) gb_n_recording_watches);
  if (def && def->watches)
    {
      g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
      g_autoptr (GbSelection) selection = gb_selection_new ();
      def->watches (cursor, selection, watches);
    }
  GbHeadlessOptions options = { .seconds = self->seconds,
                                .echo = self->echo,
                                .watches = (const TeWatch *) (gpointer) watches->data,
                                .n_watches = watches->len };
  return gb_headless_fill (name, &options, "gradboard render", trace, error);
}

/* The latest tensor of that name. */
static gboolean
select_tensor (GbTrace *trace, guint64 position, const char *name, GbSelection *selection)
{
  GbTraceIter iter;
  const TeRecord *record;

  for (guint i = 0; i < gb_trace_get_n_params (trace); i++)
    if (strcmp (gb_trace_get_param (trace, i)->name, name) == 0)
      {
        gb_selection_set_tensor (selection, gb_trace_get_param (trace, i)->tensor);
        return TRUE;
      }
  gb_trace_iter_init_back (&iter, trace, position);
  while ((record = gb_trace_iter_previous (&iter)) != NULL)
    {
      guint32 string = record->type == TE_RECORD_NAME   ? ((const TeRecordName *) record)->name
                       : record->type == TE_RECORD_SHOW ? ((const TeRecordShow *) record)->name
                                                        : 0;
      if (string && strcmp (gb_trace_get_string (trace, string), name) == 0)
        {
          gb_selection_set_tensor (selection, record->type == TE_RECORD_NAME
                                                  ? ((const TeRecordName *) record)->tensor
                                                  : ((const TeRecordShow *) record)->tensor);
          return TRUE;
        }
    }
  return FALSE;
}

/* "c[0, 2]": the tensor c with that element pinned.  FALSE: no such tensor, or no such element. */
static gboolean
select_element (GbTrace *trace, guint64 position, const char *text, GbSelection *selection)
{
  const char *bracket = strchr (text, '[');
  g_autofree char *name = bracket ? g_strndup (text, (gsize) (bracket - text)) : g_strdup (text);
  GbPick pick = { .facets = GB_PICK_TENSOR | GB_PICK_ELEMENT | GB_PICK_ADDRESS };
  GbTensor tensor;
  if (!select_tensor (trace, position, name, selection))
    return FALSE;
  if (bracket == NULL)
    return TRUE;
  if (!gb_trace_get_tensor (trace, gb_selection_get_tensor (selection), position, &tensor)
      || tensor.ndim > GB_PICK_MAX_NDIM)
    return FALSE;
  for (const char *at = bracket + 1; *at && *at != ']' && pick.ndim < tensor.ndim; pick.ndim++)
    {
      char *end;
      gint64 index = g_ascii_strtoll (at, &end, 10);
      index += index < 0 ? tensor.sizes[pick.ndim] : 0;
      if (end == at || index < 0 || index >= tensor.sizes[pick.ndim])
        return FALSE;
      pick.index[pick.ndim] = index;
      at = end + strspn (end, ", ");
    }
  if (pick.ndim != tensor.ndim)
    return FALSE;
  pick.tensor = tensor.tensor;
  pick.storage = tensor.storage;
  pick.address = gb_tensor_address (&tensor, pick.index);
  gb_selection_set_pin (selection, &pick);
  return TRUE;
}

static gboolean
fail (GError *error)
{
  g_printerr ("gradboard render: %s\n", error->message);
  return FALSE;
}

/* The same view of both, each with its sentence, beside each other; B at the iteration of A. */
static gboolean
export_pair (const Render *self,
             const GbViewDef *def,
             const char *name,
             GbTraceCursor *a,
             GbTrace *beside,
             GbSelection *selection,
             const GbExportOptions *options,
             GError **error)
{
  g_autoptr (GbTraceCursor) b = gb_trace_cursor_new (beside);
  g_autoptr (GbSelection) none = gb_selection_new ();
  guint64 iteration = gb_trace_cursor_get_iteration (a);
  const GbIteration *at = iteration ? gb_trace_find_iteration (beside, iteration) : NULL;
  gb_trace_cursor_set_position (b, at ? at->last_seq : gb_trace_get_last_seq (beside));
  double width[2], height[2];
  g_autofree char *name_a = g_path_get_basename (name), *name_b = g_path_get_basename (self->with);
  g_autofree char *said_a = g_strdup_printf ("A: %s", name_a), *said_b = g_strdup_printf ("B: %s", name_b);
  GbExportOptions of_a = *options, of_b = *options;
  of_a.name = said_a;
  of_b.name = said_b;
  GskRenderNode *nodes[2] = { gb_view_render (def, a, selection, &of_a, &width[0], &height[0]),
                              gb_view_render (def, b, none, &of_b, &width[1], &height[1]) };
  GskTransform *right = gsk_transform_translate (NULL, &GRAPHENE_POINT_INIT ((float) width[0], 0));
  GskRenderNode *moved = gsk_transform_node_new (nodes[1], right);
  GskRenderNode *both = gsk_container_node_new ((GskRenderNode *[]){ nodes[0], moved }, 2);
  gboolean ok = gb_export_node (both, width[0] + width[1], MAX (height[0], height[1]), self->output, error);
  gsk_render_node_unref (both);
  gsk_render_node_unref (moved);
  gsk_render_node_unref (nodes[0]);
  gsk_render_node_unref (nodes[1]);
  gsk_transform_unref (right);
  return ok;
}

/* A recording, a program or a scene; or the default, a branch. */
static gboolean
put_beside (const Render *self, GbTraceCursor *cursor, GError **error)
{
  if (!self->with)
    return TRUE;
  g_autoptr (GbTrace) trace = gb_trace_new ();
  if (!fill_trace (self, NULL, self->with, trace, error))
    return FALSE;
  g_autofree char *name = g_path_get_basename (self->with);
  gb_trace_cursor_set_beside (cursor, trace, name);
  return TRUE;
}

/* What could be looked at, those that would open by themselves marked. */
static void
print_offers (GbTraceCursor *cursor)
{
  g_autoptr (GArray) offers = gb_view_offers (cursor);
  g_auto (GStrv) open = gb_view_offer_choose (cursor, NULL, GB_OFFER_PANES);

  for (guint i = 0; i < offers->len; i++)
    {
      const GbViewOffer *offer = &g_array_index (offers, GbViewOffer, i);
      if (offer->relevance > 0)
        g_print ("%-9s %3d%s\n", offer->def->id, offer->relevance,
                 g_strv_contains ((const char *const *) open, offer->def->id) ? "  opens" : "");
    }
}

static int
render_one (const Render *self, const GbViewDef *def, const char *name, const GbExportOptions *options)
{
  g_autoptr (GbTrace) trace = gb_trace_new ();
  g_autoptr (GbTraceCursor) cursor = gb_trace_cursor_new (trace);
  g_autoptr (GbSelection) selection = gb_selection_new ();
  g_autoptr (GError) error = NULL;

  gb_export_init ();
  if (!fill_trace (self, def, name, trace, &error) || !put_beside (self, cursor, &error))
    return fail (error) ? 0 : 1;
  if (self->branch && !gb_trace_cursor_show_branch (cursor, (guint) self->branch))
    {
      g_printerr ("gradboard render: there is no branch %d in %s\n", self->branch, name);
      return 1;
    }
  GbRenderSeries series;
  gboolean is_series;
  if (!gb_render_series_parse (self->at, &series, &is_series, &error)
      || !gb_trace_cursor_seek (cursor, self->at && !is_series ? self->at : "end", &error))
    return fail (error) ? 0 : 1;
  if (self->tensor && !select_element (gb_trace_cursor_get_trace (cursor), gb_trace_cursor_get_position (cursor), self->tensor, selection))
    {
      g_printerr ("gradboard render: no tensor or element is called %s here\n", self->tensor);
      return 1;
    }
  if (self->list)
    {
      print_offers (cursor);
      return 0;
    }
  if (def == NULL)
    def = gb_view_registry_best (cursor);
  guint branch;
  const char *other;
  GbTrace *beside = self->with ? gb_trace_cursor_get_beside (cursor, &branch, &other) : NULL;
  if (beside && strcmp (def->id, "ab") != 0)
    return export_pair (self, def, name, cursor, beside, selection, options, &error) || fail (error) ? 0 : 1;
  if (is_series)
    return gb_render_series_write (&series, def, cursor, selection, self->output, options, &error) || fail (error) ? 0 : 1;
  double width, height;
  GskRenderNode *node = gb_view_render (def, cursor, selection, options, &width, &height);
  gboolean ok = gb_export_node (node, width, height, self->output, &error);
  g_clear_pointer (&node, gsk_render_node_unref);
  if (!ok)
    return fail (error) ? 0 : 1;
  if (gb_export_shrinks (width, height, self->output) < 1)
    g_printerr ("gradboard render: %s is drawn at %.2g %% of its size: a PNG cannot hold %.0f×%.0f pixels; .svg and .pdf "
                "keep the size\n",
                self->output, 100 * gb_export_shrinks (width, height, self->output), width, height);
  return 0;
}

char *
gb_command_render_dup_views (void)
{
  GString *text = g_string_new ("The views are:");

  for (guint i = 0; i < gb_view_registry_get_n (); i++)
    g_string_append_printf (text, " %s", gb_view_registry_get (i)->id);
  g_string_append_c (text, '\n');
  return g_string_free (text, FALSE);
}

/* The options that cannot be checked by the parser; prints what is wrong. */
static gboolean
check_options (const Render *self, const GbViewDef **def, GbExportOptions *options)
{
  const GbTheme *theme = gb_theme_find (self->theme ? self->theme : "light");

  if (theme == NULL)
    {
      g_printerr ("gradboard render: %s is no theme: light, dark, hc or hcd\n", self->theme);
      return FALSE;
    }
  if (self->language && strcmp (self->language, "zh") != 0 && strcmp (self->language, "en") != 0)
    {
      g_printerr ("gradboard render: %s is no language of the board: zh or en\n", self->language);
      return FALSE;
    }
  if (self->scale < 0.25 || self->scale > 8)
    {
      g_printerr ("gradboard render: the scale must lie between 0.25 and 8\n");
      return FALSE;
    }
  if (self->size && !parse_size (self->size, &options->width, &options->height))
    {
      g_printerr ("gradboard render: %s is no size: write it as 640x400\n", self->size);
      return FALSE;
    }
  *def = self->view ? gb_view_registry_find (self->view) : NULL;
  if (self->view && *def == NULL)
    {
      g_autofree char *views = gb_command_render_dup_views ();
      g_printerr ("gradboard render: there is no view called %s. %s", self->view, views);
      return FALSE;
    }
  options->theme = theme->id;
  options->language = self->language;
  options->scale = self->scale;
  options->frame = !self->bare;
  return TRUE;
}

int
gb_command_render (int argc, char **argv)
{
  Render self = { .scale = 1, .seconds = 300 };
  g_auto (GStrv) names = NULL;
  const GOptionEntry entries[] = {
    { "view", 0, 0, G_OPTION_ARG_STRING, &self.view, "which view; without it the one with most to show",
      "ID" },
    { "at", 0, 0, G_OPTION_ARG_STRING, &self.at, "where in the run: iter:N, op:N, line:N or end; iter:1..60 or op:1..end/5 writes FILE-001.png and on", "PLACE" },
    { "tensor", 0, 0, G_OPTION_ARG_STRING, &self.tensor,
      "which tensor grid and stride show; NAME[0, 2] pins an element", "NAME" },
    { "branch", 0, 0, G_OPTION_ARG_INT, &self.branch, "of a run that was wound back: what its branch N did", "N" },
    { "with", 0, 0, G_OPTION_ARG_FILENAME, &self.with, "what to show beside it: view ab compares, others stand side by side",
      "RECORDING" },
    { "theme", 0, 0, G_OPTION_ARG_STRING, &self.theme, "light, dark, hc or hcd", "THEME" },
    { "lang", 0, 0, G_OPTION_ARG_STRING, &self.language, "zh or en", "LANG" },
    { "scale", 0, 0, G_OPTION_ARG_DOUBLE, &self.scale, "1 is 100 %", "FACTOR" },
    { "size", 0, 0, G_OPTION_ARG_STRING, &self.size, "in pixels at scale 1; without it as the picture needs",
      "WxH" },
    { "bare", 0, 0, G_OPTION_ARG_NONE, &self.bare, "without title and sentence around it", NULL },
    { "seconds", 0, 0, G_OPTION_ARG_DOUBLE, &self.seconds, "stop the program after S seconds (300)", "S" },
    { "list", 0, 0, G_OPTION_ARG_NONE, &self.list, "no picture: say which views have something to show, and which would open", NULL },
    { "echo", 0, 0, G_OPTION_ARG_NONE, &self.echo, "show what the program prints", NULL },
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &self.output, "the picture: .png, .svg or .pdf", "FILE" },
    { "gallery", 0, 0, G_OPTION_ARG_FILENAME, &self.gallery, "draw all views from built-in samples into DIR",
      "DIR" },
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &names, NULL, NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("FILE.py|SCENE|RECORDING -o FILE");
  g_autoptr (GError) error = NULL;
  GbExportOptions options = { 0 };
  const GbViewDef *def = NULL;
  int status = GB_EXIT_USAGE;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error))
    fail (error);
  else if (self.gallery)
    status = gb_gallery_write (self.gallery, &error) || fail (error) ? 0 : 1;
  else if (names == NULL || names[0] == NULL || names[1] != NULL)
    g_printerr ("gradboard render: which program? Name one file, scene or recording.\n");
  else if (self.output == NULL && !self.list)
    g_printerr ("gradboard render: where to? Give -o FILE.png, .svg or .pdf.\n");
  else if (check_options (&self, &def, &options))
    {
      g_autofree char *id = gb_program_name_case (names[0]);
      /* As in the window. */
      if (id)
        gb_explain_hold (N_ ("A case is open: what happened is explained after the right claim."));
      status = render_one (&self, def, names[0], &options);
    }
  render_clear (&self);
  return status;
}
