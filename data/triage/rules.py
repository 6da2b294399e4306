"""The rules: from facts to kinds, the first that holds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data.trends.classes import NOT_SIGNIFICANT
from data.trends.quiet import STABLE, kinds
from data.triage.case import LOG_ALPHA
from data.triage.facts import Facts


def decided(facts: Facts) -> NDArray[np.object_]:
    """(L,) names of KINDS.

    1. A drainage flag: drained.
    2. p < .05, but q ≥ .05: chance.
    3. A trend (q < .05, or by plain least squares alone where dates resemble each other) and a doubt: model artefact.
    4. A trend no larger than mapping errors could make: mapping error. Held against them at p, where q < .05 already says that there is a
       trend; at a q of its own where only plain least squares does.
    5. Any other trend at q < .05, and one by plain least squares that exceeds mapping errors: grew or shrank.
    6. No trend: stable where one worth seeing would have been found and is excluded (`data.trends.quiet`), or the area never changed and
       no mapping error says how far that can be trusted; else unobservable.
    """
    log_p, slope = facts.column("log_p"), facts.column("slope")
    drained = np.zeros(len(slope), dtype=bool)
    drained[list(facts.drained)] = True
    chance = ~facts.sure & (log_p < LOG_ALPHA)
    trend = facts.sure | facts.apparent
    held = np.where(facts.sure, facts.mapping_log_p, facts.mapping_log_q)
    within, real = trend & (held >= LOG_ALPHA), facts.sure | (facts.apparent & (held < LOG_ALPHA))
    constant = (facts.table.frame["status"] == "constant").to_numpy(dtype=bool) & np.isnan(log_p)
    quiet = kinds(facts.table, np.full(len(slope), NOT_SIGNIFICANT, dtype=np.int8))
    cases = [drained, chance, trend & facts.doubted(), within, real & (slope > 0), real & (slope < 0), constant | (quiet == STABLE)]
    names = ["drained", "chance", "model artefact", "mapping error", "grew", "shrank", "stable"]
    return np.select(cases, names, "unobservable").astype(object)
