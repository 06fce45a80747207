#include "models/module-tree.h"

#include <math.h>
#include <string.h>

#include "core/dtype.h"
#include "models/follower.h"

#define MOST_NODES      20000
#define MOST_DEPTH      64
#define MOST_NAMES      256 /* of one module */
#define MOST_UNMEASURED 4096 /* steps back to one that was measured */

/* ---- what has to be collected while the run goes on ---- */
typedef struct
{
  guint64 seq, tensor;
  guint32 name, module, flags;
} Member;

typedef struct
{
  guint64 seq;
  guint32 module;
  gboolean training;
} Mode;

/* Where a module stands: one of them may do so in many places. */
typedef struct
{
  guint32 module, name; /* name: string id, dotted */
  gboolean is_plain;    /* not registered there */
} Place;

typedef struct
{
  GArray *members;         /* Member, one per (module, own name): the latest tensor of it */
  GHashTable *place;       /* "module name" -> index + 1 into members */
  GArray *modes;           /* Mode */
  GHashTable *held;        /* tensors that some optimiser was given */
  GHashTable *children;    /* module id -> GArray of Place, as they were told last */
  GHashTable *held_by;     /* ids of modules that stand in another one */
  GHashTable *names;       /* module id -> GArray of string ids: dotted names that it has had */
  guint64 first_optimizer; /* seq, 0: none */
} State;

static gpointer
key (guint64 id)
{
  return GSIZE_TO_POINTER (id);
}

/* What a dotted name adds to that of the module that holds it, which may be called by several. */
static const char *
own_part (const State *state, GbTrace *trace, guint32 holder, const char *dotted)
{
  const GArray *names = g_hash_table_lookup (state->names, key (holder));
  gsize longest = 0;
  for (guint i = 0; names && i < names->len; i++)
    {
      const char *name = gb_trace_get_string (trace, g_array_index (names, guint32, i));
      gsize n = strlen (name);
      if (n && strncmp (dotted, name, n) == 0 && dotted[n] == '.')
        longest = MAX (longest, n + 1);
    }
  return dotted + longest;
}

static void
take_member (State *state, GbTrace *trace, const TeRecordParam *record)
{
  const char *dotted = gb_trace_get_string (trace, record->name);
  g_autofree char *place =
      g_strdup_printf ("%u %s", record->module, own_part (state, trace, record->module, dotted));
  guint at = GPOINTER_TO_UINT (g_hash_table_lookup (state->place, place));
  Member member = { record->head.seq, record->tensor, record->name, record->module, record->flags };

  if (at)
    {
      g_array_index (state->members, Member, at - 1).tensor = record->tensor;
      g_array_index (state->members, Member, at - 1).flags = record->flags;
      return;
    }
  if (state->members->len >= MOST_NODES)
    return;
  g_array_append_val (state->members, member);
  g_hash_table_insert (state->place, g_steal_pointer (&place), GUINT_TO_POINTER (state->members->len));
}

static void
unref_array (gpointer array)
{
  g_array_unref (array);
}

static void
add_name (State *state, guint32 module, guint32 name)
{
  GArray *names = g_hash_table_lookup (state->names, key (module));
  if (names == NULL)
    {
      names = g_array_new (FALSE, FALSE, sizeof (guint32));
      g_hash_table_insert (state->names, key (module), names);
    }
  for (guint i = 0; i < names->len; i++)
    if (g_array_index (names, guint32, i) == name)
      return;
  if (names->len < MOST_NAMES)
    g_array_append_val (names, name);
}

