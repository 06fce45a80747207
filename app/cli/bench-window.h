/* gradboard bench window: what watching costs, in a real window.  Needs a display. */
#pragma once

/* Returns an exit status. */
int gb_bench_window (void);
/* Start of an interpreter until its first Execute is answered; prints a table. */
void gb_bench_interpreter (void);
