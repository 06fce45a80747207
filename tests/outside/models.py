"""The model files of the installed torchvision, unmodified, on the engine and on PyTorch with the same seed.

Compared: the printed module, the names in its state_dict, the initial weights, outputs in evaluation and in training,
gradients, buffers after a step.  models.py NAME… runs single ones.
"""
import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

import examples

SIZES = {"alexnet": 64, "vgg11": 32, "resnet18": 64, "resnet50": 64, "mobilenet_v2": 64, "mobilenet_v3_small": 64,
         "shufflenet_v2_x1_0": 64, "squeezenet1_1": 64, "densenet121": 64, "googlenet": 64, "inception_v3": 96,
         "efficientnet_b0": 64, "mnasnet0_5": 64, "regnet_y_400mf": 64, "convnext_tiny": 64, "vit_b_16": 32, "swin_t": 64,
         "maxvit_t": 224, "fcn_resnet50": 64, "deeplabv3_mobilenet_v3_large": 64, "lraspp_mobilenet_v3_large": 64, "r3d_18": 16}


def printed(names):
    """What each model prints on the engine and on PyTorch, which run beside each other."""
    with tempfile.TemporaryDirectory() as ours, tempfile.TemporaryDirectory() as theirs:
        wanted = [word for name in names for word in (name, str(SIZES[name]))]
        children = [subprocess.Popen([examples.PYTHON, f"{examples.HERE}/model.py", folder, *wanted],
                                     env=examples.environment(folder is ours)) for folder in (ours, theirs)]
        if any([child.wait() for child in children]):
            raise SystemExit("model.py ended before it was through")
        for name in names:
            yield name, *(Path(folder, name).read_text() for folder in (ours, theirs))


def main():
    if importlib.util.find_spec("torchvision") is None or importlib.util.find_spec("torch") is None:
        print("torchvision is not installed (python3-torchvision)")
        raise SystemExit(77)
    failed, names = 0, sys.argv[1:] or SIZES
    for name, ours, theirs in printed(names):
        if "eval" not in theirs or not examples.same_text(ours, theirs):
            failed += 1
            print(f"not ok {name}\n{ours}\n  instead of\n{theirs}")
    print(f"{len(names) - failed} of {len(names)} models agree")
    raise SystemExit(failed > 0)


main()