/* A module is told before what stands in it, all of which follows. */
static void
take_module (State *state, const TeRecordModule *record)
{
  Place place = { record->id, record->name, (record->flags & TE_WIRE_UNREGISTERED) != 0 };
  GArray *own = g_hash_table_lookup (state->children, key (record->id)), *others;

  if (own)
    g_array_set_size (own, 0);
  add_name (state, record->id, record->name);
  if (record->parent == 0 || record->parent == record->id)
    return;
  others = g_hash_table_lookup (state->children, key (record->parent));
  if (others == NULL)
    {
      others = g_array_new (FALSE, FALSE, sizeof (Place));
      g_hash_table_insert (state->children, key (record->parent), others);
    }
  for (guint i = 0; i < others->len; i++)
    if (g_array_index (others, Place, i).module == place.module && g_array_index (others, Place, i).name == place.name)
      {
        g_array_index (others, Place, i) = place;
        return;
      }
  if (others->len < MOST_NODES)
    g_array_append_val (others, place);
  g_hash_table_add (state->held_by, key (record->id));
}

static void
take (gpointer data, GbTrace *trace, const TeRecord *record)
{
  State *state = data;

  if (state->members == NULL)
    {
      state->members = g_array_new (FALSE, FALSE, sizeof (Member));
      state->modes = g_array_new (FALSE, FALSE, sizeof (Mode));
      state->place = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
      state->held = g_hash_table_new (NULL, NULL);
      state->children = g_hash_table_new_full (NULL, NULL, NULL, unref_array);
      state->held_by = g_hash_table_new (NULL, NULL);
      state->names = g_hash_table_new_full (NULL, NULL, NULL, unref_array);
    }
  if (record->type == TE_RECORD_PARAM)
    take_member (state, trace, (const TeRecordParam *) record);
  else if (record->type == TE_RECORD_MODULE)
    take_module (state, (const TeRecordModule *) record);
  else if (record->type == TE_RECORD_MODE && state->modes->len < 65536)
    {
      const TeRecordMode *mode = (const TeRecordMode *) record;
      Mode entry = { record->seq, mode->module, mode->training != 0 };
      g_array_append_val (state->modes, entry);
    }
  else if (record->type == TE_RECORD_OPTIMIZER)
    {
      const TeRecordOptimizer *optimizer = (const TeRecordOptimizer *) record;
      const guint64 *ids = (const guint64 *) (optimizer + 1);
      for (guint i = 0; i < optimizer->n_tensors; i++)
        g_hash_table_add (state->held, key (ids[i]));
      if (state->first_optimizer == 0)
        state->first_optimizer = record->seq;
    }
}

static void
clear (gpointer data)
{
  State *state = data;
  g_clear_pointer (&state->members, g_array_unref);
  g_clear_pointer (&state->modes, g_array_unref);
  g_clear_pointer (&state->place, g_hash_table_unref);
  g_clear_pointer (&state->held, g_hash_table_unref);
  g_clear_pointer (&state->children, g_hash_table_unref);
  g_clear_pointer (&state->held_by, g_hash_table_unref);
  g_clear_pointer (&state->names, g_hash_table_unref);
}

static const GbFollowerClass follower = { "module-tree", sizeof (State), take, clear };

/* ---- the tree at a position ---- */
typedef struct
{
  GbModuleTree *tree;
  GbTrace *trace;
  const State *state;
  guint64 seq, iteration;
  GPtrArray *members;  /* by module id: GArray of indices into state->members, or NULL */
  GHashTable *placed;  /* module id -> index + 1 of its first row */
  GHashTable *first;   /* tensor -> index + 1 of the row that counts it */
  GHashTable *active;  /* ids of modules that are inside their forward */
  GHashTable *params;  /* tensor -> nth parameter of the trace */
} Build;

/* Calls that began and did not end before the position, within the last records. */
static GHashTable *
active_modules (GbTrace *trace, guint64 seq)
{
  GHashTable *active = g_hash_table_new (NULL, NULL);
  g_autoptr (GHashTable) left = g_hash_table_new (NULL, NULL);
  GbTraceIter iter;
  const TeRecord *record;
  guint looked = 0;

  gb_trace_iter_init_back (&iter, trace, seq);
  while ((record = gb_trace_iter_previous (&iter)) != NULL && looked++ < 20000
         && record->type != TE_RECORD_ITERATION)
    {
      const TeRecordModuleCall *call = (const TeRecordModuleCall *) record;
      if (record->type == TE_RECORD_MODULE_LEAVE)
        g_hash_table_add (left, key (call->call));
      else if (record->type == TE_RECORD_MODULE_ENTER && !g_hash_table_contains (left, key (call->call)))
        g_hash_table_add (active, key (call->module));
    }
  return active;
}

