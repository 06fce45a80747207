/* bench-topics: how quickly topics open and their scenes show. */
#pragma once

/* names: of leaves, or NULL for all that are written.  Exit status; needs a display. */
int gb_bench_topics (char **names);
/* names: of scenes, or NULL for all. */
int gb_bench_scenes (char **names);
