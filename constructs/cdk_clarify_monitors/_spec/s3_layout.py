"""Where in S3 a monitor reads and writes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .._config.dataset_prefix import check_outside_dataset, is_read_with
from .._validation import InvalidValue, format_value, s3_uri
from .analysis.analysis_spec import AnalysisSpec, dataset_uris
from .s3_location import S3Location, inside, starting_with

if TYPE_CHECKING:
    from .._config.analysis.data_config import DataConfig
    from .._config.monitor_settings import MonitorSettings
    from .monitoring_target import MonitoringTarget
    from .naming import MonitorNames

_ANALYSIS_CONFIG_FILE = "analysis_config.json"
_CONSTRAINTS_FILE = "analysis.json"


@dataclass(frozen=True, kw_only=True)
class S3Folder:
    """A folder that the custom resource or its job writes to.

    Attributes:
        location: The folder.
        pattern: IAM pattern that matches this folder for every monitor of the stack.
    """

    location: S3Location
    pattern: S3Location


@dataclass(frozen=True, kw_only=True)
class MonitorBucket:
    """The bucket for what a monitor writes, if the user gave no other place for it.

    Attributes:
        name: Its name.
        aliases: Other tokens of the name.
        environment_path: The account and region of the stack, as a path, where stacks of equal names may share the
            bucket; None: it is one stack's.
    """

    name: str
    aliases: Sequence[str] = ()
    environment_path: str | None = None

    def folder(self, names: MonitorNames, *path: str, dataset: str | None) -> S3Folder:
        """A folder of a monitor.

        Args:
            names: The monitor's names.
            *path: The folder below that of the monitor.
            dataset: What the baselining job reads; None: there is no job.

        Raises:
            ValueError: The folder is read with the data set, or S3 reserves the bucket's name.
        """
        bucket = S3Location(self.name, "")
        s3_uri()("bucket", bucket.uri)  # the CDK takes names that S3 reserves
        folder = S3Folder(
            location=bucket.below(names.unique, *path), pattern=bucket.below(f"{names.stack_prefix}*", *path)
        )
        uris = [folder.location.uri.replace(self.name, name) for name in (self.name, *self.aliases)]
        if dataset is not None and any(is_read_with(uri, dataset) for uri in uris):
            must = f"not be a prefix of what the monitor writes to its bucket, {format_value(folder.location.uri)}"
            remedy = "put the data set under a prefix of its own, or give the results another place"
            raise InvalidValue("s3_data_input_path", must, dataset, remedy)
        return folder


@dataclass(frozen=True, kw_only=True)
class S3Layout:
    """The locations in S3 of one monitor.

    Attributes:
        output_s3_uri: Where the monitoring executions write.
        monitoring_configs: The folder for the monitoring executions' analysis configs; None: the user gave one.
        baselining_configs: The folder for the baselining jobs' analysis configs; None: there is no job.
        baselining_results: The folder for the baselining jobs' results; None: there is no job.
        inputs: Patterns of the objects that the jobs read and others wrote.
        uses_bucket: Whether anything is written to the monitor's bucket.
    """

    names: MonitorNames
    output_s3_uri: str
    monitoring_configs: S3Folder | None
    baselining_configs: S3Folder | None
    baselining_results: S3Folder | None
    inputs: tuple[S3Location, ...]
    uses_bucket: bool

    @classmethod
    def of(
        cls,
        names: MonitorNames,
        settings: MonitorSettings,
        analysis: AnalysisSpec,
        baselined: DataConfig | None,
        monitored: MonitoringTarget,
        bucket: MonitorBucket,
    ) -> S3Layout:
        """Decide the locations.

        Args:
            names: The monitor's names.
            settings: The monitor's settings.
            analysis: The monitor's analysis.
            baselined: What the baselining job reads; None: there is no job.
            monitored: What the monitoring executions watch.
            bucket: The monitor's bucket.

        Raises:
            ValueError: A place to write to is read with the data set.
        """
        dataset = baselined.s3_data_input_path if baselined else None
        parents = () if bucket.environment_path is None else (bucket.environment_path,)
        results = configs = monitoring_configs = None
        if baselined:
            _check_outputs_outside_dataset(baselined, settings, names)
            # Without account and region: they take part in the names of the jobs' folders.
            results = _given_folder(baselined.s3_output_path) or bucket.folder(names, "baselining", dataset=dataset)
            configs = _given_folder(baselined.s3_analysis_config_output_path) or results
        output_s3_uri = settings.output_s3_uri
        if output_s3_uri is None:
            output_s3_uri = bucket.folder(names, *parents, "results", dataset=dataset).location.uri
        if analysis.monitoring is not None:
            monitoring_configs = bucket.folder(names, *parents, "analysis-config", dataset=dataset)
        is_baselined_in_bucket = baselined is not None and baselined.s3_output_path is None
        return cls(
            names=names,
            output_s3_uri=output_s3_uri,
            monitoring_configs=monitoring_configs,
            baselining_configs=configs,
            baselining_results=results,
            inputs=tuple(_inputs(settings, analysis, baselined, monitored)),
            uses_bucket=is_baselined_in_bucket or settings.output_s3_uri is None or monitoring_configs is not None,
        )

    @property
    def job_reads(self) -> list[S3Location]:
        """Patterns of the objects that the jobs read."""
        jobs, found = f"{self.names.job_prefix}-*", [*self.inputs]
        if self.monitoring_configs:
            found.append(self.monitoring_configs.location.as_pattern().below("*"))
        if self.baselining_configs:
            found.append(self.baselining_configs.location.as_pattern().below(jobs, _ANALYSIS_CONFIG_FILE))
        # Constraints, and the captured data that an execution has merged with the ground truth.
        return [*found, *self.job_writes]

    @property
    def job_writes(self) -> list[S3Location]:
        """Patterns of the objects that the jobs write."""
        output = inside(self.output_s3_uri)
        if not self.baselining_results:
            return [output]
        return [self.baselining_results.location.as_pattern().below(f"{self.names.job_prefix}-*"), output]

    @property
    def config_patterns(self) -> list[S3Location]:
        """Patterns of the analysis configs that the custom resource writes."""
        found = []
        if self.monitoring_configs:
            found.append(self.monitoring_configs.pattern.below("*", _ANALYSIS_CONFIG_FILE))
        if self.baselining_configs:
            found.append(self.baselining_configs.pattern.below(self.names.job_pattern, _ANALYSIS_CONFIG_FILE))
        return found

    @property
    def claim_patterns(self) -> list[S3Location]:
        """Patterns of the objects that tell which request the custom resource works on."""
        if not self.baselining_configs:
            return []
        return [self.baselining_configs.pattern.below(f"{self.names.stack_prefix}*", "request-*.json")]

    @property
    def listed_patterns(self) -> list[S3Location]:
        """Patterns of the keys that the custom resource lists: whole, or as far as they are the start of others."""
        found = self.result_patterns
        if self.monitoring_configs:
            found.append(self.monitoring_configs.pattern.below("*", _ANALYSIS_CONFIG_FILE))
        if self.baselining_configs:
            found.append(self.baselining_configs.pattern.below(self.names.job_pattern))
            found.append(self.baselining_configs.pattern.below(f"{self.names.stack_prefix}*", "request-*"))
        return found

    @property
    def suggested_patterns(self) -> list[S3Location]:
        """Patterns of the constraints that the baselining jobs suggest."""
        return [place.below(_CONSTRAINTS_FILE) for place in self.result_patterns]

    @property
    def overridden_patterns(self) -> list[S3Location]:
        """Patterns of the constraints with limits of the user's own, which the custom resource writes."""
        return [place.below("constraints-*", _CONSTRAINTS_FILE) for place in self.result_patterns]

    @property
    def result_patterns(self) -> list[S3Location]:
        """Patterns of the baselining jobs' results."""
        return [self.baselining_results.pattern.below(self.names.job_pattern)] if self.baselining_results else []


