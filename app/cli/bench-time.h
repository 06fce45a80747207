/* gradboard bench time: what snapshots cost a training, and how long a way back takes. */
#pragma once

/* Returns an exit status. */
int gb_bench_time (void);
