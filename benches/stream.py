#!/usr/bin/env python3
"""Streams of lines side by side: i3 pub -l, mosquitto_pub -l, paho, and a raw socket that writes ready-made packets.

Usage: cargo build --profile dist --bin i3 --example sink && benches/stream.py [--lines N] [--runs N] [--only sink|mosquitto|latency|memory]

Each is measured against a sink that counts what it takes (examples/sink.rs), so that lost lines cannot look like speed,
and against a real Mosquitto. All runs of a group go in turn, in an order that changes, on loopback and in a temporary
folder. Needs mosquitto, mosquitto_pub, GNU time; paho (pip install paho-mqtt) is measured where it is installed.
"""

import argparse
import base64
import json
import os
import random
import resource
import shutil
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import threading
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
I3 = os.path.join(ROOT, "target", "dist", "i3")
SINK = os.path.join(ROOT, "target", "dist", "examples", "sink")
DEVICE = "alice$parking$lot1"
TOPIC = "alice/parking/occupancy"

# As its documentation has it, with what else a million lines need: room for all of them (its own limit is none), and
# another try where the packet ids are used up, which is how it answers then instead of waiting.
PAHO = """
import sys, time
import paho.mqtt.client as mqtt
port, qos, topic = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
try:
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
except AttributeError:
    client = mqtt.Client()
client.connect("127.0.0.1", port)
client.loop_start()
for line in sys.stdin.buffer:
    while True:
        last = client.publish(topic, line.rstrip(b"\\n"), qos)
        if last.rc != mqtt.MQTT_ERR_QUEUE_SIZE:
            break
        time.sleep(0.001)
last.wait_for_publish()
client.disconnect()
client.loop_stop()
"""
# It is slow enough to be measured with so many.
PAHO_LINES = 100_000


