/* The families of ops/nn, as registry.c joins them. */
#pragma once

#include "ops/registry.h"

extern const TeOpFamily te_family_conv;
extern const TeOpFamily te_family_max_pool;
extern const TeOpFamily te_family_avg_pool;
extern const TeOpFamily te_family_adaptive_pool;
extern const TeOpFamily te_family_batch_norm;
extern const TeOpFamily te_family_layer_norm;
extern const TeOpFamily te_family_embedding;
extern const TeOpFamily te_family_dropout;
extern const TeOpFamily te_family_pad;
extern const TeOpFamily te_family_upsample;
extern const TeOpFamily te_family_unfold;
extern const TeOpFamily te_family_rnn;
extern const TeOpFamily te_family_distance;
extern const TeOpFamily te_family_rnn_steps;
extern const TeOpFamily te_family_rnn_layers;
extern const TeOpFamily te_family_grid_sample;
extern const TeOpFamily te_family_unpool;
extern const TeOpFamily te_family_composed_layers;
extern const TeOpFamily te_family_rrelu;
extern const TeOpFamily te_family_embedding_bag;
