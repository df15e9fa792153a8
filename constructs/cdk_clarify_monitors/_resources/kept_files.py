"""What the monitors of an app read as long as they are there, which no lifecycle rule may delete."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from .._validation import InvalidValue

if TYPE_CHECKING:
    from .._config.analysis.data_config import DataConfig
    from .._config.monitor_settings import MonitorSettings


class KeptFiles:
    """The constraints and configs of the monitors of an app, and the folders in which S3 deletes files after a time."""

    def __init__(self) -> None:
        self._aliases: dict[str, str] = {}
        # By each folder that they are in: looking through all files of all monitors would take too long.
        self._kept: dict[str, tuple[str, str]] = {}
        self._expiring: set[str] = set()

    def learn(self, alias: str, bucket: str) -> None:
        """Remember that a bucket's name has another token, too."""
        if alias in self._aliases:
            return
        self._aliases[alias] = bucket
        self._kept = {self._spelled(folder): kept for folder, kept in self._kept.items()}
        self._expiring = {self._spelled(folder) for folder in self._expiring}

    def check(
        self,
        settings: MonitorSettings,
        data_config: DataConfig | None,
        analysis_config: str | None,
        canonical: Callable[[str], str],
    ) -> list[tuple[str, str]]:
        """Refuse what a monitor is to read where files expire.

        Args:
            settings: The monitor's settings.
            data_config: That of its baselining job; None: there is none.
            analysis_config: The URI of the given analysis config; None: none is given.
            canonical: Spells a URI with the bucket's name as all URIs of the monitor's stack have it.

        Returns:
            Arguments and URIs, for `keep`.

        Raises:
            ValueError: Some of it would be deleted.
        """
        uris = {"constraints": settings.constraints_s3_uri, "analysis_config": analysis_config}
        if data_config:
            for argument in ("s3_output_path", "s3_analysis_config_output_path"):
                uris[argument] = getattr(data_config, argument)
        found = [(argument, canonical(uri)) for argument, uri in uris.items() if uri]
        for argument, uri in found:
            if any(folder in self._expiring for folder in self._folders(uri)):
                _refuse(argument, uri)
        return found

    def keep(self, found: list[tuple[str, str]]) -> None:
        """Remember what `check` has found: the monitor is made."""
        for argument, uri in found:
            for folder in self._folders(uri):
                self._kept.setdefault(folder, (argument, uri))

    def expire(self, uri: str) -> None:
        """Remember a folder in which files are deleted.

        Raises:
            ValueError: A monitor of the app reads something there, or there is a rule for the folder already.
        """
        *_, folder = self._folders(uri)
        if folder in self._kept:
            _refuse(*self._kept[folder])
        if folder in self._expiring:
            must = "have one rule by which what is below it expires (expire_results)"
            remedy = "S3 takes one for each prefix: call it once, for one of the monitors that write there"
            raise InvalidValue("output_s3_uri", must, uri, remedy)
        self._expiring.add(folder)

    def _folders(self, uri: str) -> Iterator[str]:
        """Yield the bucket and each folder on the way to what a URI is of, and that itself."""
        folder = ""
        for part in self._spelled(uri.removeprefix("s3://").rstrip("/")).split("/"):
            folder = f"{folder}/{part}" if folder else part
            yield folder

    def _spelled(self, path: str) -> str:
        bucket, slash, key = path.partition("/")
        return f"{self._aliases.get(bucket, bucket)}{slash}{key}"


def _refuse(argument: str, uri: str) -> None:
    must = "not be below results that expire (expire_results)"
    remedy = "all executions read what is there: give it another place, or copy it"
    raise InvalidValue(argument, must, uri, remedy)
