#include "common/view-private.h"

#include "common/a11y.h"
#include "common/i18n.h"

enum
{
  PROP_0,
  PROP_DEF,
  PROP_CURSOR,
  PROP_SELECTION,
  PROP_STATUS,
  PROP_SHOW_LIST,
  N_PROPS,
};

static GParamSpec *properties[N_PROPS];

G_DEFINE_ABSTRACT_TYPE_WITH_PRIVATE (GbView, gb_view, GTK_TYPE_WIDGET)
G_DEFINE_FINAL_TYPE (GbCanvas, gb_canvas, GTK_TYPE_WIDGET)

GbViewPrivate *
gb_view_get_private (GbView *self)
{
  return gb_view_get_instance_private (self);
}


/* ---- drawing ---- */
void
gb_view_get_context (GbView *self, GbDrawContext *ctx)
{
  GbViewPrivate *priv = PRIV (self);
  GbThemeManager *manager = gb_theme_manager_get_default ();
  double scale = gb_theme_manager_get_scale (manager);

  gb_text_cache_set_scale (priv->text, scale);
  *ctx = (GbDrawContext){ .theme = gb_theme_manager_get_theme (manager),
                          .language = gb_i18n_get_language (),
                          .scale = scale,
                          .width = gtk_widget_get_width (GTK_WIDGET (priv->canvas)) / scale,
                          .height = gtk_widget_get_height (GTK_WIDGET (priv->canvas)) / scale,
                          .pango = priv->pango,
                          .text = priv->text,
                          .t = 1 };
}

static void view_update_words (GbView *self);

static gboolean
view_words_timeout (gpointer data)
{
  PRIV (GB_VIEW (data))->words_timeout = 0;
  view_update_words (data);
  return G_SOURCE_REMOVE;
}

static void
view_update_rows (GbView *self)
{
  GbViewPrivate *priv = PRIV (self);
  g_autoptr (GArray) rows = NULL;

  if (priv->list == NULL || !gtk_widget_get_visible (priv->list) || GB_VIEW_GET_CLASS (self)->rows == NULL)
    return;
  rows = g_array_new (FALSE, FALSE, sizeof (GbViewRow));
  priv->listed = *gb_selection_get_pin (priv->selection);
  gb_view_add_card_row (self, rows);
  GB_VIEW_GET_CLASS (self)->rows (self, rows);
  if (priv->notes)
    priv->notes->rows (self, rows, priv->notes_data);
  gb_row_list_take_rows (GB_ROW_LIST (priv->list), rows);
  gb_row_list_choose (GB_ROW_LIST (priv->list), gb_selection_get_pin (priv->selection));
}

static void
view_update_status (GbView *self)
{
  GbViewPrivate *priv = PRIV (self);
  g_autofree char *status = NULL;

  if (GB_VIEW_GET_CLASS (self)->describe && priv->base && !priv->outdated)
    status = GB_VIEW_GET_CLASS (self)->describe (self);
  else
    status = priv->def->describe ? priv->def->describe (priv->cursor, priv->selection) : g_strdup ("");

  if (g_strcmp0 (status, priv->status) == 0)
    return;
  g_free (priv->status);
  priv->status = g_steal_pointer (&status);
  gtk_accessible_update_property (GTK_ACCESSIBLE (priv->canvas), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  _ (priv->def->title), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, priv->status,
                                  -1);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATUS]);
}

void
gb_view_notes_changed (GbView *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (PRIV (self)->canvas));
  view_update_rows (self);
}

/* Sentence and list follow a running program four times a second: nobody reads faster. */
static void
view_update_words (GbView *self)
{
  GbViewPrivate *priv = PRIV (self);
  gint64 now = g_get_monotonic_time ();

  /* In the midst of a frame a list must not become another one: GTK would draw it without a size. */
  if (priv->drawing || (priv->budgeted && now - priv->words_usec < 250000))
    {
      if (priv->words_timeout == 0)
        priv->words_timeout = g_timeout_add (priv->drawing ? 1 : 260, view_words_timeout, self);
      return;
    }
  g_clear_handle_id (&priv->words_timeout, g_source_remove);
  view_update_status (self);
  view_update_rows (self);
  priv->words_usec = now;
}

