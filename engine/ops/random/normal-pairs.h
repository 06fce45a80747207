/* Normal numbers from uniform ones, eight pairs at a time. */
#pragma once

/* x holds 16 uniforms in [0, 1): the first 8 give radii, the others angles.  Box and Muller 1958; x is overwritten. */
void te_normal_pairs_f32 (float *x, float mean, float std);
