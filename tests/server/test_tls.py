"""https: by a certificate of somebody's, or by one that the emulator makes; and clients whose host is compiled in."""

import asyncio
import os
import re
import shutil
import socket
import ssl
import stat
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest
import requests
import trustme
import urllib3.util.connection
from click.testing import CliRunner
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from emulator import tls
from emulator.app import CannotBind, Config, Listener, make_app
from emulator.cli import main
from emulator.listening import _has_second_loopback
from emulator.providers import PROVIDERS
from tests.conftest import START, Emulator

TASKS = "/api/remap/1.2/async"
HOSTS = (Path(__file__).parents[2] / "docs" / "hosts.md").read_text(encoding="utf-8")
SUBMIT = "/api/remap/1.2/report/stock/bystore?async=true"
TWO_LOOPBACKS = pytest.mark.skipif(not _has_second_loopback(), reason="this machine has no ::1")
TOKEN = {"Authorization": "Bearer x"}
RESET = "version: 1\napi: kladana\nabout: Cut.\nfaults: [{operation: getTasks, fault: CONNECTION_RESET_BY_PEER}]\n"


@pytest.fixture
async def secured(tmp_path):
    """A server by `--tls self`; who vouches for it is in `ca.pem`."""
    authority = tmp_path / "ca.pem"
    config = Config(rate=0, start=START, tls="self", tls_ca_file=authority, tls_host=("emulator.test", "*.in.test"))
    async with make_app(config).at_work(drain_seconds=0.1) as listener:
        port = await listener.listen("127.0.0.1", 0)
        connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=authority))
        async with aiohttp.ClientSession(connector=connector) as session:
            yield Emulator(session, config.url(port))


@pytest.fixture
def named_loopback(monkeypatch):
    """Every name leads to loopback, as lines in the hosts file would have it."""
    connect = urllib3.util.connection.create_connection
    monkeypatch.setattr(
        urllib3.util.connection,
        "create_connection",
        lambda address, *rest, **more: connect(("127.0.0.1", address[1]), *rest, **more),
    )


def printed(number, port, directory):
    """What a recipe for curl prints, run in that directory against that port, and what it says that it prints."""
    script = re.findall(r"^```bash\n(.*?)^```", HOSTS, re.DOTALL | re.MULTILINE)[number]
    environment = {"PATH": os.environ["PATH"]}
    words = ["bash", "-euc", script.replace("8087", str(port))]
    run = subprocess.run(words, env=environment, cwd=directory, capture_output=True, text=True, check=True)
    return run.stdout.splitlines(), re.findall(r"^# (.*)", script, re.MULTILINE)


def port_of(emulator):
    return int(emulator.origin.rpartition(":")[2])


def asked(url, **how):
    with requests.Session() as session:
        session.trust_env = False
        return session.get(url, headers=TOKEN, allow_redirects=False, **how)


def verb(*words, env=None):
    return CliRunner().invoke(main, [str(word) for word in words], env=env)


# A certificate made for the run --------------------------------------------------


async def test_links_are_https(secured):
    response = await secured.get(SUBMIT, headers=TOKEN)
    assert secured.origin.startswith("https://")
    assert response.headers["Location"].startswith(f"{secured.origin}/api/")
    await secured.advance("10s")
    result = await secured.get(response.headers["Location"], headers=TOKEN)
    assert result.headers["Location"].startswith(f"{secured.origin}/batch-prod/")


async def test_the_certificate_is_for_loopback_every_vendors_hosts_and_those_that_were_named(secured, tmp_path):
    hosts = [host for each in PROVIDERS for host in each.contract.hosts]
    assert all(each.contract.hosts for each in PROVIDERS)
    trust = ssl.create_default_context(cafile=tmp_path / "ca.pem")
    for host in (*hosts, *tls.LOOPBACK, "emulator.test", "any.in.test"):
        _, writer = await asyncio.open_connection("127.0.0.1", port_of(secured), ssl=trust, server_hostname=host)
        writer.close()
        await writer.wait_closed()
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        await asyncio.open_connection("127.0.0.1", port_of(secured), ssl=trust, server_hostname="other.test")


