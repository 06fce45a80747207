"""The model files of the installed torchvision, unmodified, on the engine and on PyTorch with the same seed.

Compared: the printed module, the names in its state_dict, the initial weights, outputs in evaluation and in training,
gradients, buffers after a step.  models.py NAME… runs single ones.
"""
import importlib.util
import subprocess
import sys

import examples

SIZES = {"alexnet": 64, "vgg11": 32, "resnet18": 64, "resnet50": 64, "mobilenet_v2": 64, "mobilenet_v3_small": 64,
         "shufflenet_v2_x1_0": 64, "squeezenet1_1": 64, "densenet121": 64, "googlenet": 64, "inception_v3": 96,
         "efficientnet_b0": 64, "mnasnet0_5": 64, "regnet_y_400mf": 64, "convnext_tiny": 64, "vit_b_16": 32, "swin_t": 64,
         "maxvit_t": 224, "fcn_resnet50": 64, "deeplabv3_mobilenet_v3_large": 64, "lraspp_mobilenet_v3_large": 64, "r3d_18": 16}
SECONDS = 240


def run(name, on_engine):
    return subprocess.Popen([examples.PYTHON, f"{examples.HERE}/model.py", name, str(SIZES[name])], text=True,
                            env=examples.environment(on_engine), stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def printed(child):
    try:
        out, errors = child.communicate(timeout=SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        return f"no end within {SECONDS} s"
    return out + "".join(errors.strip().splitlines()[-1:])


def main():
    if importlib.util.find_spec("torchvision") is None or importlib.util.find_spec("torch") is None:
        print("torchvision is not installed (python3-torchvision)")
        raise SystemExit(77)
    failed, names = 0, sys.argv[1:] or SIZES
    for name in names:
        children = run(name, True), run(name, False)
        ours, theirs = map(printed, children)
        if not examples.same_text(ours, theirs):
            failed += 1
            print(f"not ok {name}\n{ours}\n  instead of\n{theirs}")
    print(f"{len(names) - failed} of {len(names)} models agree")
    raise SystemExit(failed > 0)


main()
