#include "common/formula.h"

#include <gio/gio.h>
#include <string.h>

#define MOST_DEPTH 24

void
gb_formula_free (GbFormula *self)
{
  if (self == NULL)
    return;
  g_free (self->text);
  g_free (self->right);
  if (self->parts)
    g_ptr_array_unref (self->parts);
  g_free (self);
}

static GbFormula *
new_node (GbFormulaKind kind)
{
  GbFormula *self = g_new0 (GbFormula, 1);
  self->kind = kind;
  if (kind != GB_FORMULA_SIGN)
    self->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) gb_formula_free);
  return self;
}

static GbFormula *
new_sign (const char *text, GbFormulaClass sort, gboolean is_slanted)
{
  GbFormula *self = new_node (GB_FORMULA_SIGN);
  self->text = g_strdup (text);
  self->sort = sort;
  self->is_slanted = is_slanted;
  return self;
}

/* ---- words ---- */

enum
{
  SLANTED = 1,
  LIMITS = 2,
  LARGE = 4,
};

static const struct
{
  const char *word, *sign;
  GbFormulaClass sort;
  guint flags;
} words[] = {
  { "alpha", "α", GB_FORMULA_ORDINARY, SLANTED },
  { "beta", "β", GB_FORMULA_ORDINARY, SLANTED },
  { "gamma", "γ", GB_FORMULA_ORDINARY, SLANTED },
  { "delta", "δ", GB_FORMULA_ORDINARY, SLANTED },
  { "epsilon", "ε", GB_FORMULA_ORDINARY, SLANTED },
  { "varepsilon", "ε", GB_FORMULA_ORDINARY, SLANTED },
  { "zeta", "ζ", GB_FORMULA_ORDINARY, SLANTED },
  { "eta", "η", GB_FORMULA_ORDINARY, SLANTED },
  { "theta", "θ", GB_FORMULA_ORDINARY, SLANTED },
  { "kappa", "κ", GB_FORMULA_ORDINARY, SLANTED },
  { "lambda", "λ", GB_FORMULA_ORDINARY, SLANTED },
  { "mu", "μ", GB_FORMULA_ORDINARY, SLANTED },
  { "nu", "ν", GB_FORMULA_ORDINARY, SLANTED },
  { "pi", "π", GB_FORMULA_ORDINARY, SLANTED },
  { "rho", "ρ", GB_FORMULA_ORDINARY, SLANTED },
  { "sigma", "σ", GB_FORMULA_ORDINARY, SLANTED },
  { "tau", "τ", GB_FORMULA_ORDINARY, SLANTED },
  { "phi", "φ", GB_FORMULA_ORDINARY, SLANTED },
  { "varphi", "φ", GB_FORMULA_ORDINARY, SLANTED },
  { "psi", "ψ", GB_FORMULA_ORDINARY, SLANTED },
  { "omega", "ω", GB_FORMULA_ORDINARY, SLANTED },
  { "Gamma", "Γ", GB_FORMULA_ORDINARY, 0 },
  { "Delta", "Δ", GB_FORMULA_ORDINARY, 0 },
  { "Theta", "Θ", GB_FORMULA_ORDINARY, 0 },
  { "Lambda", "Λ", GB_FORMULA_ORDINARY, 0 },
  { "Sigma", "Σ", GB_FORMULA_ORDINARY, 0 },
  { "Phi", "Φ", GB_FORMULA_ORDINARY, 0 },
  { "Omega", "Ω", GB_FORMULA_ORDINARY, 0 },
  { "ell", "ℓ", GB_FORMULA_ORDINARY, 0 },
  { "nabla", "∇", GB_FORMULA_ORDINARY, 0 },
  { "partial", "∂", GB_FORMULA_ORDINARY, 0 },
  { "infty", "∞", GB_FORMULA_ORDINARY, 0 },
  { "top", "⊤", GB_FORMULA_ORDINARY, 0 },
  { "prime", "′", GB_FORMULA_ORDINARY, 0 },
  { "ldots", "…", GB_FORMULA_ORDINARY, 0 },
  { "dots", "…", GB_FORMULA_ORDINARY, 0 },
  { "cdots", "⋯", GB_FORMULA_ORDINARY, 0 },
  { "forall", "∀", GB_FORMULA_ORDINARY, 0 },
  { "emptyset", "∅", GB_FORMULA_ORDINARY, 0 },
  { "sum", "∑", GB_FORMULA_OPERATOR, LIMITS | LARGE },
  { "prod", "∏", GB_FORMULA_OPERATOR, LIMITS | LARGE },
  { "int", "∫", GB_FORMULA_OPERATOR, LARGE },
  { "log", "log", GB_FORMULA_OPERATOR, 0 },
  { "ln", "ln", GB_FORMULA_OPERATOR, 0 },
  { "exp", "exp", GB_FORMULA_OPERATOR, 0 },
  { "sin", "sin", GB_FORMULA_OPERATOR, 0 },
  { "cos", "cos", GB_FORMULA_OPERATOR, 0 },
  { "tan", "tan", GB_FORMULA_OPERATOR, 0 },
  { "tanh", "tanh", GB_FORMULA_OPERATOR, 0 },
  { "det", "det", GB_FORMULA_OPERATOR, 0 },
  { "max", "max", GB_FORMULA_OPERATOR, LIMITS },
  { "min", "min", GB_FORMULA_OPERATOR, LIMITS },
  { "lim", "lim", GB_FORMULA_OPERATOR, LIMITS },
  { "argmax", "arg max", GB_FORMULA_OPERATOR, LIMITS },
  { "argmin", "arg min", GB_FORMULA_OPERATOR, LIMITS },
  { "softmax", "softmax", GB_FORMULA_OPERATOR, 0 },
  { "cdot", "·", GB_FORMULA_BINARY, 0 },
  { "times", "×", GB_FORMULA_BINARY, 0 },
  { "div", "÷", GB_FORMULA_BINARY, 0 },
  { "pm", "±", GB_FORMULA_BINARY, 0 },
  { "odot", "⊙", GB_FORMULA_BINARY, 0 },
  { "oplus", "⊕", GB_FORMULA_BINARY, 0 },
  { "circ", "∘", GB_FORMULA_BINARY, 0 },
  { "ast", "∗", GB_FORMULA_BINARY, 0 },
  { "le", "≤", GB_FORMULA_RELATION, 0 },
  { "leq", "≤", GB_FORMULA_RELATION, 0 },
  { "ge", "≥", GB_FORMULA_RELATION, 0 },
  { "geq", "≥", GB_FORMULA_RELATION, 0 },
  { "ll", "≪", GB_FORMULA_RELATION, 0 },
  { "gg", "≫", GB_FORMULA_RELATION, 0 },
  { "ne", "≠", GB_FORMULA_RELATION, 0 },
  { "neq", "≠", GB_FORMULA_RELATION, 0 },
  { "approx", "≈", GB_FORMULA_RELATION, 0 },
  { "sim", "∼", GB_FORMULA_RELATION, 0 },
  { "propto", "∝", GB_FORMULA_RELATION, 0 },
  { "equiv", "≡", GB_FORMULA_RELATION, 0 },
  { "to", "→", GB_FORMULA_RELATION, 0 },
  { "rightarrow", "→", GB_FORMULA_RELATION, 0 },
  { "Rightarrow", "⇒", GB_FORMULA_RELATION, 0 },
  { "leftarrow", "←", GB_FORMULA_RELATION, 0 },
  { "gets", "←", GB_FORMULA_RELATION, 0 },
  { "mapsto", "↦", GB_FORMULA_RELATION, 0 },
  { "in", "∈", GB_FORMULA_RELATION, 0 },
  { "mid", "|", GB_FORMULA_RELATION, 0 },
  { "lfloor", "⌊", GB_FORMULA_OPEN, 0 },
  { "rfloor", "⌋", GB_FORMULA_CLOSE, 0 },
  { "lceil", "⌈", GB_FORMULA_OPEN, 0 },
  { "rceil", "⌉", GB_FORMULA_CLOSE, 0 },
  { "langle", "⟨", GB_FORMULA_OPEN, 0 },
  { "rangle", "⟩", GB_FORMULA_CLOSE, 0 },
  { "lVert", "‖", GB_FORMULA_OPEN, 0 },
  { "rVert", "‖", GB_FORMULA_CLOSE, 0 },
  { "lvert", "|", GB_FORMULA_OPEN, 0 },
  { "rvert", "|", GB_FORMULA_CLOSE, 0 },
  { "Vert", "‖", GB_FORMULA_ORDINARY, 0 },
  { "|", "‖", GB_FORMULA_ORDINARY, 0 },
  { "{", "{", GB_FORMULA_OPEN, 0 },
  { "}", "}", GB_FORMULA_CLOSE, 0 },
  { "_", "_", GB_FORMULA_ORDINARY, 0 },
  { "%", "%", GB_FORMULA_ORDINARY, 0 },
  { "#", "#", GB_FORMULA_ORDINARY, 0 },
  { "&", "&", GB_FORMULA_ORDINARY, 0 },
  { "$", "$", GB_FORMULA_ORDINARY, 0 },
};

