"""Dockerfile, compose.yaml and the proxy's configuration, as far as they can be held without an engine.

`make soak ONLY=container` runs the image's steps.
"""

from __future__ import annotations

import contextlib
import json
import re
import shutil
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import yaml

from data.rasters.reading import MOST_BYTES
from data.settings import SETTINGS
from tests.container import context, copied, is_sent, steps
from tests.harness import ROOT
from tests.proxy import CADDYFILE, caddy, missing, proxied
from tests.test_guard import ask
from tests.waiting import until

DOCKERFILE = ROOT / "Dockerfile"
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
REPLICAS = {name: service for name, service in SERVICES.items() if "build" in service}
PRODUCT = ("app.py", "data/", "models/", "modules/", "requirements.txt", "LICENSE", "README.md", "pyproject.toml", "out/baked/")


def _hadolint() -> str | None:
    beside = Path(sys.executable).parent / "hadolint"
    return str(beside) if beside.is_file() else shutil.which("hadolint")


@pytest.mark.skipif(_hadolint() is None, reason="hadolint is neither in .venv nor on PATH")
def test_hadolint_has_nothing_to_say_of_the_dockerfile() -> None:
    answer = subprocess.run([str(_hadolint()), str(DOCKERFILE)], capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout) == (0, "")


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("data/store.py", True), ("data/simulate/plan.py", True), ("tests/test_store.py", False), ("data/__pycache__/store.pyc", False),
        ("data/x.pyc", False), (".git/config", False), ("out/baked/dataset.toml", True), ("out/mine/dataset.toml", False),
        ("moraine.toml", False), (".env", False), ("compose.yaml", False), ("modules/www/moraine.js", True), ("out/x", False),
    ],
)  # fmt: skip
def test_the_build_is_sent_the_product_alone(path: str, sent: bool) -> None:
    rules = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
    assert is_sent(path, rules) == sent


