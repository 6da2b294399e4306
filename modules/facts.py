"""What can be counted in a dataset that a person should know before believing a trend. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from data.records import DatasetMeta
from data.store import Store


@dataclass(frozen=True)
class DatasetFacts:
    """Counts of one dataset.

    Args:
        lakes: All lakes.
        observations, usable: Area rows; those with reason `ok` and an area above 0.
        years: The years with observations, ascending.
        nominal: Observations of which only the year is known.
        imaged: Nominal ones whose acquisition day is known all the same.
        far: Of those, how many lie more than half a year from the date used.
        farthest: The longest of those distances, years.
        shared_ids: Ids that more than one lake carries.
        median_n: The median number of usable observations a lake and source.
        meta: What the dataset says of itself.
        floods, to_the_day, burst: Recorded outburst floods, how many of them are dated to the day, and lakes that had one.
    """

    lakes: int
    observations: int
    usable: int
    years: tuple[int, ...]
    nominal: int
    imaged: int
    far: int
    farthest: float
    shared_ids: int
    median_n: float
    meta: DatasetMeta
    floods: int = 0
    to_the_day: int = 0
    burst: int = 0

    @property
    def epochs(self) -> str:
        """`3 years: 2000, 2010, 2020`, or the first and last of many."""
        if not self.years:
            return "none"
        shown = ", ".join(map(str, self.years)) if len(self.years) <= 6 else f"{self.years[0]} to {self.years[-1]}"
        return f"{len(self.years)} {'year' if len(self.years) == 1 else 'years'}: {shown}"

    def cautions(self) -> Iterator[str]:
        """What to beware of in these data, one sentence or two each."""
        if self.nominal:
            yield (
                f"Nominal dates: of {self.nominal:,} of {self.observations:,} observations only the year is taken as known; they are "
                "set to one day of it. " + self._imaged()
            )
        season = f"months {self.meta.season.token}" if self.meta.season else "no season, so every date counts"
        yield f"Seasons: lakes grow and shrink within a year, which can pass for a trend when dates wander. This dataset uses {season}."
        if self.median_n <= 4:
            yield (
                f"Few epochs: half of the series have {self.median_n:g} observations or fewer; {max(self.median_n - 2, 0):g} degree(s) of "
                "freedom are left to judge a line by its scatter. Held against mapping errors (Automatic, Known error) a trend is as sure "
                "as those errors are true; outlines that were drawn from each other share theirs, and then the test is cautious."
            )
        yield (
            "Serial correlation: neighbouring years resemble each other, and plain least squares then finds trends that are not there: "
            "with correlation 0.3 and 20 years it rejects 15 % of trendless series at a nominal 5 %. The effective sample size repairs "
            "most of it."
        )
        yield (
            "Shared mapping error: outlines of successive epochs are often drawn from each other, so their errors are largely the same. "
            "The difference of two outlines is then better known than their stated errors say, and an error in the first lasts through all."
        )
        if self.shared_ids:
            carried = "id is" if self.shared_ids == 1 else "ids are"
            yield f"Ids are labels, not keys: {self.shared_ids:,} {carried} carried by more than one lake. Each lake keeps its own trend."
        if self.floods:
            yield (
                f"Floods: {self.floods:,} recorded outburst floods of {self.burst:,} lakes, {self.to_the_day:,} of them dated to the day. "
                "Such records are incomplete: a lake without one may have burst, and one matched by distance may not be the one that did."
            )
        yield "A lake that is missing on a date may have drained, lain under cloud, or been overlooked; it is never counted as area 0."

    def _imaged(self) -> str:
        if not self.imaged:
            return "The days of the images are not known."
        return (
            f"For {self.imaged:,} of them the day of the image is known: {self.far:,} lie more than half a year from the date used, "
            f"the farthest {self.farthest:.1f} years."
        )


def dataset_facts(store: Store) -> DatasetFacts:
    """Count what `DatasetFacts` holds."""
    counts = store.area_counts
    return DatasetFacts(
        lakes=len(store.lakes),
        observations=counts.observations,
        usable=counts.usable,
        years=counts.years,
        nominal=counts.nominal,
        imaged=counts.imaged,
        far=counts.far,
        farthest=counts.farthest,
        shared_ids=store.names.shared_ids,
        median_n=counts.median_n,
        meta=store.meta,
        floods=len(store.floods.rows),
        to_the_day=int((store.floods.rows["precision"] == "day").sum()),
        burst=int(store.floods.burst.sum()),
    )
