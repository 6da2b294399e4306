"""How many lakes and images are looked at as a whole while somebody waits.

A trend table of a million lakes is read in a second, and filters, counts and orders take milliseconds. Flags, triage and watch-lists
rest on every single observation: beyond MOST lakes they would keep a processor busy for minutes and hold gigabytes, so that they are
shown only where they are kept already.
"""

MOST = 300_000
MOST_IMAGES = 1_000_000
"""What scores are told by takes two seconds and 0.3 GB then, for as long as anybody looks. A lake's own images are shown however many
there are."""


def at_once(lakes: int) -> bool:
    """Whether what rests on every observation of so many lakes is worked out by the app itself."""
    return lakes <= MOST


def too_many_words(what: str) -> str:
    """Why it is not there."""
    return f"{what} not worked out here: there are more than {MOST:,} lakes, and each observation would have to be looked at."


def images_at_once(images: int) -> bool:
    """Whether what rests on every one of so many images is worked out by the app itself."""
    return images <= MOST_IMAGES


def too_many_images_words(what: str) -> str:
    """Why it is not there."""
    return f"{what} not worked out here: there are more than {MOST_IMAGES:,} images, and each would have to be looked at."