static const struct
{
  const char *word;
  double ems;
} spaces[] = { { ",", 3 / 18.0 }, { ":", 4 / 18.0 }, { ";", 5 / 18.0 }, { "!", -3 / 18.0 },
               { " ", 5 / 18.0 }, { "quad", 1 },     { "qquad", 2 } };

/* ---- parsing ---- */

typedef struct
{
  const char *at;
  int depth;
  GError **error;
} Parser;

static GbFormula *parse_row (Parser *p, const char *until);
static GbFormula *parse_part (Parser *p);

static gpointer
fail (Parser *p, const char *format, ...)
{
  va_list args;
  va_start (args, format);
  if (p->error && *p->error == NULL)
    {
      g_autofree char *text = g_strdup_vprintf (format, args);
      g_set_error_literal (p->error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, text);
    }
  va_end (args);
  return NULL;
}

static void
skip_blanks (Parser *p)
{
  while (g_ascii_isspace (*p->at))
    p->at++;
}

/* The command at the backslash: its word, owned; a sign counts as a word of one letter. */
static char *
read_word (Parser *p)
{
  const char *start = ++p->at;
  while (g_ascii_isalpha (*p->at))
    p->at++;
  if (p->at == start && *p->at)
    p->at = g_utf8_next_char (p->at);
  return g_strndup (start, p->at - start);
}

