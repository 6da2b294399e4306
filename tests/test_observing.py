"""What whoever serves the app sees of it: errors by number, readiness, figures, logs."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from shiny import Inputs, Outputs, Session, reactive, render, ui
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from data.meta import read_meta, write_meta
from modules.serve import moraine_app
from modules.serving.config import Config
from modules.serving.guard.policy import BARE
from modules.serving.observing.errors import Errors, NumberedApp
from modules.serving.observing.layer import Observed
from modules.serving.observing.metrics import Metrics, kind_of
from tests.asgi import finished, get
from tests.conftest import ROOT
from tests.datasets import small_dataset
from tests.load.client import visiting
from tests.load.frames import messages
from tests.load.inside import running, served_here

LOCAL = {"host": "localhost"}
SECRET = "/srv/private/secret.parquet"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_dataset(tmp_path_factory.mktemp("observed") / "small")


@pytest.fixture
def metrics() -> Metrics:
    return Metrics({})


def figure(text: str, name: str, **labels: str) -> float:
    """A figure as Prometheus's own reader finds it."""
    found = [
        sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name and labels.items() <= sample.labels.items()
    ]
    assert len(found) == 1, f"{name} {labels}: {found}"
    return found[0]


def test_ready_with_the_digest_of_each_dataset(folder: Path) -> None:
    app = moraine_app(Config([folder], None))
    status, headers, body = get(app.starlette_app, "/healthz")
    told = json.loads(body)
    assert (status, told["ready"]) == (200, True)
    assert re.fullmatch(r"\d+\.\d+\.\d+", told["version"])
    assert re.fullmatch("[0-9a-f]{64}", told["datasets"]["small"])
    assert headers["cache-control"] == "no-store"


def test_a_damaged_dataset_is_told_without_its_path_and_does_not_stop_the_others(folder: Path, tmp_path: Path) -> None:
    broken = small_dataset(tmp_path / "broken")
    path = broken / "areas.parquet"
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 3] ^= 0xFF
    path.write_bytes(raw)
    status, _, body = get(moraine_app(Config([broken], None)).starlette_app, "/healthz")
    assert status == 503
    assert json.loads(body)["datasets"] == {"small": None}
    assert str(tmp_path) not in body.decode()
    meta = read_meta(broken)
    write_meta(broken, type(meta)(**{**meta.__dict__, "name": "broken"}))
    status, _, body = get(moraine_app(Config([broken, folder], None)).starlette_app, "/healthz")
    told = json.loads(body)
    assert (status, told["ready"], told["datasets"]["broken"]) == (200, True, None)
    assert told["datasets"]["small"]


def test_figures_are_for_this_machine_unless_told_otherwise(folder: Path) -> None:
    app = moraine_app(Config([folder], None)).starlette_app
    get(app, "/healthz")
    status, _, body = get(app, "/metrics", LOCAL)
    assert status == 200
    assert figure(body.decode(), "moraine_requests_total", kind="healthz", status="200") == 1
    assert figure(body.decode(), "moraine_visits_live") == 0
    assert figure(body.decode(), "moraine_inferences_total") == 0
    assert get(app, "/metrics", {**LOCAL, "x-forwarded-for": "10.0.0.1"})[0] == 404
    assert get(app, "/metrics", {"host": "lakes.example"})[0] == 404
    shown = moraine_app(Config([folder], None, metrics="on")).starlette_app
    assert get(shown, "/metrics", {"host": "lakes.example"})[0] == 200
    hidden = moraine_app(Config([folder], None, metrics="off")).starlette_app
    assert get(hidden, "/metrics", LOCAL)[0] == 404


def test_a_visit_is_counted_while_it_lasts(folder: Path) -> None:
    async def during(url: str, app: Any) -> str:
        async with visiting(url, plots=()):
            return (await asyncio.to_thread(get, app.starlette_app, "/metrics", LOCAL))[2].decode()

    with served_here(folder) as (url, app):
        text = finished(during(url, app))
    assert figure(text, "moraine_visits_live") == 1
    assert figure(text, "moraine_visits_total") == 1


def test_what_a_path_is_counted_as_is_one_of_a_few() -> None:
    assert [kind_of(path) for path in ("/", "", "/columns/x/y", "/lib/a.js", "/../../etc", "/<script>")] == [
        "page", "page", "columns", "lib", "other", "other",
    ]  # fmt: skip


def test_a_request_that_fails_gets_the_number_that_the_log_has(metrics: Metrics, caplog: pytest.LogCaptureFixture) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise OSError(SECRET)

    status, headers, body = get(Observed(broken, metrics, Errors(metrics.error)), "/images/1")
    assert headers.items() >= {"x-content-type-options": "nosniff", "content-security-policy": BARE, "cache-control": "no-store"}.items()
    record = next(each for each in caplog.records if hasattr(each, "error"))
    assert status == 500
    assert record.__dict__["error"] in body.decode()
    assert SECRET not in body.decode()
    assert SECRET in caplog.text
    assert figure(metrics.text().decode(), "moraine_errors_total", where="request") == 1
    assert figure(metrics.text().decode(), "moraine_requests_total", kind="images", status="500") == 1


def test_an_answer_that_breaks_off_is_not_begun_again(metrics: Metrics) -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise OSError(SECRET)

    with pytest.raises(OSError, match="secret"):
        get(Observed(broken, metrics, Errors(metrics.error)), "/")


def _failing(metrics: Metrics) -> NumberedApp:
    def server(input: Inputs, output: Outputs, session: Session) -> None:
        app.errors.watch(session)  # pyright: ignore[reportOptionalMemberAccess]

        @render.text
        def broken() -> str:
            raise OSError(SECRET)

        @reactive.effect
        @reactive.event(input.go)
        def _() -> None:
            raise OSError(SECRET)

    app = NumberedApp(ui.page_fluid(ui.output_text("broken"), ui.input_action_button("go", "Go")), server)
    app.sanitize_errors = True
    app.errors = Errors(metrics.error)
    return app