async def test_a_client_with_the_vendors_host_compiled_in_needs_the_authority_alone(secured, tmp_path, named_loopback):
    url = f"https://api.kladana.com:{port_of(secured)}"
    response = await asyncio.to_thread(asked, url + SUBMIT, verify=str(tmp_path / "ca.pem"))
    assert response.status_code == 202
    task = await asyncio.to_thread(asked, response.headers["Content-Location"], verify=str(tmp_path / "ca.pem"))
    assert task.json()["meta"]["href"].startswith(f"{url}/api/")


@pytest.mark.skipif(not shutil.which("curl"), reason="the recipe is written for curl")
async def test_the_recipe_with_the_vendors_name_works_as_printed(secured, tmp_path):
    said, told = await asyncio.to_thread(printed, 0, port_of(secured), tmp_path)
    assert said == told


def test_the_guide_lists_the_hosts_of_every_vendor():
    for each in PROVIDERS:
        assert f"| `{each.name}` | " + ", ".join(f"`{host}`" for host in each.contract.hosts) + " |" in HOSTS


async def test_who_does_not_know_the_authority_refuses_and_nothing_is_logged_of_it(secured, named_loopback, caplog):
    with pytest.raises(requests.exceptions.SSLError, match="CERTIFICATE_VERIFY_FAILED"):
        await asyncio.to_thread(asked, f"https://api.kladana.com:{port_of(secured)}{TASKS}")
    assert (await secured.get(TASKS, headers=TOKEN)).status == 200
    assert caplog.records == []


async def test_faults_act_below_tls_too(secured):
    await secured.admin("PUT", "/scenario", {"yaml": RESET})
    with pytest.raises(aiohttp.ClientConnectionError):
        await secured.get(TASKS, headers=TOKEN)


async def test_plain_http_at_a_port_of_tls_is_no_mistake_of_ours(secured, caplog):
    with pytest.raises(aiohttp.ClientError):
        await secured.get(secured.origin.replace("https", "http") + TASKS)
    assert caplog.records == []


def test_no_key_is_ever_in_a_file(monkeypatch):
    written, as_file = [], trustme.Blob.tempfile
    monkeypatch.setattr(trustme.Blob, "tempfile", lambda blob: written.append(blob.bytes()) or as_file(blob))
    assert b"PRIVATE" not in tls.own(["emulator.test"]).authority
    assert len(written) == 1
    assert b"PRIVATE" not in written[0]


def test_the_authority_is_for_its_user_alone_and_another_each_time(tmp_path):
    files = [tmp_path / name for name in ("one.pem", "two.pem")]
    for file in files:
        make_app(Config(tls="self", tls_ca_file=file))
    assert [stat.S_IMODE(each.stat().st_mode) for each in files] == [0o600, 0o600]
    assert files[0].read_bytes() != files[1].read_bytes()


@pytest.mark.parametrize("name", ["", "a b", "a/b", "10.0.0.0/8", "me@here", "http://x", "x:80", "*", "a.*.b", "x..y"])
def test_what_is_no_host_has_no_certificate(name):
    with pytest.raises(tls.TlsError, match=re.escape(repr(name))):
        tls.own([name])


# Somebody's certificate ----------------------------------------------------------


@pytest.fixture
def files(tmp_path):
    """`cert.pem` and `key.pem` belong together; `locked.pem` is that key with a password, `other.pem` another one."""
    authority = trustme.CA()
    leaf, other = authority.issue_cert("localhost"), authority.issue_cert("localhost")
    key = load_pem_private_key(leaf.private_key_pem.bytes(), None)
    locked = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))
    (tmp_path / "ca.pem").write_bytes(authority.cert_pem.bytes())
    (tmp_path / "cert.pem").write_bytes(leaf.cert_chain_pems[0].bytes())
    (tmp_path / "key.pem").write_bytes(leaf.private_key_pem.bytes())
    (tmp_path / "other.pem").write_bytes(other.private_key_pem.bytes())
    (tmp_path / "locked.pem").write_bytes(locked)
    return tmp_path


