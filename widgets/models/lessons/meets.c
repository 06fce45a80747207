/* How the operands of an expression lie beside each other, and which dimension offends.  What is laid out
 * here agrees with the message, or is left out: an expression that was evaluated again may have given
 * something else. */
#include <string.h>

#include "models/lessons/study.h"

static GbLessonRow *
add_row (GbStudy *study, const GbOperand *operand, const char *name, int first_slot)
{
  GbLessonRow row = { .name = g_strdup (name ? name : operand->name),
                      .dtype = operand->dtype,
                      .ndim = operand->ndim };

  for (int d = 0; d < row.ndim; d++)
    {
      row.sizes[d] = operand->sizes[d];
      row.slots[d] = first_slot + d;
    }
  g_array_append_val (study->lesson->rows, row);
  return &g_array_index (study->lesson->rows, GbLessonRow, study->lesson->rows->len - 1);
}

/* A row of sizes that no tensor has. */
static GbLessonRow *
add_sizes (GbStudy *study, const char *name, const gint64 *sizes, int n, int first_slot)
{
  GbOperand wanted = { .dtype = -1, .ndim = MIN (n, GB_LESSON_MAX_DIMS) };

  memcpy (wanted.sizes, sizes, (gsize) wanted.ndim * sizeof *sizes);
  return add_row (study, &wanted, name, first_slot);
}

static gint64
group_number (GbStudy *study, int group)
{
  g_autofree char *text = g_match_info_fetch (study->match, group);
  return text ? g_ascii_strtoll (text, NULL, 10) : -1;
}

gboolean
gb_sizes_broadcast (const gint64 *a, int n_a, const gint64 *b, int n_b)
{
  for (int k = 1; k <= MIN (n_a, n_b); k++)
    if (a[n_a - k] != b[n_b - k] && a[n_a - k] != 1 && b[n_b - k] != 1)
      return FALSE;
  return TRUE;
}

void
gb_meet_broadcast (GbStudy *study)
{
  const GbOperand *a = study->left, *b = study->right;
  int n, bad = -1;

  if (a == NULL || b == NULL || gb_sizes_broadcast (a->sizes, a->ndim, b->sizes, b->ndim))
    return;
  n = MAX (a->ndim, b->ndim);
  for (int k = 1; k <= MIN (a->ndim, b->ndim) && bad < 0; k++)
    {
      gint64 x = a->sizes[a->ndim - k], y = b->sizes[b->ndim - k];
      if (x != y && x != 1 && y != 1)
        bad = n - k;
    }
  add_row (study, a, NULL, n - a->ndim);
  add_row (study, b, NULL, n - b->ndim);
  study->lesson->marked_slot = bad;
}

/* (…, m, k) beside (…, k, n): k shares a slot. */
void
gb_meet_product (GbStudy *study)
{
  const GbOperand *a = study->left, *b = study->right;
  int inner;

  if (a == NULL || b == NULL || a->ndim < 1 || b->ndim < 1)
    return;
  inner = MAX (a->ndim - 1, b->ndim - 1);
  add_row (study, a, NULL, inner - (a->ndim - 1));
  add_row (study, b, NULL, b->ndim == 1 ? inner : inner - (b->ndim - 2));
  /* Leading dimensions of a batch lie left of both. */
  GbLessonRow *row = &g_array_index (study->lesson->rows, GbLessonRow, study->lesson->rows->len - 1);
  for (int d = 0; d < b->ndim - 2; d++)
    row->slots[d] = inner - (b->ndim - 1) + d;
  if (a->sizes[a->ndim - 1] != b->sizes[b->ndim == 1 ? 0 : b->ndim - 2])
    study->lesson->marked_slot = inner;
  else if (a->ndim > 2 && b->ndim > 2)
    study->lesson->marked_slot = 0;
}

/* The sizes in "[2, -1]". */
static int
parse_sizes (const char *text, gint64 *sizes)
{
  int n = 0;
  for (const char *at = text; at && *at && n < GB_LESSON_MAX_DIMS;)
    {
      char *end;
      if (*at != '-' && !g_ascii_isdigit (*at))
        {
          at++;
          continue;
        }
      sizes[n++] = g_ascii_strtoll (at, &end, 10);
      at = end > at ? end : at + 1;
    }
  return n;
}

/* Two rows of sizes that the message tells; the first that differs is marked. */
static void
add_told (GbStudy *study, const char *const names[2], const int groups[2])
{
  gint64 sizes[2][GB_LESSON_MAX_DIMS];
  int n[2];

  for (int i = 0; i < 2; i++)
    {
      g_autofree char *text = g_match_info_fetch (study->match, groups[i]);
      n[i] = parse_sizes (text, sizes[i]);
      add_sizes (study, names[i], sizes[i], n[i], 0);
    }
  for (int d = 0; d < MIN (n[0], n[1]) && study->lesson->marked_slot < 0; d++)
    if (sizes[0][d] != sizes[1][d])
      study->lesson->marked_slot = d;
}

