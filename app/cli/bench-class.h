/* What it costs the board that a class follows it. */
#pragma once

/* Frames of the board while a network trains on it, with nobody and with 60 who follow on this machine, in turns; how soon they have
 * each picture.  Returns the exit status. */
int gb_bench_class (void);
