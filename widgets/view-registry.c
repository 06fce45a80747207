#include "view-registry.h"

#include <string.h>

#include "ab/ab-view.h"
#include "attn/attn-view.h"
#include "bcast/bcast-view.h"
#include "bits/bits-view.h"
#include "chart/chart-view.h"
#include "conv/conv-view.h"
#include "error/error-view.h"
#include "gradflow/gradflow-view.h"
#include "graph/graph-view.h"
#include "grid/grid-view.h"
#include "hist/hist-view.h"
#include "imgs/imgs-view.h"
#include "lanes/lanes-view.h"
#include "mem/mem-view.h"
#include "modtree/modtree-view.h"
#include "plane/plane-view.h"
#include "stride/stride-view.h"
#include "table/table-view.h"
#include "why/why-view.h"

/* One line per view, in the order in which choosers list them. */
static const GbViewDef *const views[] = {
  &gb_graph_view_def,
  &gb_gradflow_view_def,
  &gb_chart_view_def,
  &gb_attn_view_def,
  &gb_stride_view_def,
  &gb_grid_view_def,
  &gb_bcast_view_def,
  &gb_conv_view_def,
  &gb_bits_view_def,
  &gb_plane_view_def,
  &gb_lanes_view_def,
  &gb_hist_view_def,
  &gb_imgs_view_def,
  &gb_mem_view_def,
  &gb_modtree_view_def,
  &gb_table_view_def,
  &gb_why_view_def,
  &gb_error_view_def,
  &gb_ab_view_def,
};

guint
gb_view_registry_get_n (void)
{
  return G_N_ELEMENTS (views);
}

const GbViewDef *
gb_view_registry_get (guint nth)
{
  return nth < gb_view_registry_get_n () ? views[nth] : NULL;
}

const GbViewDef *
gb_view_registry_find (const char *id)
{
  for (guint i = 0; i < gb_view_registry_get_n (); i++)
    if (strcmp (views[i]->id, id) == 0)
      return views[i];
  return NULL;
}

const GbViewDef *
gb_view_registry_best (GbTraceCursor *cursor)
{
  const GbViewDef *best = NULL;
  int most = 0;

  for (guint i = 0; i < gb_view_registry_get_n (); i++)
    {
      int relevance = views[i]->relevance (cursor);
      if (best == NULL || relevance > most)
        best = views[i], most = relevance;
    }
  return best;
}
