#!/usr/bin/env python3
"""The agent side by side with what it replaces: i3 pub alone, and mosquitto_pub.

Usage: cargo build --profile dist --bin i3 && benches/agent.py [--only PART] [--messages N] [--runs N] [--devices N]

loop: --messages i3 pub in a shell loop on a sandbox whose broker charges 60 ms a log-in with a token. single: one message to a
Mosquitto, plain and over TLS. memory: of an agent with --devices connected. The last two need mosquitto, mosquitto_pub and
openssl.
"""

import argparse
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time

from compare import broker, certificates, compare
from stream import DEVICE, I3, TOPIC

PASSWORD = "hunter2secret"


class Agent:
    """An agent in the foreground, in this environment."""

    def __init__(self, env):
        self.env = env
        self.process = subprocess.Popen([I3, "agent", "--quiet"], env=env, stdout=subprocess.PIPE, text=True)
        while not self.process.stdout.readline().startswith("export I3_AGENT_PID"):
            pass

    def status(self):
        return json.loads(subprocess.run([I3, "agent", "status", "--json"], env=self.env, check=True,
                                         capture_output=True, text=True).stdout)

    def resident(self):
        with open(f"/proc/{self.process.pid}/status") as f:
            return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1)) * 1024 / 1e6

    def stop(self):
        subprocess.run([I3, "agent", "stop"], env=self.env, check=True)
        self.process.wait()


def loop(messages, folder):
    """The shell loop that the agent is for."""
    sandbox = subprocess.Popen([I3, "sandbox", "--token-cost", "60ms"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                               env={"PATH": os.environ["PATH"], "TMPDIR": folder})
    env = {"PATH": os.environ["PATH"]}
    while "I3_SANDBOX_PID" not in env:
        name, value = shlex.split(sandbox.stdout.readline())[1].split("=", 1)
        env[name] = value
    try:
        key = os.path.join(folder, "lot1.pem")
        subprocess.run([I3, "keygen", "--quiet", "--out", key], env=env, check=True,
                       stdout=subprocess.DEVNULL)
        subprocess.run([I3, "register", "lot1", "--hub", "parking", "--key", key, "--quiet"], env=env, check=True,
                       stdout=subprocess.DEVNULL)
        script = f'for n in $(seq {messages}); do "{I3}" pub --device lot1 -t {TOPIC} -m $n || exit 1; done'

        def run():
            began = time.perf_counter()
            subprocess.run(["sh", "-c", script], env=env, check=True)
            return time.perf_counter() - began

        direct = run()
        agent = Agent(env)
        by_agent = run()
        device = agent.status()["devices"][0]
        agent.stop()
        log_ins = device["log_ins"]
        if device["delivered"] != messages:
            sys.exit(f"{device['delivered']} of {messages} messages went by the agent")
        print(f"\n{messages} i3 pub in a shell loop, a device with a key, 60 ms a token log-in")
        print(f"  without the agent {direct:8.1f} s, {messages} log-ins, {direct / messages * 1e3:.1f} ms a message")
        print(f"  by the agent      {by_agent:8.1f} s, {log_ins} log-in, {by_agent / messages * 1e3:.1f} ms a message: "
              f"{direct / by_agent:.1f} x as fast")
    finally:
        sandbox.terminate()
        sandbox.wait()


def home(folder, name, url, devices):
    """A configuration with these devices: its environment."""
    path = os.path.join(folder, name)
    os.makedirs(path, mode=0o700)
    with open(os.path.join(path, "config.toml"), "w") as f:
        f.write(f'broker = "{url}"\ncafile = "{folder}/ca.pem"\n')
        for device in devices:
            f.write(f'[devices."{device}"]\npassword_file = "{folder}/lot1.pw"\n')
    return {"PATH": os.environ["PATH"], "HOME": folder, "I3_HOME": path}


def single(title, port, tls, folder, runs):
    """One message, confirmed by its echo: with the agent, without it, and with mosquitto_pub."""
    env = home(folder, title, f"mqtt{'s' if tls else ''}://localhost:{port}", [DEVICE])
    i3 = [I3, "pub", "-t", TOPIC, "-m", "678"]
    other = ["mosquitto_pub", "-u", DEVICE, "-P", PASSWORD, "-h", "localhost", "-p", str(port), "-t", TOPIC, "-m", "678"]
    agent = Agent(env)
    try:
        compare(f"{title}, QoS 0, proved", {
            "i3 pub by the agent": i3,
            "i3 pub by itself": [*i3, "--no-agent"],
            "mosquitto_pub": [*other, *(["--cafile", f"{folder}/ca.pem"] if tls else [])],
        }, ["mosquitto_pub", "i3 pub by itself"], runs, env)
    finally:
        agent.stop()


def memory(port, devices, folder):
    """The agent's memory once it has published as each of the devices."""
    names = [f"alice$parking$lot{n}" for n in range(devices)]
    print("\nResident memory of the agent")
    for count in 1, devices:
        env = home(folder, f"memory{count}", f"mqtt://localhost:{port}", names[:count])
        agent = Agent(env)
        for name in names[:count]:
            subprocess.run([I3, "pub", "--device", name, "-t", TOPIC, "-m", "678"], env=env, check=True)
        connected = sum(device["connected"] for device in agent.status()["devices"])
        print(f"  {connected} devices connected: {agent.resident():.1f} MB")
        agent.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--only", choices=["loop", "single", "memory"])
    parser.add_argument("--messages", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--devices", type=int, default=1000)
    args = parser.parse_args()
    if not os.path.exists(I3):
        sys.exit("build it first: cargo build --profile dist --bin i3")
    folder = tempfile.mkdtemp(prefix="i3-bench-")
    try:
        os.chmod(folder, 0o755)
        if args.only != "loop":
            on_mosquitto(folder, args)
        if args.only in (None, "loop"):
            loop(args.messages, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def on_mosquitto(folder, args):
    """Single messages, and the memory."""
    certificates(folder)
    with open(os.open(os.path.join(folder, "lot1.pw"), os.O_CREAT | os.O_WRONLY, 0o600), "w") as f:
        f.write(PASSWORD)
    passwords = os.path.join(folder, "passwords")
    with open(passwords, "w") as f:
        f.writelines(f"{name}:{PASSWORD}\n" for name in [DEVICE, *(f"alice$parking$lot{n}" for n in range(args.devices))])
    subprocess.run(["mosquitto_passwd", "-U", passwords], check=True)
    os.chmod(passwords, 0o644)
    processes = []
    try:
        plain, port = broker(folder, False)
        processes.append(plain)
        tls, tls_port = broker(folder, True)
        processes.append(tls)
        if args.only != "memory":
            single("plain", port, False, folder, args.runs)
            single("TLS", tls_port, True, folder, args.runs)
        if args.only != "single":
            memory(port, args.devices, folder)
    finally:
        for process in processes:
            process.kill()
            process.wait()


if __name__ == "__main__":
    main()
