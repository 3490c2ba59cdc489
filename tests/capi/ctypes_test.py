#!/usr/bin/env python3
"""pullproof.h from another language: libpullproof.so by ctypes, with nothing but the standard library.

    ctypes_test.py LIBRARY [TEST…]
"""

import ctypes
import http.client
import json
import pathlib
import subprocess
import sys
import tempfile
import threading
import unittest

FIXTURE = b"""
fixture = 1
id = "capi.test"
blobs.layer = "hello"
manifests.app = { image = { layers = ["layer"] } }
repos."lib/app" = { tags = { "1.0" = "app" } }
rules = [ { id = "gone", enabled = false, on = { op = "manifest.get" }, do = { status = 404 } } ]
"""


class Options(ctypes.Structure):
    _fields_ = [("size", ctypes.c_size_t), ("port", ctypes.c_uint16), ("name", ctypes.c_char_p),
                ("directory", ctypes.c_char_p)]

    def __init__(self, **members):
        super().__init__(size=ctypes.sizeof(Options), **members)


LIBRARY_PATH = sys.argv.pop(1)
LIBRARY = ctypes.CDLL(LIBRARY_PATH)
HANDLE, TEXT, ERROR = ctypes.c_void_p, ctypes.c_char_p, ctypes.POINTER(ctypes.c_void_p)
FUNCTIONS = {
    "version": (TEXT, []),
    "start": (HANDLE, [TEXT, ctypes.POINTER(Options), ERROR]),
    "start_file": (HANDLE, [TEXT, ctypes.POINTER(Options), ERROR]),
    "stop": (None, [HANDLE]),
    # Not c_char_p: ctypes would copy the text and lose the pointer that must be freed.
    "authority": (ctypes.c_void_p, [HANDLE, TEXT]),
    "journal": (ctypes.c_void_p, [HANDLE]),
    "wait": (ctypes.c_int, [HANDLE, ctypes.c_size_t, ctypes.c_uint32]),
    "enable_rule": (ctypes.c_int, [HANDLE, TEXT, ctypes.c_int]),
    "reset": (None, [HANDLE]),
    "free": (None, [ctypes.c_void_p]),
}
for name, (result, arguments) in FUNCTIONS.items():
    function = getattr(LIBRARY, f"pullproof_{name}")
    function.restype, function.argtypes = result, arguments


def take(pointer):
    """The text, which is given back to the library."""
    if not pointer:
        return None
    text = ctypes.string_at(pointer).decode()
    LIBRARY.pullproof_free(pointer)
    return text


