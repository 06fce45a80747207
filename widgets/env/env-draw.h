#pragma once

#include "env/env-layout.h"

G_BEGIN_DECLS

void gb_env_draw (const GbEnvLayout *layout, const GbDrawContext *ctx, GtkSnapshot *snapshot);
/* With the agent, where the step that is shown has it. */
void gb_env_draw_overlay (const GbEnvLayout *layout,
                          GbSelection *selection,
                          const GbDrawContext *ctx,
                          GtkSnapshot *snapshot);
/* "step 3: row 1, column 2, right, reward -0.02".  Owned. */
char *gb_env_step_text (const GbEnv *env, int nth);
char *gb_env_sentence (const GbEnv *env);

G_END_DECLS
