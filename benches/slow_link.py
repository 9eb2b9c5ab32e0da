#!/usr/bin/env python3
"""Streams over a slow link, i3 pub -l beside mosquitto_pub -l: how much of the link's rate each uses, and what arrives.

Usage: cargo build --profile dist --bin i3 --example sink && benches/slow_link.py [--rate BYTES] [--seconds N]

The link is a proxy that takes so many bytes a second and holds next to nothing, in front of the sink of examples/sink.rs,
which counts messages. 1.00 is a sender that never leaves the link idle.
"""

import argparse
import os
import shutil
import socket
import subprocess
import tempfile
import threading
import time

from stream import DEVICE, I3, TOPIC, Sink


def link(port, rate):
    """Starts the proxy and returns its port."""
    listener = socket.socket()
    # What is accepted inherits it.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
    listener.bind(("127.0.0.1", 0))
    listener.listen()

    def forward(source, target):
        free = time.perf_counter()
        try:
            while piece := source.recv(max(1, rate // 50)):
                # The link is busy with it from when it is free.
                free = max(free, time.perf_counter()) + len(piece) / rate
                time.sleep(max(0, free - time.perf_counter()))
                target.sendall(piece)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def serve():
        while True:
            client, _ = listener.accept()
            server = socket.create_connection(("127.0.0.1", port))
            for ends in ((client, server), (server, client)):
                threading.Thread(target=forward, args=ends, daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    return listener.getsockname()[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rate", type=int, default=60_000)
    parser.add_argument("--seconds", type=float, default=15)
    args = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="i3-bench-")
    env = {"PATH": os.environ["PATH"], "HOME": folder, "I3_HOME": folder, "I3_PASSWORD": "secret"}
    sink = Sink()
    port = link(sink.port, args.rate)
    try:
        for qos, length in ((0, 100), (1, 100), (1, 200_000)):
            packet = 2 + len(TOPIC) + length + (2 if qos else 0)
            packet += 1 + (1 if packet < 128 else 2 if packet < 16_384 else 3)
            count = max(1, round(args.rate * args.seconds / packet))
            path = os.path.join(folder, "lines")
            with open(path, "wb") as f:
                f.write((b"x" * length + b"\n") * count)
            print(f"\nQoS {qos}, {count} lines of {length} bytes, {args.rate / 1000:.0f} kB/s")
            programs = {
                "i3 pub -l": [I3, "pub", "-l", "-u", DEVICE, "--confirm", "none"],
                "mosquitto_pub -l": ["mosquitto_pub", "-l"],
            }
            for name, argv in programs.items():
                if name != "i3 pub -l" and shutil.which(argv[0]) is None:
                    continue
                argv += ["-h", "127.0.0.1", "-p", str(port), "-t", TOPIC, "-q", str(qos)]
                with open(path, "rb") as stdin:
                    began = time.perf_counter()
                    code = subprocess.run(argv, stdin=stdin, env=env, stdout=subprocess.DEVNULL).returncode
                    took = time.perf_counter() - began
                used = count * packet / args.rate / took
                print(f"  {name:18} {took:7.2f} s, {used:.2f} of the link's rate, exit code {code}, {sink.count()} arrived")
    finally:
        sink.process.terminate()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
