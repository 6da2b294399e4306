"""What every test shares: the real data, which may be absent, a state folder of its own, repeatable property tests."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import hypothesis
import pytest

ROOT = Path(__file__).resolve().parent.parent
REAL_DATA = (ROOT / os.environ.get("MORAINE_REAL_DATA", "../shared/data")).resolve()
NOT_TESTED = "real data not found"

# The same examples on every run, and no deadline: a busy machine is no fault. `make soak` draws new ones.
hypothesis.settings.register_profile("moraine", derandomize=True, deadline=None)
hypothesis.settings.load_profile("moraine")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--require-real", action="store_true", help="fail where real data is absent, instead of skipping")
    parser.addoption("--tally", type=Path, help="file for the line that says how many tests went without real data")


@pytest.fixture(scope="session")
def real_data(request: pytest.FixtureRequest) -> Path:
    """The folder of real data (MORAINE_REAL_DATA); the test is skipped where there is none, or fails with --require-real."""
    if REAL_DATA.is_dir():
        return REAL_DATA
    complaint = f"{NOT_TESTED} in {REAL_DATA}: set MORAINE_REAL_DATA"
    if request.config.getoption("--require-real"):
        pytest.fail(complaint)
    pytest.skip(complaint)


@pytest.fixture(autouse=True, scope="session")
def state_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MORAINE_STATE_DIR for all tests: what the product caches never reaches the cache of whoever runs them, and no app paints scenes."""
    folder = tmp_path_factory.mktemp("state")
    os.environ["MORAINE_STATE_DIR"] = str(folder)
    os.environ["MORAINE_SCENES"] = "no"
    return folder


def pytest_configure() -> None:
    """A shell starts what runs beside something else deaf to Ctrl-C; pytest must hear it, to stop the servers that it started."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by fixture, so that `-m real` and `-m browser` find all there are."""
    for item in items:
        for fixture, marker in (("real_data", "real"), ("browser", "browser")):
            if fixture in getattr(item, "fixturenames", ()):
                item.add_marker(marker)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Say as the very last line how many tests went without real data; into a file too where one is named."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return
    skipped = sum(NOT_TESTED in str(report.longrepr) for report in reporter.stats.get("skipped", []))
    said = f"REAL DATA NOT TESTED: {skipped} tests" if skipped else ""
    tally: Path | None = config.getoption("--tally")
    if tally is not None:
        tally.write_text(f"{said}\n" if said else "")
    if said:
        reporter.write_line(said)


@pytest.fixture(autouse=True)
def _a_shiny_of_its_own() -> None:
    """Shiny's one reactive lock belongs to the event loop that first waited for it; tests have loops of their own, one after another.

    Telemetry is spared as in the app. `asyncio.run` leaves a thread without a loop, and Shiny's in-memory sessions need one.
    """
    try:
        asyncio.get_event_loop()
    except RuntimeError:
        asyncio.set_event_loop(asyncio.new_event_loop())
    core = sys.modules.get("shiny.reactive._core")
    if core is not None:
        from modules.serving.telemetry import spare_telemetry

        core._reactive_environment._lock = None
        spare_telemetry()
