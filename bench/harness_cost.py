#!/usr/bin/env python3
"""What the suite costs beside the client: every case with a client that only ends.

  bench/harness_cost.py            median, mean and the slowest of the cases, in milliseconds
  bench/harness_cost.py --check    exit status 1 when the median is above the goal of 5 ms

The client is `true`. A case's cost is its whole time (registry, home, directories, process, judge, report) less
what `true` itself takes when this script starts it, measured in the same run. Figures of time count only from a
quiet machine; the processor time beside them is what the kernel charged to pullproof and `true`, less what
it takes to read the suite and to start `true`. TMPDIR=/dev/shm leaves the disk out.
"""
import json
import os
import pathlib
import resource
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PULLPROOF = os.environ.get("PULLPROOF", ROOT / "build/release/cli/pullproof")
GOAL_MS = 5.0
PROFILE = """
client   = 1
name     = "nothing"
title    = "a client that only ends"
requires = "true"
install  = "it is part of coreutils"
tried    = "for what the harness costs"
capabilities = ["auth.basic", "auth.bearer", "platform", "tls", "proxy"]
[verbs.pull]
commands = [["true"]]
[verbs.copy]
commands = [["true"]]
"""


def cpu_s(command):
    """Processor time of one command with all that it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def own_cost(count=200):
    """Of `true`: the median of its time in milliseconds, and the mean of its processor time in seconds."""
    times = []
    cpu = 0.0
    for _ in range(count):
        start = time.perf_counter()
        cpu += cpu_s(["true"])
        times.append((time.perf_counter() - start) * 1e3)
    return statistics.median(times), cpu / count


def main():
    own, own_cpu = own_cost()
    reading = cpu_s([PULLPROOF, "list"])
    with tempfile.TemporaryDirectory() as work:
        profile = os.path.join(work, "nothing.toml")
        report = os.path.join(work, "report.jsonl")
        with open(profile, "w", encoding="utf-8") as file:
            file.write(PROFILE)
        start = time.perf_counter()
        cpu = cpu_s([PULLPROOF, "test", "--client", profile, "--jobs", "1", "--report", report])
        wall = time.perf_counter() - start
        with open(report, encoding="utf-8") as lines:
            cases = [json.loads(line) for line in lines]
    costs = []
    for case in cases:
        if case["type"] != "case" or case["verdict"] == "unsupported":
            continue
        costs.append((case["took_us"] / 1e3 - own * len(case["steps"]), case["id"]))
    costs.sort()
    median = statistics.median(cost for cost, _ in costs)
    mean = statistics.mean(cost for cost, _ in costs)
    print(f"`true` alone: {own:.2f} ms")
    print(f"{len(costs)} cases in {wall:.1f} s; beside the client, per case:")
    cpu_ms = (cpu - reading - own_cpu * len(costs)) * 1e3 / len(costs)
    print(f"  processor {cpu_ms:.2f} ms")
    print(f"  median {median:.2f} ms, mean {mean:.2f} ms, 99 % below {costs[int(len(costs) * 0.99)][0]:.2f} ms")
    for cost, name in costs[-3:]:
        print(f"  {cost:8.2f} ms  {name}")
    if "--check" in sys.argv[1:] and median > GOAL_MS:
        print(f"the goal is {GOAL_MS} ms")
        sys.exit(1)


if __name__ == "__main__":
    main()
