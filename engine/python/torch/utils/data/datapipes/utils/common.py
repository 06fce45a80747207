"""An open file that is closed when nobody holds it any longer."""


class StreamWrapper:
    def __init__(self, file_obj):
        self.file_obj = file_obj

    def __getattr__(self, name):
        return getattr(self.__dict__["file_obj"], name)

    def __iter__(self):
        return iter(self.file_obj)

    def __next__(self):
        return next(self.file_obj)

    def __del__(self):
        try:
            self.file_obj.close()
        except Exception:
            pass

    def __repr__(self):
        return f"StreamWrapper<{self.file_obj!r}>"
