#!/usr/bin/env python3
"""Drives a real client against `pullproof serve`: push, copy, list, inspect, delete.

    clients.py CLIENT PULLPROOF FIXTURE PEERS_DIR

What the client did is checked by asking the registry, not the client. PEERS_DIR is searched before
PATH. Exit status: 0 all steps did what they should, 1 one did not, 77 the client is not here.
"""

import functools
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

# A step of a client takes well under a second; a machine that runs everything at once is slower.
STEP_TIMEOUT = 60
IMAGE = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"


class Failed(Exception):
    pass


def expect(what, actual, wanted):
    if actual != wanted:
        raise Failed(f"{what}: {actual!r}, wanted {wanted!r}")


class Registry:
    """`pullproof serve`, and the questions that are put to it."""

    def __init__(self, pullproof, fixture):
        self._process = subprocess.Popen(
            [pullproof, "serve", "--timeout", "300s", fixture], stdout=subprocess.PIPE, text=True)
        line = self._process.stdout.readline()
        if not line:
            raise Failed("pullproof serve did not start")
        self.address = json.loads(line)["listening"].removeprefix("http://")

    def stop(self):
        self._process.terminate()
        expect("exit status of serve", self._process.wait(timeout=STEP_TIMEOUT), 0)

    def ask(self, method, path, headers=None, body=None):
        request = urllib.request.Request(
            f"http://{self.address}{path}", method=method, headers=headers or {}, data=body)
        try:
            with urllib.request.urlopen(request, timeout=STEP_TIMEOUT) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as answer:
            return answer.code, answer.headers, answer.read()

    def digest(self, repository, reference):
        """Of a manifest, from its bytes; None when it is not there."""
        status, _, body = self.ask(
            "GET", f"/v2/{repository}/manifests/{reference}", {"Accept": f"{IMAGE}, {INDEX}"})
        return f"sha256:{hashlib.sha256(body).hexdigest()}" if status == 200 else None

    def tags(self, repository):
        status, _, body = self.ask("GET", f"/v2/{repository}/tags/list")
        return json.loads(body)["tags"] if status == 200 else None


class Client:
    """A program with a home of its own, for which the registry needs no TLS."""

    def __init__(self, program, work, address):
        self._program = program
        self.work = pathlib.Path(work)
        home = self.work / "home"
        runtime = self.work / "run"
        for directory in (home / ".docker", runtime):
            directory.mkdir(parents=True, exist_ok=True)
        login = home / ".docker" / "config.json"
        login.write_text("{}")
        registries = home / "registries.conf"
        registries.write_text(f'[[registry]]\nlocation = "{address}"\ninsecure = true\n')
        self._environment = {
            "PATH": os.environ["PATH"], "HOME": str(home), "XDG_RUNTIME_DIR": str(runtime),
            "TMPDIR": str(self.work), "REGISTRY_AUTH_FILE": str(login),
            "CONTAINERS_REGISTRIES_CONF": str(registries),
            # What a container or a CI job may set: buildah must not look for user namespaces.
            "BUILDAH_ISOLATION": "chroot", "_CONTAINERS_USERNS_CONFIGURED": ""}

    def __call__(self, *arguments, program=None, text=None):
        command = [program or self._program, *map(str, arguments)]
        done = subprocess.run(command, env=self._environment, cwd=self.work, capture_output=True,
                              text=True, input=text, timeout=STEP_TIMEOUT, check=False)
        if done.returncode != 0:
            raise Failed(f"{' '.join(command)}: exit status {done.returncode}\n{done.stdout}"
                         f"{done.stderr}")
        return done.stdout


def step(what):
    print(f"  ok: {what}")


# Each takes the client and the registry, and says what was done with `step`.