static GbFormula *
parse_group (Parser *p)
{
  skip_blanks (p);
  if (*p->at == '\0')
    return fail (p, "a formula ends where something has to follow");
  if (*p->at != '{')
    return parse_part (p);
  p->at++;
  GbFormula *row = parse_row (p, "}");
  if (row)
    p->at++;
  return row;
}

/* {letters} as they stand, upright; owned. */
static char *
read_letters (Parser *p)
{
  skip_blanks (p);
  const char *end = *p->at == '{' ? strchr (p->at, '}') : NULL;
  if (end == NULL)
    return fail (p, "a { with letters and a } have to follow");
  char *text = g_strndup (p->at + 1, end - p->at - 1);
  p->at = end + 1;
  return text;
}

static GbFormula *
parse_letters (Parser *p, const char *word)
{
  g_autofree char *text = read_letters (p);
  if (text == NULL)
    return NULL;
  return new_sign (text, strcmp (word, "operatorname") == 0 ? GB_FORMULA_OPERATOR : GB_FORMULA_ORDINARY,
                   FALSE);
}

static GbFormula *
parse_fraction (Parser *p)
{
  g_autoptr (GbFormula) fraction = new_node (GB_FORMULA_FRACTION);
  for (int i = 0; i < 2; i++)
    {
      GbFormula *part = parse_group (p);
      if (part == NULL)
        return NULL;
      g_ptr_array_add (fraction->parts, part);
    }
  return g_steal_pointer (&fraction);
}

