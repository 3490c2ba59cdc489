#!/usr/bin/env python3
"""An adapter that breaks docs/adapter-protocol.md in the way that its argument names."""
import json
import sys
import time

how = sys.argv[1]


def say(**reply):
    print(json.dumps(reply), flush=True)


def start(**more):
    say(**{"re": "start", "protocol": 1, "name": "bad", "version": "1", "verbs": ["pull", "list-tags"],
           "capabilities": [], "parallel": 2} | more)


if how == "ends-at-once":
    print("no licence found", file=sys.stderr)
    sys.exit(3)
if how == "chatters":
    print("Welcome to the adapter!", flush=True)

waiting = []
for line in sys.stdin:
    message = json.loads(line)
    if message["do"] == "start":
        start(**{"other-version": {"protocol": 3}, "nameless": {"name": 7}}.get(how, {}))
    elif message["do"] == "run":
        if how == "hangs":
            time.sleep(3600)
        elif how == "dies":
            print("out of paper", file=sys.stderr)
            sys.exit(1)
        elif how == "unknown-id":
            say(re="run", id=message["id"] + 1000, outcome="ok")
        elif how == "no-outcome":
            say(re="run", id=message["id"])
        elif how == "no-tags":
            say(re="run", id=message["id"], outcome="ok")
        elif how == "floods":
            sys.stdout.write("x" * (2 << 20))
            sys.stdout.flush()
        elif how == "backwards":  # answers two at a time, the last one first
            waiting.append(message)
            if len(waiting) == 2:
                for one in reversed(waiting):
                    say(re="run", id=one["id"], outcome="failed", message=one["reference"])
        elif how == "skips":
            say(re="run", id=message["id"], outcome="skipped", message="not yet",
                url="http://localhost/issues/7")
        elif how == "errs":
            say(re="run", id=message["id"], outcome="errored", message="no disk", context="line 7")
    else:
        break
