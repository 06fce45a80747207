/* What a rule gets: one element of one output of one call.  Rules add terms; whatever a record says that its
 * own sizes contradict ends the map as broken, never the program. */
#pragma once

#include "models/index-map/index-map.h"
#include "models/index-map/op-args.h"

G_BEGIN_DECLS

/* Marks a text that whoever shows it translates. */
#define N_(text) (text)

#define GB_MAP_NDIM       GB_VALUES_MAX_NDIM
#define GB_MAP_MOST_STEPS (1 << 18) /* elements that a rule looks at */

typedef struct
{
  GbTrace *trace;
  const GbOp *op;
  guint64 before; /* seq of the op: inputs as they were then */
  guint output_nr;
  GbOpArgs args;
  GbIndexMap *map;
  int param; /* of the rule's row */
  gint64 n_steps;
  gboolean broken;
  GbTensorValues *looked_up; /* of input looked_up_nth */
  guint looked_up_nth;
} GbMapCall;

typedef void (*GbMapRule) (GbMapCall *call);

/* One row per op (several names may share one): how its results come about. */
typedef struct
{
  const char *names;   /* separated by spaces */
  GbMapRule rule;      /* NULL: `pattern` says why there is no map */
  GbIndexMapForm form; /* unless the rule chooses */
  const char *pattern; /* of FUNCTION: "$0 + $1"; $name is a parameter */
  int param;
} GbMapRow;

extern const GbMapRow gb_map_rows[];
extern const guint gb_map_n_rows;

/* "add_" is "add" unless it has a row of its own.  NULL: nobody has said. */
const GbMapRow *gb_map_find_row (const char *op_name);

/* gb_index_map_new within a budget of maps, which each one takes from. */
GbIndexMap *gb_map_new_within (
    GbTrace *trace, const GbOp *op, guint output_nr, const gint64 *index, int *budget, const char **why);
/* Fills the map of a composite op from the ops that ran inside it; returns why it cannot, or NULL. */
const char *gb_map_compose (GbIndexMap *self, GbTrace *trace, const GbOp *op, int *budget);

/* The op inside an autograd.Function that made its nth result; FALSE: no recorded one did. */
gboolean gb_map_find_inside (GbTrace *trace, const GbOp *function, guint output_nr, GbOp *inside, guint *inside_nr);

/* NULL: None, or unknown. */
const GbTensor *gb_map_input (const GbMapCall *call, guint nth);
/* FALSE: full, broken, or too much was looked at already. */
gboolean gb_map_step (GbMapCall *call);
/* Adds a term of one, two factors; an index outside its tensor breaks the map. */
void gb_map_add (GbMapCall *call, guint input, const gint64 *index);
void gb_map_add_product (GbMapCall *call, guint a, const gint64 *index_a, guint b, const gint64 *index_b);
/* The element of input nth that broadcasting puts at the output's `index` of ndim axes; FALSE: there is none.
 */
gboolean gb_map_broadcast (const GbMapCall *call, guint nth, int ndim, const gint64 *index, gint64 *to);
void gb_map_add_broadcast (GbMapCall *call, guint nth);
/* Axes named by the parameter ("dim"); none given: all of them.  Returns a mask. */
guint gb_map_axes (GbMapCall *call, const char *name, int ndim);
/* One axis, counted from the end when negative; -1: no such axis. */
int gb_map_axis (GbMapCall *call, const char *name, gint64 otherwise, int ndim);
/* Every element of the box (given index where the axis is not in `axes`) of input nth, in row-major order,
 * `own` (may be NULL) first. */
void gb_map_add_box (GbMapCall *call, guint nth, const gint64 *index, guint axes, const gint64 *own);
/* A recorded integer; FALSE: the map says that it would have to be recorded. */
gboolean gb_map_look_up (GbMapCall *call, guint nth, const gint64 *index, gint64 *value);
/* Row-major place and back. */
gint64 gb_map_place (const GbTensor *tensor, const gint64 *index);
void gb_map_unplace (const GbTensor *tensor, gint64 place, gint64 *index);
/* Next index below sizes; FALSE after the last. */
gboolean gb_map_next (int ndim, const gint64 *sizes, gint64 *index);