static GbFormula *
parse_over (Parser *p, GbFormulaKind kind, const char *text)
{
  GbFormula *inside = parse_group (p);
  if (inside == NULL)
    return NULL;
  GbFormula *self = new_node (kind);
  self->text = g_strdup (text);
  g_ptr_array_add (self->parts, inside);
  return self;
}

/* The fence behind \left or \right; owned, "" for a dot. */
static char *
read_fence (Parser *p)
{
  skip_blanks (p);
  if (*p->at == '\\')
    {
      g_autofree char *word = read_word (p);
      for (guint i = 0; i < G_N_ELEMENTS (words); i++)
        if (strcmp (words[i].word, word) == 0
            && (words[i].sort == GB_FORMULA_OPEN || words[i].sort == GB_FORMULA_CLOSE
                || strcmp (word, "|") == 0))
          return g_strdup (words[i].sign);
      return fail (p, "\\%s is no fence", word);
    }
  if (*p->at == '\0' || !strchr (".()[]|", *p->at))
    return fail (p, "a fence has to follow \\left and \\right");
  char *fence = *p->at == '.' ? g_strdup ("") : g_strndup (p->at, 1);
  p->at++;
  return fence;
}

static GbFormula *
parse_fenced (Parser *p)
{
  g_autoptr (GbFormula) self = new_node (GB_FORMULA_FENCED);
  self->text = read_fence (p);
  GbFormula *inside = self->text ? parse_row (p, "\\right") : NULL;
  if (inside == NULL)
    return NULL;
  g_ptr_array_add (self->parts, inside);
  p->at += strlen ("\\right");
  self->right = read_fence (p);
  return self->right ? g_steal_pointer (&self) : NULL;
}

static GbFormula *
parse_table (Parser *p)
{
  static const struct
  {
    const char *name, *left, *right;
  } kinds[] = { { "matrix", "", "" },
                { "pmatrix", "(", ")" },
                { "bmatrix", "[", "]" },
                { "cases", "{", "" },
                { "aligned", "", "" } };
  g_autofree char *name = read_letters (p);
  g_autofree char *end = g_strdup_printf ("\\end{%s}", name ? name : "");
  g_autoptr (GbFormula) self = new_node (GB_FORMULA_TABLE);
  for (guint i = 0; name && i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (kinds[i].name, name) == 0)
      {
        self->text = g_strdup (kinds[i].left);
        self->right = g_strdup (kinds[i].right);
      }
  if (self->text == NULL)
    return name ? fail (p, "\\begin{%s} is not known", name) : NULL;
  GbFormula *line = new_node (GB_FORMULA_ROW);
  g_ptr_array_add (self->parts, line);
  for (;;)
    {
      GbFormula *cell = parse_row (p, end);
      if (cell == NULL)
        return NULL;
      g_ptr_array_add (line->parts, cell);
      if (*p->at == '&')
        p->at++;
      else if (g_str_has_prefix (p->at, end))
        break;
      else
        {
          p->at += 2; /* a line ends */
          line = new_node (GB_FORMULA_ROW);
          g_ptr_array_add (self->parts, line);
        }
    }
  p->at += strlen (end);
  return g_steal_pointer (&self);
}

