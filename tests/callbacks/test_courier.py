"""Calls over real sockets: when they are made, how often, and what becomes of them."""

import asyncio
import gc

import pytest

from emulator.clock import HOUR, MILLISECOND, MINUTE, SECOND, AlreadyAdvancing, pause
from emulator.courier import Courier
from emulator.courier.call import ANSWER_LIMIT
from emulator.courier.courier import AT_ONCE
from emulator.namespace import WasReset
from tests.callbacks import receiver as behaviours
from tests.callbacks.conftest import Post
from tests.callbacks.receiver import Receiver
from tests.conftest import START

# While the clock is advanced ------------------------------------------------------


async def test_a_call_says_what_the_callback_says(post: Post, receiver: Receiver):
    headers = (("X-Sign", "abc"), ("User-Agent", "vendor/1"), ("Content-Type", "application/json;charset=utf-8"))
    post.owe(f"{receiver.url}?a=1", body=b'{"done": true}', method="PUT", headers=headers)
    await post.advance(0)
    (heard,) = receiver.heard
    assert (heard.method, heard.path, heard.query, heard.body) == ("PUT", "/hook", {"a": "1"}, b'{"done": true}')
    said = {name.lower(): value for name, value in heard.headers.items()}
    assert said.keys() - {"host", "content-length", "connection"} == {"x-sign", "user-agent", "content-type"}
    assert said["content-type"] == "application/json;charset=utf-8"


async def test_attempts_are_made_in_order_each_with_the_clock_at_its_instant(post: Post, receiver: Receiver):
    seen = []
    clock = post.namespace.clock

    async def look(_receiver, request):
        seen.append((clock.now() - START, request.query["n"]))
        return behaviours.web.Response()

    receiver.afterwards = look
    for n, delay in enumerate((3 * SECOND, SECOND, 2 * SECOND)):
        post.owe(f"{receiver.url}?n={n}", delay)
    happened = await post.advance(HOUR)
    assert seen == [(SECOND, "1"), (2 * SECOND, "2"), (3 * SECOND, "0")]
    assert [(each["at"][11:19], each["callback"], each["status"]) for each in happened] == [
        ("09:00:01", "c2", 200),
        ("09:00:02", "c3", 200),
        ("09:00:03", "c1", 200),
    ]
    assert clock.now() == START + HOUR


@pytest.mark.requirement("F-8")
async def test_retries_keep_their_schedule_to_the_microsecond(post: Post, receiver: Receiver):
    receiver.told = [503, behaviours.silence, 500, behaviours.reset]
    delivery = post.owe(receiver.url, 1, waits=(0, 5 * SECOND, 7, 30 * MINUTE), timeout=250 * MILLISECOND)
    await post.advance(HOUR)
    assert [each.at - START for each in delivery.attempts] == [
        1,
        1,
        5 * SECOND + 1,
        5 * SECOND + 8,
        30 * MINUTE + 5 * SECOND + 8,
    ]
    assert [each.status for each in delivery.attempts] == [503, None, 500, None, 200]
    assert delivery.attempts[1].reason == "no answer within 250 ms"
    assert delivery.status == "delivered"


async def test_a_time_limit_is_real_and_costs_no_virtual_time(post: Post, receiver: Receiver):
    receiver.afterwards = behaviours.silence
    delivery = post.owe(receiver.url, SECOND, timeout=50 * MILLISECOND)
    loop = asyncio.get_running_loop()
    began = loop.time()
    await post.advance(SECOND)
    assert 0.05 <= loop.time() - began < 5
    assert post.namespace.clock.now() == START + SECOND
    assert delivery.attempts[0].wall_us >= 50 * MILLISECOND