class Registry:
    def __init__(self, fixture=FIXTURE, options=None, start=LIBRARY.pullproof_start):
        error = ctypes.c_void_p()
        self.handle = start(fixture, options, ctypes.byref(error))
        self.error = take(error.value)

    def __enter__(self):
        assert self.handle, self.error
        return self

    def __exit__(self, *_):
        LIBRARY.pullproof_stop(self.handle)

    def authority(self, host=None):
        return take(LIBRARY.pullproof_authority(self.handle, host))

    def journal(self):
        lines = take(LIBRARY.pullproof_journal(self.handle)).splitlines()
        return [json.loads(line) for line in lines]

    def get(self, target, headers=None):
        connection = http.client.HTTPConnection(self.authority(), timeout=30)
        try:
            connection.request("GET", target, headers=headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


class CApi(unittest.TestCase):
    def test_serves_a_fixture_and_tells_what_was_asked(self):
        with Registry() as registry:
            self.assertIsNone(registry.error)
            status, body = registry.get("/v2/lib/app/manifests/1.0",
                                        {"Authorization": "Bearer very-secret"})
            self.assertEqual(status, 200)
            self.assertEqual(json.loads(body)["schemaVersion"], 2)
            self.assertEqual(LIBRARY.pullproof_wait(registry.handle, 1, 10_000), 1)
            self.assertEqual(LIBRARY.pullproof_wait(registry.handle, 2, 1), 0)
            [entry] = registry.journal()
            self.assertEqual(entry["operation"], "manifest.get")
            self.assertEqual(entry["repository"], "lib/app")
            self.assertEqual(entry["status"], 200)
            self.assertEqual(entry["ending"], "complete")
            self.assertEqual(entry["body_sent"], len(body))
            self.assertNotIn("very-secret", json.dumps(entry))

    def test_rules_are_turned_on_and_reset_turns_back(self):
        with Registry() as registry:
            target = "/v2/lib/app/manifests/1.0"
            self.assertEqual(LIBRARY.pullproof_enable_rule(registry.handle, b"gone", 1), 1)
            self.assertEqual(LIBRARY.pullproof_enable_rule(registry.handle, b"absent", 1), 0)
            self.assertEqual(LIBRARY.pullproof_enable_rule(registry.handle, None, 1), 0)
            self.assertEqual(registry.get(target)[0], 404)
            self.assertEqual(registry.journal()[0]["rule"], "gone")
            LIBRARY.pullproof_reset(registry.handle)
            self.assertEqual(registry.journal(), [])
            self.assertEqual(registry.get(target)[0], 200)

    def test_reads_a_file_and_the_blobs_beside_it(self):
        with tempfile.TemporaryDirectory() as directory:
            path = pathlib.Path(directory) / "case.json"
            (path.parent / "data.bin").write_bytes(b"hello")
            path.write_text(json.dumps({
                "fixture": 1, "id": "capi.file", "blobs": {"data": {"file": "data.bin"}},
                "repos": {"lib/app": {"blobs": ["data"]}}}))
            with Registry(str(path).encode(), start=LIBRARY.pullproof_start_file) as registry:
                digest = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"
                self.assertEqual(registry.get(f"/v2/lib/app/blobs/sha256:{digest}"),
                                 (200, b"hello"))

    def test_says_what_is_wrong_and_where(self):
        wrong = Registry(b"fixture = 1\nid = \"x\"\ncolour = 2\n", Options(name=b"my.toml"))
        self.assertIsNone(wrong.handle)
        self.assertRegex(wrong.error, r"^my\.toml:3:\d+: error: .*colour.*\[model.unknown-member\]")
        self.assertRegex(Registry(b"{]", Options(name=b"my.json")).error, r"^my\.json:1:")
        absent = Registry(b"/absent/file.toml", start=LIBRARY.pullproof_start_file)
        self.assertIsNone(absent.handle)
        self.assertIn("/absent/file.toml", absent.error)
        self.assertIsNone(Registry(None, start=LIBRARY.pullproof_start_file).handle)
        # Nobody need ask why.
        self.assertIsNone(LIBRARY.pullproof_start(b"nonsense", None, None))

    def test_an_empty_registry_takes_a_port_of_choice(self):
        with Registry(None) as first:
            port = int(first.authority().rpartition(":")[2])
            second = Registry(None, Options(port=port))
            self.assertIsNone(second.handle)
            self.assertIn("registry.bind", second.error)
            # A caller that was built before there were ports is not listened to beyond its size.
            older = Options(port=port)
            older.size = ctypes.sizeof(ctypes.c_size_t)
            with Registry(None, older) as third:
                self.assertNotEqual(third.authority(), first.authority())

    def test_answers_nothing_for_no_registry(self):
        self.assertIsNone(LIBRARY.pullproof_authority(None, None))
        self.assertIsNone(LIBRARY.pullproof_journal(None))
        self.assertEqual(LIBRARY.pullproof_wait(None, 0, 0), 0)
        self.assertEqual(LIBRARY.pullproof_enable_rule(None, b"x", 1), 0)
        LIBRARY.pullproof_reset(None)
        LIBRARY.pullproof_stop(None)
        LIBRARY.pullproof_free(None)
        with Registry() as registry:
            self.assertIsNone(registry.authority(b"absent"))

    def test_is_used_from_many_threads(self):
        with Registry() as registry:
            failures = []

            def work():
                for _ in range(20):
                    if registry.get("/v2/")[0] != 200 or registry.journal() == []:
                        failures.append(1)

            threads = [threading.Thread(target=work) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(failures, [])
            self.assertEqual(len(registry.journal()), 80)

    def test_shows_its_own_functions_and_nothing_else(self):
        shown = subprocess.run(["nm", "--dynamic", "--defined-only", LIBRARY_PATH],
                               capture_output=True, text=True, check=True).stdout.splitlines()
        self.assertEqual({line.split()[-1] for line in shown},
                         {f"pullproof_{name}" for name in FUNCTIONS})
        self.assertRegex(LIBRARY.pullproof_version().decode(), r"^\d+\.\d+\.\d+$")


if __name__ == "__main__":
    unittest.main()