def skopeo(run, registry):
    run = functools.partial(run, "--insecure-policy")
    plain = ["--src-tls-verify=false", "--dest-tls-verify=false"]
    source = f"docker://{registry.address}/lib/app"
    app = registry.digest("lib/app", "1.0")

    run("copy", "--preserve-digests", *plain, f"{source}:1.0",
        f"docker://{registry.address}/team/copy:1.0")
    expect("the copy", registry.digest("team/copy", "1.0"), app)
    run("copy", "--all", "--preserve-digests", *plain, f"{source}:both",
        f"docker://{registry.address}/team/copy:both")
    expect("the copied index", registry.digest("team/copy", "both"),
           registry.digest("lib/app", "both"))
    step("copy")

    run("copy", "--preserve-digests", "--dest-oci-accept-uncompressed-layers", *plain,
        f"{source}:1.0", "oci:layout:app")
    run("copy", "--preserve-digests", *plain, "oci:layout:app",
        f"docker://{registry.address}/team/pushed:1.0")
    expect("the pushed image", registry.digest("team/pushed", "1.0"), app)
    step("push")

    listed = json.loads(run("list-tags", "--tls-verify=false", source))
    expect("the listed tags", listed["Tags"], ["1.0", "2.0", "both"])
    step("list")

    seen = json.loads(run("inspect", "--tls-verify=false", f"{source}:1.0"))
    expect("the inspected digest", seen["Digest"], app)
    expect("the inspected layers", len(seen["Layers"]), 2)
    step("inspect")

    run("delete", "--tls-verify=false", f"docker://{registry.address}/team/copy:1.0")
    expect("what was deleted", registry.digest("team/copy", "1.0"), None)
    step("delete")


def podman(run, registry):
    # The driver vfs needs no overlay mounts, hence no rights that a container lacks.
    run = functools.partial(run, "--root", run.work / "storage", "--runroot", run.work / "run",
                            "--tmpdir", run.work / "run/libpod", "--storage-driver", "vfs")
    app = f"{registry.address}/lib/app"
    pushed = f"{registry.address}/team/pushed"
    run("pull", "--quiet", "--tls-verify=false", f"{app}:1.0")
    step("pull")

    run("tag", f"{app}:1.0", f"{pushed}:1.0")
    run("push", "--quiet", "--tls-verify=false", "--digestfile", "digest", f"{pushed}:1.0")
    written = run_text(run, "digest")
    expect("the pushed image", registry.digest("team/pushed", "1.0"), written)
    step("push")

    listed = json.loads(run("search", "--list-tags", "--limit", 100, "--format", "json",
                            "--tls-verify=false", app))
    expect("the listed tags", listed[0]["Tags"], ["1.0", "2.0", "both"])
    step("list")

    seen = json.loads(run("image", "inspect", f"{app}:1.0"))
    expect("the inspected digest", seen[0]["Digest"], registry.digest("lib/app", "1.0"))
    index = json.loads(run("manifest", "inspect", f"{app}:both"))
    expect("the manifests of the index", len(index["manifests"]), 2)
    step("inspect")
    # podman deletes nothing in a registry.


def run_text(run, name):
    return (run.func if isinstance(run, functools.partial) else run).work.joinpath(name).read_text()


def buildah(run, registry):
    tool = functools.partial(run, "--root", run.work / "storage", "--runroot", run.work / "run",
                             "--storage-driver", "vfs")
    app = f"{registry.address}/lib/app"
    tool("pull", "--quiet", "--tls-verify=false", f"{app}:1.0")
    step("pull")

    tool("push", "--quiet", "--tls-verify=false", "--digestfile", "digest", f"{app}:1.0",
         f"docker://{registry.address}/team/pushed:1.0")
    expect("the pushed image", registry.digest("team/pushed", "1.0"), run_text(run, "digest"))
    step("push")

    made = tool("from", "scratch").strip()
    tool("config", "--label", "made=here", made)
    tool("commit", "--quiet", "--tls-verify=false", made,
         f"docker://{registry.address}/team/made:1.0")
    expect("the committed image", registry.digest("team/made", "1.0") is not None, True)
    step("commit")

    seen = json.loads(tool("inspect", "--type", "image", f"{app}:1.0"))
    expect("the inspected digest", seen["FromImageDigest"], registry.digest("lib/app", "1.0"))
    step("inspect")
    # buildah lists no tags and deletes nothing in a registry.


