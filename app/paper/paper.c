#include "paper/paper.h"

static void
block_free (gpointer data)
{
  GbBlock *self = data;
  g_free (self->text);
  g_clear_pointer (&self->cells, g_ptr_array_unref);
  g_clear_pointer (&self->uris, g_ptr_array_unref);
  g_clear_pointer (&self->png, g_bytes_unref);
  g_free (self);
}

GbPaper *
gb_paper_new (const char *title, const char *language, const char *foot)
{
  GbPaper *self = g_new0 (GbPaper, 1);
  self->title = g_strdup (title);
  self->language = g_strdup (language);
  self->foot = g_strdup (foot);
  self->blocks = g_ptr_array_new_with_free_func (block_free);
  return self;
}

void
gb_paper_free (GbPaper *self)
{
  if (self == NULL)
    return;
  g_free (self->title);
  g_free (self->language);
  g_free (self->foot);
  g_ptr_array_unref (self->blocks);
  g_free (self);
}

static GbBlock *
add (GbPaper *self, GbBlockKind kind, const char *text)
{
  GbBlock *block = g_new0 (GbBlock, 1);
  block->kind = kind;
  block->text = g_strdup (text);
  g_ptr_array_add (self->blocks, block);
  return block;
}

void
gb_paper_add_heading (GbPaper *self, guint level, const char *text)
{
  add (self, GB_BLOCK_HEADING, text)->level = level;
}

void
gb_paper_add_text (GbPaper *self, GbBlockKind kind, const char *text)
{
  add (self, kind, text);
}

GbBlock *
gb_paper_add_cells (GbPaper *self, GbBlockKind kind, guint n_columns)
{
  GbBlock *block = add (self, kind, NULL);
  block->n_columns = n_columns;
  block->cells = g_ptr_array_new_with_free_func (g_free);
  block->uris = g_ptr_array_new_with_free_func (g_free);
  return block;
}

void
gb_block_add_cell (GbBlock *self, const char *format, ...)
{
  va_list values;
  va_start (values, format);
  g_ptr_array_add (self->cells, g_strdup_vprintf (format, values));
  va_end (values);
}

void
gb_paper_add_picture (GbPaper *self, GBytes *png, const char *text)
{
  add (self, GB_BLOCK_PICTURE, text)->png = g_bytes_ref (png);
}

void
gb_block_link_cell (GbBlock *self, const char *uri)
{
  guint nth = self->cells->len - 1;
  if (self->uris->len <= nth)
    g_ptr_array_set_size (self->uris, (int) nth + 1);
  g_free (self->uris->pdata[nth]);
  self->uris->pdata[nth] = g_strdup (uri);
}

const char *
gb_block_get_uri (const GbBlock *self, guint nth)
{
  return self->uris && nth < self->uris->len ? g_ptr_array_index (self->uris, nth) : NULL;
}

void
gb_paper_add_link (GbPaper *self, const char *text, const char *uri)
{
  GbBlock *block = add (self, GB_BLOCK_LINK, text);
  block->uris = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (block->uris, g_strdup (uri));
}