def _check_outputs_outside_dataset(data_config: DataConfig, settings: MonitorSettings, names: MonitorNames) -> None:
    dataset = data_config.s3_data_input_path
    check_outside_dataset("output_s3_uri", settings.output_s3_uri, dataset)
    for argument in ("s3_output_path", "s3_analysis_config_output_path"):
        uri = getattr(data_config, argument)
        check_outside_dataset(argument, uri, dataset, f"{names.job_prefix}-", names.unique)


def _given_folder(uri: str | None) -> S3Folder | None:
    if uri is None:
        return None
    location = S3Location.parse(uri)
    return S3Folder(location=location, pattern=location.as_pattern())


def _inputs(
    settings: MonitorSettings, analysis: AnalysisSpec, baselined: DataConfig | None, monitored: MonitoringTarget
) -> Iterator[S3Location]:
    """Patterns of the objects that the jobs read and others wrote."""
    yield from map(inside, filter(None, (monitored.captured, monitored.ground_truth, settings.captured_s3_uri)))
    yield from map(starting_with, dataset_uris(analysis.monitoring))
    if baselined:
        yield starting_with(baselined.s3_data_input_path)
        yield from map(starting_with, dataset_uris(analysis.baselining))
    for uri in (settings.constraints_s3_uri, analysis.monitoring_uri):
        if uri:
            yield S3Location.parse(uri).as_pattern()
