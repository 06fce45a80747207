#include "editor/completion.h"

#include "base/places.h"
#include "common/i18n.h"
#include "editor/names.h"
#include "preferences.h"

#include <string.h>

static gboolean allowed = TRUE;

void
gb_completion_set_allowed (gboolean is_allowed)
{
  allowed = is_allowed;
}

/* Read when a name is first asked for; NULL when the installation lacks it, which is said once. */
static GbNames *
get_names (void)
{
  static GbNames *names = NULL;
  static gboolean is_read = FALSE;
  if (!is_read)
    {
      g_autoptr (GError) error = NULL;
      is_read = TRUE;
      names = gb_names_new (te_place_get (TE_PLACE_NAMES), &error);
      if (!names)
        g_message ("names are not completed: %s", error->message);
    }
  return names;
}

static char *
get_text (GtkTextBuffer *buffer, const GtkTextIter *end)
{
  GtkTextIter start, last;
  gtk_text_buffer_get_bounds (buffer, &start, &last);
  return gtk_text_buffer_get_text (buffer, &start, end ? end : &last, TRUE);
}

/* ---- a name as a proposal ---- */

#define GB_TYPE_PROPOSAL (gb_proposal_get_type ())
G_DECLARE_FINAL_TYPE (GbProposal, gb_proposal, GB, PROPOSAL, GObject)

struct _GbProposal
{
  GObject parent_instance;
  GbName *name;
};

G_DEFINE_FINAL_TYPE_WITH_CODE (GbProposal,
                               gb_proposal,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GTK_SOURCE_TYPE_COMPLETION_PROPOSAL, NULL))

static void
gb_proposal_finalize (GObject *object)
{
  gb_name_free (GB_PROPOSAL (object)->name);
  G_OBJECT_CLASS (gb_proposal_parent_class)->finalize (object);
}

static void
gb_proposal_class_init (GbProposalClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = gb_proposal_finalize;
}

static void
gb_proposal_init (GbProposal *self)
{
}

/* ---- the provider ---- */

#define GB_TYPE_NAME_PROVIDER (gb_name_provider_get_type ())
G_DECLARE_FINAL_TYPE (GbNameProvider, gb_name_provider, GB, NAME_PROVIDER, GObject)

struct _GbNameProvider
{
  GObject parent_instance;
};

/* The names that fit where the caret stands; empty: none. */
static GListModel *
propose (GtkSourceCompletionContext *context)
{
  GListStore *store = g_list_store_new (GB_TYPE_PROPOSAL);
  GtkTextIter begin, end;
  gboolean wanted = gtk_source_completion_context_get_activation (context) == GTK_SOURCE_COMPLETION_ACTIVATION_USER_REQUESTED
                    || g_settings_get_boolean (gb_preferences_get (), "completion");
  if (!allowed || !wanted || !get_names ())
    return G_LIST_MODEL (store);
  GtkTextBuffer *buffer = GTK_TEXT_BUFFER (gtk_source_completion_context_get_buffer (context));
  if (!buffer)
    return G_LIST_MODEL (store);
  if (!gtk_source_completion_context_get_bounds (context, &begin, &end))
    gtk_text_buffer_get_iter_at_mark (buffer, &end, gtk_text_buffer_get_insert (buffer));
  g_autofree char *before = get_text (buffer, &end), *whole = get_text (buffer, NULL), *prefix = NULL;
  g_autoptr (GPtrArray) found = gb_names_complete (get_names (), before, whole, &prefix);
  for (guint i = 0; i < found->len; i++)
    {
      g_autoptr (GbProposal) proposal = g_object_new (GB_TYPE_PROPOSAL, NULL);
      proposal->name = g_steal_pointer (&found->pdata[i]);
      g_list_store_append (store, proposal);
    }
  g_ptr_array_set_free_func (found, NULL);
  return G_LIST_MODEL (store);
}

static void
populate_async (GtkSourceCompletionProvider *provider,
                GtkSourceCompletionContext *context,
                GCancellable *cancellable,
                GAsyncReadyCallback callback,
                gpointer data)
{
  g_autoptr (GTask) task = g_task_new (provider, cancellable, callback, data);
  g_task_return_pointer (task, propose (context), g_object_unref);
}

