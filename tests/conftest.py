"""What every test shares: one thread for numerics, and the real data, which may be absent."""

from __future__ import annotations

import os
from pathlib import Path

# Before anything imports numpy: sums over several threads need not repeat to the last bit.
for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"):
    os.environ[_name] = "1"

import pytest

ROOT = Path(__file__).resolve().parent.parent
REAL_DATA = ROOT / os.environ.get("MORAINE_REAL_DATA", "../shared/data")
NOT_TESTED = "real data not found"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--require-real", action="store_true", help="fail where real data is absent, instead of skipping")
    parser.addoption(
        "--tally", type=Path, help="file that carries the number of tests skipped for want of real data from one run to the next"
    )


@pytest.fixture(scope="session")
def real_data(request: pytest.FixtureRequest) -> Path:
    """The folder of real data (MORAINE_REAL_DATA); the test is skipped where there is none, or fails with --require-real."""
    if REAL_DATA.is_dir():
        return REAL_DATA
    complaint = f"{NOT_TESTED} in {REAL_DATA}: set MORAINE_REAL_DATA"
    if request.config.getoption("--require-real"):
        pytest.fail(complaint)
    pytest.skip(complaint)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Whoever uses `real_data` is marked `real`, so that `-m real` finds all of them; the browser's tests likewise."""
    for item in items:
        if "real_data" in getattr(item, "fixturenames", ()):
            item.add_marker("real")
        if "app_url" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Say as the very last line how many tests went without real data, those of the run before included."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    if reporter is None:
        return
    skipped = sum(NOT_TESTED in str(report.longrepr) for report in reporter.stats.get("skipped", []))
    tally: Path | None = config.getoption("--tally")
    if tally is not None:
        skipped += int(tally.read_text()) if tally.exists() else 0
        tally.parent.mkdir(exist_ok=True)
        tally.write_text(str(skipped))
    if skipped:
        reporter.write_line(f"REAL DATA NOT TESTED: {skipped} tests")
