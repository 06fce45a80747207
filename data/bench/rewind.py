"""rewind.py STEPS MEGABYTES: trains the digits CNN beside so much memory and says how long its steps took.

A snapshot is taken between two steps, so it shows in the longest of them.  Prints `name<tab>unit<tab>value`.
"""
import sys
import time

import torch
import workloads

LONGEST = 5
n_steps, n_megabytes = int(sys.argv[1]), int(sys.argv[2])
step = workloads.WORKLOADS["step_digits_cnn"][1]()
ballast = torch.ones(n_megabytes << 18)
times = []
processor = time.process_time()
for _ in range(n_steps):
    begin = time.perf_counter()
    step(1)
    times.append(time.perf_counter() - begin)
processor = time.process_time() - processor
longest = sorted(times)[-LONGEST:]
print(f"speed\tsteps/s\t{n_steps / sum(times):.5g}")
print(f"processor\tms/step\t{1e3 * processor / n_steps:.5g}")
print(f"longest\tms\t{1e3 * sum(longest) / LONGEST:.4g}")