async def _told(url: str, *, press: bool) -> list[dict[str, Any]]:
    """What a visit is sent, until the error is known or the server ends it."""
    came: list[dict[str, Any]] = []
    async with connect(url.replace("http", "ws") + "/websocket/", origin=url) as socket:
        await socket.recv()
        await socket.send(json.dumps({"method": "init", "data": {".clientdata_output_broken_hidden": False, "go:shiny.action": 0}}))
        if press:
            await socket.send(json.dumps({"method": "update", "data": {"go:shiny.action": 1}}))
        with contextlib.suppress(ConnectionClosed):
            while press or not any(each.get("errors") for each in came):
                came += messages(await asyncio.wait_for(socket.recv(), 10))
    return came


def _number(caplog: pytest.LogCaptureFixture, what: str) -> str:
    return next(each.__dict__["error"] for each in caplog.records if hasattr(each, "error") and what in each.message)


def test_an_output_that_fails_shows_the_number_that_the_log_has(metrics: Metrics, caplog: pytest.LogCaptureFixture) -> None:
    with running(_failing(metrics)) as url:
        messages = finished(_told(url, press=False))
    assert _number(caplog, "an output") in messages[-1]["errors"]["broken"]["message"]
    assert SECRET not in json.dumps(messages)
    assert SECRET in caplog.text
    assert figure(metrics.text().decode(), "moraine_errors_total", where="output") == 1


def test_an_effect_that_fails_ends_the_visit_which_is_told_the_number_first(metrics: Metrics, caplog: pytest.LogCaptureFixture) -> None:
    with running(_failing(metrics)) as url:
        messages = finished(_told(url, press=True))
    told = [each["custom"]["moraine-error"] for each in messages if "moraine-error" in each.get("custom", {})]
    assert told == [{"number": _number(caplog, "an effect")}]
    assert SECRET not in json.dumps(messages)
    assert figure(metrics.text().decode(), "moraine_errors_total", where="effect") == 1


LOGS = """
import logging
from modules.serving.observing.logs import log_as
log_as({form!r}, "info")
log = logging.getLogger("modules.somewhere")
log.debug("not wanted")
logging.getLogger("urllib3").info("not wanted either")
try:
    raise OSError("disk")
except OSError as error:
    log.error("it failed", exc_info=error, extra=dict(error="9a8b7c6d"))
logging.getLogger("uvicorn.access").info('%s - "%s"', "10.0.0.1", "GET / HTTP/1.1")
"""


def _logged(form: str) -> str:
    return subprocess.run([sys.executable, "-c", LOGS.format(form=form)], cwd=ROOT, capture_output=True, text=True, check=True).stderr


def test_logs_as_json_are_one_object_a_line() -> None:
    failed, asked = map(json.loads, _logged("json").splitlines())
    assert failed.items() >= {"levelname": "ERROR", "name": "modules.somewhere", "message": "it failed", "error": "9a8b7c6d"}.items()
    assert "OSError: disk" in failed["exc_info"]
    assert asked["message"] == '10.0.0.1 - "GET / HTTP/1.1"'


def test_logs_as_text_carry_the_number_and_the_traceback() -> None:
    first, *rest = _logged("text").splitlines()
    assert first.endswith("ERROR modules.somewhere: it failed [error 9a8b7c6d]")
    assert "OSError: disk" in rest
    assert "wanted" not in "\n".join(rest)


OPENING = """
import logging
from modules.serving.observing.logs import log_as
log_as({form!r}, "info")
log = logging.getLogger("uvicorn.access")
log.info('%s - "%s"', "10.0.0.1", "GET /?data=own-{table}&page=about HTTP/1.1")
log.info('%s - "%s"', "10.0.0.1", "POST /session/{visit}/upload/77ff HTTP/1.1")
try:
    raise OSError("/tmp/x/own-{table}/lakes.parquet")
except OSError as error:
    log.error("it failed", exc_info=error)
"""


@pytest.mark.parametrize("form", ["text", "json"])
def test_logs_do_not_open_what_is_a_visits_own(form: str) -> None:
    table, visit = "0123abcd" * 4, "fedc4321" * 8
    code = OPENING.format(form=form, table=table, visit=visit)
    logged = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stderr
    assert table not in logged
    assert visit not in logged
    if form == "json":
        logged = "\n".join(each["message"] + each.get("exc_info", "") for each in map(json.loads, logged.splitlines()))
    assert "GET /?data=own-0123abcd…&page=about HTTP/1.1" in logged
    assert "POST /session/fedc4321…/upload/77ff HTTP/1.1" in logged
    assert "OSError: /tmp/x/own-0123abcd…/lakes.parquet" in logged


TRACED = """
import asyncio, sys
from pathlib import Path
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
kept = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(kept))
trace.set_tracer_provider(provider)
from tests.load.client import visiting
from tests.load.inside import served_here
async def visit(url):
    async with visiting(url, plots=()) as visitor:
        await visitor.next_lake()
with served_here(Path(sys.argv[1])) as (url, _):
    asyncio.run(visit(url))
print(*sorted({span.name.split()[0] for span in kept.get_finished_spans()}))
"""


def test_opentelemetry_sees_what_shinys_own_switch_says_and_no_more(folder: Path) -> None:
    env = {**os.environ, "SHINY_OTEL_COLLECT": "session"}
    ran = subprocess.run([sys.executable, "-c", TRACED, str(folder)], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.split() == ["session_end", "session_start"]
