"""The files of a baseline: analysis configs, and constraints with limits of the user's own."""

import json
from collections.abc import Mapping
from typing import Any

from ..aws.services import Services
from ..aws.storage import NO_OBJECT, sse_kms
from ..model.canonical_json import json_file
from ..model.constraints import with_overrides
from ..model.desired_baseline import DesiredBaseline
from ..model.errors import BaselineError
from ..model.properties import AnalysisConfig, ConfigAsset
from ..model.s3_uri import S3Uri


class BaselineFiles:
    """Writes the files. Their keys follow from their content: none is written twice."""

    def __init__(self, services: Services) -> None:
        self._storage, self._log = services.storage, services.log

    def write_configs(self, desired: DesiredBaseline) -> None:
        """Write the configs that do not exist yet."""
        for uri, config in desired.configs():
            if not self._storage.exists(uri):
                self.write_config(desired, uri, config)

    def write_config(
        self, desired: DesiredBaseline, uri: S3Uri, config: AnalysisConfig, over: str | None = NO_OBJECT
    ) -> None:
        """Write a config; `over` as in `Storage.write`."""
        body = json_file(self._content(config))
        self._storage.write(uri, body, sse_kms(desired.properties.upload_kms_key_id), over)
        self._log.write("wrote a config", uri=str(uri))

    def write_constraints(self, desired: DesiredBaseline) -> None:
        """Write the constraints with limits of the user's own, beside the suggested ones.

        Raises:
            BaselineError: The limits do not fit the suggested constraints, or those are missing.
        """
        uri = desired.job.overridden_constraints_uri if desired.job else None
        if not desired.job or not uri or self._storage.exists(uri):
            return
        suggested = self._storage.read(desired.job.constraints_uri)
        if suggested is None:
            raise BaselineError(f"There is no {desired.job.constraints_uri}, which constraints_overrides are for.")
        try:
            constraints = with_overrides(json.loads(suggested.body), desired.job.baselining.constraints_overrides)
        except ValueError as error:
            raise BaselineError(f"{error}.", f"They are in {desired.job.constraints_uri}.") from error
        self._storage.write(uri, json_file(constraints), sse_kms(desired.properties.upload_kms_key_id))
        self._log.write("wrote constraints", uri=str(uri))

    def _content(self, config: AnalysisConfig) -> Mapping[str, Any]:
        if isinstance(config, ConfigAsset):
            return config.fill(self._storage.read_document(config.location))
        return config
