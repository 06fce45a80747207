"""The digits CNN's train step beside a process that never rests, as a part of its own speed alone.

Machines drift by more than what is measured here, so the settings take turns, a few tenths of a second each, in
one process; medians of the rounds are printed as `name<tab>unit<tab>value`.
"""
import signal
import statistics
import subprocess
import time

import torch
import workloads

ROUNDS, SECONDS, SETTLE = 12, 0.4, 0.02
step = workloads.WORKLOADS["step_digits_cnn"][1]()


def steps_per_second(threads, busy, neighbour):
    torch.set_num_threads(threads)
    neighbour.send_signal(signal.SIGCONT if busy else signal.SIGSTOP)
    time.sleep(SETTLE)
    begin, n = time.perf_counter(), 0
    while (took := time.perf_counter() - begin) < SECONDS:
        step(50)
        n += 50
    return n / took


def main():
    all_threads = torch.get_num_threads()
    settings = {"one thread, alone": (1, False), "all threads, alone": (all_threads, False),
                "one thread, beside": (1, True), "all threads, beside": (all_threads, True)}
    rounds = {name: [] for name in settings}
    neighbour = subprocess.Popen(["/usr/bin/python3", "-c", "while True: pass"])
    try:
        step(200)
        for _ in range(ROUNDS):
            for name, (threads, busy) in settings.items():
                rounds[name].append(steps_per_second(threads, busy, neighbour))
    finally:
        neighbour.kill()
    for name, speeds in rounds.items():
        print(f"{name}\tsteps/s\t{statistics.median(speeds):.5g}")


if __name__ == "__main__":
    main()
