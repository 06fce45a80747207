"""What this build is made of."""

import os

import torch


def show():
    return ("PyTorch built with:\n  - Gradboard's engine\n  - LAPACK is enabled (usually provided by MKL)\n"
            f"  - Build settings: TORCH_VERSION={torch.__version__}, USE_CUDA=OFF, USE_MPI=OFF, USE_OPENMP=OFF, \n")


def parallel_info():
    return (f"ATen/Parallel:\n\tat::get_num_threads() : {torch.get_num_threads()}\n"
            f"\tat::get_num_interop_threads() : {torch.get_num_interop_threads()}\n"
            f"std::thread::hardware_concurrency() : {os.cpu_count()}\n"
            "ATen parallel backend: native thread pool\n")