/* As told when the module was, then as the calls of train() and eval() at or above it say. */
static gboolean
is_training (const Build *b, guint32 id)
{
  const GbModule *module = gb_trace_get_module (b->trace, id);
  gboolean training = module->training;

  for (guint i = b->state->modes->len; i > 0; i--)
    {
      const Mode *mode = &g_array_index (b->state->modes, Mode, i - 1);
      if (mode->seq > b->seq)
        continue;
      const GbModule *at = module;
      for (int depth = 0; at && depth < MOST_DEPTH; depth++)
        {
          if (at->id == mode->module)
            return mode->training;
          at = at->parent ? gb_trace_get_module (b->trace, at->parent) : NULL;
        }
    }
  return training;
}

static void
note_moved (const Build *b, GbTreeNode *node)
{
  const GbParam *param = gb_trace_find_param (b->trace, node->tensor);
  double update = NAN, norm = NAN;
  guint looked = 0;
  int at;

  if (param == NULL || b->iteration == 0)
    return;
  if (param->none_since && param->none_since <= b->iteration)
    {
      node->moved = GB_MOVED_NO_GRAD;
      return;
    }
  /* Updates are measured now and then: the latest that was. */
  for (at = gb_series_find (param->update_norm, b->iteration); at >= 0 && looked++ < MOST_UNMEASURED; at--)
    {
      const GbBucket *bucket = gb_series_get (param->update_norm, (guint) at);
      if (bucket->nonfinite == bucket->count)
        continue;
      update = bucket->last;
      b->tree->iteration = MAX (b->tree->iteration, bucket->x1);
      at = gb_series_find (param->param_norm, bucket->x1);
      norm = at >= 0 ? gb_series_get (param->param_norm, (guint) at)->last : NAN;
      break;
    }
  if (isnan (update))
    return;
  node->moved = update > 0 ? GB_MOVED_YES : GB_MOVED_NO;
  node->ratio = norm > 0 ? update / norm : NAN;
}

static void
add_tensor (Build *b, int parent, int depth, const Member *member)
{
  GbTreeNode node = { .kind = member->flags & TE_WIRE_UNREGISTERED ? GB_TREE_PLAIN
                              : member->flags & 1                  ? GB_TREE_BUFFER
                                                                   : GB_TREE_PARAM,
                      .parent = parent,
                      .depth = depth,
                      .module = member->module,
                      .tensor = member->tensor,
                      .name = own_part (b->state, b->trace, member->module,
                                        gb_trace_get_string (b->trace, member->name)),
                      .is_registered = !(member->flags & TE_WIRE_UNREGISTERED),
                      .ratio = NAN };
  GbModuleTree *tree = b->tree;
  GbTensor t;
  guint first = GPOINTER_TO_UINT (g_hash_table_lookup (b->first, key (member->tensor)));

  if (!gb_trace_get_tensor (b->trace, member->tensor, b->seq, &t)
      && !gb_trace_get_tensor (b->trace, member->tensor, G_MAXUINT64, &t))
    return;
  node.dtype = t.dtype;
  node.ndim = MIN (t.ndim, 8);
  node.n = 1;
  for (int d = 0; d < t.ndim; d++)
    {
      node.n *= t.sizes[d];
      if (d < 8)
        node.sizes[d] = t.sizes[d];
    }
  node.nbytes = (guint64) node.n * te_dtype_nbytes (t.dtype);
  node.requires_grad = (t.flags & TE_WIRE_REQUIRES_GRAD) != 0;
  node.is_held = b->state->first_optimizer == 0 || b->state->first_optimizer > b->seq
                 || g_hash_table_contains (b->state->held, key (member->tensor));
  node.param = GPOINTER_TO_UINT (g_hash_table_lookup (b->params, key (member->tensor)));
  node.end = tree->nodes->len + 1;
  if (node.kind == GB_TREE_PARAM)
    note_moved (b, &node);
  if (node.kind == GB_TREE_PLAIN)
    tree->n_unregistered++;
  if (first)
    {
      tree->n_shared++;
      node.shared_with = ""; /* named when the tree is whole */
      node.param = g_array_index (tree->nodes, GbTreeNode, first - 1).param;
    }
  else
    g_hash_table_insert (b->first, key (member->tensor), GUINT_TO_POINTER (tree->nodes->len + 1));
  g_array_append_val (tree->nodes, node);
  if (first || !node.is_registered)
    return;
  for (int at = parent; at >= 0; at = g_array_index (tree->nodes, GbTreeNode, at).parent)
    {
      GbTreeNode *module = &g_array_index (tree->nodes, GbTreeNode, at);
      /* A module that is not registered hides what it holds from those above. */
      module->nbytes += node.nbytes;
      if (node.kind == GB_TREE_PARAM)
        {
          module->n += node.n;
          module->n_frozen += node.requires_grad ? 0 : node.n;
        }
      if (!module->is_registered)
        return;
    }
  if (node.kind == GB_TREE_PARAM)
    {
      tree->n_params += node.n;
      tree->n_frozen += node.requires_grad ? 0 : node.n;
    }
}