@pytest.mark.requirement("S-4")
async def test_so_many_at_a_time_and_no_more(post: Post, receiver: Receiver):
    receiver.afterwards = behaviours.gate
    for _ in range(AT_ONCE + 10):
        post.owe(receiver.url, SECOND)
    advancing = asyncio.create_task(post.advance(SECOND))
    await receiver.hears(AT_ONCE)
    assert receiver.under_way == AT_ONCE
    receiver.opened.set()
    assert len(await advancing) == AT_ONCE + 10
    assert receiver.most == AT_ONCE


async def test_requests_meanwhile_are_served_at_the_instant_the_clock_stands_at(post: Post, receiver: Receiver):
    receiver.afterwards = behaviours.gate
    post.namespace.clock.run_at(3600)  # it would run, if it were not being advanced
    post.owe(receiver.url, SECOND)
    advancing = asyncio.create_task(post.namespace.advance(HOUR))
    await receiver.hears(1)
    seen = {post.namespace.stamp()[1] for _ in range(1000)}
    assert seen == {post.namespace.outbox.kept[0].due}
    receiver.opened.set()
    await advancing


async def test_what_a_request_owes_meanwhile_goes_out_before_the_clock_moves_on(post: Post, receiver: Receiver):
    receiver.told = [behaviours.gate]
    post.owe(receiver.url, SECOND)
    advancing = asyncio.create_task(post.advance(HOUR))
    await receiver.hears(1)
    post.namespace.stamp()
    later = post.owe(receiver.url)
    post.courier.send(post.namespace)
    receiver.opened.set()
    await advancing
    assert [each.at - START for each in later.attempts] == [SECOND]


async def test_a_second_advance_meanwhile_is_refused_and_the_first_still_tells_all(post: Post, receiver: Receiver):
    receiver.afterwards = behaviours.gate
    post.owe(receiver.url, SECOND)
    advancing = asyncio.create_task(post.advance(HOUR))
    await receiver.hears(1)
    with pytest.raises(AlreadyAdvancing):
        await post.advance(SECOND)
    receiver.opened.set()
    assert len(await advancing) == 1


async def test_what_is_under_way_ends_before_the_clock_moves(post: Post, receiver: Receiver):
    receiver.told = [behaviours.silence]
    delivery = post.owe(receiver.url, waits=(5 * SECOND,), timeout=250 * MILLISECOND)
    post.courier.send(post.namespace)
    await receiver.hears(1)
    await post.advance(HOUR)
    assert [each.at - START for each in delivery.attempts] == [0, 5 * SECOND]


# Receivers that are no good ---------------------------------------------------------


@pytest.mark.requirement("S-3", "S-4", "F-8")
@pytest.mark.parametrize(
    ("behaviour", "status", "reason"),
    [
        (204, 204, None),
        (500, 500, None),
        (410, 410, None),
        (behaviours.silence, None, "no answer within 50 ms"),
        (behaviours.drip, None, "no answer within 50 ms"),
        (behaviours.reset, None, "the connection was reset"),
        (behaviours.half, None, "the answer broke off"),
        (behaviours.nonsense, None, "the answer is not HTTP"),
        (behaviours.loop, 302, None),
        (behaviours.zipped, 200, None),
    ],
)
async def test_what_an_answer_comes_to(post: Post, receiver: Receiver, behaviour, status, reason):
    receiver.afterwards = behaviour
    limit = 50 * MILLISECOND if reason == "no answer within 50 ms" else 10 * SECOND
    delivery = post.owe(receiver.url, timeout=limit)
    (told,) = await post.advance(0)
    assert (told["status"], told["reason"]) == (status, reason)
    assert delivery.status == ("delivered" if status in (200, 204) else "dropped")
    assert len(receiver.heard) == 1  # no redirect is followed, and no try is made behind our back


@pytest.mark.requirement("S-4", "F-8")
async def test_of_a_huge_answer_little_is_read(post: Post, receiver: Receiver):
    receiver.afterwards = behaviours.huge
    delivery = post.owe(receiver.url)
    await post.advance(0)
    assert delivery.status == "delivered"
    assert receiver.sent < 500 * ANSWER_LIMIT  # what the sockets between take, at most