/* Model, then base node: everything that costs. */
void
gb_view_refresh (gpointer data)
{
  GbView *self = data;
  GbViewPrivate *priv = PRIV (self);
  GbViewClass *klass = GB_VIEW_GET_CLASS (self);
  GtkSnapshot *snapshot;
  GbDrawContext ctx;
  gboolean moved;

  gb_view_get_context (self, &ctx);
  /* News that wait for their turn are taken along. */
  moved = priv->stale && !priv->outdated && !priv->pending && priv->base && priv->base_width == ctx.width
          && priv->base_height == ctx.height;
  gb_frame_budget_fresh (priv->budget);
  priv->stale = priv->outdated = FALSE;
  g_clear_pointer (&priv->base, gsk_render_node_unref);
  if (ctx.width <= 1 || ctx.height <= 1)
    return;
  if (klass->update && !moved)
    {
      klass->update (self, &ctx, priv->pending);
      priv->pending = 0;
    }
  snapshot = gtk_snapshot_new ();
  if (klass->draw)
    klass->draw (self, &ctx, snapshot);
  else
    priv->def->draw (priv->cursor, priv->selection, &ctx, snapshot);
  priv->base = gtk_snapshot_free_to_node (snapshot);
  priv->base_width = ctx.width;
  priv->base_height = ctx.height;
  gb_view_forget_sought (self);
  gb_view_forget_card (self);
  if (!moved)
    view_update_words (self);
  gtk_widget_queue_draw (GTK_WIDGET (priv->canvas));
}

static void
view_refresh_in_turn (gpointer data)
{
  PRIV (GB_VIEW (data))->budgeted = PRIV (GB_VIEW (data))->outdated = TRUE;
  gb_view_refresh (data);
  PRIV (GB_VIEW (data))->budgeted = FALSE;
}

static void
gb_canvas_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  GbView *self = GB_CANVAS (widget)->view;
  GbViewPrivate *priv = PRIV (self);
  GbDrawContext ctx;

  gb_view_get_context (self, &ctx);
  priv->drawing = TRUE;
  if (priv->stale || priv->base_width != ctx.width || priv->base_height != ctx.height)
    gb_view_refresh (self);
  priv->drawing = FALSE;
  gb_draw_fill (snapshot, gb_theme_role (ctx.theme, GB_ROLE_SURFACE), 0, 0, gtk_widget_get_width (widget),
                gtk_widget_get_height (widget));
  gtk_snapshot_push_clip (
      snapshot, &GRAPHENE_RECT_INIT (0, 0, gtk_widget_get_width (widget), gtk_widget_get_height (widget)));
  gtk_snapshot_scale (snapshot, (float) ctx.scale, (float) ctx.scale);
  if (priv->base)
    gtk_snapshot_append_node (snapshot, priv->base);
  if (GB_VIEW_GET_CLASS (self)->draw_overlay)
    GB_VIEW_GET_CLASS (self)->draw_overlay (self, &ctx, snapshot);
  gb_view_draw_card (self, &ctx, snapshot);
  if (priv->notes)
    priv->notes->draw (self, &ctx, snapshot, priv->notes_data);
  gtk_snapshot_pop (snapshot);
  if (gtk_widget_has_visible_focus (widget))
    gb_draw_box (snapshot, NULL, gb_theme_role (ctx.theme, GB_ROLE_ACCENT), 1, 1,
                 gtk_widget_get_width (widget) - 2, gtk_widget_get_height (widget) - 2, 4, 2);
}

static void
gb_canvas_measure (GtkWidget *widget,
                   GtkOrientation orientation,
                   int for_size,
                   int *minimum,
                   int *natural,
                   int *minimum_baseline,
                   int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 120 : 80;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 420 : 300;
  *minimum_baseline = *natural_baseline = -1;
}

static void
gb_canvas_class_init (GbCanvasClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  widget_class->snapshot = gb_canvas_snapshot;
  widget_class->measure = gb_canvas_measure;
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  gtk_widget_class_set_css_name (widget_class, "canvas");
}

static void
gb_canvas_init (GbCanvas *self)
{
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_hexpand (GTK_WIDGET (self), TRUE);
  gtk_widget_set_vexpand (GTK_WIDGET (self), TRUE);
}

/* ---- changes ---- */
void
gb_view_invalidate (GbView *self)
{
  PRIV (self)->outdated = TRUE;
  gb_view_redraw (self);
}

void
gb_view_redraw (GbView *self)
{
  GbViewPrivate *priv = PRIV (self);
  priv->stale = TRUE;
  gtk_widget_queue_draw (GTK_WIDGET (priv->canvas));
}

void
gb_view_invalidate_overlay (GbView *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (PRIV (self)->canvas));
}

static void
cursor_changed (GbView *self, guint changes)
{
  GbViewPrivate *priv = PRIV (self);

  priv->pending |= changes;
  /* News of a running program waits for its turn; what the person does is shown in the next frame. */
  if (changes == 0 || (changes & (GB_TRACE_CHANGED_RESET | GB_TRACE_CHANGED_DROPPED)))
    gb_view_invalidate (self);
  else
    gb_frame_budget_stale (priv->budget);
}

