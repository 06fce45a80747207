/* Small recordings written by hand, from which the gallery and the rendering tests draw every view without an
 * interpreter.  Nothing in them is random or depends on the machine. */
#pragma once

#include "models/trace-builder.h"

G_BEGIN_DECLS

typedef enum
{
  GB_SAMPLE_DIGITS,    /* a small CNN: 60 iterations with gradients and logs, stopped inside the 61st forward */
  GB_SAMPLE_GPT,       /* attention of 2 layers of 4 heads over 12 tokens, at 5 iterations */
  GB_SAMPLE_STRIDES,   /* x = arange (12).reshape (3, 4); y = x.t(), values of both and of the storage */
  GB_SAMPLE_BACKWARD,  /* z = sin (x * y + y).sum (), stopped after two backward nodes */
  GB_SAMPLE_VALUES,    /* w (8, 3, 5, 5) signed floats, with a NaN, an Inf and zeros; some elements changed */
  GB_SAMPLE_ALARMS,    /* a 30-layer net: vanishing, exploding, NaN and None gradients over 4 000 iterations */
  GB_SAMPLE_STALE,     /* y = exp (x); y += 1; y.sum ().backward () fails, and the graph was walked already: two findings */
  GB_SAMPLE_BRANCHES,  /* the CNN again: wound back twice, to another knob and to another line of code */
  GB_SAMPLE_MODULES,   /* tied, frozen, evaluating and unregistered members; moved by 12 steps of an optimiser */
  GB_SAMPLE_SPREAD,    /* histograms of a weight over 40 steps, with NaN and infinity at the end */
  GB_SAMPLE_MEMORY,    /* storages of 8 iterations; one more output stays alive after each; stopped in the 9th forward */
  GB_SAMPLE_BROADCAST, /* c = x - m: (2, 3, 4) and (3, 1), with a NaN and a number that rounds to nothing */
  GB_SAMPLE_CLASH,     /* (5, 1, 4) + (3, 2) raises */
  GB_SAMPLE_WINDOW,    /* two convolutions, the second with stride 2 and groups */
  GB_SAMPLE_POOL,      /* a pool of the largest with padding, and a NaN */
  GB_SAMPLE_HALF,      /* one float16 number of three, below the smallest normal one */
  GB_SAMPLE_POINTS,    /* two rings of points, a net of one hidden layer and its loss */
  GB_SAMPLE_IMAGES,    /* twelve small pictures with labels and scores; three are taken for something else */
  GB_SAMPLE_VALLEY,    /* the loss of two weights over a plane with a cliff, and the paths of three optimisers */
  GB_SAMPLE_INTERVIEW, /* half of an interview: sections, questions with scores, a rubric */
  GB_SAMPLE_CANARY,    /* two versions of a service: the new one fails, an alert fires, it is rolled back */
  GB_SAMPLE_RING,      /* four ranks sum a gradient in a ring, one of them comes late */
  GB_SAMPLE_DESERTED,  /* one rank skips a collective and one is dead: the others wait */
  GB_SAMPLE_LINE,      /* a line is fitted: slope and intercept are all that is optimised */
  GB_SAMPLE_WORDS, /* four lines of words on their way into an Embedding, filled up to one length */
  GB_SAMPLE_TAGS, /* a sentence with tags, two of its places filled up */
  GB_SAMPLE_WEIGHTS, /* words with what each weighs; one is no number */
  GB_SAMPLE_ALIGNMENT, /* five words over five, which looks at which */
  GB_SAMPLE_FILES, /* a table that was read, a checkpoint that was saved, weights of another net that were loaded */
  GB_SAMPLE_ROOM, /* a grid world of 5 by 5 with what actions are worth; stopped in the second episode */
  GB_SAMPLE_CART, /* a cart whose pole falls */
  GB_SAMPLE_STAGES,    /* a dialogue: marks of its states, one of them entered twice */
  GB_SAMPLE_ERROR_VIEW,   /* x.t().view (12) raised: the memory says why */
  GB_SAMPLE_ERROR_SHAPES, /* (3, 4) and (4, 3) raised */
  GB_SAMPLE_FUNCTION, /* an autograd.Function, backward as far as its node */
  GB_SAMPLE_ARRAYS,   /* an npy and an npz file, and weights as safetensors */
  GB_SAMPLE_TRAINED,  /* points of two classes, weights of the step before */
  GB_N_SAMPLES,
} GbSample;

const char *gb_sample_name (GbSample sample); /* "digits" */
GbTrace *gb_sample_trace_new (GbSample sample);
/* The same program with other things in it. */
GbTrace *gb_sample_trace_new_with (GbSample sample, GbContent content);
const char *gb_content_name (GbContent content); /* "nan" */

G_END_DECLS