@pytest.mark.requirement("F-8")
async def test_nobody_there(post: Post, receiver: Receiver, unused_tcp_port: int):
    delivery = post.owe(f"http://127.0.0.1:{unused_tcp_port}/")
    fine = post.owe(receiver.url)
    await post.advance(0)
    assert delivery.attempts[0].reason == "no connection could be made"
    assert fine.status == "delivered"


@pytest.mark.requirement("S-4")
@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("ftp://127.0.0.1/", "only http and https are called"),
        ("file:///etc/passwd", "only http and https are called"),
        ("gopher://127.0.0.1:{port}/", "only http and https are called"),
        ("/hook", "only http and https are called"),
        ("", "only http and https are called"),
        ("http://", "the URL names no host"),
        ("http://user:s3cret@127.0.0.1:{port}/", "the URL carries credentials"),
        ("http://user@127.0.0.1:{port}/", "the URL carries credentials"),
        ("http://127.0.0.1:99999/", "the call is not HTTP"),
        ("http://127.0.0.1:x/", "the call is not HTTP"),
        ("http://[::1/", "the call is not HTTP"),
        ("https://127.0.0.1:{port}/", "no TLS connection could be made"),
    ],
)
async def test_what_cannot_be_called_is_an_attempt_with_a_reason(post: Post, receiver: Receiver, url, reason):
    delivery = post.owe(url.format(port=receiver.port), timeout=5 * SECOND)
    await post.advance(0)
    assert [each.reason for each in delivery.attempts] == [reason]
    assert receiver.heard == []


@pytest.mark.requirement("S-26")
@pytest.mark.parametrize("headers", [(("X-A", "a\r\nX-B: b"),), (("X A", "b"),)])
async def test_a_header_that_would_be_two_is_not_sent(post: Post, receiver: Receiver, headers):
    delivery = post.owe(receiver.url, headers=headers)
    await post.advance(0)
    assert delivery.status == "dropped"
    assert all("X-B" not in each.headers for each in receiver.heard)


@pytest.mark.requirement("S-4")
async def test_proxies_of_the_environment_are_not_used(post: Post, receiver: Receiver, monkeypatch, unused_tcp_port):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{unused_tcp_port}")
    assert post.owe(receiver.url)
    await post.advance(0)
    assert len(receiver.heard) == 1


# Beside the exchanges ---------------------------------------------------------------


async def test_with_the_clock_frozen_what_is_owed_at_once_goes_out_without_an_advance(post: Post, receiver: Receiver):
    receiver.told = [500, behaviours.silence, 500]
    delivery = post.owe(receiver.url, waits=(0, 0, 0), timeout=250 * MILLISECOND)
    post.courier.send(post.namespace)
    await receiver.hears(4)
    await post.courier.settle(post.namespace.outbox)
    assert delivery.status == "delivered"
    assert {each.at for each in delivery.attempts} == {START}


async def test_with_the_clock_frozen_a_later_attempt_waits_for_the_clock(post: Post, receiver: Receiver):
    receiver.told = [500]
    delivery = post.owe(receiver.url, waits=(SECOND,))
    post.courier.send(post.namespace)
    await receiver.hears(1)
    await post.courier.settle(post.namespace.outbox)
    assert (delivery.status, len(receiver.heard)) == ("owed", 1)
    await post.advance(SECOND)
    assert delivery.status == "delivered"


async def test_when_the_clock_runs_what_falls_due_goes_out_though_nobody_asks(post: Post, receiver: Receiver):
    receiver.told = [500]
    post.namespace.clock.run_at(1000)
    delivery = post.owe(receiver.url, 20 * SECOND, waits=(20 * SECOND,))
    post.courier.send(post.namespace)
    await receiver.hears(2)
    await post.courier.settle(post.namespace.outbox)
    first, second = delivery.attempts
    assert first.at >= START + 20 * SECOND
    assert second.at >= first.at + 20 * SECOND
    assert delivery.status == "delivered"


