"""One page a lake: where it stands, its images or outlines, its series, what the test says, what put it on the list, what to beware of."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator

import numpy as np
from htmltools import Tag, TagList, tags

from data.errors import MoraineError
from data.plain_text import cut
from data.trends import METHODS
from data.trends.series import decimal_years
from data.watchlist.components import COMPONENTS
from data.watchlist.volumes import peak_discharge, volume_range
from modules.brief.outlines import outline_picture
from modules.brief.pair import Pair
from modules.brief.record import Brief
from modules.brief.series import series_picture
from modules.brief.volcano import Volcano
from modules.figures import CLASSES
from modules.measures import slope_words
from modules.numerals import NONE, figure_text, fixed_text
from modules.verdicts import verdict
from modules.watching.words import day_text, likely_words, place_words, range_text, scaled_text, value_text

log = logging.getLogger(__name__)

FLAGS_SHOWN = 4


def lake_page(brief: Brief, row: int, volcano: Volcano, pair: Pair) -> Tag:
    """The page of the lake in a row of `Store.lakes`."""
    store, lake_key = brief.store, int(brief.ranking.lake_key[row])
    name, settings = store.labels[row], brief.given.table.settings
    areas = store.areas(lake_key, settings)
    mine = areas.loc[(areas["source"] == settings.source).to_numpy(dtype=bool)]
    trend, code = brief.given.table.frame.iloc[row].to_dict(), int(brief.codes[row])
    series = series_picture(mine, trend, code, settings, floods=_floods(brief, lake_key), name=name)
    return tags.section(
        tags.header(
            tags.h2(f"{brief.ranking.rank[row]}. {name}"),
            tags.p(_facts(brief, row), class_="quiet"),
            tags.p("SIMULATED: no real place, no real lake", class_="simulated") if store.meta.simulated else None,
        ),
        tags.div(_figure(volcano.place(row, name), "Among all lakes"), _figure(series, f"Areas by {settings.source}"), class_="two"),
        tags.div(_seen(brief, lake_key, name, pair), tags.div(tags.h3("What the test says"), *_verdict(brief, row)), class_="beside"),
        tags.div(tags.h3("What put it on the list"), tags.p(place_words(brief.ranking, row)), _components(brief, row)),
        tags.div(tags.h3("What to beware of"), tags.ul(*(tags.li(words) for words in cautions(brief, row)))),
        class_="lake",
    )


def _facts(brief: Brief, row: int) -> str:
    lake = brief.lakes.iloc[row]
    held = (lake[name] for name in ("lake_id", "sub_basin", "basin", "dam_type"))
    texts = [cut(text) for text in held if isinstance(text, str) and text and cut(text) != brief.store.labels[row]]
    place = _place(float(lake["lat"]), float(lake["lon"]))
    height = f"{fixed_text(float(lake['elevation_m']), 0)} m" if math.isfinite(lake["elevation_m"]) else ""
    last = brief.given.last_clear.iloc[row]
    seen = f"last clear date {day_text(last['day'], last['year_only'])}: {figure_text(float(last['area_km2']))} km²"
    return " · ".join(part for part in (*texts, place, height, seen) if part)


def _place(lat: float, lon: float) -> str:
    """`27.9130° N, 88.1990° E`; empty where it is not known."""
    if not math.isfinite(lat) or not math.isfinite(lon):
        return ""
    return f"{abs(lat):.4f}° {'N' if lat >= 0 else 'S'}, {abs(lon):.4f}° {'E' if lon >= 0 else 'W'}"


def _figure(picture: Tag | None, caption: str) -> Tag | None:
    return None if picture is None else tags.figure(picture, tags.figcaption(caption))


def _seen(brief: Brief, lake_key: int, name: str, pair: Pair) -> Tag:
    """Images, and where there are none, outlines."""
    shown = pair.of(lake_key)
    outlines = brief.store.outlines(lake_key)
    mine = outlines.loc[(outlines["source"] == brief.given.table.settings.source).to_numpy(dtype=bool)]
    drawn = outline_picture(mine if len(mine) else outlines, name) if shown.name == "p" else None
    return tags.div(shown, _figure(drawn, "Outlines by date, north up"), class_="seen")


def _verdict(brief: Brief, row: int) -> Iterator[Tag]:
    lake, response = brief.lakes.iloc[row].to_dict(), brief.given.table.settings.response
    code = int(brief.codes[row])
    slope = slope_words(lake, response)
    yield tags.p(tags.strong(verdict(lake, code, brief.use, brief.alpha), class_=CLASSES[code]), f" · {slope}" if slope else "")
    method = str(lake["method"])
    title = METHODS[method].title if method in METHODS else method
    yield from _likely(brief, row)
    if brief.reviewed[row]:
        yield tags.p("Reviewed by people: ", tags.strong(str(brief.reviewed[row])), ".")
    yield tags.p(f"{int(lake['n'])} observations used; {title}; one of {brief.given.table.family:,} lakes tested.", class_="quiet")


def _likely(brief: Brief, row: int) -> Iterator[Tag]:
    """What triage says; where it cannot say anything the page still stands."""
    try:
        triage = brief.store.triage(brief.given.table.settings)
    except MoraineError as error:
        log.warning("no triage in a brief: %s", error)
        return
    yield tags.p(likely_words(triage, row))


def _components(brief: Brief, row: int) -> Tag:
    """Weighed components with their contributions as bars; the others in one line below."""
    ranking, response = brief.ranking, brief.given.table.settings.response
    rows: list[Tag] = []
    for at, name in enumerate(ranking.names):
        component, value, part = COMPONENTS[name], float(ranking.raw[name][row]), float(ranking.parts[row, at])
        bar = tags.span(class_="bar", style=f"width: {0 if math.isnan(part) else 100 * part:.1f}%")
        rows.append(
            tags.tr(
                tags.th(component.title, scope="row"),
                tags.td(_with_unit(name, value, response)),
                tags.td(scaled_text(component, float(ranking.scaled[row, at]))),
                tags.td(f"{ranking.weights[at]:g}"),
                tags.td(NONE if math.isnan(part) else f"{part:.3f}"),
                tags.td(bar, class_="bars"),
            )
        )
    heads = ("Component", "Value", "Scaled, 0 to 1", "Weight", "Part of the score", "")
    rest = {name: float(raw[row]) for name, raw in ranking.raw.items() if name not in ranking.names}
    others = [f"{COMPONENTS[name].title} {_with_unit(name, value, response)}" for name, value in rest.items()]
    return TagList(
        tags.table(tags.thead(tags.tr(*(tags.th(head, scope="col") for head in heads))), tags.tbody(*rows)),
        tags.p("Without weight: ", "; ".join(others), ".", class_="quiet") if others else None,
    )  # fmt: skip


def _with_unit(name: str, value: float, response: str) -> str:
    if math.isnan(value):
        return "missing"
    return f"{value_text(name, value)} {COMPONENTS[name].unit_for(response)}".strip()


def cautions(brief: Brief, row: int) -> Iterator[str]:
    """What to know of one lake before believing its page."""
    lake, ranking = brief.lakes.iloc[row], brief.ranking
    yield from _recorded(brief, int(ranking.lake_key[row]))
    yield from _flags(brief, int(ranking.lake_key[row]))
    if lake["n"] < 5:
        yield f"Few dates ({int(lake['n'])}): the interval is as true as the mapping errors are."
    missing = [COMPONENTS[name].title.lower() for at, name in enumerate(ranking.names) if math.isnan(ranking.scaled[row, at])]
    if missing:
        yield f"Missing, and counted neither for nor against it: {', '.join(missing)}."
    area = np.array([float(brief.given.last_clear["area_km2"].iloc[row])])
    if math.isfinite(area[0]):
        low, middle, high = (float(each[0]) for each in volume_range(area))
        flow = [float(peak_discharge(np.array([each]))[0]) for each in (low, high)]
        yield (
            f"Volume {range_text(low, high)} million m³ (median {figure_text(middle, 2)}) by published relations between area and volume; "
            f"peak discharge {range_text(*flow)} m³/s if all of it left at once. Ranges, not figures: see the last page."
        )


def _recorded(brief: Brief, lake_key: int) -> Iterator[str]:
    """Each recorded flood, as precisely as its record says."""
    rows = brief.store.floods.rows
    for words, source in rows.loc[(rows["lake_key"] == lake_key).to_numpy(dtype=bool), ["words", "source"]].itertuples(index=False):
        yield f"Outburst flood on record: {words} ({source})."


def _flags(brief: Brief, lake_key: int) -> list[str]:
    """What the flags say of the lake; without them the page still stands."""
    try:
        found = brief.store.flags(brief.given.table.settings)
    except MoraineError as error:
        log.warning("no flags in a brief: %s", error)
        return []
    mine = found.loc[((found["lake_key"] == lake_key) & (found["kind"] != "few")).to_numpy(dtype=bool)]
    said = [f"{words[:1].upper()}{words[1:]}." for words in mine["words"].astype(str).tolist()]
    more = [f"{len(said) - FLAGS_SHOWN} more flags, on the page Explore."] if len(said) > FLAGS_SHOWN else []
    return said[:FLAGS_SHOWN] + more


def _floods(brief: Brief, lake_key: int) -> list[float]:
    """Decimal years of the lake's recorded floods that have a date."""
    if brief.given.floods is None:
        return []
    mine = brief.given.floods.loc[(brief.given.floods["lake_key"] == lake_key).to_numpy(dtype=bool), "date"].dropna()
    return decimal_years(mine.to_numpy(dtype="datetime64[D]"), np.zeros(len(mine), dtype=bool))[0].tolist()
