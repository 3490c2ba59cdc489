#!/usr/bin/env python3
"""Server CPU per request, from /proc, of pullproof and of other servers with the same bytes, in one run.

    bench/server_cpu.py [--seconds 3] [--rounds 5] [--connections 8] [--only manifest,blob] [--check]

Servers: pullproof as it is, and with 100 rules that do not match; nginx with static files (Debian),
docker-registry (Debian), distribution v3 and `crane registry serve` (scripts/peers). One that is not
here is named and left out. The load generator is wrk (scripts/setup bench), one thread, keep-alive.

Every figure is the median of the rounds; a round visits every server once, so that whatever else the
machine does hits all of them alike. CPU is what the kernel charged to the server's processes (user and
system), so the load generator may share the cores; still, figures count only from a quiet machine.
--check: exit status 1 when a goal is missed.
"""

import argparse
import contextlib
import hashlib
import http.client
import json
import os
import pathlib
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TICKS = os.sysconf("SC_CLK_TCK")
IMAGE = "application/vnd.oci.image.manifest.v1+json"
REPOSITORY = "bench/app"
STARTS = 10  # how often a server is started to see how long it takes

CONFIG = b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}'
# The same bytes in every run, that no server could compress or guess.
BLOB = b"".join(hashlib.sha256(str(i).encode()).digest() for i in range((1 << 20) // 32))
UPLOAD = BLOB[: 64 << 10]
TAGS = [f"1.{i}" for i in range(20)]

# One connection: POST opens an upload, PUT to where the answer says ends it.
UPLOAD_SCRIPT = """
local place = nil
function request()
  if not place then
    return wrk.format("POST", "/v2/%(repository)s/blobs/uploads/", {["Content-Length"] = "0"})
  end
  local path = place .. (place:find("?", 1, true) and "&" or "?") .. "digest=%(digest)s"
  place = nil
  return wrk.format("PUT", path, {["Content-Type"] = "application/octet-stream"}, body)
end
function response(status, headers)
  if status == 202 then place = headers["Location"]:gsub("^https?://[^/]*", "") end
end
local file = io.open("%(file)s", "rb")
body = file:read("*a")
file:close()
"""


HEAD = "HEAD"  # instead of a script: wrk would wait for the body that a HEAD does not have


def digest_of(data):
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def descriptor(media_type, data):
    return {"mediaType": media_type, "digest": digest_of(data), "size": len(data)}


MANIFEST = json.dumps({
    "schemaVersion": 2, "mediaType": IMAGE,
    "config": descriptor("application/vnd.oci.image.config.v1+json", CONFIG),
    "layers": [descriptor("application/vnd.oci.image.layer.v1.tar", BLOB)],
    "annotations": {f"org.example.note-{i}": "x" * 60 for i in range(8)}}).encode()
MANIFEST_PATH = f"/v2/{REPOSITORY}/manifests/{TAGS[0]}"
BLOB_PATH = f"/v2/{REPOSITORY}/blobs/{digest_of(BLOB)}"
TAGS_PATH = f"/v2/{REPOSITORY}/tags/list"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A process that listens. `command` is given the port and a directory of its own."""

    def __init__(self, name, command, work, fill):
        self.name = name
        self._command = command
        self._work = pathlib.Path(work) / re.sub(r"\W", "_", name)
        self._work.mkdir()
        self._fill = fill
        self.process = None
        self.port = 0

    def start(self):
        """Returns the milliseconds from the start of the program until it takes a connection."""
        self.port = free_port()
        command = self._command(self.port, self._work)
        log = open(self._work / "log", "ab")
        begun = time.perf_counter()
        self.process = subprocess.Popen(command, stdout=log, stderr=log)
        log.close()
        while True:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return (time.perf_counter() - begun) * 1000
            if self.process.poll() is not None or time.perf_counter() - begun > 20:
                sys.exit(f"{self.name} did not start: {' '.join(command)}\n"
                         f"{(self._work / 'log').read_text(errors='replace')[-2000:]}")
            time.sleep(0.0002)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=20)

    def fill(self):
        self._fill(self)

    def _processes(self):
        """Its own and its children's (nginx has workers)."""
        own = self.process.pid
        children = pathlib.Path(f"/proc/{own}/task/{own}/children").read_text().split()
        return [own, *map(int, children)]

    def cpu_seconds(self):
        total = 0
        for pid in self._processes():
            fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            total += int(fields[11]) + int(fields[12])
        return total / TICKS

    def rss_mib(self):
        kib = 0
        for pid in self._processes():
            status = pathlib.Path(f"/proc/{pid}/status").read_text()
            kib += int(re.search(r"VmHWM:\s+(\d+)", status)[1])
        return kib / 1024


def push(server):
    """Fills a registry by its own API."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)

    def ask(method, path, body=b"", media_type="application/octet-stream"):
        connection.request(method, path, body, {"Content-Type": media_type})
        answer = connection.getresponse()
        answer.read()
        return answer

    for data in (CONFIG, BLOB):
        place = ask("POST", f"/v2/{REPOSITORY}/blobs/uploads/").headers["Location"]
        place = re.sub("^https?://[^/]*", "", place)
        place += ("&" if "?" in place else "?") + f"digest={digest_of(data)}"
        if ask("PUT", place, data).status != 201:
            sys.exit(f"{server.name} took no blob")
    for tag in TAGS:
        if ask("PUT", f"/v2/{REPOSITORY}/manifests/{tag}", MANIFEST, IMAGE).status != 201:
            sys.exit(f"{server.name} took no manifest")


def lay_out(directory):
    """The same content as files, for nginx."""
    files = {MANIFEST_PATH: MANIFEST, BLOB_PATH: BLOB,
             TAGS_PATH: json.dumps({"name": REPOSITORY, "tags": TAGS},
                                   separators=(",", ":")).encode()}
    for path, data in files.items():
        file = directory / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)


def rules_fixture(work):
    rules = "\n".join(
        f'[[rules]]\nid = "r{i}"\non = {{ op = ["manifest.*", "blob.*", "tags.list"], '
        f'ref = "nothing-{i}" }}\ndo = {{ status = 500 }}' for i in range(100))
    path = work / "rules.toml"
    path.write_text(f'fixture = 1\nid = "bench.rules"\n{rules}\n')
    return str(path)


def nginx_command(nginx):
    def command(port, work):
        lay_out(work / "www")
        (work / "nginx.conf").write_text(f"""
daemon off; worker_processes 1; pid {work}/pid; error_log {work}/error.log;
{'user root;' if os.geteuid() == 0 else ''}
events {{ worker_connections 1024; }}
http {{
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000000; open_file_cache max=100;
  client_body_temp_path {work}/t1; proxy_temp_path {work}/t2; fastcgi_temp_path {work}/t3;
  uwsgi_temp_path {work}/t4; scgi_temp_path {work}/t5;
  server {{
    listen 127.0.0.1:{port}; root {work}/www; default_type application/octet-stream;
    location ~ /manifests/ {{ default_type {IMAGE}; }}
    location ~ /tags/ {{ default_type application/json; }}
  }}
}}
""")
        return [nginx, "-p", str(work), "-c", str(work / "nginx.conf")]
    return command


def registry_command(program, version):
    def command(port, work):
        (work / "config.yml").write_text(
            f"version: {version}\nlog: {{ level: error, accesslog: {{ disabled: true }} }}\n"
            f'storage: {{ inmemory: {{}} }}\nhttp: {{ addr: "127.0.0.1:{port}" }}\n')
        return [program, "serve", str(work / "config.yml")]
    return command


def servers(work, pullproof):
    """Those that are here, and the names of those that are not."""
    peers = f"{ROOT}/build/peers/bin"
    path = f"{peers}:{os.environ['PATH']}:/usr/sbin"
    found, absent = [], []

    def add(name, program, command, fill):
        where = shutil.which(program, path=path)
        if where is None:
            absent.append(name)
        else:
            found.append(Server(name, command(where), work, fill))

    add("pullproof", pullproof, lambda p: lambda port, _: [p, "serve", "--port", str(port)], push)
    add("pullproof, 100 rules", pullproof, lambda p: lambda port, work: [
        p, "serve", "--port", str(port), rules_fixture(work)], push)
    add("nginx", "nginx", nginx_command, lambda _: None)
    add("docker-registry", "docker-registry", lambda p: registry_command(p, "0.1"), push)
    add("distribution v3", f"{peers}/registry", lambda p: registry_command(p, "0.1"), push)
    add("crane", "crane", lambda p: lambda port, _: [
        p, "registry", "serve", "--address", f"127.0.0.1:{port}"], push)
    return found, absent


def wrk(server, path, seconds, connections, script=None):
    """Requests done; exits when one was not answered 2xx."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-H", f"Accept: {IMAGE}, */*",
               *(["-s", script] if script else []),
               f"http://127.0.0.1:{server.port}{path}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if bad := re.search(r"Non-2xx or 3xx responses: \d+|Socket errors: .*", done):
        sys.exit(f"{server.name}: {' '.join(command)}: {bad[0]}")
    return int(re.search(r"(\d+) requests in", done)[1])


def head(server, path, seconds):
    """The same on one connection, for HEAD."""
    request = (f"HEAD {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
               f"Accept: {IMAGE}, */*\r\n\r\n").encode()
    done = 0
    end = time.perf_counter() + seconds
    with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
        while time.perf_counter() < end:
            connection.sendall(request)
            answer = b""
            while not answer.endswith(b"\r\n\r\n"):
                piece = connection.recv(65536)
                if not piece:
                    sys.exit(f"{server.name} closed the connection")
                answer += piece
            if not answer.startswith(b"HTTP/1.1 200 "):
                sys.exit(f"{server.name}: {answer[:60]!r}")
            done += 1
    return done


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--only", default="manifest,head,blob,tags,upload")
    parser.add_argument("--pullproof", default=str(ROOT / "build/release/cli/pullproof"))
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        sys.exit("wrk is not here: scripts/setup bench installs it")

    with contextlib.ExitStack() as stack:
        work = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        (work / "upload").write_bytes(UPLOAD)
        (work / "upload.lua").write_text(UPLOAD_SCRIPT % {
            "repository": REPOSITORY, "digest": digest_of(UPLOAD), "file": work / "upload"})
        jobs = {"manifest": ("manifest GET", MANIFEST_PATH, None, options.connections, 1),
                "head": ("manifest HEAD", MANIFEST_PATH, HEAD, 1, 1),
                "blob": ("1 MiB blob GET", BLOB_PATH, None, options.connections, 1),
                "tags": ("20 tags GET", TAGS_PATH, None, options.connections, 1),
                # Two requests are one upload.
                "upload": ("64 KiB upload", "/", "upload.lua", 1, 2)}
        chosen = [jobs[name] for name in options.only.split(",")]

        found, absent = servers(work, options.pullproof)
        print_machine(options, absent)
        starts = {}
        for server in found:
            times = []
            for _ in range(STARTS):
                times.append(server.start())
                server.stop()
            starts[server.name] = statistics.median(times)
        for server in found:
            server.start()
            stack.callback(server.stop)
            server.fill()
        rss = {server.name: server.rss_mib() for server in found}

        rows = [measure(job, found, options, work) for job in chosen]
        print_table(chosen, found, rows, starts, rss)
        missed = print_goals(chosen, rows, starts, rss)
    return 1 if options.check and missed else 0


def measure(job, found, options, work):
    """Microseconds of CPU a request and requests a second, by server; medians of the rounds."""
    _, path, script, connections, requests_each = job
    samples = {}
    for _ in range(options.rounds):
        for server in found:
            if server.name == "nginx" and script == "upload.lua":
                continue  # it takes none
            before = server.cpu_seconds()
            if script is HEAD:
                done = head(server, path, options.seconds)
            else:
                done = wrk(server, path, options.seconds, connections,
                           script and str(work / script))
            each = (server.cpu_seconds() - before) / max(done // requests_each, 1)
            samples.setdefault(server.name, []).append(
                (each * 1e6, done / requests_each / options.seconds))
    return {name: tuple(map(statistics.median, zip(*pairs))) for name, pairs in samples.items()}


def print_machine(options, absent):
    model = re.search(r"model name\s*: (.*)", pathlib.Path("/proc/cpuinfo").read_text())
    commit = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"],
                            capture_output=True, text=True, check=False).stdout.strip()
    print(f"# {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}  {commit}  {os.uname().release}")
    print(f"# {model[1] if model else 'unknown processor'}, {os.cpu_count()} cores, load "
          f"{os.getloadavg()[0]:.1f} at the start; bench/server_cpu.py --seconds {options.seconds} "
          f"--rounds {options.rounds} --connections {options.connections}")
    for name in absent:
        print(f"# not here: {name}")


def print_table(chosen, found, rows, starts, rss):
    print("\nµs of server CPU a request (requests/s in brackets)\n")
    header = ["", *(server.name for server in found)]
    lines = [[job[0], *(f"{row[s.name][0]:.1f} ({row[s.name][1]:.0f})" if s.name in row else "–"
                        for s in found)] for job, row in zip(chosen, rows)]
    lines.append(["start, ms", *(f"{starts[s.name]:.1f}" for s in found)])
    lines.append(["RSS, filled, MiB", *(f"{rss[s.name]:.1f}" for s in found)])
    lines.append(["RSS at most, MiB", *(f"{s.rss_mib():.1f}" for s in found)])
    print("| " + " | ".join(header) + " |")
    print("|" + "---|" * len(header))
    for line in lines:
        print("| " + " | ".join(line) + " |")


def print_goals(chosen, rows, starts, rss):
    """Each goal with what was measured; returns how many were missed."""
    cpu = {job[0]: {name: pair[0] for name, pair in row.items()} for job, row in zip(chosen, rows)}
    goals = [("listening", starts["pullproof"], 10, "ms"), ("RSS", rss["pullproof"], 20, "MiB")]

    def against(what, ours, theirs, factor):
        row = cpu.get(what, {})
        if ours in row and row.get(theirs):
            goals.append((f"{what}: {ours} / {theirs}", row[ours] / row[theirs], factor, "times"))

    against("manifest GET", "pullproof", "nginx", 1.0)
    against("manifest GET", "pullproof", "crane", 0.4)
    against("1 MiB blob GET", "pullproof", "nginx", 1.25)
    against("manifest GET", "pullproof, 100 rules", "pullproof", 1.03)
    print("\n| goal | measured | at most | |\n|---|---|---|---|")
    missed = 0
    for what, value, most, unit in goals:
        missed += value > most
        print(f"| {what} | {value:.2f} {unit} | {most} | {'missed' if value > most else 'met'} |")
    return missed


if __name__ == "__main__":
    sys.exit(main())