async def test_a_certificate_may_be_given(files):
    config = Config(tls_cert=files / "cert.pem", tls_key=files / "key.pem")
    async with make_app(config).at_work(drain_seconds=0.1) as listener:
        url = f"https://localhost:{await listener.listen('127.0.0.1', 0)}"
        response = await asyncio.to_thread(asked, url + SUBMIT, verify=str(files / "ca.pem"))
    assert response.headers["Location"].startswith(f"{url}/api/")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--tls-cert", "cert.pem"], "go together"),
        (["--tls-key", "key.pem"], "go together"),
        (["--tls-cert", "cert.pem", "--tls-key", "other.pem"], "other.pem is not the key of cert.pem"),
        (["--tls-cert", "cert.pem", "--tls-key", "locked.pem"], "without password"),
        (["--tls-cert", "key.pem", "--tls-key", "key.pem"], "no certificate"),
        (["--tls-cert", "nowhere.pem", "--tls-key", "key.pem"], "nowhere.pem: No such file"),
        (["--tls", "self", "--tls-cert", "cert.pem", "--tls-key", "key.pem"], "--tls self"),
        (["--tls", "self", "--tls-host", "a b"], "'a b'"),
        (["--tls", "self", "--tls-ca-file", "nowhere/ca.pem"], "nowhere/ca.pem"),
        (["--tls-host", "a"], "--tls-host"),
        (["--tls-ca-file", "a"], "--tls-ca-file"),
    ],
)
def test_what_cannot_be_served_is_one_line_and_exit_code_2(files, monkeypatch, words, told):
    monkeypatch.chdir(files)
    result = verb("serve", "--port", "0", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.count("\n") == 1
    assert told in result.stderr


def test_the_extra_is_named_to_who_lacks_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "trustme", None)
    result = verb("serve", "--port", "0", "--tls", "self")
    assert result.exit_code == 2
    assert result.stderr == "emulator: --tls self wants an extra: pip install 'async-api-emulator[tls]'\n"


# Verbs for a server that speaks TLS ----------------------------------------------


async def test_verbs_ask_over_tls_whom_they_are_told_to_trust(secured, tmp_path):
    authority, port = tmp_path / "ca.pem", str(port_of(secured))
    for words, env in (
        (("--url", secured.origin, "--ca-file", authority), {}),
        (("--url", secured.origin), {"EMULATOR_CA_FILE": str(authority)}),
        (("--url", secured.origin, "--insecure"), {}),
        ((), {"EMULATOR_TLS": "self", "EMULATOR_PORT": port, "EMULATOR_TLS_CA_FILE": str(authority)}),
    ):
        assert (await asyncio.to_thread(verb, "healthcheck", *words, env=env)).exit_code == 0
    clock = await asyncio.to_thread(verb, "clock", "--url", secured.origin, "--ca-file", authority)
    assert clock.stdout.startswith("2026-03-01T09:00:00")


async def test_verbs_trust_no_one_else(secured, tmp_path):
    (tmp_path / "none.pem").write_text("nothing")
    for words, code, told in (
        (("healthcheck",), 1, "--ca-file names who vouches for it"),
        (("healthcheck", "--ca-file", tmp_path / "nowhere.pem"), 1, "nowhere.pem: No such file"),
        (("clock", "--ca-file", tmp_path / "none.pem"), 2, "none.pem holds no certificate"),
    ):
        result = await asyncio.to_thread(verb, *words, "--url", secured.origin)
        assert (result.exit_code, result.stderr.count("\n")) == (code, 1)
        assert told in result.stderr


# Proxies -------------------------------------------------------------------------


async def test_a_client_that_goes_through_us_to_http_is_served(emulator):
    through = {"http": emulator.origin}
    response = await asyncio.to_thread(asked, f"http://api.kladana.com{SUBMIT}", proxies=through)
    assert response.headers["Location"].startswith("http://api.kladana.com/api/")


@pytest.mark.skipif(not shutil.which("curl"), reason="the recipe is written for curl")
async def test_the_recipe_with_a_proxy_works_as_printed(emulator, tmp_path):
    said, told = await asyncio.to_thread(printed, 1, port_of(emulator), tmp_path)
    assert said == told