static GListModel *
populate_finish (GtkSourceCompletionProvider *provider, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
refilter (GtkSourceCompletionProvider *provider, GtkSourceCompletionContext *context, GListModel *model)
{
  g_autoptr (GListModel) proposals = propose (context);
  gtk_source_completion_context_set_proposals_for_provider (context, provider, proposals);
}

static gboolean
is_trigger (GtkSourceCompletionProvider *provider, const GtkTextIter *iter, gunichar c)
{
  return c == '.';
}

/* A sign for each kind, as editors have them. */
static const char *
get_sign (GbNameKind kind)
{
  switch (kind)
    {
    case GB_NAME_MODULE:
      return "m";
    case GB_NAME_CLASS:
      return "C";
    case GB_NAME_FUNCTION:
      return "ƒ";
    case GB_NAME_VALUE:
      return "=";
    case GB_NAME_WORD:
      return "·";
    }
  return NULL;
}

#define N_SHORT 40 /* letters of arguments that a row has room for beside the text */

/* "(input, dim=None)", cut after most letters; NULL: none are known. */
static char *
dup_arguments (const GbName *name, gsize most)
{
  if (!name->signature)
    return NULL;
  if (strlen (name->signature) <= most)
    return g_strdup_printf ("(%s)", name->signature);
  const char *end = name->signature + most;
  while (end > name->signature && *end != ',')
    end--;
  return g_strdup_printf ("(%.*s, …)", (int) (end - name->signature), name->signature);
}

static void
display (GtkSourceCompletionProvider *provider,
         GtkSourceCompletionContext *context,
         GtkSourceCompletionProposal *proposal,
         GtkSourceCompletionCell *cell)
{
  const GbName *name = GB_PROPOSAL (proposal)->name;
  switch (gtk_source_completion_cell_get_column (cell))
    {
    case GTK_SOURCE_COMPLETION_COLUMN_ICON:
      gtk_source_completion_cell_set_text (cell, get_sign (name->kind));
      break;
    case GTK_SOURCE_COMPLETION_COLUMN_TYPED_TEXT:
      gtk_source_completion_cell_set_text (cell, name->name);
      break;
    case GTK_SOURCE_COMPLETION_COLUMN_AFTER:
      {
        g_autofree char *arguments = dup_arguments (name, N_SHORT);
        gtk_source_completion_cell_set_text (cell, arguments);
        break;
      }
    case GTK_SOURCE_COMPLETION_COLUMN_COMMENT:
      gtk_source_completion_cell_set_text (cell, name->text);
      break;
    case GTK_SOURCE_COMPLETION_COLUMN_DETAILS:
      {
        g_autofree char *arguments = dup_arguments (name, G_MAXSIZE);
        g_autofree char *all = g_strdup_printf ("%s%s\n\n%s", name->name, arguments ? arguments : "",
                                                name->text ? name->text : _ ("Nothing more is written about it yet."));
        gtk_source_completion_cell_set_text (cell, all);
        break;
      }
    case GTK_SOURCE_COMPLETION_COLUMN_BEFORE:
    default:
      gtk_source_completion_cell_set_text (cell, NULL);
    }
}

static void
activate (GtkSourceCompletionProvider *provider, GtkSourceCompletionContext *context, GtkSourceCompletionProposal *proposal)
{
  GtkTextIter begin, end;
  const GbName *name = GB_PROPOSAL (proposal)->name;
  if (!gtk_source_completion_context_get_bounds (context, &begin, &end))
    return;
  GtkTextBuffer *buffer = gtk_text_iter_get_buffer (&begin);
  gtk_text_buffer_begin_user_action (buffer);
  gtk_text_buffer_delete (buffer, &begin, &end);
  gtk_text_buffer_insert (buffer, &begin, name->name, -1);
  gtk_text_buffer_end_user_action (buffer);
}

static void
provider_iface_init (GtkSourceCompletionProviderInterface *iface)
{
  iface->populate_async = populate_async;
  iface->populate_finish = populate_finish;
  iface->refilter = refilter;
  iface->is_trigger = is_trigger;
  iface->display = display;
  iface->activate = activate;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (GbNameProvider,
                               gb_name_provider,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (GTK_SOURCE_TYPE_COMPLETION_PROVIDER, provider_iface_init))

static void
gb_name_provider_class_init (GbNameProviderClass *klass)
{
}

static void
gb_name_provider_init (GbNameProvider *self)
{
}

void
gb_completion_attach (GbCodeView *view)
{
  g_autoptr (GtkSourceCompletionProvider) provider = g_object_new (GB_TYPE_NAME_PROVIDER, NULL);
  GtkSourceCompletion *completion = gtk_source_view_get_completion (GTK_SOURCE_VIEW (view));
  gtk_source_completion_add_provider (completion, provider);
  g_object_set (completion, "select-on-show", FALSE, "remember-info-visibility", TRUE, NULL);
}

/* ---- help ---- */

/* The dotted word around the caret. */
static char *
word_at (GtkTextBuffer *buffer, GtkTextIter *iter)
{
  GtkTextIter start = *iter, end = *iter;
  while (gtk_text_iter_backward_char (&start))
    {
      gunichar c = gtk_text_iter_get_char (&start);
      if (!(g_unichar_isalnum (c) || c == '_' || c == '.'))
        {
          gtk_text_iter_forward_char (&start);
          break;
        }
    }
  for (; !gtk_text_iter_is_end (&end); gtk_text_iter_forward_char (&end))
    {
      gunichar c = gtk_text_iter_get_char (&end);
      if (!(g_unichar_isalnum (c) || c == '_'))
        break;
    }
  return gtk_text_buffer_get_text (buffer, &start, &end, TRUE);
}

static gboolean
select_nothing (gpointer label)
{
  gtk_label_select_region (label, 0, 0);
  return G_SOURCE_REMOVE;
}

static void
on_line_mapped (GtkWidget *label, gpointer data)
{
  g_idle_add_full (G_PRIORITY_HIGH_IDLE, select_nothing, g_object_ref (label), g_object_unref);
}

static GtkWidget *
new_line (const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);
  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_wrap_mode (GTK_LABEL (label), PANGO_WRAP_WORD_CHAR);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 60);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  /* A label that takes the focus selects all of itself, which looks like a fault. */
  g_signal_connect (label, "map", G_CALLBACK (on_line_mapped), NULL);
  if (css_class)
    gtk_widget_add_css_class (label, css_class);
  return label;
}

