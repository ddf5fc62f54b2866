"""`--admin-port`: the admin API on a port of its own, and nowhere else."""

import dataclasses
import json
import re
import ssl
import subprocess
import sys

import aiohttp
import pytest
from click.testing import CliRunner

from emulator.app import Config, make_app
from emulator.cli import main
from tests.conftest import START, Emulator

TASKS = "/api/remap/1.2/async"
TOKEN = {"Authorization": "Bearer x"}
COMMAND = [sys.executable, "-m", "emulator", "serve", "--port", "0"]


@pytest.fixture
async def ports():
    """A server from its main port, and from that of its admin API."""
    async with make_app(Config(rate=0, start=START)).at_work(drain_seconds=0.1) as listener:
        main_port = await listener.listen("127.0.0.1", 0)
        admin_port = await listener.listen_for_admin("127.0.0.1", 0)
        async with aiohttp.ClientSession() as session:
            yield [Emulator(session, f"http://127.0.0.1:{port}") for port in (main_port, admin_port)]


@pytest.mark.parametrize("path", ["/__admin/clock", "/__admin/nothing", "/__admin", "/ns/mine/__admin/requests"])
async def test_the_main_port_has_no_admin_api(ports, path):
    response = await ports[0].get(path)
    assert response.status == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert "--admin-port" in response.json["detail"]


async def test_nothing_can_be_changed_at_the_main_port(ports):
    response = await ports[0].call("POST", "/__admin/clock", json={"advance": "1h"})
    assert response.status == 404
    assert (await ports[1].admin("GET", "/clock"))["now"].startswith("2026-03-01T09:00:00")


@pytest.mark.parametrize("path", ["/__admin/health", "/__admin/ready", "/ns/mine/__admin/health"])
async def test_health_and_readiness_are_told_on_both(ports, path):
    assert [(await each.get(path)).status for each in ports] == [200, 200]


async def test_the_admin_port_steers_what_the_main_one_serves(ports):
    submitted = await ports[0].get("/api/remap/1.2/report/stock/bystore?async=true", headers=TOKEN)
    await ports[1].advance("10s")
    task = await ports[0].get(submitted.headers["Content-Location"], headers=TOKEN)
    assert task.json["state"] == "DONE"


@pytest.mark.parametrize("path", [TASKS, "/", "/nowhere", f"/ns/mine{TASKS}"])
async def test_the_admin_port_serves_nothing_else(ports, path):
    response = await ports[1].get(path, headers=TOKEN)
    assert response.status == 404
    assert response.headers["Content-Type"] == "application/problem+json"
    assert (await ports[1].admin("GET", "/requests"))["total"] == 0


async def test_files_may_have_a_port_of_their_own_beside_it():
    async with make_app(Config(rate=0, start=START)).at_work(drain_seconds=0.1) as listener:
        port = await listener.listen("127.0.0.1", 0)
        await listener.listen_for_storage("127.0.0.1", 0)
        admin = await listener.listen_for_admin("127.0.0.1", 0)
        async with aiohttp.ClientSession() as session:
            served = Emulator(session, f"http://127.0.0.1:{port}")
            task = await served.get("/api/remap/1.2/report/stock/bystore?async=true", headers=TOKEN)
            await dataclasses.replace(served, origin=f"http://127.0.0.1:{admin}").advance("10s")
            link = (await served.get(task.headers["Location"], headers=TOKEN)).headers["Location"]
            storage = dataclasses.replace(served, origin="/".join(link.split("/")[:3]))
            assert (await served.get(link)).status == 200
            assert (await storage.get("/__admin/health")).status == 404
            assert len({served.origin, storage.origin, f"http://127.0.0.1:{admin}"}) == 3


def test_the_ready_line_and_the_port_file_tell_both_ports(tmp_path):
    words = ["--admin-port", "0", "--port-file", tmp_path / "ports", "--tls", "self", "--tls-ca-file", tmp_path / "ca"]
    with subprocess.Popen([*COMMAND, "--log-format", "text", *words], stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
        finally:
            process.terminate()
            rest = process.communicate(timeout=10)[0]
    url = r"(https://127\.0\.0\.1:\d+)"
    found = re.fullmatch(rf"emulator ready on {url} \(admin {url}, pid \d+, seed 0\)\n", line)
    assert (tmp_path / "ports").read_text() == "".join(f"{url.rpartition(':')[2]}\n" for url in found.groups())
    assert (rest, process.returncode) == ("", 0)
    assert ssl.create_default_context(cafile=tmp_path / "ca").cert_store_stats()["x509_ca"] > 0


def test_print_config_shows_all_of_it():
    words = "--admin-port 9001 --tls self --tls-host a.test --tls-ca-file ca.pem --trust-proxy --print-config"
    told = json.loads(CliRunner().invoke(main, ["serve", *words.split()]).stdout)
    assert (told["admin_port"], told["tls"], told["tls_host"]) == (9001, "self", ["a.test"])
    assert (told["tls_ca_file"], told["tls_cert"], told["trust_proxy"]) == ("ca.pem", None, True)
