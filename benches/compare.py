#!/usr/bin/env python3
"""Whole processes side by side: i3 and what a seller would pick instead, as ratios of medians in one run.

Usage: cargo build --profile dist && benches/compare.py [--runs N] [--only token|keygen|pub|tls]

Needs openssl, mosquitto and mosquitto_pub, for memory GNU time; PyJWT (pip install pyjwt cryptography) and jwt (cargo install jwt-cli) are
measured where they are installed. The commands of a group run in turn, in an order that changes from round to round, so
that whatever else the machine does meets them all alike. Everything happens in a temporary folder and on loopback.
"""

import argparse
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

from stream import mosquitto

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
I3 = os.path.join(ROOT, "target", "dist", "i3")
DEVICE = "alice$parking$lot1"
TOPIC = "alice/parking/occupancy"
PASSWORD = "secret-of-lot1"

OPENSSL_TOKEN = r"""
b64() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
now=$(date +%s)
head=$(printf '{"alg":"RS256","typ":"JWT"}' | b64)
body=$(printf '{"iss":"lot1","iat":%d,"exp":%d}' "$now" "$((now + 3600))" | b64)
sign=$(printf '%s.%s' "$head" "$body" | openssl dgst -sha256 -sign lot1.pem | b64)
printf '%s.%s.%s\n' "$head" "$body" "$sign"
"""

PYTHON_TOKEN = """
import jwt, time
now = int(time.time())
print(jwt.encode({"iss": "lot1", "iat": now, "exp": now + 3600}, open("lot1.pem").read(), algorithm="RS256"))
"""


def once(argv, env):
    """Runs a command: seconds. Any exit code but 0 ends the benchmark."""
    sink = os.open(os.devnull, os.O_RDWR)
    began = time.perf_counter()
    actions = [(os.POSIX_SPAWN_DUP2, sink, 0), (os.POSIX_SPAWN_DUP2, sink, 1), (os.POSIX_SPAWN_DUP2, sink, 2)]
    pid = os.posix_spawnp(argv[0], argv, env, file_actions=actions)
    _, status = os.waitpid(pid, 0)
    took = time.perf_counter() - began
    os.close(sink)
    if status != 0:
        sys.exit(f"failed with status {status}: {' '.join(argv)}")
    return took


def resident(argv, env):
    """Peak resident memory of a command in MB, by GNU time; None without it."""
    if not os.path.exists("/usr/bin/time"):
        return None
    # What runs here is much larger than the commands, and a child's peak counts from before its exec.
    done = subprocess.run(["/usr/bin/time", "-f", "%M", *argv], env=env, capture_output=True, text=True)
    return int(done.stderr.split()[-1]) * 1024 / 1e6


def compare(title, commands, baselines, runs, env):
    """Measures `commands` ({name: argv}) and prints each median as a ratio to every baseline."""
    memory = {name: resident(argv, env) for name, argv in commands.items()}
    times = {name: [] for name in commands}
    for _ in range(runs):
        for name in random.sample(list(commands), len(commands)):
            times[name].append(once(commands[name], env))
    print(f"\n{title} ({runs} runs each, median)")
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, median in medians.items():
        ratios = ", ".join(f"{median / medians[b]:.2f} x {b}" for b in baselines if b in medians and b != name)
        size = "        " if memory[name] is None else f"{memory[name]:5.1f} MB"
        own = ratios if name.startswith("i3") else ""
        print(f"  {name:34} {median * 1000:8.2f} ms  {size}  {own}")


def broker(folder, tls):
    """Starts a Mosquitto with the device's password: (process, port)."""
    lines = ["allow_anonymous false", f"password_file {folder}/passwords"]
    if tls:
        lines += [f"cafile {folder}/ca.pem", f"certfile {folder}/server.pem", f"keyfile {folder}/server.key"]
    return mosquitto(folder, "\n".join(lines) + "\n")


