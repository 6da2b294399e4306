"""`Storage`: a bucket's files, whole or in parts, and whether it answers at all."""

from __future__ import annotations

import functools
import logging
import os
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from data import settings
from data.errors import DatasetError, InputError

if TYPE_CHECKING:
    from pyarrow.fs import FileInfo, S3FileSystem

ANSWER_S, CONNECT_S, TRIES = 5.0, 3.0, 2
"""Seconds that an answer and a connection may take, and how often each is asked for."""
AGAIN_S = 2.0
"""Seconds between looks whether storage that was lost answers again."""
CHUNK = 2**20
LOST = ("the storage that this dataset lies on does not answer", "wait: it is asked again every two seconds, and goes on by itself")
_REFUSED = re.compile(r"ACCESS_DENIED|INVALID_ACCESS_KEY|SIGNATURE|EXPIRED_TOKEN|INVALID_CLIENT_TOKEN|UNRECOGNIZED_CLIENT|\b40[13]\b")
_ABSENT = re.compile(r"NO_SUCH_KEY|NO_SUCH_BUCKET|RESOURCE_NOT_FOUND|\b404\b|does not exist", re.IGNORECASE)
T = TypeVar("T")
logger = logging.getLogger(__name__)


class LostError(DatasetError):
    """Storage does not answer. It is asked again and again, and whoever waits need do nothing."""


@dataclass(frozen=True)
class Entry:
    """One file on storage.

    Args:
        name: Below the folder that was listed.
        size: Bytes.
        changed: When, in ns since 1970.
        folder: Whether it is one.
    """

    name: str
    size: int
    changed: int
    folder: bool = False


class Storage:
    """Files of one bucket; safe to use from several threads.

    Credentials, region and endpoint are what every tool for S3 reads: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN,
    AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, and ~/.aws. They are kept nowhere, and no message repeats them.

    Args:
        bucket: Its name.
    """

    def __init__(self, bucket: str) -> None:
        self.bucket = bucket
        self._lock = threading.Lock()
        self._lost: float | None = None
        self._asked = ""

    @functools.cached_property
    def files(self) -> S3FileSystem:
        from pyarrow import fs  # noqa: PLC0415  0.3 s and the whole of the AWS SDK, for those alone who need it

        told = _endpoint()
        keyless = settings.yes("S3_ANONYMOUS")
        return fs.S3FileSystem(
            anonymous=keyless, connect_timeout=CONNECT_S, request_timeout=ANSWER_S,
            region=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or ("us-east-1" if told else None),
            retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=TRIES), **told,
        )  # fmt: skip

    @property
    def lost(self) -> float | None:
        """Since when storage does not answer, by `time.time()`; None while it does. Never asks it."""
        return self._lost

    def listed(self, folder: str) -> list[Entry]:
        """What lies right below a folder (`bucket/prefix`), by name; nothing where there is no such folder.

        Raises:
            LostError: Storage does not answer.
            DatasetError: It refuses.
        """
        from pyarrow import fs  # noqa: PLC0415

        def look() -> list[FileInfo]:
            return self.files.get_file_info(fs.FileSelector(folder, allow_not_found=True, recursive=False))

        found = self._asking(folder, look)
        return sorted((_entry(info) for info in found), key=lambda entry: entry.name)

    def fetch(self, key: str, into: Path) -> None:
        """Copy a file (`bucket/prefix/name`) to this machine.

        Raises:
            LostError, DatasetError: As `listed`; or it is not there.
            OSError: It cannot be written here, for which storage must not be taken to be lost.
        """
        with into.open("wb") as target:
            source = self._asking(key, lambda: self.files.open_input_stream(key))
            with source:
                while body := self._asking(key, lambda: source.read(CHUNK)):
                    target.write(body)

    def parts(self, key: str) -> Callable[[int, int], tuple[bytes, int]]:
        """Who gets the bytes of a file from a first to a last one, and its size. What it raises is as of `fetch`."""
        opened: list[Any] = []

        def part(first: int, last: int) -> tuple[bytes, int]:
            if not opened:
                opened.append(self.files.open_input_file(key))
            size = opened[0].size()
            wanted = max(0, min(last + 1, size) - first)
            for _ in range(TRIES):
                body = opened[0].read_at(wanted, first)
                if len(body) == wanted:
                    return body, size
            raise OSError("an answer was cut short")  # which Arrow does not call an error

        return lambda first, last: self._asking(key, lambda: part(first, last))

    def _asking(self, key: str, work: Callable[[], T]) -> T:
        if self._lost is not None:
            raise LostError(*LOST)
        try:
            return work()
        except OSError as error:
            told = str(error)
            if isinstance(error, FileNotFoundError) or _ABSENT.search(told):
                raise DatasetError(f"s3://{key} does not exist", "put the file there, or take it out of the dataset's tables") from None
            if isinstance(error, PermissionError) or _REFUSED.search(told):
                raise DatasetError(
                    f"storage refuses to hand out s3://{key}",
                    "see that AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or ~/.aws) may read this bucket, and AWS_REGION is its own",
                ) from None
            if isinstance(error, IsADirectoryError | NotADirectoryError):
                raise DatasetError(f"s3://{key} is no file", "write the dataset there again") from None
            self._lose(key)
            raise LostError(*LOST) from None

    def _lose(self, key: str) -> None:
        with self._lock:
            if self._lost is not None:
                return
            self._lost, self._asked = time.time(), key
        logger.warning("s3://%s does not answer: its tables are as they were read last, its images wait until it does", self.bucket)
        threading.Thread(target=self._wait, name="afar", daemon=True).start()

    def _wait(self) -> None:
        """Ask until there is an answer, whatever it says: refused is an answer too."""
        while self._lost is not None:
            time.sleep(AGAIN_S)
            try:
                self.files.get_file_info(self._asked)
            except OSError as error:
                if not (_ABSENT.search(str(error)) or _REFUSED.search(str(error))):
                    continue
            logger.warning("s3://%s answers again, after %.0f s", self.bucket, time.time() - self._lost)
            self._lost = None


def _entry(info: FileInfo) -> Entry:
    return Entry(info.base_name, info.size or 0, info.mtime_ns or 0, not info.is_file)


def _endpoint() -> dict[str, str]:
    said = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or ""
    if not said:
        return {}
    parts = urlsplit(said)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
        raise InputError("AWS_ENDPOINT_URL is no address of a server", "write https://host or http://host:port, without user and password")
    return {"scheme": parts.scheme, "endpoint_override": parts.netloc}


@functools.cache
def storage(bucket: str) -> Storage:
    """The one `Storage` of a bucket in this process: who finds out that it does not answer does so for all."""
    return Storage(bucket)