/* ---- the rules ---- */
void gb_map_nothing (GbMapCall *call);
void gb_map_pointwise (GbMapCall *call);
void gb_map_alias (GbMapCall *call);      /* views: the element at the same address */
void gb_map_same_place (GbMapCall *call); /* the same row-major place */
void gb_map_everything (GbMapCall *call); /* all elements of all inputs */
void gb_map_triangle (GbMapCall *call);   /* param: 1 lower, 0 upper */
void gb_map_prelu (GbMapCall *call);
void gb_map_glu (GbMapCall *call);

void gb_map_reduce (GbMapCall *call); /* param: 1: numbers of one axis only ("dim"), all when not given */
void gb_map_scan (GbMapCall *call);
void gb_map_row (GbMapCall *call); /* whole lines along "dim" of every input; param: the default axis */
void gb_map_pair_loss (GbMapCall *call);
void gb_map_nll (GbMapCall *call);
void gb_map_nll_grad (GbMapCall *call);
void gb_map_layer_norm (GbMapCall *call);
void gb_map_group_norm (GbMapCall *call);
void gb_map_batch_norm (GbMapCall *call);
void gb_map_layer_norm_grad (GbMapCall *call);
void gb_map_batch_norm_grad (GbMapCall *call);

void
gb_map_mm (GbMapCall *call); /* param: nth input that is added, -1: none; the product is of the other two */
void gb_map_outer (GbMapCall *call);
void gb_map_trilinear (GbMapCall *call); /* what nn.Bilinear is made of */
void gb_map_matrices (GbMapCall *call); /* whole matrices of a batch: inverse, svd */

void gb_map_conv (GbMapCall *call);
void gb_map_conv_transpose (GbMapCall *call);
void gb_map_conv_grad (GbMapCall *call);
void gb_map_pool (GbMapCall *call); /* param: spatial axes */
void gb_map_adaptive_pool (GbMapCall *call);
void gb_map_pool_spread (GbMapCall *call);
void gb_map_max_pool_spread (GbMapCall *call);
void gb_map_im2col (GbMapCall *call);

void gb_map_gather (GbMapCall *call);
void gb_map_index_select (GbMapCall *call);
void gb_map_embedding (GbMapCall *call);
void gb_map_embedding_grad (GbMapCall *call);
void gb_map_index (GbMapCall *call);
void gb_map_take (GbMapCall *call);
void gb_map_scatter (GbMapCall *call);   /* param: 1: added to what is there */
void gb_map_index_add (GbMapCall *call); /* param: 1: added to what is there */

void gb_map_cat (GbMapCall *call);
void gb_map_stack (GbMapCall *call);
void gb_map_flip (GbMapCall *call);
void gb_map_rot90 (GbMapCall *call);
void gb_map_roll (GbMapCall *call);
void gb_map_repeat (GbMapCall *call);
void gb_map_pad (GbMapCall *call);
void gb_map_diag (GbMapCall *call);
void gb_map_narrow (GbMapCall *call);
void gb_map_put_back (GbMapCall *call); /* gradients of views: select, slice; param: 0, 1 */

void
gb_map_plane (GbMapCall *call); /* the whole picture of the same sample and channel; param: spatial axes */
void gb_map_nearest (GbMapCall *call); /* param: spatial axes */
void gb_map_nearest_exact (GbMapCall *call);
void gb_map_linear (GbMapCall *call);
void gb_map_pad_reflect (GbMapCall *call);
void gb_map_pad_replicate (GbMapCall *call);
void gb_map_pixel_shuffle (GbMapCall *call);
void gb_map_pixel_unshuffle (GbMapCall *call);
void gb_map_channel_shuffle (GbMapCall *call);

G_END_DECLS
