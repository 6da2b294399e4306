"""The app: one user interface a request, so that a page opens as its link says, and one session a visit."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from htmltools import Tag, TagList, head_content, tags
from shiny import App, Inputs, Outputs, Session, reactive, ui
from starlette.requests import Request

from data import confined
from data.errors import MoraineError
from data.packing.words import words
from data.records import DatasetMeta
from data.store import Store
from modules import fits
from modules.choices import PAGES
from modules.controls import TAKE_FIRST, link_control
from modules.crowd.places import MANY
from modules.fitting import unkept
from modules.images.routes import Images, add_image_routes
from modules.lensing.routes import add_lens_routes
from modules.lensing.runs import Lenses
from modules.links.link import link, state_from
from modules.owning.tables import OwnTables, is_own
from modules.pages.about import about_server, about_ui
from modules.pages.explore import explore_server, explore_ui
from modules.pages.lens import lens_server, lens_ui
from modules.pages.predictions import predictions_server, predictions_ui
from modules.pages.segment import segment_server, segment_ui
from modules.pages.watchlist import watchlist_server, watchlist_ui
from modules.palette import style_sheet
from modules.reviewing.desk import Desk, Shelf
from modules.reviewing.host import is_local, signed_in
from modules.selection import Selection
from modules.sequence.routes import add_sequence_routes
from modules.sequence.runs import SequenceRuns
from modules.serving.assets import WWW, no_widget_client, page_files, plotly_script
from modules.serving.compression import CompressedLibraries, CompressedPages
from modules.serving.config import Config
from modules.serving.datasets import Datasets
from modules.serving.frames import spare_turns
from modules.serving.guard.guard import Guard
from modules.serving.guard.origins import address_of
from modules.serving.guard.seats import Seats, is_public, machine
from modules.serving.inference import Inference
from modules.serving.lean import spare_protocols
from modules.serving.observing.errors import NumberedApp
from modules.serving.observing.observer import Observer
from modules.serving.opening import Opened, name_in
from modules.serving.routes import add_routes, lake_url, trend_url
from modules.serving.telemetry import spare_telemetry
from modules.views.lake_map import BASEMAPS
from modules.views.own_banner import own_banner_server, own_banner_ui
from modules.views.own_table import own_table_server, own_table_ui
from modules.views.share import page_address, share_server, share_ui

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Shared:
    """What all sessions share."""

    images: Images
    inference: Inference
    lenses: Lenses = field(default_factory=lambda: Lenses(()))
    shelf: Shelf | None = None
    sequences: SequenceRuns = field(default_factory=lambda: SequenceRuns(()))
    observer: Observer = field(default_factory=lambda: Observer({}))


def moraine_app(config: Config) -> App:
    """The whole app over these datasets."""
    spare_telemetry()
    spare_protocols()
    spare_turns()
    own = OwnTables(config.tables, config.table_minutes, config.table_mb)
    datasets = Datasets(config.folders, config.state_dir, own if config.table_mb else None)
    images, inference, lenses = Images(datasets, config.state_dir), Inference(state_dir=config.state_dir), Lenses(config.runs)
    shelf = Shelf(config.where, config.reviews)
    sequences = SequenceRuns(config.runs)
    observer = Observer(inference.gauges())
    shared = Shared(images, inference, lenses, shelf, sequences, observer)
    app = NumberedApp(functools.partial(page, datasets, config), functools.partial(server, shared, config), static_assets=WWW)
    app.sanitize_errors = True
    app.same_for_all = functools.partial(_plain, datasets)
    app.prepare = lambda query: datasets.opened(name_in(query), trends=True)
    add_routes(app, datasets, config.guard)
    add_image_routes(app, images)
    add_lens_routes(app, lenses)
    add_sequence_routes(app, sequences)
    app.starlette_app.add_middleware(Opened, datasets=datasets)
    app.starlette_app.add_middleware(CompressedPages)
    app.starlette_app.add_middleware(CompressedLibraries)
    tiles = tuple(basemap[0] for basemap in BASEMAPS.values() if basemap is not None)
    app.starlette_app.add_middleware(
        Guard,
        rules=config.guard,
        seats=Seats(config.guard.sessions),
        upload_most=max(config.upload_mb, config.table_mb) * 2**20,
        tiles=tiles,
        temporary=config.temporary,
    )
    observer.attach(app, datasets, config.metrics)
    app.on_shutdown(inference.close)
    app.on_shutdown(confined.end)
    app.on_shutdown(shelf.close)
    app.on_shutdown(own.close)
    app.on_shutdown(fits.shared().close)
    return app


def _plain(datasets: Datasets, request: Request) -> Store | None:
    """The dataset that an address without a query opens: what its page shows rests on nothing else."""
    try:
        return None if request.url.query else datasets.chosen({})[0]
    except MoraineError:
        return None


def page(datasets: Datasets, config: Config, request: Request) -> Tag:
    """The page that a request's query describes."""
    try:
        store, _ = datasets.chosen(request.query_params)
    except MoraineError as error:
        return _trouble(datasets, error)
    state, _ = state_from(request.url.query, store)
    theme = ui.input_dark_mode(id="theme", aria_label="Dark or light")
    # Below the list of pages and set beside it by the style sheet: `ui.nav_control` would put them into that list, of which a
    # screen reader is told that all in it are tabs.
    own = own_table_ui("own") if datasets.own else None
    tools = tags.div(_picker(datasets, store.meta.name, store.meta), own, share_ui("share"), theme, class_="m-header-tools")
    banner = own_banner_ui("banner", store, config.table_minutes) if is_own(store.meta.name) else None
    return ui.page_navbar(
        ui.nav_panel("Explore", explore_ui("explore", store, state), value="explore"),
        ui.nav_panel("Watch-list", watchlist_ui("watchlist", store, state), value="watchlist"),
        ui.nav_panel("Predictions", predictions_ui("predictions", store, state), value="predictions"),
        ui.nav_panel("Segment", segment_ui("segment", state, config.upload_mb), value="segment"),
        ui.nav_panel("Lens", lens_ui("lens", state), value="lens"),
        ui.nav_panel("About", about_ui("about", store), value="about"),
        id="page",
        selected=state.page,
        title=tags.span("Moraine", class_="m-brand"),
        window_title="Moraine",
        header=TagList(_head(store, trend_url(store, state.settings)), tools, banner),
        fillable=False,
        lang="en",
    )