static GbFormula *
parse_command (Parser *p)
{
  static const char *const upright[] = {
    "text", "mathrm", "mathbf", "mathbb", "mathcal", "operatorname", NULL
  };
  g_autofree char *word = read_word (p);
  if (g_strv_contains (upright, word))
    return parse_letters (p, word);
  if (strcmp (word, "frac") == 0 || strcmp (word, "tfrac") == 0 || strcmp (word, "dfrac") == 0)
    return parse_fraction (p);
  if (strcmp (word, "sqrt") == 0)
    return parse_over (p, GB_FORMULA_ROOT, "√");
  if (strcmp (word, "hat") == 0)
    return parse_over (p, GB_FORMULA_ACCENT, "^");
  if (strcmp (word, "tilde") == 0)
    return parse_over (p, GB_FORMULA_ACCENT, "~");
  if (strcmp (word, "bar") == 0)
    return parse_over (p, GB_FORMULA_ACCENT, "-");
  if (strcmp (word, "left") == 0)
    return parse_fenced (p);
  if (strcmp (word, "begin") == 0)
    return parse_table (p);
  for (guint i = 0; i < G_N_ELEMENTS (spaces); i++)
    if (strcmp (spaces[i].word, word) == 0)
      {
        GbFormula *space = new_sign ("", GB_FORMULA_SPACE, FALSE);
        space->width = spaces[i].ems;
        return space;
      }
  for (guint i = 0; i < G_N_ELEMENTS (words); i++)
    if (strcmp (words[i].word, word) == 0)
      {
        GbFormula *sign = new_sign (words[i].sign, words[i].sort, words[i].flags & SLANTED);
        sign->has_limits = (words[i].flags & LIMITS) != 0;
        sign->is_large = (words[i].flags & LARGE) != 0;
        return sign;
      }
  return fail (p, "\\%s is not known", word);
}

/* Digits hang together as one number; letters are one variable each. */
static GbFormula *
parse_sign (Parser *p)
{
  const char *start = p->at;
  gunichar c = g_utf8_get_char (p->at);
  if (g_ascii_isdigit (*p->at))
    {
      while (g_ascii_isdigit (*p->at) || (*p->at == '.' && g_ascii_isdigit (p->at[1])))
        p->at++;
      g_autofree char *number = g_strndup (start, p->at - start);
      return new_sign (number, GB_FORMULA_ORDINARY, FALSE);
    }
  p->at = g_utf8_next_char (p->at);
  g_autofree char *text = g_strndup (start, p->at - start);
  if (g_ascii_isalpha (*start))
    return new_sign (text, GB_FORMULA_ORDINARY, TRUE);
  switch (c)
    {
    case '-':
      return new_sign ("−", GB_FORMULA_BINARY, FALSE);
    case '*':
      return new_sign ("∗", GB_FORMULA_BINARY, FALSE);
    case '+':
      return new_sign (text, GB_FORMULA_BINARY, FALSE);
    case '=':
    case '<':
    case '>':
    case ':':
      return new_sign (text, GB_FORMULA_RELATION, FALSE);
    case '(':
    case '[':
      return new_sign (text, GB_FORMULA_OPEN, FALSE);
    case ')':
    case ']':
      return new_sign (text, GB_FORMULA_CLOSE, FALSE);
    case ',':
    case ';':
      return new_sign (text, GB_FORMULA_COMMA, FALSE);
    case '\'':
      return new_sign ("′", GB_FORMULA_ORDINARY, FALSE);
    case '~':
      return new_sign (" ", GB_FORMULA_ORDINARY, FALSE);
    default:
      return new_sign (text, GB_FORMULA_ORDINARY, FALSE);
    }
}

static GbFormula *
parse_part (Parser *p)
{
  if (++p->depth > MOST_DEPTH)
    return fail (p, "a formula of more than %d levels", MOST_DEPTH);
  GbFormula *part = *p->at == '\\' ? parse_command (p) : *p->at == '{' ? parse_group (p) : parse_sign (p);
  p->depth--;
  return part;
}

static GbFormula *
parse_scripts (Parser *p, GbFormula *base)
{
  GbFormula *scripts[2] = { NULL, NULL };
  for (skip_blanks (p); *p->at == '_' || *p->at == '^'; skip_blanks (p))
    {
      int which = *p->at++ == '^';
      GbFormula *script = scripts[which] ? fail (p, "two scripts at the same place") : parse_group (p);
      if (script == NULL)
        {
          gb_formula_free (base);
          gb_formula_free (scripts[0]);
          gb_formula_free (scripts[1]);
          return NULL;
        }
      scripts[which] = script;
    }
  if (!scripts[0] && !scripts[1])
    return base;
  GbFormula *self = new_node (GB_FORMULA_SCRIPTS);
  g_ptr_array_add (self->parts, base);
  g_ptr_array_add (self->parts, scripts[0]);
  g_ptr_array_add (self->parts, scripts[1]);
  return self;
}

