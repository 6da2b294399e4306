"""The Sequence lab: a curve chosen in one card shows in all, steps ask for nothing, and the equations hold the cell's own numbers."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import expect

from data.sequence.cell import traces
from data.sequence.reading import open_sequence
from tests.browser.visit import Visit
from tests.conftest import ROOT

CURVE, STEP, LAYER, UNIT = 17, 60, 2, 6
"""From 1, as they are shown."""


def number(text: str) -> float:
    return float(text.replace("−", "-"))


def test_one_curve_step_and_unit_in_all_cards(page_at: Callable[..., Visit]) -> None:
    opened = page_at("?page=lens&l.tab=sequence")
    page = opened.page
    lab = page.locator(".m-lab")
    shown = lambda words: expect(lab).to_have_attribute("data-shown", words)  # noqa: E731
    expect(page.locator(".m-lab-unit")).to_have_count(48)
    hard = page.locator(".m-lab-small").nth(2)
    hard.click()
    expect(hard).to_have_attribute("aria-pressed", "true")
    expect(lab.locator("[data-said]")).to_contain_text(f"Curve {int(hard.get_attribute('data-curve') or '') + 1}, ")

    run = open_sequence(ROOT / "models" / "runs" / "sequence")
    epoch, x = run.manifest.epochs[-1], run.curves().x[CURVE - 1]
    page.get_by_label("Curve", exact=True).fill(str(CURVE))
    shown(f"{CURVE - 1} {epoch} 100")
    page.locator(f".m-lab-unit[data-layer='{LAYER}'][data-unit='{UNIT}']").press("Enter")
    page.wait_for_function("() => moraine.lab.fresh('trace') && moraine.lab.fresh('weights')")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.get_by_label("Step", exact=True).fill(str(STEP + 1))
    page.get_by_role("button", name="One step back").click()
    shown(f"{CURVE - 1} {epoch} {STEP - 1}")
    assert asked == [], "a step asks the server for nothing"

    net = run.network(epoch)
    found, layer, at, unit = traces(net, x[None]), net.layers[LAYER - 1], STEP - 1, UNIT - 1
    z, r, candidate, h = (getattr(found[LAYER - 1], name)[0] for name in ("z", "r", "candidate", "h"))
    below, before = found[LAYER - 2].h[0, at], h[at - 1]
    wanted = [z[at, unit], layer.W_z[unit] @ below, layer.U_z[unit] @ before, layer.b_z[unit],
              r[at, unit], layer.W_r[unit] @ below, layer.U_r[unit] @ before, layer.b_r[unit],
              candidate[at, unit], layer.W[unit] @ below, layer.U[unit] @ (r[at] * before), layer.b[unit], h[at, unit]]  # fmt: skip
    figures = page.locator(".m-lab-gates .m-lab-figure").all_inner_texts()
    assert [number(text) for text in figures[:13]] == pytest.approx(np.array(wanted), abs=2e-3)
    keep, write = ([number(part) for part in text.split("×")] for text in figures[13:])
    assert keep[0] * keep[1] + write[0] * write[1] == pytest.approx(h[at, unit], abs=4e-3)

    page.get_by_role("button", name="Play the steps").click()
    page.wait_for_function(f"() => moraine.lab.state.step > {STEP + 5}")
    page.get_by_role("button", name="Pause").click()
    page.get_by_role("tab", name="Training", exact=True).click()
    page.get_by_role("tab", name="Sequence lab", exact=True).click()
    expect(lab.locator("[data-said]")).to_contain_text(f"Curve {CURVE}, learned from")
    assert opened.complaints == []
    assert opened.violations(".m-lab-tab") == []