async def test_a_client_that_goes_through_us_to_https_is_told_the_way(emulator):
    with pytest.raises(requests.exceptions.ProxyError, match="501"):
        await asyncio.to_thread(asked, "https://api.kladana.com/", proxies={"https": emulator.origin})
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(emulator))
    writer.write(b"CONNECT api.kladana.com:443 HTTP/1.1\r\nHost: api.kladana.com:443\r\n\r\n")
    answer = await reader.readuntil(b"}")
    assert answer.startswith(b"HTTP/1.1 501 ")
    assert b"api.kladana.com:443" in answer
    assert b"--tls self" in answer
    writer.write(b"GET /__admin/health HTTP/1.0\r\n\r\n")  # it is no tunnel, so HTTP goes on
    assert (await reader.read()).startswith(b"HTTP/1.0 200 ")
    writer.close()
    await writer.wait_closed()


@pytest.mark.parametrize(
    ("told", "origin"),
    [
        ({"X-Forwarded-Proto": "https", "X-Forwarded-Host": "api.example"}, "https://api.example"),
        ({"X-Forwarded-Proto": "HTTPS, http", "X-Forwarded-Host": "a.example:444, b"}, "https://a.example:444"),
        ({"X-Forwarded-Proto": "ftp", "X-Forwarded-Host": "no host"}, None),
        ({"X-Forwarded-Host": "x" * 256}, None),
        ({}, None),
    ],
)
async def test_a_proxy_that_is_trusted_says_how_its_client_asked(start_emulator, told, origin):
    emulator = await start_emulator(trust_proxy=True)
    response = await emulator.get(SUBMIT, headers=TOKEN | told)
    assert response.headers["Location"].startswith(f"{origin or emulator.origin}/api/")


async def test_links_behind_a_proxy_that_ends_tls_lead_back_there(start_emulator):
    emulator = await start_emulator(trust_proxy=True)
    headers = TOKEN | {"Host": "api.example", "X-Forwarded-Proto": "https"}
    response = await emulator.namespace("mine").get(SUBMIT, headers=headers)
    assert response.headers["Location"].startswith("https://api.example/ns/mine/api/")


async def test_a_target_in_absolute_form_wins_over_host(emulator):
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(emulator))
    head = f"GET https://api.kladana.com{SUBMIT} HTTP/1.1\r\nHost: else.example\r\nAuthorization: Bearer x\r\n"
    writer.write(f"{head}Connection: close\r\n\r\n".encode())
    answer = await reader.read()
    assert b"\r\nLocation: https://api.kladana.com/api/" in answer
    writer.close()
    await writer.wait_closed()


# Loopbacks -----------------------------------------------------------------------


@TWO_LOOPBACKS
async def test_localhost_is_both_loopbacks():
    async with make_app(Config()).at_work(drain_seconds=0.1) as listener:
        port = await listener.listen("localhost", 0)
        for host in ("127.0.0.1", "::1"):
            reader, writer = await asyncio.open_connection(host, port)
            writer.write(b"GET /__admin/health HTTP/1.0\r\n\r\n")
            assert (await reader.read()).startswith(b"HTTP/1.0 200")
            writer.close()
            await writer.wait_closed()


@TWO_LOOPBACKS
async def test_a_free_port_is_free_on_both(monkeypatch):
    bind, refused = Listener._bind, []

    async def once_taken(listener, host, port):
        if host == "::1" and not refused:
            refused.append(port)
            raise CannotBind("taken")
        return await bind(listener, host, port)

    monkeypatch.setattr(Listener, "_bind", once_taken)
    async with make_app(Config()).at_work(drain_seconds=0.1) as listener:
        assert await listener.listen("localhost", 0) not in refused
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", *refused)


@TWO_LOOPBACKS
async def test_a_port_that_is_taken_on_one_loopback_is_not_had():
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        async with make_app(Config()).at_work(drain_seconds=0.1) as listener:
            with pytest.raises(CannotBind, match="::1"):
                await listener.listen("localhost", taken.getsockname()[1])


async def test_localhost_is_one_where_there_is_one(monkeypatch):
    monkeypatch.setattr("emulator.listening._has_second_loopback", lambda: False)
    async with make_app(Config()).at_work(drain_seconds=0.1) as listener:
        port = await listener.listen("localhost", 0)
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.close()
        await writer.wait_closed()