def _trouble(datasets: Datasets, error: MoraineError) -> Tag:
    """What is served in place of a dataset that cannot be opened. The log says where it lies; a visitor need not know."""
    log.error("%s", error)
    return ui.page_fluid(
        _styles(),
        tags.main(
            tags.h1("This dataset cannot be opened"),
            tags.p("One of its files is damaged or missing. Whoever serves it finds the file, and what to do, in the log."),
            tags.p("To go on, choose another one: ", _picker(datasets, None)),
            class_="m-trouble",
        ),
        title="Moraine",
        lang="en",
    )


def _picker(datasets: Datasets, shown: str | None, own: DatasetMeta | None = None) -> Tag:
    """What is served; a visitor's own table only where it is the one that is shown."""
    nothing = {"": "Choose a dataset"} if shown is None else {}
    titles = {name: meta.title + _simulated(meta) for name, meta in datasets.metas.items()}
    if own is not None and is_own(own.name):
        titles[own.name] = f"{own.title} (your own)"
    options = [tags.option(title, value=name, selected="" if name == shown else None) for name, title in (nothing | titles).items()]
    return tags.select(*options, class_="form-select form-select-sm m-picker", aria_label="Dataset")


def _simulated(meta: DatasetMeta) -> str:
    return " (simulated)" if meta.simulated and "simulated" not in meta.title.lower() else ""


