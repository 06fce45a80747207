"""The generators of CUDA: a seed is kept for a device that never comes."""

__all__ = ["get_rng_state", "get_rng_state_all", "initial_seed", "manual_seed", "manual_seed_all", "seed", "seed_all", "set_rng_state",
           "set_rng_state_all"]


def manual_seed(seed):
    int(seed)


manual_seed_all = manual_seed


def seed():
    pass


seed_all = seed


def get_rng_state(device="cuda"):
    raise AssertionError("Torch not compiled with CUDA enabled")


def initial_seed():
    raise AssertionError("Torch not compiled with CUDA enabled")


def get_rng_state_all():
    return []


def set_rng_state(new_state, device="cuda"):
    new_state.clone()


def set_rng_state_all(new_states):
    for state in new_states:
        set_rng_state(state)
