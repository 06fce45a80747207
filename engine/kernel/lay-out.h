/* A program's working folder is its scratch folder, and yet open ("data.csv") finds what lies beside the
 * program: small files are laid out there as copies, large ones as links, folders as folders of the same
 * (deep or crowded ones as links, which cannot be written into).  What was laid out carries the time 0, so that whoever lists what a program wrote can tell. */
#pragma once

#define TE_LAID_OUT_TIME 0

/* From the folder of program into the present folder; what cannot be read or is there already is left out.
 * What an earlier call laid out there is taken back first. */
void te_lay_out (const char *program);
