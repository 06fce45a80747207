/* The modules of a program as a tree, with what they hold, at a position: a row per module, parameter and
 * buffer, and per module or tensor that hangs on a module without being registered.  A tensor that several
 * places share is counted where it comes first; a module that stands in several places is told there, and
 * its other places are rows without anything below them. */
#pragma once

#include "models/trace.h"

G_BEGIN_DECLS

typedef enum
{
  GB_TREE_MODULE,
  GB_TREE_PARAM,
  GB_TREE_BUFFER,
  GB_TREE_PLAIN, /* a tensor that is only an attribute */
} GbTreeKind;

typedef enum
{
  GB_MOVED_UNKNOWN, /* no step has measured it */
  GB_MOVED_YES,
  GB_MOVED_NO,      /* its update was zero */
  GB_MOVED_NO_GRAD, /* .grad was None at the step */
} GbMoved;

typedef struct
{
  GbTreeKind kind;
  int parent; /* index of the module's row, -1: a root */
  int depth;
  guint end;      /* index behind its last descendant */
  guint32 module; /* id, of tensors: of the one that holds it */
  guint64 tensor;
  guint param;             /* nth of the trace, for a pick */
  const char *name;        /* without that of the module that holds it; "" for a root */
  const char *class_name;  /* of modules */
  const char *shared_with; /* dotted name of the row that counts it, or NULL */
  guint place, n_places;   /* modules: which of the places where they stand, and of the first one how many there are */
  gboolean is_registered;
  gboolean is_training;   /* modules */
  gboolean is_active;     /* inside its forward now */
  gboolean requires_grad; /* tensors */
  gboolean is_held;       /* some optimiser has it, or none is known */
  int dtype, ndim;
  gint64 sizes[8];
  gint64 n;        /* elements; modules: of all parameters below, each once */
  gint64 n_frozen; /* of them without requires_grad */
  guint64 nbytes;  /* parameters and buffers below, each once */
  GbMoved moved;
  double ratio; /* norm of the last update over norm of the parameter */
} GbTreeNode;

typedef struct
{
  GArray *nodes; /* GbTreeNode, every module before what it holds */
  gint64 n_params, n_frozen;
  guint n_modules, n_unregistered, n_shared; /* modules: each once */
  guint64 iteration; /* whose update `ratio` is, 0: none */
  gboolean has_optimizer;
} GbModuleTree;

GbModuleTree *gb_module_tree_new (GbTrace *trace, guint64 seq);
void gb_module_tree_free (GbModuleTree *self);
/* Dotted name of a row: "encoder.0.weight". Owned. */
char *gb_module_tree_dup_path (const GbModuleTree *self, guint nth);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbModuleTree, gb_module_tree_free)

G_END_DECLS
