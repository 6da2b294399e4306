"""`watchlist`: which lakes to look at first, as text or a file, and what has changed since an earlier list."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from data.commands.trend_options import add_trend_options, opened, out_path

if TYPE_CHECKING:
    from data.store import Store
    from data.watchlist.compare import Comparison
    from data.watchlist.given import Given
    from data.watchlist.rank import Ranking
    from data.watchlist.saved import Reviewers, Saved
    from data.watchlist.wish import Wish

NAME = "watchlist"
HELP = "Rank lakes by weighed components; print the list, write it as .json (to compare with later), .csv or .gpkg; compare it."


def add_arguments(parser: ArgumentParser) -> None:
    """Declare the arguments."""
    add_trend_options(parser)
    parser.add_argument("--mix", metavar="NAME", help="a mix of components: growth (default), size, unseen or published")
    parser.add_argument("--weights", metavar="A=2,B=1", help="a mix of your own; docs/watchlist.md names the components")
    parser.add_argument("--top", type=int, default=25, metavar="N", help="lakes on the list (default 25)")
    parser.add_argument("--since", type=Path, metavar="FILE", help="an earlier list (.json): print what entered, left and moved, and why")
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the list here: .json, .csv or .gpkg")


def run(args: Namespace) -> int:
    """Rank, print, compare and write.

    Raises:
        MoraineError: The dataset, an option or the earlier list cannot be used.
    """
    target = out_path(args, ("json", "csv", "gpkg"), "watchlist") if args.out else None
    from data.watchlist.file_in import read_file
    from data.watchlist.opened import given_by
    from data.watchlist.rank import ranked, raw_components
    from data.watchlist.wish import Wish

    wish = Wish(_weights(args), args.top)
    then = read_file(args.since) if args.since else None
    store, settings = opened(args)
    given = given_by(store, store.trends(settings), {})
    made = _Made(store, given, ranked(given.lake_keys, raw_components(given), wish), wish, _reviewers(store, args.reviews))
    _print_list(made)
    if then is not None:
        from data.watchlist.compare import compare

        _print_changes(compare(then, made.saved()))
    if target:
        _write(made, *target)
    return 0


@dataclass(frozen=True)
class _Made:
    store: Store
    given: Given
    ranking: Ranking
    wish: Wish
    reviewers: Reviewers

    def saved(self) -> Saved:
        """The list with all that it was made of; refused where that is too much for a file."""
        from data.watchlist.saved import saved_of

        day = datetime.now(UTC).date()
        return saved_of(self.store, self.given, self.ranking, self.wish, day=day, reviewers=self.reviewers)


def _reviewers(store: Store, path: Path | None) -> Reviewers:
    from data.reviews.chosen import without_bad
    from data.watchlist.reviewers import reviewers_of

    return reviewers_of(without_bad(store, path)[1].reviews) if path else {}


def _weights(args: Namespace) -> tuple[tuple[str, float], ...]:
    from data.errors import InputError
    from data.watchlist.wish import DEFAULT, PRESETS, weighed

    if args.mix and args.weights:
        raise InputError("--mix and --weights are both given", "give one of them")
    if not args.weights:
        name = args.mix or DEFAULT
        if name not in PRESETS:
            raise InputError(f"there is no mix {name!r}", f"use one of {', '.join(PRESETS)}")
        return PRESETS[name].weights
    try:
        return weighed({name.strip(): float(weight) for part in args.weights.split(",") for name, _, weight in [part.partition("=")]})
    except ValueError as error:
        raise InputError(f"--weights {args.weights!r} cannot be read", "write COMPONENT=NUMBER with commas between") from error


def _print_list(made: _Made) -> None:
    store, ranking = made.store, made.ranking
    if store.meta.simulated:
        print("SIMULATED DATA, not observations")
    print(f"{len(ranking.listed):,} of {len(ranking.order):,} ranked lakes, settings {made.given.table.settings.token}")
    if ranking.absent:
        print(f"not in these data, and counted for no lake: {', '.join(ranking.absent)}")
    for row in ranking.listed.tolist():
        each = "  ".join(f"{name} {ranking.raw[name][row]:.4g}" for name in ranking.names)
        tied = "=" if ranking.tied[row] else " "
        print(f"{tied}{ranking.rank[row]:>4}  {ranking.score[row]:.3f}  {store.labels[row]:<22} {each}")


def _print_changes(found: Comparison) -> None:
    print(
        f"since {found.between.then.made}: " + ", ".join(f"{len(found.of(kind))} {kind}" for kind in ("entered", "left", "moved", "stayed"))
    )
    for caution in found.cautions:
        print(f"caution: {caution}")
    for change in found.changes:
        for cause in change.causes:
            places = f"{change.then or '-'} → {change.now or '-'}"
            print(f"{change.kind:<8} {change.label:<22} {places:>12}  {cause.share:+.2f}  {cause.words}")


def _write(made: _Made, path: Path, format: str) -> None:
    from data.cache import write_text
    from data.watchlist.export import write_list
    from data.watchlist.file_out import file_text

    store, given, ranking = made.store, made.given, made.ranking
    if format == "json":
        write_text(path, file_text(made.saved(), given, ranking))
    else:
        write_list(path, format, store, given, ranking, wish=made.wish)
    print(f"{path}: {len(ranking.listed):,} lakes")