def umoci(run, registry):
    # It knows OCI layouts only; skopeo carries them.
    if shutil.which("skopeo") is None:
        print("skipped: umoci needs skopeo, which is not here (scripts/setup test installs it)")
        sys.exit(77)
    carry = functools.partial(
        run, "--insecure-policy", "copy", "--preserve-digests", "--src-tls-verify=false",
        "--dest-tls-verify=false", program="skopeo")
    carry("--dest-oci-accept-uncompressed-layers", f"docker://{registry.address}/lib/app:1.0",
          "oci:layout:app")
    expect("the listed tags", run("ls", "--layout", "layout").split(), ["app"])
    step("list")
    # The layers' entries of history; the fixture's configuration has none.
    run("stat", "--image", "layout:app", "--json")
    step("inspect")
    run("config", "--image", "layout:app", "--tag", "changed", "--config.label", "made=here")
    carry("oci:layout:changed", f"docker://{registry.address}/team/changed:1.0")
    _, _, body = registry.ask("GET", "/v2/team/changed/manifests/1.0", {"Accept": IMAGE})
    config = json.loads(body)["config"]["digest"]
    _, _, body = registry.ask("GET", f"/v2/team/changed/blobs/{config}")
    expect("the pushed configuration", json.loads(body)["config"]["Labels"], {"made": "here"})
    step("push")


def curl(run, registry):
    run = functools.partial(run, "--silent", "--show-error", "--fail-with-body")
    base = f"http://{registry.address}/v2"
    layer = b"a layer"
    digest = f"sha256:{hashlib.sha256(layer).hexdigest()}"
    (run.func.work / "layer").write_bytes(layer)

    # In two chunks, as curl itself would not do it: the addresses come from the answers.
    location = run("--request", "POST", "--output", os.devnull, "--write-out", "%header{location}",
                   f"{base}/team/app/blobs/uploads/")
    run("--request", "PATCH", "--header", "Content-Range: 0-1", "--data-binary", "a ",
        f"http://{registry.address}{location}")
    run("--request", "PUT", "--header", "Content-Range: 2-6", "--data-binary", "layer",
        f"http://{registry.address}{location}?digest={digest}")
    # With Expect: 100-continue, and with chunked coding.
    for more in (["--header", "Expect: 100-continue"], ["--header", "Transfer-Encoding: chunked"]):
        run("--request", "POST", "--data-binary", "@layer", *more,
            f"{base}/team/other/blobs/uploads/?digest={digest}")
    manifest = json.dumps({
        "schemaVersion": 2, "mediaType": IMAGE, "layers": [],
        "config": {"mediaType": "text/plain", "digest": digest, "size": len(layer)}})
    run("--upload-file", "-", "--header", f"Content-Type: {IMAGE}", f"{base}/team/app/manifests/1.0",
        text=manifest)
    expect("the pushed manifest", registry.digest("team/app", "1.0"),
           f"sha256:{hashlib.sha256(manifest.encode()).hexdigest()}")
    step("push")

    run("--request", "POST", f"{base}/team/copy/blobs/uploads/?mount={digest}&from=team/app")
    expect("the mounted blob", registry.ask("GET", f"/v2/team/copy/blobs/{digest}")[2], layer)
    step("copy")

    expect("the listed tags", json.loads(run(f"{base}/lib/app/tags/list"))["tags"],
           ["1.0", "2.0", "both"])
    names = json.loads(run(f"{base}/_catalog"))["repositories"]
    expect("the repositories", names, ["lib/app", "team/app", "team/copy", "team/other"])
    step("list")

    expect("a range", run("--range", "2-3", f"{base}/team/app/blobs/{digest}"), "la")
    run("--output", "part", "--range", "0-1", f"{base}/team/app/blobs/{digest}")
    run("--continue-at", "-", "--output", "part", f"{base}/team/app/blobs/{digest}")
    expect("a resumed download", (run.func.work / "part").read_bytes(), layer)
    expect("a head", run("--head", "--output", os.devnull, "--write-out",
                         "%header{docker-content-digest}", f"{base}/team/app/blobs/{digest}"), digest)
    step("inspect")

    run("--request", "DELETE", f"{base}/team/app/manifests/1.0")
    expect("what was deleted", registry.digest("team/app", "1.0"), None)
    step("delete")


