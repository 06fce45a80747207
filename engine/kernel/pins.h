/* What a program reads of the world, pinned: with it a recording runs again to the same bits.  Every read of
 * a clock is a record, the system's entropy comes from one seed that BEGIN tells, and a replay is fed what
 * the recording holds. Hash seed and addresses are fixed for every run. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "kernel/interpreter.h"

/* Reads job->feed (a file of te_pins_take_feed; unlinked at once), or draws a new seed.  False when
 * there is a feed that cannot be read; the reason is told on stderr. */
bool te_pins_prepare (const TeJob *job);
/* For about: 16 hexadecimal digits. */
void te_pins_seed_text (char text[17]);
/* Between begin and end, reads of the main thread are pinned.  Holds the GIL. */
void te_pins_begin (void);
void te_pins_end (void);
bool te_pins_are_mine (void); /* of the calling thread */

/* ---- feeds, and snapshots that go on ---- */
struct json_object;
/* {"entropy": seed in hexadecimal, "clock": [[seq, nanoseconds], …], "knobs": [[name, nth call, value], …],
 * "inputs": [[seq, line], …], "files": (pinned-files.h), "place": {"steps": how many since the last op
 * (te_record_is_step), "lines": [seq of each line reached since then], "lines-since": op call from which on
 * lines are told}}, all of them optional; what was read until after_seq is left out.  False when it cannot be
 * kept. */
bool te_pins_take_feed (struct json_object *feed, uint64_t after_seq);
/* How far the entropy is used up, in words. */
uint64_t te_pins_get_drawn (void);
void te_pins_set_drawn (uint64_t drawn);