class Sink:
    """The counting sink: its port, and after each connection how many messages came."""

    def __init__(self):
        self.process = subprocess.Popen([SINK], stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def count(self):
        return int(self.process.stdout.readline())


RESERVED = []


def free_port():
    """A port where nobody listens, reserved until this program ends: a socket that is bound and does not listen."""
    s = socket.socket()
    s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    s.bind(("127.0.0.1", 0))
    RESERVED.append(s)
    return s.getsockname()[1]


def mosquitto(folder, settings="allow_anonymous true\nmax_queued_messages 0\n"):
    """Starts a Mosquitto: (process, port)."""
    port = free_port()
    config = os.path.join(folder, f"mosquitto-{port}.conf")
    with open(config, "w") as f:
        f.write(f"listener {port} 127.0.0.1\n{settings}")
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    process = subprocess.Popen([program, "-c", config], stderr=subprocess.DEVNULL)
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return process, port
        except OSError:
            time.sleep(0.02)
    process.kill()
    sys.exit("mosquitto did not start")


def measured(argv, env, lines):
    """Runs a command on the file `lines`: seconds of wall, seconds of CPU, resident MB."""
    # RSS by GNU time: what runs here is larger than the command, and a child's peak counts from before its exec. Not the
    # CPU time, of which it tells hundredths of a second; its own, a millisecond, counts for all alike.
    def cpu():
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime
    with open(lines, "rb") as stdin:
        began, used = time.perf_counter(), cpu()
        done = subprocess.run(["/usr/bin/time", "-f", "%M", *argv], stdin=stdin, env=env,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        took = time.perf_counter() - began
    if done.returncode != 0:
        print(f"  ! exit code {done.returncode}: {' '.join(argv)[:60]}: {done.stderr.strip()[:200]}")
    return took, cpu() - used, int(done.stderr.split()[-1]) * 1024 / 1e6


def exchange(s, data, length):
    """Writes all of `data` and reads `length` bytes of answer at the same time."""
    writer = threading.Thread(target=s.sendall, args=(data,))
    writer.start()
    answer = bytearray(length)
    view, at = memoryview(answer), 0
    while at < length:
        at += s.recv_into(view[at:])
    writer.join()
    return answer


def floor(port, qos, count, payload):
    """A raw socket that writes ready-made packets, as many at once as there are packet ids, and reads what comes back:
    seconds."""
    body = struct.pack(">H", len(TOPIC)) + TOPIC.encode()
    packets = []
    for n in range(count):
        rest = body + (struct.pack(">H", n % 65535 + 1) if qos else b"") + payload
        length = bytes([len(rest)]) if len(rest) < 128 else bytes([len(rest) & 127 | 128, len(rest) >> 7])
        packets.append(bytes([0x30 | qos << 1]) + length + rest)
    # At QoS 2 an id may come again only once it is released.
    most = 65535 if qos == 2 else count
    batches = [(b"".join(packets[at:at + most]), len(packets[at:at + most])) for at in range(0, count, most)]
    with socket.create_connection(("127.0.0.1", port)) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        s.sendall(b"\x10\x0d\0\x04MQTT\x04\x02\0\x3c\0\x01f")
        s.recv(4)
        began = time.perf_counter()
        for data, number in batches:
            answer = exchange(s, data, 4 * number if qos else 0)
            if qos == 2:
                answer[0::4] = b"\x62" * number
                exchange(s, answer, 4 * number)
        s.sendall(b"\xc0\0")
        while not s.recv(1 << 16).endswith(b"\xd0\0"):
            pass
        took = time.perf_counter() - began
        s.sendall(b"\xe0\0")
    return took


def throughput(title, port, counted, lines, few, count, runs, env, payload, qoses):
    """`lines` is a file of `count` lines, `few` one of so many as paho gets; `counted` what the sink has taken."""
    i3 = [I3, "pub", "-u", DEVICE, "-h", "127.0.0.1", "-p", str(port), "-t", TOPIC, "-l", "--confirm", "none", "--quiet"]
    other = ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(port), "-t", TOPIC, "-l"]
    paho = subprocess.run([sys.executable, "-c", "import paho.mqtt.client"], capture_output=True).returncode == 0
    for qos in qoses:
        q = ["-q", str(qos)]
        commands = {"i3 pub -l": [*i3, *q]}
        if qos == 2 and counted:
            commands["i3 pub -l --window 65535"] = [*i3, *q, "--window", "65535"]
        commands["mosquitto_pub -l"] = [*other, *q]
        if paho:
            commands["paho"] = [sys.executable, "-c", PAHO, str(port), str(qos), TOPIC]
        results = {name: [] for name in commands}
        # The raw socket writes what the broker cannot take in time; only a sink is none the worse for it at QoS 2.
        has_floor = qos < 2 or counted
        floors, arrived = [], {}
        for _ in range(runs):
            for name in random.sample(list(commands), len(commands)):
                if name == "paho" and results[name]:
                    continue
                results[name].append(measured(commands[name], env, few if name == "paho" else lines))
                if counted:
                    arrived[name] = counted()
                    while name.startswith("i3") and qos == 2 and arrived[name] == 0:
                        arrived[name] = counted()
                    if name.startswith("i3") and qos == 2:
                        counted()
            floors.append(floor(port, qos, count, payload) if has_floor else None)
            if counted:
                counted()
        print(f"\n{title}, QoS {qos}: {count} lines of {len(payload)} bytes, {runs} runs, median")
        best = statistics.median(floors) if has_floor else None
        if best:
            print(f"  {'raw socket, ready-made packets':32} {count / best / 1000:8.0f} k/s")
        reference = results["mosquitto_pub -l"]
        reference_wall, reference_cpu = (statistics.median(r[i] for r in reference) for i in range(2))
        for name, values in results.items():
            sent = min(count, PAHO_LINES) if name == "paho" else count
            wall, cpu, memory = (statistics.median(v[i] for v in values) for i in range(3))
            shown = f"  {name:32} {sent / wall / 1000:8.0f} k/s  {cpu / sent * 1e6:6.2f} CPU s a million  {memory:5.1f} MB"
            if name.startswith("i3"):
                shown += f"  {reference_wall / wall:.2f} x mosquitto_pub, {cpu / reference_cpu:.2f} x its CPU"
                shown += f", {best / wall:.2f} x raw" if best else ""
            if counted and arrived[name] != sent:
                shown += f"  ONLY {arrived[name]} ARRIVED"
            print(shown)


def one_line(port, folder, runs, env):
    path = os.path.join(folder, "one")
    with open(path, "w") as f:
        f.write("678\n")
    commands = {
        "i3 pub -l": [I3, "pub", "-u", DEVICE, "-h", "127.0.0.1", "-p", str(port), "-t", TOPIC, "-l", "--quiet"],
        "mosquitto_pub -l": ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(port), "-t", TOPIC, "-l"],
    }
    times = {name: [] for name in commands}
    for _ in range(runs):
        for name in random.sample(list(commands), len(commands)):
            times[name].append(measured(commands[name], env, path)[0])
    print(f"\nOne line, whole process, {runs} runs, median")
    for name, values in times.items():
        print(f"  {name:32} {statistics.median(values) * 1000:8.2f} ms")