def crane(run, registry):
    tool = functools.partial(run, "--insecure")
    app = f"{registry.address}/lib/app"
    digest = registry.digest("lib/app", "1.0")

    tool("copy", f"{app}:1.0", f"{registry.address}/team/copy:1.0")
    expect("the copy", registry.digest("team/copy", "1.0"), digest)
    tool("copy", f"{app}:both", f"{registry.address}/team/copy:both")
    expect("the copied index", registry.digest("team/copy", "both"),
           registry.digest("lib/app", "both"))
    step("copy")

    tool("pull", "--format", "oci", f"{app}:1.0", "layout")
    tool("push", "layout", f"{registry.address}/team/pushed:1.0")
    expect("the pushed image", registry.digest("team/pushed", "1.0"), digest)
    tool("append", "--new_layer", make_tar(run), "--new_tag",
         f"{registry.address}/team/appended:1.0")
    tool("validate", "--remote", f"{registry.address}/team/appended:1.0")
    tool("tag", f"{registry.address}/team/pushed:1.0", "again")
    expect("the tag", registry.digest("team/pushed", "again"), digest)
    step("push")

    expect("the listed tags", tool("ls", app).split(), ["1.0", "2.0", "both"])
    expect("the repositories", tool("catalog", registry.address).split(),
           ["lib/app", "team/appended", "team/copy", "team/pushed"])
    step("list")

    expect("the digest", tool("digest", f"{app}:1.0").strip(), digest)
    expect("the manifest", json.loads(tool("manifest", f"{app}:both"))["mediaType"], INDEX)
    step("inspect")

    tool("delete", f"{registry.address}/team/copy:1.0")
    expect("what was deleted", registry.digest("team/copy", "1.0"), None)
    step("delete")


def make_tar(run):
    directory = run.work / "files"
    directory.mkdir(exist_ok=True)
    (directory / "hello").write_text("hello\n")
    run("-cf", run.work / "layer.tar", "-C", directory, "hello", program="tar")
    return run.work / "layer.tar"


def oras(run, registry):
    plain = "--plain-http"
    app = f"{registry.address}/lib/app"
    note = f"{registry.address}/team/note:1.0"
    (run.work / "note.txt").write_text("hello\n")

    run("push", plain, "--artifact-type", "text/note", note, "note.txt:text/plain")
    (run.work / "pulled").mkdir()
    run("pull", plain, "--output", "pulled", note)
    expect("the pulled file", (run.work / "pulled/note.txt").read_text(), "hello\n")
    run("attach", plain, "--artifact-type", "text/remark", note, "note.txt:text/plain")
    run("tag", plain, note, "again")
    expect("the tag", registry.digest("team/note", "again"), registry.digest("team/note", "1.0"))
    step("push")

    run("cp", "--from-plain-http", "--to-plain-http", "--recursive", note,
        f"{registry.address}/team/copy:1.0")
    digest = registry.digest("team/copy", "1.0")
    expect("the copy", digest, registry.digest("team/note", "1.0"))
    _, _, body = registry.ask("GET", f"/v2/team/copy/referrers/{digest}")
    expect("the copied referrers", [m["artifactType"] for m in json.loads(body)["manifests"]],
           ["text/remark"])
    step("copy")

    expect("the listed tags", run("repo", "tags", plain, app).split(), ["1.0", "2.0", "both"])
    expect("the repositories", run("repo", "ls", plain, registry.address).split(),
           ["lib/app", "team/copy", "team/note"])
    step("list")

    expect("the manifest", json.loads(run("manifest", "fetch", plain, f"{app}:both"))["mediaType"],
           INDEX)
    found = run("discover", plain, "--format", "json", note)
    expect("the discovered artifact", "text/remark" in found, True)
    step("inspect")

    run("manifest", "delete", plain, "--force", f"{registry.address}/team/copy:1.0")
    expect("what was deleted", registry.digest("team/copy", "1.0"), None)
    blob = run("blob", "push", plain, "--media-type", "text/plain", "--descriptor",
               f"{registry.address}/team/note", "note.txt")
    blob = json.loads(blob)["digest"]
    run("blob", "delete", plain, "--force", f"{registry.address}/team/note@{blob}")
    expect("the deleted blob", registry.ask("GET", f"/v2/team/note/blobs/{blob}")[0], 404)
    step("delete")


