#!/usr/bin/env python3
"""The durable queue: how fast lines are taken without a network, and how fast a backlog drains beside a plain stream.

Usage: cargo build --profile dist --bin i3 --example sink --example spool && benches/spool.py [--lines N] [--runs N]
       [--folder DIR] [--only store|take|drain]

Three groups. `store` is the queue alone (examples/spool.rs), with blocks of 64 KiB and with a row for each line. `take`
runs `i3 pub --spool` against a port where nobody listens, until `i3 spool status` says that all lines are on disk. `drain`
sends the same lines by a plain `i3 pub -l` and by `i3 spool drain` in turn, to a sink that counts and to a real Mosquitto,
and tells the ratio and the memory. --folder names the disk to measure: /tmp is memory on many machines. Needs GNU time,
and Mosquitto for that part.
"""

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
from stream import DEVICE, I3, ROOT, SINK, TOPIC, Sink, free_port, measured, mosquitto

STORE = os.path.join(ROOT, "target", "dist", "examples", "spool")
PAYLOAD = b"x" * 100


def fresh(folder):
    path = os.path.join(folder, "spool")
    shutil.rmtree(path, ignore_errors=True)
    return path


def store(folder, lines, runs):
    for title, blocks, more in [("blocks of 64 KiB, 1 a commit", 1, []), ("blocks of 64 KiB, 16 a commit", 16, []),
                                ("a row for each line, 8000 a commit", 8000, ["1"])]:
        shown = {}
        for _ in range(runs):
            argv = [STORE, fresh(folder), str(lines), str(len(PAYLOAD)), str(blocks), *more]
            for line in subprocess.run(argv, capture_output=True, text=True, check=True).stdout.splitlines():
                if line.endswith("lines/s"):
                    what, speed = line[:20].strip(), float(line[20:].split()[0])
                    shown.setdefault(what, []).append(speed)
        speeds = ", ".join(f"{what} {statistics.median(v) / 1000:.0f} k/s" for what, v in shown.items())
        print(f"  {title:36} {speeds}", flush=True)


def waiting(path, env):
    """How many lines are in the spool."""
    done = subprocess.run([I3, "spool", "status", "--json", "--spool", path], capture_output=True, text=True, env=env)
    return json.loads(done.stdout)["lines"] if done.returncode == 0 else 0


def take(path, lines_file, lines, env):
    """Fills the spool without a network: seconds until all of it is on disk, and the process's peak memory in MB."""
    argv = [I3, "pub", "-u", DEVICE, "-h", "127.0.0.1", "-p", str(free_port()), "-t", TOPIC, "-l", "-q", "1", "--quiet",
            "--confirm", "none", "--retry", "1000", "--spool", path]
    with open(lines_file, "rb") as stdin:
        began = time.perf_counter()
        process = subprocess.Popen(argv, stdin=stdin, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    memory = 0
    while True:
        ended = process.poll() is not None
        if not ended:
            with open(f"/proc/{process.pid}/status") as status:
                peak = [line for line in status if line.startswith("VmHWM")]
                memory = int(peak[0].split()[1]) if peak else memory
        taken = waiting(path, env)
        if taken >= lines:
            took = time.perf_counter() - began
            break
        if ended:
            sys.exit(f"i3 pub --spool ended with {process.returncode} and {taken} of {lines} lines taken")
        time.sleep(0.01)
    for _ in range(2):
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            time.sleep(0.05)
    process.wait()
    return took, memory * 1024 / 1e6


def drain(title, port, counted, path, lines_file, lines, runs, env):
    at = ["-u", DEVICE, "-h", "127.0.0.1", "-p", str(port), "--confirm", "none", "--quiet"]
    plain = [I3, "pub", *at, "-t", TOPIC, "-l", "-q", "1"]
    spooled = [I3, "spool", "drain", *at, "--spool", path]
    results = {"i3 pub -l": [], "i3 spool drain": []}
    for _ in range(runs):
        results["i3 pub -l"].append(measured(plain, env, lines_file))
        arrived = [counted()] if counted else []
        shutil.rmtree(path, ignore_errors=True)
        take(path, lines_file, lines, env)
        results["i3 spool drain"].append(measured(spooled, env, os.devnull))
        arrived += [counted()] if counted else []
        left = waiting(path, env)
        if left or any(count < lines for count in arrived):
            print(f"  ! {left} lines are left, {arrived} of {lines} arrived")
    given_back, length = giving_back(os.path.dirname(path), lines)
    reference = statistics.median(r[0] for r in results["i3 pub -l"])
    print(f"\n{title}, QoS 1: {lines} lines of {len(PAYLOAD)} bytes, {runs} runs, median")
    for name, values in results.items():
        wall, cpu, memory = (statistics.median(v[i] for v in values) for i in range(3))
        print(f"  {name:20} {lines / wall / 1000:8.0f} k/s  {cpu / lines * 1e6:6.2f} CPU s a million  {memory:5.1f} MB"
              f"  {reference / wall:.2f} x plain", flush=True)
    print(f"  of that, what the file system takes to cut {length / 1e6:.0f} MB off a file: {given_back:.2f} s", flush=True)


def giving_back(folder, lines):
    """Seconds to cut a file off that is as long as the spool of these lines, and its length."""
    path = os.path.join(folder, "cut")
    length = lines * (len(PAYLOAD) + len(TOPIC) + 7)
    times = []
    for _ in range(3):
        with open(path, "wb") as f:
            f.write(b"x" * length)
            f.flush()
            os.fsync(f.fileno())
            began = time.perf_counter()
            f.truncate(1 << 20)
            times.append(time.perf_counter() - began)
    os.remove(path)
    return statistics.median(times), length


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--folder", default="/var/tmp")
    parser.add_argument("--only", choices=["store", "take", "drain"])
    args = parser.parse_args()
    if not all(os.path.exists(program) for program in (I3, SINK, STORE)):
        sys.exit("build it first: cargo build --profile dist --bin i3 --example sink --example spool")
    wanted = lambda group: args.only in (None, group)
    folder = tempfile.mkdtemp(prefix="i3-bench-", dir=args.folder)
    env = {"PATH": os.environ["PATH"], "HOME": folder, "I3_HOME": os.path.join(folder, "home"), "I3_PASSWORD": "secret"}
    lines_file = os.path.join(folder, "lines")
    with open(lines_file, "wb") as f:
        f.write((PAYLOAD + b"\n") * args.lines)
    path = os.path.join(folder, "spool")
    processes = []
    try:
        if wanted("store"):
            print(f"The queue alone: {args.lines} lines of {len(PAYLOAD)} bytes, {args.runs} runs, median")
            store(folder, args.lines, args.runs)
        if wanted("take"):
            runs = [take(fresh(folder), lines_file, args.lines, env) for _ in range(args.runs)]
            took, memory = (statistics.median(run[i] for run in runs) for i in range(2))
            print(f"\nTaken without a network: {args.lines / took / 1000:.0f} k/s, {memory:.1f} MB", flush=True)
        if wanted("drain"):
            sink = Sink()
            processes.append(sink.process)
            drain("Sink", sink.port, sink.count, path, lines_file, args.lines, args.runs, env)
            if shutil.which("mosquitto") or os.path.exists("/usr/sbin/mosquitto"):
                process, port = mosquitto(folder)
                processes.append(process)
                drain("Mosquitto", port, None, path, lines_file, args.lines, args.runs, env)
    finally:
        for process in processes:
            process.terminate()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
