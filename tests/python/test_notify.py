"""`pls notify` against a real server on loopback that fails, is late and asks to wait."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from conftest import Place, Result, pls
from pls.errors import InputError
from pls.notify import LONGEST_PAUSE, Ledger, Webhook, find_webhook, notify
from pls.paths import Store


@dataclass
class Receiver:
    """A webhook that answers as it is told, then with 200."""

    answers: list[int | str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)
    retry_after: str = ""
    url: str = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
        self.keys.append(handler.headers["Idempotency-Key"])
        self.tokens.append(handler.headers["Authorization"])
        answer = self.answers.pop(0) if self.answers else 200
        if answer == "late":
            time.sleep(0.5)
            answer = 500
        if answer == "cut":
            handler.connection.close()
            return
        if answer == 200:
            self.taken.append(body["text"])
        handler.send_response(int(answer))
        if self.retry_after:
            handler.send_header("Retry-After", self.retry_after)
        if answer == 302:
            handler.send_header("Location", self.url)
        handler.send_header("Content-Length", "0")
        handler.end_headers()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    told = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.answer(self)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    told.url = f"http://127.0.0.1:{server.server_port}/services/SECRET"
    yield told
    server.shutdown()
    server.server_close()


def send(place: Place, receiver: Receiver, limit: int = 99, **options: Any) -> dict[str, Any]:
    pauses: list[float] = []
    webhook = Webhook(receiver.url, timeout=0.2)
    try:
        facts = notify(Store(place.db), webhook, limit, sleep=pauses.append, **options)
    finally:
        receiver.pauses = pauses  # type: ignore[attr-defined]
    return facts


def run(place: Place, *arguments: object, **variables: str) -> Result:
    return pls("notify", *arguments, *place.where, variables=variables)


def test_each_trigger_comes_once_for_each_destination(stub: Place, receiver: Receiver) -> None:
    first = send(stub, receiver)
    assert (first["alone"], first["known"]) == (9, 0)
    again = send(stub, receiver)
    assert (again["alone"], again["known"]) == (0, 9)
    assert len(receiver.taken) == len(set(receiver.keys)) == 9
    other = notify(Store(stub.db), Webhook(receiver.url + "2"), 99)
    assert other["alone"] == 9


def test_only_what_is_pressing_new_and_in_the_queue_is_sent(
    stub: Place, receiver: Receiver
) -> None:
    send(stub, receiver)
    sent = {entry for entry in Ledger(Store(stub.db).ledger).of(Webhook(receiver.url).name)}
    assert not [key for key in sent if key.startswith("guarded.com")]
    assert {key.split("|")[3] for key in sent} == {"2026-05-01", "2026-05-02", "2026-05-03"}


def test_an_owner_gets_few_a_day_and_the_rest_in_one(stub: Place, receiver: Receiver) -> None:
    facts = send(stub, receiver, limit=3)
    assert (facts["alone"], facts["in_digests"]) == (3, 6)  # two for Ada, one for nobody
    (digest,) = [text for text in receiver.taken if "new for" in text]
    assert digest == "6 new for Ada: Acme &lt;&amp;&gt; Sons (6)"
    assert send(stub, receiver, limit=3)["known"] == 9
    assert len(receiver.taken) == 4


def test_what_is_new_after_the_last_message_of_a_day_waits(stub: Place, receiver: Receiver) -> None:
    send(stub, receiver, limit=3)
    ledger = Store(stub.db).ledger
    lines = ledger.read_text().splitlines(keepends=True)
    assert all('"in_digest": true' in line for line in lines[-6:])
    ledger.write_text("".join(lines[:-4]))  # as if four of the digest had come since
    facts = send(stub, receiver, limit=3)
    assert (facts["alone"], facts["in_digests"], facts["waiting"]) == (0, 0, 4)
    assert send(stub, receiver, limit=4)["in_digests"] == 4


def test_the_limit_counts_what_was_sent_before_that_day(stub: Place, receiver: Receiver) -> None:
    receiver.answers = [200, 200, 404]
    with pytest.raises(InputError, match="answers 404"):
        send(stub, receiver, limit=3)
    facts = send(stub, receiver, limit=3)
    assert facts["known"] == 2
    assert (facts["alone"], facts["in_digests"]) == (1, 6)
    assert len(receiver.taken) == 4  # three for Ada, one for nobody


@pytest.mark.parametrize("answer", [429, 500, 503, "late", "cut"])
def test_what_fails_for_a_while_is_tried_again(
    stub: Place, receiver: Receiver, answer: int | str
) -> None:
    receiver.answers = [answer, answer]
    facts = send(stub, receiver)
    assert facts["alone"] == len(receiver.taken) == 9
    assert receiver.pauses == [1.0, 2.0]  # type: ignore[attr-defined]
    assert len(set(receiver.keys[:3])) == 1  # one key, however often it is tried


def test_it_waits_as_long_as_it_is_asked_but_not_for_ever(stub: Place, receiver: Receiver) -> None:
    receiver.answers, receiver.retry_after = [429, 429], "7"
    send(stub, receiver)
    assert receiver.pauses == [7.0, 7.0]  # type: ignore[attr-defined]
    receiver.answers, receiver.retry_after = [429], "86400"
    notify_again = notify(
        Store(stub.db),
        Webhook(receiver.url + "2"),
        99,
        sleep=receiver.pauses.append,  # type: ignore[attr-defined]
    )
    assert notify_again["alone"] == 9
    assert receiver.pauses[-1] == LONGEST_PAUSE  # type: ignore[attr-defined]


def test_what_fails_for_good_stops_and_goes_on_later(stub: Place, receiver: Receiver) -> None:
    receiver.answers = [200, 200, 500, 500, 500, 500, 500]
    with pytest.raises(InputError, match="answers 500, after 5 attempts") as error:
        send(stub, receiver)
    assert "SECRET" not in str(error.value)
    assert send(stub, receiver)["known"] == 2
    assert len(receiver.taken) == 9


def test_refused_is_not_tried_again(stub: Place, receiver: Receiver) -> None:
    for answer in (404, 302):
        receiver.answers, receiver.keys = [answer], []
        with pytest.raises(InputError, match=f"answers {answer}"):
            send(stub, receiver)
        assert len(receiver.keys) == 1


def test_a_ledger_cut_off_by_a_kill_is_gone_on_with(stub: Place, receiver: Receiver) -> None:
    send(stub, receiver)
    ledger = Store(stub.db).ledger
    whole = ledger.read_bytes()
    ledger.write_bytes(whole[:-10])
    assert send(stub, receiver)["alone"] == 1
    assert send(stub, receiver)["known"] == 9
    ledger.write_bytes(b"nonsense\n" + whole)
    with pytest.raises(InputError, match="no line of the ledger"):
        send(stub, receiver)


def test_a_dry_run_sends_and_remembers_nothing(stub: Place, receiver: Receiver) -> None:
    result = run(stub, "--url", receiver.url, "--dry-run")
    assert result.returncode == 0, result.stderr
    assert "Talk to ann@acme.com" in result.stdout
    assert not receiver.taken and not Store(stub.db).ledger.exists()


def test_secrets_come_from_the_environment_and_are_never_shown(
    stub: Place, receiver: Receiver
) -> None:
    variables = {"PLS_WEBHOOK_URL": receiver.url, "PLS_WEBHOOK_TOKEN": "T0KEN"}
    result = run(stub, "--json", **variables)
    assert result.returncode == 0, result.stderr
    assert set(receiver.tokens) == {"Bearer T0KEN"}
    receiver.answers = [403]
    refused = run(stub, "--url", receiver.url + "x", PLS_WEBHOOK_TOKEN="T0KEN")
    assert refused.returncode == 2
    kept = Store(stub.db).ledger.read_text()
    for text in (result.stdout, result.stderr, refused.stdout, refused.stderr, kept):
        assert "SECRET" not in text and "T0KEN" not in text


@pytest.mark.parametrize("url", [None, "", "ftp://host/x", "hooks.slack.com/x"])
def test_an_address_that_is_none_is_told(url: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PLS_WEBHOOK_URL", raising=False)
    with pytest.raises(InputError, match="--url: "):
        find_webhook(url)