static void
add_module (Build *b, int parent, int depth, const Place *place, guint32 holder)
{
  const GbModule *module = gb_trace_get_module (b->trace, place->module);
  GbModuleTree *tree = b->tree;
  guint at = tree->nodes->len, first = GPOINTER_TO_UINT (g_hash_table_lookup (b->placed, key (place->module)));

  if (module == NULL || depth > MOST_DEPTH || at >= MOST_NODES)
    return;
  GbTreeNode node = { .kind = GB_TREE_MODULE,
                      .parent = parent,
                      .depth = depth,
                      .end = at + 1,
                      .module = place->module,
                      .name = own_part (b->state, b->trace, holder, gb_trace_get_string (b->trace, place->name)),
                      .class_name = module->class_name,
                      .is_registered = !place->is_plain,
                      .is_training = is_training (b, place->module),
                      .is_active = g_hash_table_contains (b->active, key (place->module)),
                      .ratio = NAN };
  if (first)
    {
      node.place = g_array_index (tree->nodes, GbTreeNode, first - 1).n_places++;
      node.shared_with = ""; /* named when the tree is whole */
      g_array_append_val (tree->nodes, node);
      return;
    }
  const GArray *members = place->module < b->members->len ? g_ptr_array_index (b->members, place->module) : NULL;
  const GArray *children = g_hash_table_lookup (b->state->children, key (place->module));
  node.n_places = 1;
  tree->n_modules++;
  tree->n_unregistered += !node.is_registered;
  g_array_append_val (tree->nodes, node);
  g_hash_table_insert (b->placed, key (place->module), GUINT_TO_POINTER (at + 1));
  for (guint i = 0; members && i < members->len; i++)
    add_tensor (b, (int) at, depth + 1,
                &g_array_index (b->state->members, Member, g_array_index (members, guint, i)));
  for (guint i = 0; children && i < children->len; i++)
    add_module (b, (int) at, depth + 1, &g_array_index (children, Place, i), place->module);
  g_array_index (tree->nodes, GbTreeNode, at).end = tree->nodes->len;
}

static GPtrArray *
table_new (guint n)
{
  GPtrArray *table = g_ptr_array_new ();
  g_ptr_array_set_size (table, (gint) n);
  return table;
}

static void
table_add (GPtrArray *table, guint32 id, guint32 item)
{
  if (id >= table->len)
    return;
  if (table->pdata[id] == NULL)
    table->pdata[id] = g_array_new (FALSE, FALSE, sizeof (guint32));
  g_array_append_val ((GArray *) table->pdata[id], item);
}

static void
table_free (GPtrArray *table)
{
  for (guint i = 0; i < table->len; i++)
    if (table->pdata[i])
      g_array_unref (table->pdata[i]);
  g_ptr_array_unref (table);
}

