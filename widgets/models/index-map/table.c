/* How each op's result comes about: one row per kind, by the names that ops have in a trace. */
#include "models/index-map/map-call.h"

#define NOTHING  GB_INDEX_MAP_NOTHING
#define COPY     GB_INDEX_MAP_COPY
#define FUNCTION GB_INDEX_MAP_FUNCTION
#define DEPENDS  GB_INDEX_MAP_DEPENDS
#define POINTWISE(name, text)                                                                                \
  {                                                                                                          \
    name, gb_map_pointwise, FUNCTION, text, 0                                                                \
  }
#define SAYS(name) POINTWISE (name, NULL)

/* clang-format off */
const GbMapRow gb_map_rows[] = {
  /* ---- from nothing ---- */
  { "empty empty_strided zeros ones full scalar_tensor empty_like zeros_like ones_like full_like new_empty "
    "new_empty_strided new_zeros new_ones new_full arange range linspace logspace eye tril_indices triu_indices rand "
    "randn randint randperm rand_like randn_like randint_like uniform_ normal_ bernoulli_ exponential_ cauchy_ "
    "log_normal_ geometric_ random_ zero_ zero fill fill_ vander_window hann_window hamming_window blackman_window "
    "bartlett_window kaiser_window from_file _mask_range fft_fftfreq fft_rfftfreq", gb_map_nothing, NOTHING, NULL, 0 },

  /* ---- views, and copies that keep the order ---- */
  { "view _reshape_alias _unsafe_view expand permute transpose t squeeze unsqueeze select slice unfold split "
    "split_with_sizes unsafe_split unsafe_split_with_sizes unbind as_strided diagonal alias detach set narrow real "
    "imag linalg_diagonal view_as_real _conj _neg_view", gb_map_alias, COPY, NULL, 0 },
  { "clone _to_copy contiguous resolve_conj resolve_neg positive", gb_map_same_place, COPY, NULL, 0 },
  { "view_as_complex", gb_map_same_place, DEPENDS, NULL, 0 },

  /* ---- element by element ---- */
  POINTWISE ("add", "$0 + $1"), POINTWISE ("sub subtract", "$0 - $1"), POINTWISE ("rsub", "$1 - $0"),
  POINTWISE ("mul multiply", "$0 × $1"), POINTWISE ("div divide true_divide", "$0 ÷ $1"),
  POINTWISE ("pow float_power", "$0 ^ $exponent"), POINTWISE ("neg negative", "-$0"), POINTWISE ("abs absolute", "|$0|"),
  POINTWISE ("sqrt", "√$0"), POINTWISE ("rsqrt", "1 ÷ √$0"), POINTWISE ("square", "$0²"), POINTWISE ("reciprocal", "1 ÷ $0"),
  POINTWISE ("exp", "e^$0"), POINTWISE ("log", "ln $0"), POINTWISE ("tanh", "tanh $0"), POINTWISE ("sigmoid special_expit", "1 ÷ (1 + e^-$0)"),
  POINTWISE ("relu", "max(0, $0)"), POINTWISE ("sin", "sin $0"), POINTWISE ("cos", "cos $0"), POINTWISE ("maximum fmax", "max($0, $1)"),
  POINTWISE ("minimum fmin", "min($0, $1)"), POINTWISE ("where", "$0 ? $1 : $2"), POINTWISE ("masked_fill", "$1 ? $value : $0"),
  POINTWISE ("addcmul", "$0 + $1 × $2"), POINTWISE ("addcdiv", "$0 + $1 ÷ $2"), POINTWISE ("copy_ copy", "$1"),
  POINTWISE ("eq", "$0 = $1"), POINTWISE ("ne not_equal", "$0 ≠ $1"), POINTWISE ("lt less", "$0 < $1"), POINTWISE ("le less_equal", "$0 ≤ $1"),
  POINTWISE ("gt greater", "$0 > $1"), POINTWISE ("ge greater_equal", "$0 ≥ $1"), POINTWISE ("logical_and", "$0 ∧ $1"), POINTWISE ("logical_or", "$0 ∨ $1"),
  POINTWISE ("logical_not", "¬$0"),
  SAYS ("__and__ __or__ __xor__ __lshift__ __rshift__ arctan2 clip arcsin arccos arctan arccosh arcsinh arctanh "
        "special_gammaln special_psi special_round special_airy_ai special_bessel_j0 special_bessel_j1 special_bessel_y0 "
        "special_bessel_y1 special_modified_bessel_i0 special_modified_bessel_i1 special_modified_bessel_k0 "
        "special_modified_bessel_k1 special_scaled_modified_bessel_k0 special_scaled_modified_bessel_k1 "
        "special_spherical_bessel_j0 special_i0 special_gammainc special_gammaincc special_multigammaln special_polygamma "
        "special_chebyshev_polynomial_t special_chebyshev_polynomial_u special_chebyshev_polynomial_v "
        "special_chebyshev_polynomial_w special_shifted_chebyshev_polynomial_t special_shifted_chebyshev_polynomial_u "
        "special_shifted_chebyshev_polynomial_v special_shifted_chebyshev_polynomial_w special_hermite_polynomial_h "
        "special_hermite_polynomial_he special_laguerre_polynomial_l special_legendre_polynomial_p"),
  SAYS ("acos acosh angle asin asinh atan atan2 atanh bitwise_and bitwise_left_shift bitwise_not bitwise_or "
        "bitwise_right_shift bitwise_xor cdist_ ceil celu clamp clamp_max clamp_min complex conj_physical _conj_physical "
        "copysign cosh deg2rad rad2deg digamma elu erf erfc erfinv exp2 expm1 fix floor floor_divide fmod frac "
        "frexp gcd gelu hardshrink hardsigmoid hardswish hardtanh heaviside hypot i0 igamma igammac isclose isfinite "
        "isinf isnan isneginf isposinf isreal lcm ldexp leaky_relu lerp lgamma log10 log1p log2 log_sigmoid "
        "logaddexp logaddexp2 logical_xor logit mish mvlgamma nan_to_num nextafter polar polygamma relu6 remainder "
        "round selu sgn sign signbit silu sinc sinh softplus softshrink special_entr special_erfcx special_i0e "
        "special_i1 special_i1e special_log_ndtr special_ndtri special_xlog1py special_zeta tan threshold trunc xlogy "
        "bernoulli normal poisson binomial _standard_gamma _standard_gamma_grad dropout rrelu native_dropout"),
  SAYS ("leaky_relu_backward elu_backward _elu_backward_result silu_backward gelu_backward softplus_backward "
        "hardtanh_backward hardsigmoid_backward hardswish_backward mish_backward log_sigmoid_backward threshold_backward "
        "_hardshrink_backward _softshrink_backward sigmoid_backward tanh_backward relu_backward _rrelu_backward _silu_second "
        "_gelu_second _gelu_tanh_second _mish_second _softplus_second _elu_second _hardswish_second _log_sigmoid_second "
        "_pair_loss_grad"),
  { "prelu", gb_map_prelu, FUNCTION, NULL, 0 },
  { "glu", gb_map_glu, FUNCTION, NULL, 0 },
  { "tril", gb_map_triangle, COPY, NULL, 1 }, { "triu", gb_map_triangle, COPY, NULL, 0 },

  /* ---- along axes ---- */
  { "sum nansum", gb_map_reduce, GB_INDEX_MAP_SUM, NULL, 0 }, { "mean nanmean", gb_map_reduce, GB_INDEX_MAP_MEAN, NULL, 0 },
  { "prod", gb_map_reduce, GB_INDEX_MAP_PRODUCT, NULL, 0 },
  { "max amax", gb_map_reduce, GB_INDEX_MAP_LARGEST, NULL, 0 }, { "min amin", gb_map_reduce, GB_INDEX_MAP_SMALLEST, NULL, 0 },
  { "norm linalg_vector_norm", gb_map_reduce, GB_INDEX_MAP_NORM, NULL, 0 },
  { "argmax argmin all any count_nonzero median nanmedian mode kthvalue aminmax dist",
    gb_map_reduce, DEPENDS, NULL, 0 },
  { "var var_mean", gb_map_reduce, DEPENDS, "Σ (x − mean)² ÷ (n − correction)", 0 },
  { "std std_mean", gb_map_reduce, DEPENDS, "√(Σ (x − mean)² ÷ (n − correction))", 0 },
  { "logsumexp", gb_map_reduce, DEPENDS, "ln Σ e^x", 0 },
  { "cumsum", gb_map_scan, GB_INDEX_MAP_SUM, NULL, 0 }, { "cumprod", gb_map_scan, GB_INDEX_MAP_PRODUCT, NULL, 0 },
  { "cummax", gb_map_scan, GB_INDEX_MAP_LARGEST, NULL, 0 }, { "cummin", gb_map_scan, GB_INDEX_MAP_SMALLEST, NULL, 0 },
  { "logcumsumexp", gb_map_scan, DEPENDS, NULL, 0 },
  { "softmax _softmax special_softmax", gb_map_row, GB_INDEX_MAP_SOFTMAX, NULL, -1 },
  { "log_softmax _log_softmax special_log_softmax", gb_map_row, GB_INDEX_MAP_LOG_SOFTMAX, NULL, -1 },
  { "_softmax_backward_data", gb_map_row, DEPENDS, "y × (g − Σ g × y)", -1 },
  { "_log_softmax_backward_data", gb_map_row, DEPENDS, "g − e^y × Σ g", -1 },
  { "sort argsort topk linalg_cross _prod_others _cumprod_backward",
    gb_map_row, DEPENDS, NULL, -1 },
  { "layer_norm native_layer_norm", gb_map_layer_norm, DEPENDS, "(x − mean) ÷ √(var + eps) × weight + bias", 0 },
  { "group_norm", gb_map_group_norm, DEPENDS, "(x − mean) ÷ √(var + eps) × weight + bias", 0 },
  { "batch_norm native_batch_norm", gb_map_batch_norm, DEPENDS, "(x − mean) ÷ √(var + eps) × weight + bias", 0 },
  { "native_layer_norm_backward", gb_map_layer_norm_grad, DEPENDS, NULL, 0 },
  { "native_batch_norm_backward", gb_map_batch_norm_grad, DEPENDS, NULL, 0 },
  { "mse_loss", gb_map_pair_loss, DEPENDS, "Σ (input − target)² ÷ n", 0 },
  { "smooth_l1_loss huber_loss soft_margin_loss binary_cross_entropy binary_cross_entropy_with_logits",
    gb_map_pair_loss, DEPENDS, NULL, 0 },
  { "nll_loss nll_loss2d", gb_map_nll, DEPENDS, NULL, 0 }, { "_nll_loss_grad", gb_map_nll_grad, DEPENDS, NULL, 0 },

  /* ---- products ---- */
  { "mm bmm mv dot vdot", gb_map_mm, GB_INDEX_MAP_SUM, NULL, -1 },
  { "addmm addmv baddbmm", gb_map_mm, GB_INDEX_MAP_SUM, NULL, 0 },
  { "outer ger", gb_map_outer, GB_INDEX_MAP_SUM, NULL, 0 },
  { "_trilinear", gb_map_trilinear, DEPENDS, NULL, 0 },
  { "conv1d conv2d conv3d convolution", gb_map_conv, GB_INDEX_MAP_SUM, NULL, 0 },
  { "conv_transpose1d conv_transpose2d conv_transpose3d", gb_map_conv_transpose, GB_INDEX_MAP_SUM, NULL, 0 },
  { "convolution_backward", gb_map_conv_grad, GB_INDEX_MAP_SUM, NULL, 0 },

  /* ---- windows ---- */
  { "max_pool1d max_pool1d_with_indices", gb_map_pool, GB_INDEX_MAP_LARGEST, NULL, 1 },
  { "max_pool2d max_pool2d_with_indices", gb_map_pool, GB_INDEX_MAP_LARGEST, NULL, 2 },
  { "max_pool3d max_pool3d_with_indices", gb_map_pool, GB_INDEX_MAP_LARGEST, NULL, 3 },
  { "avg_pool1d", gb_map_pool, GB_INDEX_MAP_MEAN, NULL, 1 }, { "avg_pool2d", gb_map_pool, GB_INDEX_MAP_MEAN, NULL, 2 },
  { "avg_pool3d", gb_map_pool, GB_INDEX_MAP_MEAN, NULL, 3 },
  { "adaptive_avg_pool1d", gb_map_adaptive_pool, GB_INDEX_MAP_MEAN, NULL, 1 },
  { "adaptive_avg_pool2d _adaptive_avg_pool2d", gb_map_adaptive_pool, GB_INDEX_MAP_MEAN, NULL, 2 },
  { "adaptive_avg_pool3d _adaptive_avg_pool3d", gb_map_adaptive_pool, GB_INDEX_MAP_MEAN, NULL, 3 },
  { "adaptive_max_pool1d", gb_map_adaptive_pool, GB_INDEX_MAP_LARGEST, NULL, 1 },
  { "adaptive_max_pool2d", gb_map_adaptive_pool, GB_INDEX_MAP_LARGEST, NULL, 2 },
  { "adaptive_max_pool3d", gb_map_adaptive_pool, GB_INDEX_MAP_LARGEST, NULL, 3 },
  { "_avg_pool_spread", gb_map_pool_spread, DEPENDS, NULL, 0 },
  { "_max_pool_scatter", gb_map_max_pool_spread, GB_INDEX_MAP_SUM, NULL, 0 },
  { "im2col", gb_map_im2col, COPY, NULL, 0 },

  /* ---- looked up ---- */
  { "gather", gb_map_gather, DEPENDS, NULL, 0 }, { "index_select", gb_map_index_select, DEPENDS, NULL, 0 },
  { "embedding", gb_map_embedding, DEPENDS, NULL, 0 }, { "index", gb_map_index, DEPENDS, NULL, 0 },
  { "take", gb_map_take, DEPENDS, NULL, 0 }, { "embedding_dense_backward", gb_map_embedding_grad, DEPENDS, NULL, 0 },
  { "scatter", gb_map_scatter, DEPENDS, NULL, 0 }, { "scatter_add", gb_map_scatter, GB_INDEX_MAP_SUM, NULL, 1 },
  { "index_add", gb_map_index_add, DEPENDS, NULL, 1 }, { "index_copy index_fill", gb_map_index_add, DEPENDS, NULL, 0 },

  /* ---- put elsewhere ---- */
  { "cat", gb_map_cat, COPY, NULL, 0 }, { "stack", gb_map_stack, COPY, NULL, 0 }, { "flip", gb_map_flip, COPY, NULL, 0 },
  { "rot90", gb_map_rot90, COPY, NULL, 0 }, { "roll", gb_map_roll, COPY, NULL, 0 }, { "repeat", gb_map_repeat, COPY, NULL, 0 },
  { "constant_pad_nd", gb_map_pad, COPY, NULL, 0 }, { "diag", gb_map_diag, COPY, NULL, 0 },
  { "select_backward", gb_map_put_back, COPY, NULL, 0 }, { "slice_backward", gb_map_put_back, COPY, NULL, 1 },

  /* ---- each number depends on a whole matrix, or on everything ---- */
  { "linalg_inv linalg_inv_ex inverse linalg_det det linalg_slogdet slogdet logdet linalg_solve linalg_solve_ex "
    "linalg_cholesky linalg_cholesky_ex cholesky linalg_solve_triangular triangular_solve cholesky_solve cholesky_inverse "
    "linalg_qr qr linalg_svd svd linalg_svdvals linalg_eigh symeig linalg_eigvalsh linalg_pinv pinverse linalg_eig "
    "linalg_eigvals linalg_lstsq linalg_lu_factor linalg_lu_factor_ex linalg_lu linalg_lu_solve _lu_with_info lu_solve "
    "lu_unpack linalg_matrix_exp matrix_exp linalg_matrix_norm linalg_cond linalg_matrix_rank geqrf "
    "linalg_householder_product orgqr ormqr linalg_ldl_factor linalg_ldl_factor_ex linalg_ldl_solve _linalg_cofactor "
    "matrix_power linalg_matrix_power", gb_map_matrices, DEPENDS, NULL, 0 },
  { "trace bincount histc histogram searchsorted bucketize isin _unique2 unique_dim unique_consecutive cdist "
    "_cdist_backward pdist _pdist_backward _fft_c2c _fft_r2c _fft_c2r grid_sampler affine_grid_generator ctc_loss _ctc_loss "
    "_ctc_loss_backward multi_margin_loss multi_margin_loss_backward multilabel_margin_loss multilabel_margin_loss_backward "
    "multinomial lstm_projected lstm_cell gru_cell rnn_tanh_cell rnn_relu_cell rnn_sequence rnn_sequence_packed embedding_bag _embedding_bag_dense_backward "
    "segment_reduce _segment_reduce_backward",
    gb_map_everything, DEPENDS, NULL, 0 },

  /* ---- pictures ---- */
  { "upsample_nearest1d", gb_map_nearest, COPY, NULL, 1 }, { "upsample_nearest2d", gb_map_nearest, COPY, NULL, 2 },
  { "upsample_nearest3d", gb_map_nearest, COPY, NULL, 3 }, { "_upsample_nearest_exact1d", gb_map_nearest_exact, COPY, NULL, 1 },
  { "_upsample_nearest_exact2d", gb_map_nearest_exact, COPY, NULL, 2 }, { "_upsample_nearest_exact3d", gb_map_nearest_exact, COPY, NULL, 3 },
  { "upsample_linear1d", gb_map_linear, DEPENDS, NULL, 1 }, { "upsample_bilinear2d", gb_map_linear, DEPENDS, NULL, 2 },
  { "upsample_trilinear3d", gb_map_linear, DEPENDS, NULL, 3 },
  { "reflection_pad1d reflection_pad2d reflection_pad3d", gb_map_pad_reflect, COPY, NULL, 0 },
  { "replication_pad1d replication_pad2d replication_pad3d", gb_map_pad_replicate, COPY, NULL, 0 },
  { "pixel_shuffle", gb_map_pixel_shuffle, COPY, NULL, 0 }, { "pixel_unshuffle", gb_map_pixel_unshuffle, COPY, NULL, 0 },
  { "native_channel_shuffle channel_shuffle", gb_map_channel_shuffle, COPY, NULL, 0 }, { "narrow_copy", gb_map_narrow, COPY, NULL, 0 },
  { "upsample_nearest1d_backward _upsample_nearest_exact1d_backward upsample_linear1d_backward", gb_map_plane, DEPENDS, NULL, 1 },
  { "upsample_nearest2d_backward _upsample_nearest_exact2d_backward upsample_bilinear2d_backward upsample_bicubic2d "
    "upsample_bicubic2d_backward _upsample_bilinear2d_aa _upsample_bilinear2d_aa_backward _upsample_bicubic2d_aa "
    "_upsample_bicubic2d_aa_backward fractional_max_pool2d max_unpool2d", gb_map_plane, DEPENDS, NULL, 2 },
  { "upsample_nearest3d_backward _upsample_nearest_exact3d_backward upsample_trilinear3d_backward fractional_max_pool3d "
    "max_unpool3d", gb_map_plane, DEPENDS, NULL, 3 },

  /* ---- and those without a map ---- */
  { "nonzero nonzero_numpy argwhere masked_select masked_scatter one_hot",
    NULL, DEPENDS, N_ ("Where an element of this result came from depends on all numbers of a mask."), 0 },
  { "index_put _index_put_impl_ put scatter_reduce index_reduce",
    NULL, DEPENDS, N_ ("Several elements may have been written to one place here; the last or the sum of them stayed."), 0 },
  { "select_scatter slice_scatter diagonal_scatter as_strided_scatter nanquantile _prelu_backward _sample_dirichlet _dirichlet_grad diagonal_backward unfold_backward as_strided_backward block_diag "
    "repeat_interleave diag_embed fill_diagonal_ addbmm addr _adaptive_avg_pool_spread conv_tbc _weight_norm embedding_renorm_ "
    "grid_sampler_2d grid_sampler_2d_backward grid_sampler_3d grid_sampler_3d_backward native_group_norm_backward "
    "_max_pool_put _max_pool_gather _pad_circular _pad_fold _batch_first col2im _targetless_loss_grad glu_backward renorm",
    NULL, DEPENDS, N_ ("This operation is rare: it has no map so far."), 0 },
};
/* clang-format on */

const guint gb_map_n_rows = G_N_ELEMENTS (gb_map_rows);