def test_the_image_holds_what_the_app_is_made_of(tmp_path: Path) -> None:
    assert [name for name in context() if not name.startswith(PRODUCT)] == []
    copied(steps(DOCKERFILE.read_text()), tmp_path, {})
    made = {path.relative_to(tmp_path / "moraine").as_posix() for path in (tmp_path / "moraine").rglob("*") if path.is_file()}
    listed = subprocess.run(
        ["git", "ls-files", "app.py", "data", "models", "modules"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert made >= set(listed.stdout.split()), "all of the product is in the image"
    assert (tmp_path / "baked" / "LICENSE").is_file()
    assert (tmp_path / "moraine" / "pyproject.toml").is_file(), "/healthz tells the version that it states"


def test_a_dataset_that_is_asked_for_is_baked_in(tmp_path: Path) -> None:
    for name in (
        "app.py",
        "LICENSE",
        "README.md",
        "pyproject.toml",
        "requirements.txt",
        "data/a.py",
        "models/a.py",
        "modules/a.py",
        "out/baked/dataset.toml",
    ):
        (tmp_path / "project" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "project" / name).touch()
    shutil.copy(ROOT / ".dockerignore", tmp_path / "project")
    copied(steps(DOCKERFILE.read_text()), tmp_path / "image", {"DATASET": "out/baked"}, tmp_path / "project")
    assert [path.name for path in (tmp_path / "image" / "baked").iterdir()] == ["dataset.toml"]
    with pytest.raises(AssertionError, match="out/mine is not in the build context"):
        copied(steps(DOCKERFILE.read_text()), tmp_path / "again", {"DATASET": "out/mine"}, tmp_path / "project")


def test_the_image_runs_as_nobody_in_particular_and_asks_the_app_for_its_health() -> None:
    found = {step.name: step.words for step in steps(DOCKERFILE.read_text()) if step.stage == 1}
    assert int(found["USER"]) > 1000
    assert "/healthz" in found["HEALTHCHECK"]
    assert json.loads(found["CMD"])[:4] == ["python", "-m", "shiny", "run"]


@pytest.mark.parametrize("name", list(SERVICES))
def test_every_service_has_no_more_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"]
    assert service["cap_drop"] == ["ALL"]
    assert service.get("cap_add", []) == (["NET_BIND_SERVICE"] if name == "proxy" else [])
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not service.get("privileged")
    assert service["mem_limit"]
    assert service["pids_limit"]
    assert service["tmpfs"]
    assert "healthcheck" in service or "build" in service, "the image brings its own"
    assert ("ports" in service) == (name == "proxy"), "nobody reaches the others but through the proxy"
    assert ("outside" in service["networks"]) == (name == "proxy")


def test_three_replicas_share_the_reviews_and_the_proxy_knows_them() -> None:
    assert len(REPLICAS) == 3
    assert len({json.dumps(service, sort_keys=True) for service in REPLICAS.values()}) == 1, "they differ in nothing"
    port = next(step.words for step in steps(DOCKERFILE.read_text()) if step.name == "EXPOSE")
    told = re.search(r"\{\$REPLICAS:([^}]*)\}", CADDYFILE.read_text())
    assert told is not None
    assert told[1].split() == [f"{name}:{port}" for name in REPLICAS]
    assert "@reviews/" in REPLICAS["moraine-1"]["environment"]["MORAINE_REVIEWS_URL"]


def test_what_visitors_hand_in_fits_into_the_folder_and_the_folder_into_memory() -> None:
    service = REPLICAS["moraine-1"]
    folder = re.fullmatch(r"/tmp:size=(\d+)m,mode=1777", service["tmpfs"][0])
    assert folder is not None

    visit, everybody = (int(service["environment"][f"MORAINE_{name}_MB"]) for name in ("UPLOADS", "TEMPORARY"))
    # Beside all that is let in there is room for what is made of the largest file.
    assert visit <= everybody <= int(folder[1]) - MOST_BYTES / 2**20
    assert int(folder[1]) + 900 <= int(service["mem_limit"].removesuffix("m")), "beside what a crowd takes (docs/hosting.md)"


def test_what_the_files_set_is_a_setting() -> None:
    texts = [path.read_text() for path in (DOCKERFILE, ROOT / "compose.yaml", CADDYFILE)]
    named = {name for text in texts for name in re.findall(r"MORAINE_(\w+)", text)}
    assert named
    assert named - SETTINGS.keys() == set()


@pytest.mark.parametrize("file", ["compose.yaml", ".deploy/Caddyfile", "Dockerfile"])
def test_whatever_may_be_said_is_described(file: str) -> None:
    """`${NAME:-…}` of compose.yaml, `{$NAME:…}` of the Caddyfile, ARG of the Dockerfile."""
    text = (ROOT / file).read_text()
    names = {name for found in re.findall(r"\$\{(\w+)[:}]|\{\$(\w+)|^ARG (\w+)", text, re.MULTILINE) for name in found if name}
    told = (ROOT / "docs" / "deploy.md").read_text()
    assert names
    assert [name for name in sorted(names) if f"`{name}`" not in told] == []


@pytest.mark.skipif(bool(missing()), reason=missing())
@pytest.mark.parametrize("prefix", ["", "/lakes"])
def test_the_proxy_reads_its_configuration(prefix: str, tmp_path: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        env = {"PREFIX": prefix, "HOME": str(tmp_path)}
        return subprocess.run([str(caddy()), *words], env=env, capture_output=True, text=True, check=False)

    valid = run("validate", "--adapter", "caddyfile", "--config", str(CADDYFILE))
    assert valid.returncode == 0, valid.stderr
    adapted = run("adapt", "--adapter", "caddyfile", "--config", str(CADDYFILE))
    assert adapted.returncode == 0, adapted.stderr
    assert (f'"strip_path_prefix":"{prefix}"' in adapted.stdout) == bool(prefix)
    assert run("fmt", "--diff", str(CADDYFILE)).stdout.count("\n+") == 0


@pytest.mark.skipif(bool(missing()), reason=missing())
def test_what_the_proxy_logs_opens_nobodys_table_whether_it_answered_or_failed() -> None:
    """A replica that breaks off makes it log an error; a redirect says where to; both are logged as requests as well."""
    table, visit = "0123abcd" * 4, "fedc4321" * 8
    with socket.create_server(("127.0.0.1", 0)) as replica, proxied([f"http://127.0.0.1:{replica.getsockname()[1]}"], "/lakes") as proxy:
        threading.Thread(target=_broken_off, args=(replica,), daemon=True).start()
        asked = {"Referer": f"{proxy.url}/?data=own-{table}"}
        failed = ask(f"{proxy.url}/session/{visit}/upload/1?data=own-{table}", "POST", b"x", **asked)[0]
        assert failed in {502, 503}
        with pytest.raises(urllib.error.HTTPError, match="308"):
            urllib.request.build_opener(_Stay).open(f"{proxy.url}?data=own-{table}", timeout=20)
        until(lambda: len(_told(proxy.log)) >= 3)
        lines = _told(proxy.log)
    assert table not in json.dumps(lines)
    assert visit not in json.dumps(lines)
    errors = [line for line in lines if line["logger"].startswith("http.log.error")]
    assert [line["request"]["uri"] for line in errors] == ["/lakes/session/fedc4321.../upload/1?data=own-0123abcd..."]
    assert sum(line["logger"].startswith("http.log.access") for line in lines) == 2


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        return None


def _broken_off(replica: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while True:
            connection, _ = replica.accept()
            connection.recv(65536)
            connection.close()


def _told(log: Path) -> list[dict[str, Any]]:
    """The lines of the proxy's log about that table."""
    lines = [line for line in log.read_text().splitlines() if "0123abcd" in line and line.endswith("}")]
    return [json.loads(line) for line in lines]