/* Sharing rows learn the name of the one that counts, now that names can be put together. */
static void
name_shared (Build *b)
{
  GbModuleTree *tree = b->tree;

  for (guint i = 0; i < tree->nodes->len; i++)
    {
      GbTreeNode *node = &g_array_index (tree->nodes, GbTreeNode, i);
      guint first;
      g_autofree char *path = NULL;
      if (node->shared_with == NULL)
        continue;
      first = GPOINTER_TO_UINT (node->kind == GB_TREE_MODULE ? g_hash_table_lookup (b->placed, key (node->module))
                                                             : g_hash_table_lookup (b->first, key (node->tensor)));
      path = gb_module_tree_dup_path (tree, first - 1);
      node->shared_with = g_intern_string (path);
    }
}

GbModuleTree *
gb_module_tree_new (GbTrace *trace, guint64 seq)
{
  GbModuleTree *self = g_new0 (GbModuleTree, 1);
  guint n = gb_trace_get_n_modules (trace) + 1;
  Build b = { .tree = self, .trace = trace, .seq = seq };

  self->nodes = g_array_new (FALSE, FALSE, sizeof (GbTreeNode));
  if (n == 1 && gb_trace_get_n_params (trace) == 0)
    return self;
  b.state = gb_follower_of (trace, &follower);
  if (b.state->members == NULL)
    return self;
  b.iteration = gb_trace_iteration_at (trace, seq);
  /* The running iteration has no update yet: the last whole one counts. */
  const GbIteration *last = gb_trace_find_iteration (trace, b.iteration);
  b.iteration = last == NULL ? 0 : last->last_seq <= seq ? last->iteration : last->iteration - 1;
  self->has_optimizer = b.state->first_optimizer && b.state->first_optimizer <= seq;
  b.placed = g_hash_table_new (NULL, NULL);
  b.members = table_new (n);
  b.first = g_hash_table_new (NULL, NULL);
  b.active = active_modules (trace, seq);
  b.params = g_hash_table_new (NULL, NULL);
  for (guint i = 0; i < gb_trace_get_n_params (trace); i++)
    g_hash_table_insert (b.params, key (gb_trace_get_param (trace, i)->tensor), GUINT_TO_POINTER (i));
  for (guint32 i = 0; i < b.state->members->len; i++)
    if (g_array_index (b.state->members, Member, i).seq <= seq)
      table_add (b.members, g_array_index (b.state->members, Member, i).module, i);
  for (guint32 id = 1; id < n; id++)
    if (gb_trace_get_module (trace, id) && !g_hash_table_contains (b.state->held_by, key (id)))
      add_module (&b, -1, 0, &(Place){ .module = id }, 0);
  /* Parameters that an optimiser was given and no module holds. */
  const GArray *loose = g_ptr_array_index (b.members, 0);
  for (guint i = 0; loose && i < loose->len && self->nodes->len < MOST_NODES; i++)
    add_tensor (&b, -1, 0, &g_array_index (b.state->members, Member, g_array_index (loose, guint, i)));
  name_shared (&b);
  table_free (b.members);
  g_hash_table_unref (b.placed);
  g_hash_table_unref (b.first);
  g_hash_table_unref (b.active);
  g_hash_table_unref (b.params);
  return self;
}

void
gb_module_tree_free (GbModuleTree *self)
{
  if (self == NULL)
    return;
  g_array_unref (self->nodes);
  g_free (self);
}

char *
gb_module_tree_dup_path (const GbModuleTree *self, guint nth)
{
  GString *path = g_string_new (g_array_index (self->nodes, GbTreeNode, nth).name);

  for (int at = g_array_index (self->nodes, GbTreeNode, nth).parent; at >= 0;
       at = g_array_index (self->nodes, GbTreeNode, at).parent)
    {
      const char *name = g_array_index (self->nodes, GbTreeNode, at).name;
      if (name[0] == 0)
        continue;
      g_string_prepend_c (path, '.');
      g_string_prepend (path, name);
    }
  return g_string_free (path, FALSE);
}