void
gb_meet_told (GbStudy *study)
{
  add_told (study, (const char *const[]){ "state_dict", "model" }, (const int[]){ 3, 4 });
}

void
gb_meet_list (GbStudy *study)
{
  const GbOperand *first = NULL;
  gint64 along = strstr (study->lesson->kind, "cat") ? group_number (study, 1) : -1;

  for (guint i = 0; i < study->lesson->operands->len; i++)
    {
      const GbOperand *operand = g_ptr_array_index (study->lesson->operands, i);
      if (operand->role != TE_OPERAND_ELEMENT || !operand->has_tensor)
        continue;
      add_row (study, operand, NULL, 0);
      if (first == NULL)
        first = operand;
      if (study->lesson->marked_slot < 0 && operand->ndim != first->ndim)
        study->lesson->marked_slot = MIN (operand->ndim, first->ndim);
      for (int d = 0; d < MIN (first->ndim, operand->ndim) && study->lesson->marked_slot < 0; d++)
        if (d != along && first->sizes[d] != operand->sizes[d])
          study->lesson->marked_slot = d;
    }
  /* What a loader joins is written nowhere; the message tells of it. */
  if (first == NULL && strcmp (study->lesson->kind, "stack") == 0)
    {
      g_autofree char *nth = g_match_info_fetch (study->match, 3), *name = g_strdup_printf ("[%s]", nth);
      add_told (study, (const char *const[]){ "[0]", name }, (const int[]){ 1, 2 });
    }
}

void
gb_meet_strip (GbStudy *study)
{
  if (study->left == NULL)
    return;
  study->lesson->strip = study->left;
  add_row (study, study->left, NULL, 0);
}

void
gb_meet_numel (GbStudy *study)
{
  gint64 sizes[GB_LESSON_MAX_DIMS];
  g_autofree char *wanted = g_match_info_fetch (study->match, 1);
  int n = parse_sizes (wanted, sizes);

  if (study->left == NULL)
    return;
  add_row (study, study->left, NULL, 0);
  add_sizes (study, wanted, sizes, n, 0)->mark = TRUE;
}

void
gb_meet_index (GbStudy *study)
{
  gint64 dim = group_number (study, 2);

  if (study->left == NULL)
    return;
  add_row (study, study->left, NULL, 0);
  if (dim >= 0 && dim < study->left->ndim)
    study->lesson->marked_slot = (int) dim;
}

void
gb_meet_channels (GbStudy *study)
{
  const GbOperand *input = study->left, *weight = study->right;
  int channel;

  if (input == NULL || weight == NULL || weight->ndim < 3)
    return;
  channel = input->ndim == weight->ndim ? 1 : 0;
  add_row (study, input, NULL, 1 - channel);
  GbLessonRow *row = add_row (study, weight, NULL, 0);
  if (strstr (study->lesson->kind, "transposed"))
    {
      row->slots[0] = 1;
      row->slots[1] = 0;
    }
  study->lesson->marked_slot = 1;
}

void
gb_meet_features (GbStudy *study)
{
  const GbOperand *input = study->left, *weight = study->right;

  if (input == NULL || input->ndim < 1)
    return;
  add_row (study, input, NULL, 0);
  study->lesson->marked_slot = input->ndim - 1;
  if (weight == NULL || weight->ndim < 1 || weight->ndim > 2)
    return;
  GbLessonRow *row = add_row (study, weight, NULL, input->ndim - 1);
  if (weight->ndim == 2)
    {
      /* (out, in): in lies under the input's last. */
      row->slots[0] = input->ndim;
      row->slots[1] = input->ndim - 1;
    }
}

void
gb_meet_types (GbStudy *study)
{
  int other = -1;

  for (guint i = 0; i < study->lesson->operands->len; i++)
    {
      const GbOperand *operand = g_ptr_array_index (study->lesson->operands, i);
      if (!operand->has_tensor || operand->role == TE_OPERAND_FUNCTION)
        continue;
      GbLessonRow *row = add_row (study, operand, NULL, 0);
      row->mark = other >= 0 && other != operand->dtype;
      other = other < 0 ? operand->dtype : other;
    }
  if (study->lesson->rows->len == 1)
    g_array_index (study->lesson->rows, GbLessonRow, 0).mark = TRUE;
}

void
gb_meet_rows (GbStudy *study)
{
  for (guint i = 0; i < study->lesson->operands->len; i++)
    {
      const GbOperand *operand = g_ptr_array_index (study->lesson->operands, i);
      if (operand->has_tensor && operand->role != TE_OPERAND_FUNCTION && operand->role != TE_OPERAND_MODULE)
        add_row (study, operand, NULL, 0);
    }
}
