#!/usr/bin/env python3
"""The gateway side by side with Mosquitto's own bridge, between the same two brokers, and with a bare consumer of NATS JetStream.

Usage: cargo build --profile dist --features nats --bin i3 --example sink --example jetstream && benches/gateway.py
           [--messages N] [--runs N] [--devices N] [--only mqtt|nats|fleet]

Messages of 100 bytes at QoS 1, published to the broker of the house; another broker stands for I3's, and acknowledges
everything (examples/sink.rs for the rate, Mosquitto for a bridge that needs one). CPU time is that of everything between
the publisher and the last broker. Then 1,000 devices with keys that start at once, on a sandbox that charges 60 ms a log-in with
a token, while another client measures its echoes. From JetStream the gateway publishes to examples/sink.rs, and
examples/jetstream.rs takes the same stream and acknowledges each message. Needs mosquitto, mosquitto_pub and nats-server.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import socket
import statistics
import struct
import subprocess
import sys
import tempfile
import time

from compare import I3
from stream import free_port, mosquitto

TOPIC = "alice/parking/occupancy"
EXAMPLES = os.path.join(os.path.dirname(I3), "examples")


def cpu(pid):
    """CPU seconds of a process so far."""
    with open(f"/proc/{pid}/stat") as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident(pid):
    with open(f"/proc/{pid}/status") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1)) * 1024 / 1e6


def lenient(folder, more=""):
    """Starts a Mosquitto that takes anybody: (process, port)."""
    return mosquitto(folder, f"allow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 1000\n{more}")


def stop(processes):
    for process in processes:
        process.kill()
        process.wait()


def arrived(port, topic, count):
    """Subscribes at the last broker; returns a process that ends once so many messages have come."""
    process = subprocess.Popen(
        ["stdbuf", "-oL", "mosquitto_sub", "-d", "-p", str(port), "-q", "0", "-t", topic, "-C", str(count), "-F", "."],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    while "Subscribed" not in process.stdout.readline():
        pass
    # Its output is not needed, and must not fill the pipe.
    return process, subprocess.Popen(["cat"], stdin=process.stdout, stdout=subprocess.DEVNULL)


def publish(port, topic, messages):
    lines = "".join(f"{n:0100}\n" for n in range(messages))
    return subprocess.Popen([I3, "pub", "-u", "x", "-P", "x", "--quiet", "--confirm", "none", "-l", "-q", "1", "-h", "127.0.0.1", "-p", str(port),
                             "-t", topic], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True), lines


def start(folder, broker, source, match, *options):
    """Starts a gateway from one source to one device."""
    home = os.path.join(folder, "home")
    shutil.rmtree(home, ignore_errors=True)
    os.makedirs(home, mode=0o700)
    with open(os.open(os.path.join(home, "pw"), os.O_CREAT | os.O_WRONLY, 0o600), "w") as f:
        f.write("secret")
    with open(os.path.join(home, "config.toml"), "w") as f:
        f.write(f'broker = "mqtt://127.0.0.1:{broker}"\n[devices."alice$parking$lot1"]\npassword_file = "pw"\n')
    with open(os.path.join(home, "gateway.toml"), "w") as f:
        f.write(f'[[source]]\nname = "source"\n{source}\n'
                f'[[route]]\nfrom = "source"\nmatch = "{match}"\ndevice = "lot1"\ntopic = "{TOPIC}"\n')
    return subprocess.Popen([I3, "gateway", *options], env={"PATH": os.environ["PATH"], "I3_HOME": home},
                            stderr=subprocess.PIPE, text=True)


def await_line(gateway, find):
    """Reads what a gateway says until `find` finds something in a line, and returns that."""
    while not (found := find(gateway.stderr.readline())):
        pass
    subprocess.Popen(["cat"], stdin=gateway.stderr, stdout=subprocess.DEVNULL)
    return found


def once(messages, folder, by):
    """One run: messages a second, and CPU seconds of the house and what stands between it and the last broker."""
    last, last_port = lenient(folder)
    bridge = f"connection i3\naddress 127.0.0.1:{last_port}\ntopic {TOPIC} out 1\nbridge_protocol_version mqttv311\ncleansession false\n"
    house, port = lenient(folder, bridge if by == "bridge" else "")
    processes, watched = [last, house], [house.pid]
    try:
        if by == "gateway":
            gateway = start(folder, last_port, f'url = "mqtt://127.0.0.1:{port}"', TOPIC)
            processes.append(gateway)
            watched.append(gateway.pid)
            await_line(gateway, lambda line: "akes messages from" in line)
        else:
            time.sleep(1)
        # The first message opens the connection, and is not measured.
        first, _ = arrived(last_port, TOPIC, 1)
        subprocess.run(["mosquitto_pub", "-p", str(port), "-q", "1", "-t", TOPIC, "-m", "first"], check=True)
        first.wait()
        end, _ = arrived(last_port, TOPIC, messages)
        publisher, lines = publish(port, TOPIC, messages)
        before, began = [cpu(pid) for pid in watched], time.perf_counter()
        publisher.stdin.write(lines)
        publisher.stdin.close()
        end.wait()
        took = time.perf_counter() - began
        used = sum(cpu(pid) - was for pid, was in zip(watched, before))
        publisher.wait()
        return messages / took, used
    finally:
        stop(processes)


def rates(messages, runs, folder):
    results = {"gateway": [], "bridge": []}
    for _ in range(runs):
        for by in results:
            results[by].append(once(messages, folder, by))
    print(f"\n{messages} messages of 100 bytes at QoS 1 from one Mosquitto to another ({runs} runs, medians)")
    medians = {by: [statistics.median(values) for values in zip(*all_of)] for by, all_of in results.items()}
    for by, (rate, used) in medians.items():
        print(f"  {by:8} {rate:9.0f}/s  {used:6.2f} s of CPU, the house's included")
    (rate, used), (other, others) = medians["gateway"], medians["bridge"]
    print(f"  gateway: {rate / other:.2f} x the bridge's rate, {used / others:.2f} x its CPU time")


def metrics(address):
    """The counters that the gateway serves."""
    with socket.create_connection(tuple(address.rsplit(":", 1)), 5) as s:
        s.sendall(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        return b"".join(iter(lambda: s.recv(65536), b"")).decode()


def delivered(address):
    name = "i3_gateway_messages_delivered_total{"
    return sum(float(line.rsplit(" ", 1)[1]) for line in metrics(address).splitlines() if line.startswith(name))


def from_stream(messages, folder, by):
    """One run from a stream that is full: messages a second."""
    port, store = free_port(), os.path.join(folder, "nats")
    shutil.rmtree(store, ignore_errors=True)
    server = subprocess.Popen(["nats-server", "-a", "127.0.0.1", "-p", str(port), "-js", "-sd", store], stderr=subprocess.DEVNULL)
    sink = subprocess.Popen([os.path.join(EXAMPLES, "sink")], stdout=subprocess.PIPE, text=True)
    processes, url = [server, sink], f"nats://127.0.0.1:{port}"
    jetstream = os.path.join(EXAMPLES, "jetstream")
    try:
        while subprocess.run([jetstream, "fill", url, str(messages)], stderr=subprocess.DEVNULL).returncode:
            time.sleep(0.1)
        if by == "bare":
            took = subprocess.run([jetstream, "take", url, str(messages)], stdout=subprocess.PIPE, text=True, check=True)
            return messages / float(took.stdout)
        # The sink proves nothing: it sends nothing back.
        source = f'url = "{url}"\nstream = "BENCH"\ndurable = "i3"'
        gateway = start(folder, sink.stdout.readline().strip(), source, "bench.in",
                        "--confirm", "none", "--metrics", "0", "--log-format", "json")
        processes.append(gateway)
        address = await_line(gateway, lambda line: json.loads(line).get("address"))
        first = 0
        while not first:
            first, began = delivered(address), time.perf_counter()
        while (now := delivered(address)) < messages:
            time.sleep(0.01)
        return (now - first) / (time.perf_counter() - began)
    finally:
        stop(processes)


def streams(messages, runs, folder):
    results = {"gateway": [], "bare": []}
    for _ in range(runs):
        for by in results:
            results[by].append(from_stream(messages, folder, by))
    rate, bare = (statistics.median(results[by]) for by in ("gateway", "bare"))
    print(f"\n{messages} messages of 100 bytes from JetStream to a sink at QoS 1 ({runs} runs, medians)")
    print(f"  gateway {rate:9.0f}/s; a bare consumer, which publishes nothing, {bare:9.0f}/s: {rate / bare:.2f}")


class Client:
    """A client of a broker, by hand: what it measures is the broker alone."""

    def __init__(self, port, user, password):
        def text(value):
            return struct.pack(">H", len(value)) + value.encode()

        self.socket = socket.create_connection(("127.0.0.1", port), 60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        body = text("MQTT") + bytes([4, 0xC2, 0, 0]) + text("bench") + text(user) + text(password)
        self.socket.sendall(bytes([0x10]) + self.length(len(body)) + body)
        assert self.packet()[0] >> 4 == 2
        body = struct.pack(">H", 1) + text(TOPIC) + b"\0"
        self.socket.sendall(bytes([0x82]) + self.length(len(body)) + body)
        assert self.packet()[0] >> 4 == 9

    @staticmethod
    def length(n):
        return bytes([n]) if n < 128 else bytes([n & 127 | 128, n >> 7])

    def read(self, n):
        data = b""
        while len(data) < n:
            more = self.socket.recv(n - len(data))
            if not more:
                sys.exit("the broker has closed the connection")
            data += more
        return data

    def packet(self):
        first, n, shift = self.read(1)[0], 0, 0
        while True:
            byte = self.read(1)[0]
            n |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                return first, self.read(n)

    def echo(self, number):
        """Seconds until a message has come back."""
        payload = f"echo {number}".encode()
        body = struct.pack(">H", len(TOPIC)) + TOPIC.encode() + payload
        began = time.perf_counter()
        self.socket.sendall(b"\x30" + self.length(len(body)) + body)
        while not self.packet()[1].endswith(payload):
            pass
        return time.perf_counter() - began


def fleet(devices, per_second, folder):
    """Devices with keys that all have a message at once; another client's echoes meanwhile."""
    sandbox = subprocess.Popen([I3, "sandbox", "--devices", str(devices), "--house"], stdout=subprocess.PIPE, text=True,
                               stderr=subprocess.DEVNULL, env={"PATH": os.environ["PATH"], "TMPDIR": folder})
    env = {"PATH": os.environ["PATH"]}
    while "I3_SANDBOX_PID" not in env:
        name, value = shlex.split(sandbox.stdout.readline())[1].split("=", 1)
        env[name] = value
    processes = [sandbox]
    try:
        port, house = (int(env[name].rsplit(":", 1)[1]) for name in ("I3_BROKER", "I3_HOUSE"))
        with open(os.open(os.path.join(folder, "probe.pw"), os.O_CREAT | os.O_WRONLY, 0o600), "w") as f:
            f.write("hunter2secret")
        subprocess.run([I3, "register", "probe", "--hub", "parking", "--password-file", os.path.join(folder, "probe.pw"), "--quiet"],
                       env=env, check=True, stdout=subprocess.DEVNULL)
        with open(os.path.join(env["I3_HOME"], "gateway.toml"), "w") as f:
            f.write(f'[[source]]\nname = "house"\nurl = "mqtt://127.0.0.1:{house}"\n')
            for n in range(1, devices + 1):
                f.write(f'[[route]]\nfrom = "house"\nmatch = "all/{n}"\ndevice = "bay{n}"\ntopic = "{TOPIC}"\n')
        client = Client(port, "alice$parking$probe", "hunter2secret")
        idle = sorted(client.echo(n) for n in range(200))
        gateway = subprocess.Popen([I3, "gateway", "--log-ins", f"{per_second}/s", "--confirm", "none",
                                    "--metrics", "0", "--log-format", "json"], env=env, stderr=subprocess.PIPE, text=True)
        processes.append(gateway)
        address, sessions = None, 0
        while sessions < devices:
            line = json.loads(gateway.stderr.readline())
            address = line.get("address", address)
            sessions += line["event"] == "source-connected"
        subprocess.Popen(["cat"], stdin=gateway.stderr, stdout=subprocess.DEVNULL)

        began = time.perf_counter()
        for n in range(1, devices + 1):
            subprocess.run(["mosquitto_pub", "-p", str(house), "-q", "1", "-t", f"all/{n}", "-m", "1"], check=True)
        echoes = []
        while delivered(address) < devices:
            echoes += [client.echo(f"{len(echoes)}-{n}") for n in range(20)]
            time.sleep(0.02)
        took = time.perf_counter() - began
        echoes.sort()
        print(f"\n{devices} devices with keys at once, {per_second} log-ins a second, 60 ms each")
        print(f"  all delivered after {took:.0f} s; {devices / per_second:.0f} s are the pace; resident {resident(gateway.pid):.1f} MB")
        for title, times in (("before", idle), ("meanwhile", echoes)):
            print(f"  echo of another client {title}: median {1000 * times[len(times) // 2]:.1f} ms, p99 "
                  f"{1000 * times[int(len(times) * 0.99)]:.1f} ms, longest {1000 * times[-1]:.1f} ms")
    finally:
        for one in processes:
            one.send_signal(signal.SIGTERM)
        for one in processes:
            one.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--messages", type=int, default=50_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--devices", type=int, default=1000)
    parser.add_argument("--log-ins", type=int, default=10)
    parser.add_argument("--only", choices=["mqtt", "nats", "fleet"])
    args = parser.parse_args()
    if not os.path.exists(I3):
        sys.exit("build it first: cargo build --profile dist --bin i3")
    folder = tempfile.mkdtemp(prefix="i3-bench-")
    try:
        os.chmod(folder, 0o755)
        if args.only in (None, "mqtt"):
            rates(args.messages, args.runs, folder)
        if args.only in (None, "nats"):
            streams(args.messages, args.runs, folder)
        if args.only in (None, "fleet"):
            fleet(args.devices, args.log_ins, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
