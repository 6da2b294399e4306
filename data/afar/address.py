"""Addresses of datasets on object storage: `s3://bucket/prefix`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from data.errors import InputError

SCHEME = "s3://"
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)


@dataclass(frozen=True)
class Address:
    """Where a dataset lies.

    Args:
        bucket: Its name.
        prefix: The folder in it, without slashes at its ends; empty: the bucket itself.
    """

    bucket: str
    prefix: str

    def __str__(self) -> str:
        return f"{SCHEME}{self.key('')}".rstrip("/")

    def key(self, name: str) -> str:
        """`bucket/prefix/name`, as storage calls a file of the dataset."""
        return "/".join(part for part in (self.bucket, self.prefix, name) if part)


def is_address(text: str) -> bool:
    """Whether a text means a place on object storage rather than a folder."""
    return text.lower().startswith(SCHEME)


def address(text: str) -> Address:
    """Read an address.

    Raises:
        InputError: It cannot be one, or holds what looks like credentials, which no message repeats.
    """
    rest = text[len(SCHEME) :]
    bucket, _, prefix = rest.partition("/")
    if "@" in rest or "?" in rest:
        raise InputError(
            "an s3:// address holds credentials or a query, which datasets, logs and links would then repeat",
            "take them out; keys are read from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or from ~/.aws (docs/scale.md)",
        )
    if not _BUCKET.fullmatch(bucket) or ".." in prefix.split("/"):
        raise InputError(f"{text!r} is no address of a dataset", "write s3://bucket/folder")
    return Address(bucket, "/".join(part for part in prefix.split("/") if part))
