"""Errors that a person can act on: each says what is wrong, where, and the remedy."""


class MoraineError(Exception):
    """Root of all errors that Moraine raises on purpose.

    Args:
        what: What was found, naming the file, and the row or field where there is one.
        remedy: What to do about it, as an imperative sentence.
    """

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what, remedy)
        self.what = what
        self.remedy = remedy

    def __str__(self) -> str:
        return f"{self.what}\n  Remedy: {self.remedy}"


class InputError(MoraineError):
    """A file or an option that was handed in cannot be used."""


class DatasetError(MoraineError):
    """A folder is not a dataset, or a dataset is damaged or breaks its schema."""


class TrendError(MoraineError):
    """A trend was asked for that these data or this method cannot give."""


class RasterError(MoraineError):
    """A scene, mask or elevation model cannot be read, or holds something else than it should."""


class LensError(MoraineError):
    """A file of a lens (what a training run shows of itself) is missing, damaged, or does not fit the others."""

    def sentence(self, *places: tuple[str, str]) -> str:
        """What a visitor may read of it: what was found, with each place on disk replaced by a name, and the remedy."""
        what = self.what
        for place, name in places:
            what = what.replace(place, name)
        return f"{what}. {self.remedy[:1].upper()}{self.remedy[1:]}."
