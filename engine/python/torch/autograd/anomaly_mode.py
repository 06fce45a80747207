"""Anomaly mode: backward says which forward operation gave a NaN or an error."""

import warnings

from torch import _C


class set_detect_anomaly:
    """Switches anomaly mode on or off; as a context manager it restores what was before."""

    def __init__(self, mode, check_nan=True):
        self.before = _C.is_anomaly_enabled(), _C.is_anomaly_check_nan_enabled()
        _C.set_anomaly_enabled(mode, check_nan)

    def __enter__(self):
        pass

    def __exit__(self, *args):
        _C.set_anomaly_enabled(*self.before)


class detect_anomaly(set_detect_anomaly):
    def __init__(self, check_nan=True):
        self.before, self.check_nan = (_C.is_anomaly_enabled(), _C.is_anomaly_check_nan_enabled()), check_nan
        warnings.warn("Anomaly Detection has been enabled. This mode will increase the runtime and should only be enabled for "
                      "debugging.", stacklevel=2)

    def __enter__(self):
        _C.set_anomaly_enabled(True, self.check_nan)
