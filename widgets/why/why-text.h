/* Evidence as sentences of the current language. */
#pragma once

#include "models/explain.h"

G_BEGIN_DECLS

char *gb_why_text (const GbEvidence *evidence);
char *gb_why_title (const GbFinding *finding);
/* "12", or NULL: no line. */
char *gb_why_line_number (GbTrace *trace, const GbEvidence *evidence);
/* The line itself, stripped; NULL: not known. */
char *gb_why_source_line (GbTrace *trace, const GbEvidence *evidence);

G_END_DECLS
