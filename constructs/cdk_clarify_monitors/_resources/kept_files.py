"""What the monitors of a stack read as long as they are there, which no lifecycle rule may delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .._validation import InvalidValue

if TYPE_CHECKING:
    from .._config.analysis.data_config import DataConfig
    from .._config.monitor_settings import MonitorSettings


class KeptFiles:
    """The constraints and configs of the monitors of a stack, and the folders in which S3 deletes files after a time.

    Args:
        canonical: Spells a URI with the bucket's name as all URIs of the stack have it.
    """

    def __init__(self, canonical: Callable[[str], str]) -> None:
        self._canonical = canonical
        self._kept: list[tuple[str, str]] = []
        self._expiring: list[str] = []

    def check(
        self, settings: MonitorSettings, data_config: DataConfig | None, analysis_config: str | None
    ) -> list[tuple[str, str]]:
        """Refuse what a monitor is to read where files expire.

        Args:
            settings: The monitor's settings.
            data_config: That of its baselining job; None: there is none.
            analysis_config: The URI of the given analysis config; None: none is given.

        Returns:
            Arguments and URIs, for `keep`.

        Raises:
            ValueError: Some of it would be deleted.
        """
        uris = {"constraints": settings.constraints_s3_uri, "analysis_config": analysis_config}
        if data_config:
            for argument in ("s3_output_path", "s3_analysis_config_output_path"):
                uris[argument] = getattr(data_config, argument)
        read = [(argument, self._canonical(uri)) for argument, uri in uris.items() if uri]
        for expiring in self._expiring:
            _check_outside(expiring, read)
        return read

    def keep(self, read: list[tuple[str, str]]) -> None:
        """Remember what `check` returned: the monitor is made."""
        self._kept += read

    def expire(self, uri: str) -> None:
        """Remember a folder in which files are deleted.

        Raises:
            ValueError: A monitor of the stack reads something there.
        """
        _check_outside(folder := self._canonical(uri), self._kept)
        self._expiring.append(folder)


def _check_outside(expiring: str, kept: list[tuple[str, str]]) -> None:
    for argument, uri in kept:
        if f"{uri.rstrip('/')}/".startswith(f"{expiring.rstrip('/')}/"):
            must = "not be below results that expire (expire_results)"
            raise InvalidValue(
                argument, must, uri, "all executions read what is there: give it another place, or copy it"
            )