static void
selection_changed (GbView *self)
{
  GbViewPrivate *priv = PRIV (self);
  guint64 tensor = gb_selection_get_tensor (priv->selection);

  if (tensor != priv->tensor)
    {
      priv->tensor = tensor;
      gb_view_invalidate (self);
    }
  else
    gb_view_invalidate_overlay (self);
  if (!gb_pick_equal (&priv->listed, gb_selection_get_pin (priv->selection)))
    view_update_rows (self);
  view_update_status (self);
}

static void
look_changed (GbView *self)
{
  gb_text_cache_clear (PRIV (self)->text);
  gb_view_invalidate (self);
  view_update_status (self); /* a view that is not shown has words, too */
}

/* ---- the list ---- */
static void
row_chosen (GbView *self, const GbPick *pick)
{
  gb_selection_set_hover (PRIV (self)->selection, NULL);
  gb_view_pin (self, pick);
}

static void
row_activated (GbView *self, const GbPick *pick)
{
  gb_view_activate (self, pick);
}

static void
list_closed (GbView *self)
{
  gb_view_set_show_list (self, FALSE);
  gtk_widget_grab_focus (GTK_WIDGET (PRIV (self)->canvas));
}

void
gb_view_set_show_list (GbView *self, gboolean show)
{
  GbViewPrivate *priv = PRIV (self);

  if (priv->list == NULL)
    {
      if (!show)
        return;
      priv->list = gb_row_list_new ();
      g_signal_connect_object (priv->list, "chosen", G_CALLBACK (row_chosen), self, G_CONNECT_SWAPPED);
      g_signal_connect_object (priv->list, "row-activated", G_CALLBACK (row_activated), self,
                               G_CONNECT_SWAPPED);
      g_signal_connect_object (priv->list, "closed", G_CALLBACK (list_closed), self, G_CONNECT_SWAPPED);
      gtk_widget_set_parent (priv->list, GTK_WIDGET (self));
    }
  if (gtk_widget_get_visible (priv->list) == show && gb_row_list_get_n (GB_ROW_LIST (priv->list)))
    return;
  gtk_widget_set_visible (priv->list, show);
  view_update_rows (self);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SHOW_LIST]);
}

