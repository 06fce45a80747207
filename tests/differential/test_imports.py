"""What programs import before they begin: modules of later rounds included, so that a file runs as far as it can."""
from harness import case, expressions, run

expressions('''
import_of("torch.backends.cudnn")
import_of("torch.backends.mkldnn")
import_of("torch.nn.parallel")
import_of("torch.multiprocessing")
import_of("torch.utils.model_zoo")
import_of("torch.utils.tensorboard")
import_of("torch.hub")
import_of("torch.onnx")
import_of("torch.fx.graph_module")
import_of("torch.ao.quantization")
import_of("torch.quantization")
import_of("torch.sparse")
import_of("torch.no_such_module")
torch.backends.cudnn.enabled, torch.backends.cudnn.benchmark, torch.backends.cudnn.deterministic
torch.backends.cudnn.version(), torch.backends.cudnn.is_available(), torch.backends.mps.is_available()
torch.onnx.no_such_name
torch.nn.quantized.no_such_name
torch.ops.no_such_library.no_such_op
torch.multiprocessing.get_sharing_strategy()
torch.hub.load(".", "model", source="elsewhere")
isinstance(torch.nn.Linear(1, 1), (torch.nn.parallel.DistributedDataParallel, torch.nn.quantized.Linear))
''', setup='''
import importlib
def import_of(name):
    return importlib.import_module(name).__name__
''')


@case
def data_parallel_on_a_processor():
    import torch
    model = torch.nn.DataParallel(torch.nn.Linear(3, 2))
    return str(model), list(model.state_dict()), model(torch.ones(2, 3)), model.module.weight


@case
def classes_on_what_is_missing_can_be_declared():
    import torch

    class Traced(torch.fx.Tracer):
        pass

    class Stub(torch.ao.quantization.QuantStub, torch.nn.Module):
        pass
    return Traced.__name__, Stub.__name__


@case
def entry_points_of_a_folder():
    import os
    import tempfile
    import torch
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "hubconf.py"), "w") as file:
            file.write("dependencies = ['torch']\nimport torch\ndef net(width=2): return torch.nn.Linear(width, 1)\n")
        model = torch.hub.load(folder, "net", width=3, source="local")
        texts = []
        for name, source in (("nothing", "local"),):
            try:
                torch.hub.load(folder, name, source=source)
            except RuntimeError as error:
                texts.append(str(error))
    return str(model), texts


run(__file__)
