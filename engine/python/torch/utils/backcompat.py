"""Warnings for programs of PyTorch before 0.2; what they warned of is long gone."""


class Warning:
    def __init__(self):
        self.enabled = False

    def set_enabled(self, value):
        self.enabled = value

    def get_enabled(self):
        return self.enabled


broadcast_warning, keepdim_warning = Warning(), Warning()
