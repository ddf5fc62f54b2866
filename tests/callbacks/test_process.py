"""A server process with calls under way."""

import contextlib
import json
import re
import signal
import socket
import subprocess
import sys
import urllib.request

import pytest

API = "/api/remap/1.2"


@contextlib.contextmanager
def serving(*words):
    with subprocess.Popen(
        [sys.executable, "-X", "dev", "-m", "emulator", "serve", "--port", "0", "--log-format", "text", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process, re.search(r"ready on (\S+)", process.stdout.readline()).group(1)
        finally:
            process.kill()


def asked(url, method="GET", body=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": "Bearer x", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method), timeout=10) as response:
        return response.status


@pytest.mark.requirement("F-7")
@pytest.mark.parametrize("action", ["CREATE", "PROCESSED"])
def test_sigterm_breaks_calls_off_and_is_exit_code_0_without_noise(action):
    with socket.create_server(("127.0.0.1", 0)) as silent, serving("--frozen") as (process, base):
        hook = {"url": f"http://127.0.0.1:{silent.getsockname()[1]}/", "entityType": "async", "action": action}
        assert asked(f"{base}{API}/entity/webhook", "POST", hook) == 200
        assert asked(f"{base}{API}/report/stock/bystore?async=true") == 202
        host, port = base.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port))) as advancing:
            body = b'{"advance": "1h"}'
            advancing.sendall(
                b"POST /__admin/clock HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
                b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
            )
            silent.settimeout(10)
            connection, _ = silent.accept()
            with connection:
                process.send_signal(signal.SIGTERM)
                assert process.wait(5) == 0
        noise = process.stderr.read()
        for each in ("was destroyed", "never retrieved", "Traceback", "ResourceWarning", "Unclosed"):
            assert each not in noise


def test_a_receiver_to_allow_that_is_none_is_bad_usage():
    result = subprocess.run(
        [sys.executable, "-m", "emulator", "serve", "--allow-callback-to", "http://x"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (result.returncode, result.stderr.count("\n")) == (2, 1)
    assert "--allow-callback-to" in result.stderr