static void
on_help_closed (GtkPopover *popover, gpointer data)
{
  /* The keyboard goes back to the text before the card goes. */
  gtk_widget_grab_focus (gtk_widget_get_parent (GTK_WIDGET (popover)));
  gtk_widget_unparent (GTK_WIDGET (popover));
}

gboolean
gb_completion_show_help (GbCodeView *view)
{
  GtkTextBuffer *buffer = gtk_text_view_get_buffer (GTK_TEXT_VIEW (view));
  GtkTextIter caret;
  GdkRectangle place;
  gtk_text_buffer_get_iter_at_mark (buffer, &caret, gtk_text_buffer_get_insert (buffer));
  g_autofree char *word = word_at (buffer, &caret), *whole = get_text (buffer, NULL);
  g_autoptr (GbName) name = allowed && get_names () ? gb_names_lookup (get_names (), whole, word) : NULL;
  if (!name)
    return FALSE;

  g_autofree char *head = name->kind == GB_NAME_MODULE || name->kind == GB_NAME_VALUE
                              ? g_strdup (name->path)
                              : g_strdup_printf ("%s(%s)", name->path, name->signature ? name->signature : "");
  GtkWidget *popover = gtk_popover_new (), *box = gtk_box_new (GTK_ORIENTATION_VERTICAL, 6);
  gtk_box_append (GTK_BOX (box), new_line (head, "monospace"));
  gtk_box_append (GTK_BOX (box), name->text ? new_line (name->text, NULL)
                                            : new_line (_ ("Nothing more is written about it yet."), "dim-label"));
  gtk_popover_set_child (GTK_POPOVER (popover), box);
  gtk_text_view_get_iter_location (GTK_TEXT_VIEW (view), &caret, &place);
  gtk_text_view_buffer_to_window_coords (GTK_TEXT_VIEW (view), GTK_TEXT_WINDOW_WIDGET, place.x, place.y, &place.x, &place.y);
  gtk_popover_set_pointing_to (GTK_POPOVER (popover), &place);
  gtk_widget_set_parent (popover, GTK_WIDGET (view));
  gtk_accessible_update_property (GTK_ACCESSIBLE (popover), GTK_ACCESSIBLE_PROPERTY_LABEL, head, -1);
  g_signal_connect (popover, "closed", G_CALLBACK (on_help_closed), NULL);
  gtk_popover_popup (GTK_POPOVER (popover));
  return TRUE;
}