async def test_the_waker_is_woken_when_something_earlier_is_set(post: Post, receiver: Receiver):
    for namespace, delay in (("later", HOUR), ("sooner", 20 * MILLISECOND)):
        post.namespace = post.namespaces.get(namespace)
        post.namespace.clock.run_at(1)
        post.owe(f"{receiver.url}?{namespace}", delay)
        post.courier.send(post.namespace)
        await pause(0)
    (heard,) = await receiver.hears(1)
    assert "sooner" in heard.query


@pytest.mark.requirement("F-8")
async def test_a_mistake_in_one_namespace_keeps_no_other_waiting(post: Post, receiver: Receiver, caplog):
    broken = post.namespaces.get("broken")
    broken.clock.run_at(1)
    broken.clock.at(broken.clock.now() + MILLISECOND, "not an event at all")  # type: ignore[arg-type]
    post.courier.send(broken)
    post.namespace.clock.run_at(1)
    post.owe(receiver.url, 50 * MILLISECOND)
    post.courier.send(post.namespace)
    await receiver.hears(1)
    assert "broken: what fell due could not happen" in caplog.text


# Breaking off -------------------------------------------------------------------------


@pytest.mark.requirement("I-7", "I-13")
async def test_reset_breaks_off_what_is_under_way_and_nothing_goes_out_after_it(post: Post, receiver: Receiver):
    receiver.afterwards = behaviours.gate
    old = post.namespace.outbox
    for _ in range(AT_ONCE + 5):
        post.owe(receiver.url, waits=(0, 0, 0))
    post.courier.send(post.namespace)
    await receiver.hears(AT_ONCE)
    await post.namespace.start_over()
    assert [task.get_name() for task in asyncio.all_tasks() if task.get_name() == "delivery"] == []
    receiver.opened.set()
    receiver.heard.clear()
    post.owe(f"{receiver.url}?after")
    await post.advance(HOUR)
    assert [list(each.query) for each in receiver.heard] == [["after"]]
    assert all(not each.attempts for each in old.kept)
    assert post.namespace.outbox.counts["owed"] == 1


async def test_reset_ends_an_advance_that_waits_for_a_receiver(post: Post, receiver: Receiver):
    receiver.afterwards = behaviours.gate
    post.owe(receiver.url, SECOND)
    advancing = asyncio.create_task(post.advance(HOUR))
    await receiver.hears(1)
    await post.namespace.start_over()
    with pytest.raises(WasReset):
        await advancing
    assert post.namespace.clock.now() == START
    await post.advance(SECOND)
    assert post.namespace.clock.now() == START + SECOND


async def test_to_drop_a_namespace_breaks_off_its_calls_and_no_others(post: Post, receiver: Receiver):
    receiver.afterwards = behaviours.gate
    other = Post(post.courier, post.namespaces, post.namespaces.get("other"))
    deliveries = [each.owe(receiver.url) for each in (post, other)]
    for each in (post, other):
        post.courier.send(each.namespace)
    await receiver.hears(2)
    await post.namespaces.drop("other")
    receiver.opened.set()
    await post.courier.settle(post.namespace.outbox)
    assert [each.status for each in deliveries] == ["delivered", "owed"]


@pytest.mark.requirement("F-7")
async def test_to_stop_breaks_everything_off_without_noise(post: Post, receiver: Receiver, caplog):
    receiver.afterwards = behaviours.gate
    post.owe(receiver.url)
    post.courier.send(post.namespace)
    post.owe(receiver.url, SECOND)
    advancing = asyncio.create_task(post.advance(HOUR))
    await receiver.hears(1)
    await post.courier.stop()
    await advancing
    gc.collect()
    assert caplog.text == ""
    assert isinstance(post.courier, Courier)
    post.courier.send(post.namespace)
    await post.advance(HOUR)
    assert len(receiver.heard) == 1
