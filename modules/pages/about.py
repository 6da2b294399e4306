"""About: what this dataset is, how each statistic is computed, and what to beware of."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from htmltools import Tag, TagList, tags
from shiny import Inputs, Outputs, Session, module

from data.packing.words import words
from data.records import DatasetMeta
from data.store import Store
from modules.facts import DatasetFacts, dataset_facts
from modules.selection import Selection

FORMULAS = (
    (
        "Slope",
        "Ordinary least squares of log area (or of area in km²) on decimal year, centred: β = Σ(x − x̄)(y − ȳ) / Σ(x − x̄)². "
        "For log area it is shown as growth a year, 100 (e^β − 1) %.",
    ),
    (
        "p",
        "Two-sided t test on the effective sample size. With e the residuals, r1 = Σ e_i e_j over the pairs whose nominal years differ "
        "by exactly 1, divided by the number of pairs × mean(e²); corrected for short series, r1c = clip((n·r1 + 1)/(n − 4), 0, 0.95) "
        "where there are at least 6 observations and 5 such pairs, else 0. n_eff = n (1 − r1c)/(1 + r1c); se = √(SSR/(n_eff − 2)/Sxx); "
        "t on n_eff − 2 degrees of freedom. After Santer et al. (2000), Journal of Geophysical Research 105, 7337–7356. "
        "p is kept as its logarithm, so it is never rounded to 0.",
    ),
    ("p_ols", "The same test with n_eff = n: what plain least squares says."),
    (
        "q",
        "Benjamini and Hochberg (1995), Journal of the Royal Statistical Society B 57, 289–300: the p values of all tested lakes "
        "adjusted together. The family is every tested lake of the dataset; a filter never changes it. "
        "Under Correction for testing many lakes, Benjamini and Yekutieli (2001), Annals of Statistics 29, 1165–1188, or Benjamini, "
        "Krieger and Yekutieli (2006), Biometrika 93, 491–507, may be chosen instead; or whole years are shuffled within each "
        "sub-basin, after Yekutieli and Benjamini (1999), Journal of Statistical Planning and Inference 82, 171–196.",
    ),
    (
        "Confidence interval",
        "95 %, from the same standard error and degrees of freedom as p.",
    ),
    (
        "Status",
        "insufficient: fewer than 3 dates, no trend. constant: the range of the areas is at most a billionth of their mean; it has a "
        "slope but no residual to test against, and is no part of the family. few: 3 or 4 observations. r1 unknown: too few neighbouring "
        "years to know the serial correlation. autocorrelated: n_eff ≤ 2.5, so the dates carry no evidence, p = 1. unsettled (Huber): most "
        "points lie on one line exactly, or no line settled; no test.",
    ),
    (
        "Mapping error",
        "Standard deviation of one outline's area = perimeter × pixel × factor (0.5 unless the dataset says otherwise). It is drawn as "
        "bars on the series; least squares does not use it.",
    ),
)

FALSE_ALARMS = (
    ("20, every year", "3.8 %", "6.9 %", "9.0 %"),
    ("35, every year", "4.1 %", "6.5 %", "7.1 %"),
    ("10, every year", "3.6 %", "7.8 %", "12.8 %"),
    ("about 20, a quarter missing", "3.8 %", "5.6 %", "6.9 %"),
)
"""Observations; measured share of trendless series below p = 0.05 at serial correlation 0, 0.3 and 0.6 (20,000 simulated series each)."""

KEYS = (
    ("← →", "in the volcano: the next or previous lake in order of significance"),
    ("Home, End", "in the volcano: the most and the least significant lake"),
    ("Enter", "focus the lake that the arrows came to; in the table, the lake of the row"),
    ("Esc", "clear focus and brush"),
    ("Tab", "from control to control; every plot has one stop"),
    ("Space", "in the table: brush the lake of the row"),
)


def installed_version() -> str:
    """Moraine's version, where it is installed as a package."""
    try:
        return version("moraine")
    except PackageNotFoundError:
        return "from a source folder"


def dataset_section(store: Store, facts: DatasetFacts) -> Tag:
    """What the dataset says of itself, and what is counted in it."""
    meta = store.meta
    made = (
        "These data are simulated: the lakes, their outlines and their names are invented, to show how the app works. "
        "Conclude nothing from them."
        if meta.simulated
        else "These data were observed; they are not simulated."
    )
    rows = (
        ("Lakes", f"{facts.lakes:,}"),
        ("Area observations", f"{facts.observations:,}, of which {facts.usable:,} are usable"),
        ("Dates", facts.epochs),
        ("Sources", ", ".join(store.sources) or "none"),
        ("Season of the trends", meta.season.token if meta.season else "every date"),
        ("Mapping error", f"perimeter × {meta.pixel_m:g} m × {meta.area_sd_factor:g}" if meta.pixel_m else "not stated"),
        ("Licence", meta.licence),
        ("Citation", meta.citation),
        ("Digest", tags.code(store.digest)),
        *_packed(meta),
    )
    listed = [TagList(tags.dt(name), tags.dd(value)) for name, value in rows]
    return tags.section(
        tags.h2(meta.title),
        tags.p(tags.strong(made)),
        tags.p(meta.description) if meta.description else None,
        tags.dl(*listed, class_="m-facts"),
    )


def _packed(meta: DatasetMeta) -> tuple[tuple[str, TagList], ...]:
    """What came along, where the dataset is a pack."""
    if meta.pack is None:
        return ()
    said = f"{' '.join(words(meta.pack))} What is segmented here comes from previews, and may differ by some pixels."
    return (("Pack", TagList(said, " It was made from the dataset with the digest ", tags.code(meta.pack.digest), ".")),)


def methods_section() -> Tag:
    """How each statistic is computed."""
    return tags.section(tags.h2("How each statistic is computed"), *(TagList(tags.h3(name), tags.p(text)) for name, text in FORMULAS))


def cautions_section(facts: DatasetFacts) -> Tag:
    """What to beware of, with the dataset's own counts."""
    return tags.section(
        tags.h2("What to beware of"),
        tags.ul(*(tags.li(caution) for caution in facts.cautions())),
        tags.h3("How often the test cries wolf"),
        tags.p("Share of series without any trend that nevertheless get p < 0.05, measured on 20,000 simulated series each."),
        _alarms(),
    )


def _alarms() -> Tag:
    heads = ("Observations", "no serial correlation", "0.3", "0.6")
    body = [tags.tr(tags.th(first, scope="row"), *(tags.td(cell) for cell in rest)) for first, *rest in FALSE_ALARMS]
    caption = tags.caption("False alarms at a nominal 5 %, by serial correlation")
    return tags.table(caption, tags.thead(tags.tr(*(tags.th(head, scope="col") for head in heads))), tags.tbody(*body), class_="m-figures")


@module.ui
def about_ui(store: Store) -> Tag:
    """The page, which depends on the dataset alone."""
    facts = dataset_facts(store)
    return tags.article(
        tags.h1("About this dataset and its statistics"),
        dataset_section(store, facts),
        methods_section(),
        cautions_section(facts),
        tags.section(
            tags.h2("Keyboard"), tags.dl(*(TagList(tags.dt(tags.kbd(key)), tags.dd(does)) for key, does in KEYS), class_="m-facts")
        ),
        tags.p(f"Moraine {installed_version()}", class_="m-quiet"),
        class_="m-about",
    )


@module.server
def about_server(input: Inputs, output: Outputs, session: Session, store: Store, selection: Selection) -> None:
    """Nothing here changes during a visit."""