static gboolean
at_end_of_row (const Parser *p, const char *until)
{
  if (*until && g_str_has_prefix (p->at, until))
    return TRUE;
  return g_str_has_prefix (until, "\\end") && (*p->at == '&' || g_str_has_prefix (p->at, "\\\\"));
}

/* A minus with nothing before it that it could be taken from is a sign of its number. */
static void
settle_signs (GbFormula *row)
{
  GbFormulaClass before = GB_FORMULA_OPEN;
  for (guint i = 0; i < row->parts->len; i++)
    {
      GbFormula *part = g_ptr_array_index (row->parts, i);
      if (part->kind == GB_FORMULA_SIGN && part->sort == GB_FORMULA_SPACE)
        continue;
      if (gb_formula_sort (part) == GB_FORMULA_BINARY && part->kind == GB_FORMULA_SIGN
          && before != GB_FORMULA_ORDINARY && before != GB_FORMULA_CLOSE)
        part->sort = GB_FORMULA_ORDINARY;
      before = gb_formula_sort (part);
    }
}

/* Up to `until`, which stays ahead; "" for the end. */
static GbFormula *
parse_row (Parser *p, const char *until)
{
  g_autoptr (GbFormula) row = new_node (GB_FORMULA_ROW);
  for (skip_blanks (p); *p->at && !at_end_of_row (p, until); skip_blanks (p))
    {
      if (*p->at == '}')
        return fail (p, "a } that nothing opened");
      gboolean is_script = *p->at == '_' || *p->at == '^';
      GbFormula *part = is_script ? new_sign ("", GB_FORMULA_ORDINARY, FALSE) : parse_part (p);
      part = part ? parse_scripts (p, part) : NULL;
      if (part == NULL)
        return NULL;
      g_ptr_array_add (row->parts, part);
    }
  if (*until && *p->at == '\0')
    return fail (p, "%s is missing", until);
  settle_signs (row);
  return g_steal_pointer (&row);
}

GbFormula *
gb_formula_parse (const char *tex, GError **error)
{
  GError *own = NULL;
  Parser p = { .at = tex, .error = &own };
  if (!g_utf8_validate (tex, -1, NULL))
    return fail (&(Parser){ .error = error }, "a formula has to be UTF-8");
  GbFormula *self = parse_row (&p, "");
  if (own)
    g_propagate_error (error, own);
  return self;
}

/* ---- space ---- */

GbFormulaClass
gb_formula_sort (const GbFormula *part)
{
  switch (part->kind)
    {
    case GB_FORMULA_SIGN:
      return part->sort;
    case GB_FORMULA_SCRIPTS:
    case GB_FORMULA_ACCENT:
      return gb_formula_sort (g_ptr_array_index (part->parts, 0));
    default:
      return GB_FORMULA_ORDINARY;
    }
}

double
gb_formula_space (GbFormulaClass before, GbFormulaClass next)
{
  if (before == GB_FORMULA_SPACE || next == GB_FORMULA_SPACE)
    return 0;
  if (before == GB_FORMULA_RELATION || next == GB_FORMULA_RELATION)
    return 5 / 18.0;
  if (before == GB_FORMULA_BINARY || next == GB_FORMULA_BINARY)
    return 4 / 18.0;
  if (before == GB_FORMULA_COMMA)
    return 3 / 18.0;
  if (before == GB_FORMULA_OPERATOR)
    return next == GB_FORMULA_OPEN || next == GB_FORMULA_CLOSE || next == GB_FORMULA_COMMA ? 0 : 3 / 18.0;
  if (next == GB_FORMULA_OPERATOR)
    return before == GB_FORMULA_OPEN ? 0 : 3 / 18.0;
  return 0;
}