def regctl(run, registry):
    run = functools.partial(run, "--host", f"reg={registry.address},tls=disabled")
    app = f"{registry.address}/lib/app"
    digest = registry.digest("lib/app", "1.0")

    run("image", "copy", f"{app}:both", f"{registry.address}/team/copy:both")
    expect("the copied index", registry.digest("team/copy", "both"),
           registry.digest("lib/app", "both"))
    step("copy")

    run("image", "copy", f"{app}:1.0", "ocidir://layout:app")
    run("image", "copy", "ocidir://layout:app", f"{registry.address}/team/pushed:1.0")
    expect("the pushed image", registry.digest("team/pushed", "1.0"), digest)
    run("artifact", "put", "--subject", f"{registry.address}/team/pushed:1.0", "--artifact-type",
        "text/remark", text="hello\n")
    _, _, body = registry.ask("GET", f"/v2/team/pushed/referrers/{digest}")
    expect("the referrers", [m["artifactType"] for m in json.loads(body)["manifests"]],
           ["text/remark"])
    step("push")

    expect("the listed tags", run("tag", "ls", app).split(), ["1.0", "2.0", "both"])
    expect("the repositories", run("repo", "ls", registry.address).split(),
           ["lib/app", "team/copy", "team/pushed"])
    listed = run("artifact", "list", f"{registry.address}/team/pushed:1.0")
    expect("the listed artifact", "text/remark" in listed, True)
    step("list")

    expect("the digest", run("manifest", "head", f"{app}:1.0").strip(), digest)
    config = json.loads(run("image", "inspect", "--format", "{{ jsonPretty . }}", f"{app}:1.0"))
    expect("the inspected architecture", config["architecture"], "amd64")
    step("inspect")

    run("tag", "delete", f"{registry.address}/team/copy:both")
    expect("the deleted tag", registry.tags("team/copy"), [])
    run("manifest", "delete", f"{registry.address}/team/pushed@{digest}")
    expect("the deleted manifest", registry.digest("team/pushed", digest), None)
    step("delete")


def helm(run, registry):
    chart = run.work / "chart"
    (chart / "templates").mkdir(parents=True)
    (chart / "Chart.yaml").write_text("apiVersion: v2\nname: shop\nversion: 1.2.3\n")
    (chart / "templates/map.yaml").write_text(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: shop\n")
    run("package", chart)
    run("push", "--plain-http", "shop-1.2.3.tgz", f"oci://{registry.address}/charts")
    expect("the pushed chart", registry.tags("charts/shop"), ["1.2.3"])
    step("push")

    (run.work / "pulled").mkdir()
    run("pull", "--plain-http", "--version", "1.2.3", "--destination", "pulled",
        f"oci://{registry.address}/charts/shop")
    expect("the pulled chart", (run.work / "pulled/shop-1.2.3.tgz").read_bytes(),
           (run.work / "shop-1.2.3.tgz").read_bytes())
    step("pull")

    # Without a version helm reads the list of tags.
    shown = run("show", "chart", "--plain-http", f"oci://{registry.address}/charts/shop")
    expect("the shown chart", "version: 1.2.3" in shown, True)
    step("inspect")
    # helm lists and deletes nothing in a registry.


CLIENTS = {f.__name__: f for f in (skopeo, podman, buildah, umoci, curl, crane, oras, regctl, helm)}


def main():
    name, pullproof, fixture, peers = sys.argv[1:]
    os.environ["PATH"] = f"{peers}:{os.environ['PATH']}"
    program = shutil.which(name)
    if program is None:
        print(f"skipped: {name} is not here (scripts/setup test or scripts/peers {name} brings it)")
        return 77
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as work:
        registry = Registry(pullproof, fixture)
        try:
            print(f"{name} against {registry.address}")
            CLIENTS[name](Client(program, work, registry.address), registry)
        except (Failed, subprocess.TimeoutExpired) as failure:
            print(f"failed: {failure}")
            return 1
        finally:
            registry.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