def _styles() -> TagList:
    view = tags.meta(name="viewport", content="width=device-width, initial-scale=1")
    icon = tags.link(rel="icon", href="favicon.svg", type="image/svg+xml")
    return TagList(head_content(view, icon, tags.style(style_sheet())), no_widget_client(), page_files())


def _head(store: Store, trends: str) -> TagList:
    columns = (lake_url(store), trends) if len(store.lake_keys) <= MANY else ()
    preload = (tags.link(rel="preload", href=url, **{"as": "fetch"}, crossorigin="anonymous") for url in columns)
    return TagList(_styles(), head_content(plotly_script(), *preload))


def server(shared: Shared, config: Config, input: Inputs, output: Outputs, session: Session) -> None:
    """One visit: a selection restored from the URL, the pages, and the URL kept true."""
    with reactive.isolate():
        query = str(session.clientdata.url_search())
    try:
        store, notices = shared.images.datasets.chosen(dict(parse_qsl(query.removeprefix("?"))))
    except MoraineError:
        return  # the page says so already
    shared.observer.visit(session)
    state, more = state_from(query, store)
    nowhere = config.state_dir is None and not is_own(store.meta.name)
    more += unkept(store, nowhere=nowhere, images=shared.images.drawn.kept.trouble)
    if store.meta.pack is not None:
        more.append(f"This is a pack of a larger dataset. {' '.join(words(store.meta.pack))}")
    selection = Selection(store, state, [*notices, *more], _desk(shared.shelf, store, config, session))
    explore_server("explore", store, selection, ahead=functools.partial(shared.images.ahead, store, visit=session.id))
    watchlist_server("watchlist", store, selection)
    most = {"upload_mb": config.upload_mb, "a_minute": config.inferences_a_minute}
    segment_server("segment", store=store, selection=selection, inference=shared.inference, **most)
    _once_shown(
        selection,
        predictions=functools.partial(predictions_server, "predictions", store, selection),
        lens=functools.partial(lens_server, "lens", store=store, selection=selection, lenses=shared.lenses, sequences=shared.sequences),
    )
    about_server("about", store, selection)
    share_server("share", store, selection, minutes=config.table_minutes if is_own(store.meta.name) else None)
    _own(shared.images.datasets.own, store, session, config)

    link_control(
        input, "page", held=selection.page, read=_page, take=selection.show_page,
        move=lambda name: ui.update_navset("page", selected=name), default=PAGES[0],
    )  # fmt: skip

    @reactive.effect
    async def _write_url() -> None:
        made = link(selection.state(), store, len(page_address(session)))
        await session.send_custom_message("moraine-url", {"query": made.query, "left_out": list(made.left_out)})


def _once_shown(selection: Selection, **begin: Callable[[], object]) -> None:
    """Begin pages when they are shown for the first time: they are a third of what opening costs, and most visits never see them."""

    @reactive.effect(priority=TAKE_FIRST)
    def _begin() -> None:
        server = begin.pop(selection.page(), None)
        if server is not None:
            with reactive.isolate():
                server()


def _own(tables: OwnTables | None, store: Store, session: Session, config: Config) -> None:
    """The way to an own table, and what keeps one while a visit looks at it."""
    if tables is None:
        return
    address = machine(address_of(session.http_conn.scope, config.guard))
    own_table_server("own", tables, address if is_public(address) else "")  # behind a private one there may be many
    name = store.meta.name
    if is_own(name):
        tables.hold(name)
        session.on_ended(functools.partial(tables.release, name))
        own_banner_server("banner", store, tables)


def _desk(shelf: Shelf | None, store: Store, config: Config, session: Session) -> Desk | None:
    if is_own(store.meta.name):
        return Desk(why="this table is of your visit only; take the watch-list or an export away instead")
    connection = session.http_conn
    who = signed_in(connection, session.user, config.user_header)
    return shelf.desk(store, local=is_local(connection), who=who) if shelf else None


def _page(sent: object) -> str:
    if sent not in PAGES:
        raise ValueError(sent)
    return str(sent)