/* ---- object ---- */
static void
gb_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  GbView *self = GB_VIEW (object);
  GbViewPrivate *priv = PRIV (self);

  switch (id)
    {
    case PROP_DEF:
      priv->def = g_value_get_pointer (value);
      break;
    case PROP_CURSOR:
      priv->cursor = g_value_dup_object (value);
      break;
    case PROP_SELECTION:
      priv->selection = g_value_dup_object (value);
      break;
    case PROP_SHOW_LIST:
      gb_view_set_show_list (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
gb_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  GbView *self = GB_VIEW (object);
  GbViewPrivate *priv = PRIV (self);

  switch (id)
    {
    case PROP_DEF:
      g_value_set_pointer (value, (gpointer) priv->def);
      break;
    case PROP_CURSOR:
      g_value_set_object (value, priv->cursor);
      break;
    case PROP_SELECTION:
      g_value_set_object (value, priv->selection);
      break;
    case PROP_STATUS:
      g_value_set_string (value, gb_view_get_status (self));
      break;
    case PROP_SHOW_LIST:
      g_value_set_boolean (value, priv->list && gtk_widget_get_visible (priv->list));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
gb_view_constructed (GObject *object)
{
  GbView *self = GB_VIEW (object);
  GbViewPrivate *priv = PRIV (self);

  G_OBJECT_CLASS (gb_view_parent_class)->constructed (object);
  g_signal_connect_object (priv->cursor, "changed", G_CALLBACK (cursor_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (priv->selection, "changed", G_CALLBACK (selection_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (gb_theme_manager_get_default (), "changed", G_CALLBACK (look_changed), self,
                           G_CONNECT_SWAPPED);
  g_signal_connect_object (gb_i18n_get_default (), "changed", G_CALLBACK (look_changed), self,
                           G_CONNECT_SWAPPED);
  priv->pending = GB_TRACE_CHANGED_RESET;
  view_update_status (self);
}

static void
gb_view_dispose (GObject *object)
{
  GbView *self = GB_VIEW (object);
  GbViewPrivate *priv = PRIV (self);

  g_clear_pointer (&priv->budget, gb_frame_budget_leave);
  g_clear_handle_id (&priv->words_timeout, g_source_remove);
  g_clear_pointer (&priv->popover, gtk_widget_unparent);
  g_clear_pointer (&priv->list, gtk_widget_unparent);
  if (priv->canvas)
    gtk_widget_unparent (GTK_WIDGET (priv->canvas));
  priv->canvas = NULL;
  g_clear_pointer (&priv->base, gsk_render_node_unref);
  g_clear_object (&priv->cursor);
  g_clear_object (&priv->selection);
  g_clear_object (&priv->actions);
  g_clear_object (&priv->menu);
  G_OBJECT_CLASS (gb_view_parent_class)->dispose (object);
}

static void
gb_view_finalize (GObject *object)
{
  GbViewPrivate *priv = PRIV (GB_VIEW (object));
  gb_text_cache_free (priv->text);
  g_clear_object (&priv->pango);
  g_array_unref (priv->sought);
  gb_view_forget_card (GB_VIEW (object));
  g_free (priv->status);
  G_OBJECT_CLASS (gb_view_parent_class)->finalize (object);
}

static gboolean
gb_view_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (PRIV (GB_VIEW (widget))->canvas));
}

static void
gb_view_class_init (GbViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->set_property = gb_view_set_property;
  object_class->get_property = gb_view_get_property;
  object_class->constructed = gb_view_constructed;
  object_class->dispose = gb_view_dispose;
  object_class->finalize = gb_view_finalize;
  widget_class->grab_focus = gb_view_grab_focus;
  properties[PROP_DEF] = g_param_spec_pointer (
      "def", NULL, NULL, G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_CURSOR] =
      g_param_spec_object ("cursor", NULL, NULL, GB_TYPE_TRACE_CURSOR,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_SELECTION] =
      g_param_spec_object ("selection", NULL, NULL, GB_TYPE_SELECTION,
                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  properties[PROP_STATUS] =
      g_param_spec_string ("status", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  properties[PROP_SHOW_LIST] = g_param_spec_boolean (
      "show-list", NULL, NULL, FALSE, G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, properties);
  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BOX_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_css_name (widget_class, "gbview");
}

static void
view_set_card (GSimpleAction *action, GVariant *value, gpointer data)
{
  g_simple_action_set_state (action, value);
  PRIV (GB_VIEW (data))->no_card = !g_variant_get_boolean (value);
  gb_view_invalidate (data);
}

static void
gb_view_init (GbView *self)
{
  static const GActionEntry entries[] = { { .name = "card", .state = "true", .change_state = view_set_card } };
  GbViewPrivate *priv = PRIV (self);
  g_autoptr (GPropertyAction) list = NULL;

  priv->pango = gb_draw_create_pango_context (NULL);
  priv->text = gb_text_cache_new (priv->pango);
  priv->canvas = g_object_new (GB_TYPE_CANVAS, NULL);
  priv->canvas->view = self;
  gtk_widget_set_parent (GTK_WIDGET (priv->canvas), GTK_WIDGET (self));
  priv->budget = gb_frame_budget_join (GTK_WIDGET (priv->canvas), view_refresh_in_turn, self);
  priv->stale = priv->outdated = TRUE;
  priv->sought = gb_view_new_sought ();
  priv->actions = g_simple_action_group_new ();
  list = g_property_action_new ("list", self, "show-list");
  g_action_map_add_action (G_ACTION_MAP (priv->actions), G_ACTION (list));
  g_action_map_add_action_entries (G_ACTION_MAP (priv->actions), entries, G_N_ELEMENTS (entries), self);
  gtk_widget_insert_action_group (GTK_WIDGET (self), "view", G_ACTION_GROUP (priv->actions));
  gb_view_add_controllers (self);
}

gpointer
gb_view_new (GType type, const GbViewDef *def, GbTraceCursor *cursor, GbSelection *selection)
{
  g_return_val_if_fail (g_type_is_a (type, GB_TYPE_VIEW), NULL);
  return g_object_new (type, "def", def, "cursor", cursor, "selection", selection, NULL);
}

const GbViewDef *
gb_view_get_def (GbView *self)
{
  return PRIV (self)->def;
}

GbTraceCursor *
gb_view_get_cursor (GbView *self)
{
  return PRIV (self)->cursor;
}

GbSelection *
gb_view_get_selection (GbView *self)
{
  return PRIV (self)->selection;
}

const char *
gb_view_get_status (GbView *self)
{
  return PRIV (self)->status ? PRIV (self)->status : "";
}

GActionMap *
gb_view_get_actions (GbView *self)
{
  return G_ACTION_MAP (PRIV (self)->actions);
}

GMenuModel *
gb_view_get_menu (GbView *self)
{
  GbViewPrivate *priv = PRIV (self);
  if (!priv->has_own_menu)
    {
      /* What every view can do, in the language of the moment. */
      GMenu *menu = g_menu_new ();
      g_menu_append (menu, _ ("Where the pinned number came from (D)"), "view.card");
      g_menu_append (menu, _ ("List in words (L)"), "view.list");
      g_clear_object (&priv->menu);
      priv->menu = G_MENU_MODEL (menu);
    }
  return priv->menu;
}

void
gb_view_set_menu (GbView *self, GMenuModel *menu)
{
  GbViewPrivate *priv = PRIV (self);
  priv->has_own_menu = TRUE;
  g_set_object (&priv->menu, menu);
  g_clear_pointer (&priv->popover, gtk_widget_unparent);
}