def latency(port, samples, env):
    """A line into an idle stream until a subscriber has it, in ms: the broker is in it twice for all alike."""
    subscriber = socket.create_connection(("127.0.0.1", port))
    subscriber.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    subscriber.sendall(b"\x10\x0d\0\x04MQTT\x04\x02\0\0\0\x01s")
    subscriber.recv(4)
    subscriber.sendall(bytes([0x82, 5 + len(TOPIC), 0, 1, 0, len(TOPIC)]) + TOPIC.encode() + b"\0")
    subscriber.recv(5)
    print(f"\nA single line in an idle stream, until a subscriber has it, {samples} samples")
    commands = {
        "i3 pub -l": [I3, "pub", "-u", DEVICE, "-h", "127.0.0.1", "-p", str(port), "-t", TOPIC, "-l", "--quiet"],
        "mosquitto_pub -l": ["mosquitto_pub", "-h", "127.0.0.1", "-p", str(port), "-t", TOPIC, "-l"],
    }
    for name, argv in commands.items():
        process = subprocess.Popen(argv, stdin=subprocess.PIPE, env=env, bufsize=0)
        times = []
        for n in range(samples + 1):
            time.sleep(0.5 if n == 0 else 0.01)
            began = time.perf_counter()
            process.stdin.write(b"678\n")
            subscriber.recv(1000)
            times.append(time.perf_counter() - began)
        process.stdin.close()
        process.wait()
        times = sorted(times[1:])
        p99 = times[int(len(times) * 0.99)]
        print(f"  {name:32} p50 {statistics.median(times) * 1000:.3f} ms  p99 {p99 * 1000:.3f} ms")
    subscriber.close()


def memory(sink, folder, runs, env):
    """The most memory that a run takes, of inputs that are meant to take much: plain and with a spool, at QoS 1."""
    path = os.path.join(folder, "input")
    spool = os.path.join(folder, "spool")
    at = [I3, "pub", "-u", DEVICE, "-h", "127.0.0.1", "-p", str(sink.port), "--confirm", "none", "--quiet", "-q", "1",
          "--window", "65535"]
    whole = [*at, "-t", TOPIC, "-l"]
    longest = 256 * 1024
    in_base64 = base64.b64encode(b"x" * (longest // 4 * 3 - 300)).decode()
    inputs = {
        "lines of 100 bytes": (whole, 1_000_000, lambda n: b"x" * 100),
        "lines of 256 KiB": (whole, 1_000, lambda n: b"x" * longest),
        "empty lines": (whole, 3_000_000, lambda n: b""),
        "a topic of its own for each line": ([*at, "--topic-per-line"], 300_000, lambda n: b"alice/parking/%d\tx" % n),
        "JSON with 192 KB in base64": ([*at, "--jsonl"], 1_000, lambda n: json.dumps(
            {"topic": TOPIC, "payload_base64": in_base64}).encode()),
    }
    print(f"\nMost memory of {runs} runs, window 65,535; plain, and with a spool")
    for name, (argv, count, line) in inputs.items():
        with open(path, "wb") as f:
            for n in range(count):
                f.write(line(n) + b"\n")
        most = []
        for more in [], ["--spool", spool]:
            results = []
            for _ in range(runs):
                results.append(measured([*argv, *more], env, path)[2])
                arrived = sink.count()
                if arrived != count:
                    print(f"  ! {name}: only {arrived} of {count} arrived")
                shutil.rmtree(spool, ignore_errors=True)
            most.append(max(results))
        print(f"  {name:34} {most[0]:5.1f} MB  {most[1]:5.1f} MB")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--qos", type=int, nargs="*", default=[0, 1, 2])
    parser.add_argument("--only", choices=["sink", "mosquitto", "latency", "memory"])
    args = parser.parse_args()
    if not (os.path.exists(I3) and os.path.exists(SINK)):
        sys.exit("build it first: cargo build --profile dist --bin i3 --example sink")
    wanted = lambda group: args.only in (None, group)
    folder = tempfile.mkdtemp(prefix="i3-bench-")
    env = {"PATH": os.environ["PATH"], "HOME": folder, "I3_HOME": os.path.join(folder, "home"), "I3_PASSWORD": "secret"}
    payload = b"x" * 100
    def file(name, count):
        path = os.path.join(folder, name)
        with open(path, "wb") as f:
            f.write((payload + b"\n") * count)
        return path

    lines, few = file("lines", args.lines), file("few", min(args.lines, PAHO_LINES))
    processes = []
    try:
        if wanted("sink"):
            sink = Sink()
            processes.append(sink.process)
            throughput("Sink", sink.port, sink.count, lines, few, args.lines, args.runs, env, payload, args.qos)
        if wanted("memory"):
            sink = Sink()
            processes.append(sink.process)
            memory(sink, folder, args.runs, env)
        if wanted("mosquitto") or wanted("latency"):
            process, port = mosquitto(folder)
            processes.append(process)
            if wanted("mosquitto"):
                # Above QoS 0 mosquitto_pub loses what comes after 65,535 lines, and would seem the faster for it.
                short = min(args.lines, 60_000)
                for qos in args.qos:
                    count = short if qos else args.lines
                    of = file("short", count)
                    throughput("Mosquitto", port, None, of, few if count > PAHO_LINES else of, count, args.runs, env,
                               payload, [qos])
            one_line(port, folder, 10 * args.runs, env)
            latency(port, 200, env)
    finally:
        for process in processes:
            process.terminate()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
