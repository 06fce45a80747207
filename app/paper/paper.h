/* paper: a text of headings, paragraphs, tables, bars, programs, pictures and links, made once and written as
 * Markdown, as HTML that needs nothing beside it, or as PDF. */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

typedef enum
{
  GB_BLOCK_HEADING,   /* level: 1 to 3 */
  GB_BLOCK_PARAGRAPH, /* plain text */
  GB_BLOCK_MUTED,     /* the same, of less weight */
  GB_BLOCK_QUOTE,     /* what somebody said or wrote */
  GB_BLOCK_FACTS,     /* cells: name, value, name, value … */
  GB_BLOCK_TABLE,     /* n_columns; cells: the header's first */
  GB_BLOCK_BARS,      /* cells: label, value from 0 to 1 or "" (none), what stands behind it; … */
  GB_BLOCK_CODE,      /* a program, kept line by line */
  GB_BLOCK_PICTURE,   /* png, with its text below */
  GB_BLOCK_LINK,      /* a text that leads to its uri */
} GbBlockKind;

typedef struct
{
  GbBlockKind kind;
  guint level, n_columns;
  char *text;
  GPtrArray *cells; /* char * */
  GPtrArray *uris;  /* where each cell leads to, NULL: nowhere; shorter than cells; of a link the one */
  GBytes *png;
} GbBlock;

typedef struct
{
  char *title, *language; /* "zh" or "en" */
  char *foot;             /* at the end of each page */
  GPtrArray *blocks;      /* GbBlock */
} GbPaper;

GbPaper *gb_paper_new (const char *title, const char *language, const char *foot);
void gb_paper_free (GbPaper *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (GbPaper, gb_paper_free)

void gb_paper_add_heading (GbPaper *self, guint level, const char *text);
void
gb_paper_add_text (GbPaper *self, GbBlockKind kind, const char *text); /* paragraph, muted, quote, code */
/* The cells of facts, a table or bars are added one by one behind it. */
GbBlock *gb_paper_add_cells (GbPaper *self, GbBlockKind kind, guint n_columns);
void gb_block_add_cell (GbBlock *self, const char *format, ...) G_GNUC_PRINTF (2, 3);
void gb_block_link_cell (GbBlock *self, const char *uri); /* the cell that was added last leads there */
const char *gb_block_get_uri (const GbBlock *self, guint nth); /* of a cell, or NULL */
void gb_paper_add_link (GbPaper *self, const char *text, const char *uri);
void gb_paper_add_picture (GbPaper *self, GBytes *png, const char *text);

char *gb_paper_to_markdown (const GbPaper *self); /* owned */
char *gb_paper_to_html (const GbPaper *self);     /* owned */
/* A4 pages. */
gboolean gb_paper_write_pdf (const GbPaper *self, const char *path, GError **error);

G_END_DECLS
