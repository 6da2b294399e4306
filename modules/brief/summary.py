"""The first page: what the list is, how it was made, its lakes in one table, and what all of it rests on."""

from __future__ import annotations

from collections.abc import Iterator

from htmltools import Tag, TagList, tags

from data.trends import methods_used
from data.trends.headline import headline
from data.watchlist.volumes import DISCHARGE, RELATIONS
from modules.brief.record import Brief
from modules.downloads import shown_name
from modules.facts import dataset_facts
from modules.measures import slope_words
from modules.numerals import figure_text, fixed_text
from modules.watching.words import absent_words, day_text, list_words, mix_words

SCORE = (
    "The mean of the components, weighed. Each is scaled to 0–1 by the lake's rank among all lakes that have a value; published hazard "
    "signs are 1 where their threshold is met, else 0 (Hindawi 2014, article 903709, table 3). What is missing for a lake counts neither "
    "for nor against it; with less than half of the weight known it is not ranked. A score orders lakes for a look: it is no probability "
    "of an outburst."
)
VOLUMES = (
    f"Peak discharge {DISCHARGE}: Huggel et al. 2002. Such relations are partly correlated with themselves (Cook & Quincey 2015), and "
    "single lakes lie far off; the coefficients are as other works cite them."
)


def summary_page(brief: Brief) -> Tag:
    """The page."""
    table, meta = brief.given.table, brief.store.meta
    return tags.section(
        tags.h1("Watch-list"),
        tags.p("SIMULATED: no real place, no real lake", class_="simulated") if meta.simulated else None,
        tags.p(tags.strong(meta.title), f" · made {brief.day.isoformat()} with Moraine"),
        tags.p(list_words(brief.ranking), ". ", mix_words(brief.wish), ". ", absent_words(brief.ranking, brief.wish)),
        tags.p(headline(table, brief.use, brief.alpha), class_="quiet"),
        _lakes(brief),
        class_="summary",
    )


def closing_page(brief: Brief) -> Tag:
    """What the pages rest on: data, methods, cautions, sources."""
    meta, table = brief.store.meta, brief.given.table
    return tags.section(
        tags.h2("What this rests on"),
        tags.dl(*_facts(brief)),
        tags.h3("What to beware of"),
        tags.ul(*(tags.li(words) for words in dataset_facts(brief.store).cautions())),
        tags.h3("Score"),
        tags.p(SCORE),
        tags.h3("Volumes"),
        tags.p("; ".join(f"{each.authors}: {each.formula}, {each.cite}" for each in RELATIONS), ". ", VOLUMES),
        tags.p(f"Methods: {', '.join(methods_used(table))}. Settings: {table.settings.token}.", class_="quiet"),
        tags.p(f"Licence: {meta.licence}. Cite: {meta.citation}.", class_="quiet"),
        class_="closing",
    )


def _facts(brief: Brief) -> Iterator[Tag]:
    meta, table, facts = brief.store.meta, brief.given.table, dataset_facts(brief.store)
    told = {
        "Dataset": f"{meta.title} ({shown_name(meta)})",
        "Simulated": "yes: no real place, no real lake" if meta.simulated else "no",
        "Digest": brief.store.digest[:16],
        "Lakes": f"{facts.lakes:,}, of which {table.family:,} were tested",
        "Observations": f"{table.observations:,} used of the source {table.settings.source}; {facts.epochs}",
        "Images": "none in this dataset" if not len(brief.store.scenes) else f"{len(brief.store.scenes):,}",
        "Weights": mix_words(brief.wish),
        "Significance": f"{brief.use} < {brief.alpha:g}",
    }
    for name, words in told.items():
        yield tags.dt(name)
        yield tags.dd(words)


def _lakes(brief: Brief) -> Tag:
    store, ranking, response = brief.store, brief.ranking, brief.given.table.settings.response
    rows: list[Tag] = []
    for row in ranking.listed.tolist():
        last, lake = brief.given.last_clear.iloc[row], brief.lakes.iloc[row].to_dict()
        beside = f" {store.ids[row]}" if store.ids[row] != store.labels[row] else ""
        rows.append(
            tags.tr(
                tags.td(f"{'=' if ranking.tied[row] else ''}{ranking.rank[row]}"),
                tags.th(store.labels[row], tags.span(beside, class_="quiet"), scope="row"),
                tags.td(fixed_text(float(ranking.score[row]), 3)),
                tags.td(slope_words(lake, response) or "no trend"),
                tags.td(figure_text(float(last["area_km2"]))),
                tags.td(day_text(last["day"], last["year_only"])),
            )
        )
    heads = ("Place", "Lake", "Score", "Growth [95 % CI]", "Newest area, km²", "Last clear date")
    return TagList(tags.table(tags.thead(tags.tr(*(tags.th(head, scope="col") for head in heads))), tags.tbody(*rows)))
