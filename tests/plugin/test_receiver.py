"""Somebody who is called back."""

import socket
import struct
import threading

import pytest
import requests

from emulator.client import DROP, Receiver, Reply


@pytest.fixture
def session():
    with requests.Session() as session:
        session.trust_env = False
        yield session


def test_calls_are_noted_and_answered_in_the_order_told(session):
    with Receiver(503, Reply(202, b"later", {"X-Why": "busy"}), 204) as receiver:
        answers = [session.post(f"{receiver.url}hook?id={n}", json={"n": n}) for n in range(4)]
    assert [each.status_code for each in answers] == [503, 202, 204, 204]
    assert (answers[1].content, answers[1].headers["X-Why"]) == (b"later", "busy")
    first = receiver.deliveries[0]
    assert (first.method, first.path, first.query, first.json) == ("POST", "/hook", {"id": "0"}, {"n": 0})
    assert first.headers["content-type"] == "application/json"
    assert first.at is None


def test_it_can_be_told_anew_and_cut_the_connection(session):
    with Receiver() as receiver:
        assert session.get(receiver.url).status_code == 200
        receiver.reply(DROP, 200)
        with pytest.raises(requests.ConnectionError):
            session.put(receiver.url, data=b"x")
        assert session.delete(receiver.url).status_code == 200
    assert [each.method for each in receiver.deliveries] == ["GET", "PUT", "DELETE"]


def test_it_is_waited_for_but_not_for_ever(session):
    with Receiver() as receiver:
        caller = threading.Thread(target=session.get, args=(receiver.url,))
        caller.start()
        assert [each.method for each in receiver.wait(1)] == ["GET"]
        caller.join()
        with pytest.raises(TimeoutError, match=r"1 of 2 deliveries within 0\.01 s"):
            receiver.wait(2, timeout=0.01)
    with pytest.raises(RuntimeError, match="start it by `with`"):
        receiver.url  # noqa: B018 - asking is the test


def test_whoever_dawdles_is_not_waited_for_at_the_end(session):
    with Receiver(Reply(delay=3600)) as receiver:
        caller = threading.Thread(target=session.get, args=(receiver.url,))
        caller.start()
        receiver.wait(1)
    caller.join(10)
    assert not caller.is_alive()


def test_a_caller_that_goes_away_is_nothing_to_be_told_of(capfd):
    with Receiver(Reply(body=bytes(50_000_000))) as receiver:
        with socket.create_connection(("127.0.0.1", int(receiver.url.rstrip("/").rpartition(":")[2]))) as caller:
            caller.sendall(b"GET / HTTP/1.1\r\n\r\n")
            receiver.wait(1)
            caller.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        for thread in threading.enumerate():
            if "process_request_thread" in thread.name:
                thread.join(10)
    assert capfd.readouterr().err == ""
