#!/usr/bin/env python3
"""A reference adapter for docs/adapter-protocol.md: a small client that verifies what it pulls.

Copy it, and call your own client where `pull` and `list_tags` are called.
"""
import hashlib
import json
import os
import re
import sys
import urllib.error
import urllib.parse
import urllib.request

IMAGE = "application/vnd.oci.image.manifest.v1+json"
CLASSES = {401: "unauthorized", 403: "denied", 404: "not_found", 429: "too_many_requests"}
OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Failed(Exception):
    """Has an error class of docs/clients.md and a message."""


def get(url, accept="*/*"):
    try:
        with OPENER.open(urllib.request.Request(url, headers={"Accept": accept}), timeout=20) as answer:
            return answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        raise Failed(CLASSES.get(error.code, "server_error"), f"{url}: {error}") from error
    except OSError as error:
        raise Failed("network", f"{url}: {error}") from error


def split(reference):
    registry, _, rest = reference.partition("/")
    repository, at, digest = rest.partition("@")
    name, _, tag = repository.partition(":")
    return registry, name, digest if at else tag or "latest"


def verified(content, digest):
    if not re.fullmatch("sha256:[0-9a-f]{64}", digest):
        raise Failed("bad_content", f"no digest that can be checked: {digest!r}")
    if hashlib.sha256(content).hexdigest() != digest.removeprefix("sha256:"):
        raise Failed("digest_mismatch", f"the bytes are not those of {digest}")
    return content


def pull(task):
    registry, name, wanted = split(task["reference"])
    base = f"http://{registry}/v2/{name}"
    text, _ = get(f"{base}/manifests/{wanted}", IMAGE)
    if ":" in wanted:
        verified(text, wanted)
    manifest = json.loads(text)
    content = {"sha256:" + hashlib.sha256(text).hexdigest(): text}
    for part in [manifest["config"], *manifest["layers"]]:
        content[part["digest"]] = verified(get(f"{base}/blobs/{part['digest']}")[0], part["digest"])
    os.makedirs(f"{task['output']}/blobs/sha256", exist_ok=True)
    for digest, data in content.items():  # only now that everything is there and right
        with open(f"{task['output']}/blobs/sha256/{digest.removeprefix('sha256:')}", "wb") as file:
            file.write(data)


def list_tags(task):
    registry, name, _ = split(task["reference"])
    url, tags = f"http://{registry}/v2/{name}/tags/list", []
    for _ in range(100):
        text, headers = get(url)
        tags += json.loads(text)["tags"] or []
        link = re.match("<([^>]*)>", headers.get("Link", ""))
        if not link:
            return {"tags": tags}
        url = urllib.parse.urljoin(url, link[1])
    raise Failed("bad_content", "the listing does not end")


VERBS = {"pull": pull, "list-tags": list_tags}


def run(task):
    try:
        return {"outcome": "ok", **(VERBS[task["verb"]](task) or {})}
    except Failed as error:
        return {"outcome": "failed", "error_class": error.args[0], "message": error.args[1]}
    except (ValueError, KeyError, TypeError) as error:
        return {"outcome": "failed", "error_class": "bad_content", "message": repr(error)}


for line in sys.stdin:
    message = json.loads(line)
    if message["do"] == "start":
        reply = {"re": "start", "protocol": 2, "name": "reference.py", "version": "1",
                 "verbs": list(VERBS), "capabilities": []}
    elif message["do"] == "run":
        reply = {"re": "run", "id": message["id"], **run(message)}
    else:
        break
    print(json.dumps(reply), flush=True)