def certificates(folder):
    def openssl(*args):
        subprocess.run(["openssl", *args], cwd=folder, check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=bench ca",
            "-keyout", "ca.key", "-out", "ca.pem")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", "server.key", "-out", "server.csr")
    with open(os.path.join(folder, "san"), "w") as f:
        f.write("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial",
            "-days", "2", "-extfile", "san", "-out", "server.pem")
    for name in ("server.key", "server.pem", "ca.pem"):
        os.chmod(os.path.join(folder, name), 0o644)


def publishing(title, port, extra_i3, extra_mosquitto, runs, env):
    i3 = [I3, "pub", "-u", DEVICE, "--pw-file", "lot1.pw", "-h", "localhost", "-p", str(port), "-t", TOPIC, "-m", "678"]
    other = ["mosquitto_pub", "-u", DEVICE, "-P", PASSWORD, "-h", "localhost", "-p", str(port), "-t", TOPIC, "-m", "678"]
    for qos in ("0", "1"):
        compare(
            f"{title}, QoS {qos}",
            {
                "i3 pub --confirm none": [*i3, *extra_i3, "-q", qos, "--confirm", "none"],
                "i3 pub (proved by the echo)": [*i3, *extra_i3, "-q", qos],
                "mosquitto_pub": [*other, *extra_mosquitto, "-q", qos],
            },
            ["mosquitto_pub"], runs, env,
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=200)
    parser.add_argument("--only", choices=["token", "keygen", "pub", "tls"])
    args = parser.parse_args()
    if not os.path.exists(I3):
        sys.exit("build it first: cargo build --profile dist")
    wanted = lambda group: args.only in (None, group)
    print(f"i3: {os.path.getsize(I3) / 1e6:.2f} MB binary")

    folder = tempfile.mkdtemp(prefix="i3-bench-")
    os.chmod(folder, 0o755)
    os.chdir(folder)
    env = {"PATH": os.environ["PATH"], "HOME": folder, "I3_HOME": os.path.join(folder, "home")}
    env |= {name: os.environ[name] for name in ("PYENV_VERSION", "PYTHONPATH") if name in os.environ}
    processes = []
    try:
        once([I3, "keygen", "--out", "lot1.pem"], env)
        if wanted("token"):
            with open("token.sh", "w") as f:
                f.write(OPENSSL_TOKEN)
            with open("token.py", "w") as f:
                f.write(PYTHON_TOKEN)
            commands = {"i3 token": [I3, "token", "--key", "lot1.pem"], "openssl pipeline (sh)": ["sh", "token.sh"]}
            if shutil.which("jwt"):
                commands["jwt-cli"] = ["jwt", "encode", "-A", "RS256", "--secret", "@lot1.pem", "--exp=+1 hour", "-i", "lot1"]
            if subprocess.run([sys.executable, "-c", "import jwt, cryptography"], capture_output=True).returncode == 0:
                commands["PyJWT"] = [sys.executable, "token.py"]
            compare("Key file to token", commands, ["openssl pipeline (sh)", "jwt-cli", "PyJWT"], args.runs, env)
        if wanted("keygen"):
            compare(
                "RSA-2048 key pair",
                {
                    "i3 keygen": [I3, "keygen", "--force", "--out", "new.pem"],
                    "openssl genrsa 2048": ["openssl", "genrsa", "-out", "openssl.pem", "2048"],
                },
                ["openssl genrsa 2048"], args.runs, env,
            )
        if wanted("pub") or wanted("tls"):
            subprocess.run(["mosquitto_passwd", "-b", "-c", "passwords", DEVICE, PASSWORD], check=True, capture_output=True)
            os.chmod("passwords", 0o644)
            with open(os.open("lot1.pw", os.O_CREAT | os.O_WRONLY, 0o600), "w") as f:
                f.write(PASSWORD + "\n")
        if wanted("pub"):
            process, port = broker(folder, tls=False)
            processes.append(process)
            publishing("One message", port, [], [], args.runs, env)
        if wanted("tls"):
            certificates(folder)
            process, port = broker(folder, tls=True)
            processes.append(process)
            ca = ["--cafile", "ca.pem"]
            publishing("One message over TLS", port, ca, ca, args.runs, env)
    finally:
        for process in processes:
            process.terminate()
            process.wait()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
