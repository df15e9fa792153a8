"""DataConfig: the data set of the baselining job."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final, Self

from ..._lazy_module import LazyModule
from ..._validation import (
    ID,
    SCOPE,
    InvalidType,
    InvalidValue,
    check_column,
    column,
    instance_of,
    is_given,
    is_token,
    list_of,
    one_of,
    s3_uri,
    text,
    validated_by,
)
from ..dataset_prefix import check_outside_dataset
from ..dataset_types import CSV, IMAGE, JSON, JSON_LINES, PARQUET, WITH_COLUMNS
from ..files.asset_uri import AssetUri
from ..files.data_file import DataFile, infer_dataset_type, open_data_file
from .document import AnalysisConfigSection, AnalysisConfigSource, Schema, read_document
from .segmentation_config import SegmentationConfig
from .time_series_data_config import TimeSeriesDataConfig

if TYPE_CHECKING:
    import constructs
else:
    constructs = LazyModule("constructs")

# The longest key that the custom resource and its job append to a prefix: `/<job name>/request-<16 digits>.json`.
_MAX_JOB_KEY_LENGTH: Final = 100


@dataclass(frozen=True)
class DataConfig(AnalysisConfigSection):
    """The data set that the baselining job computes the baseline from, and where the job writes its results.

    See https://docs.aws.amazon.com/sagemaker/latest/dg/clarify-processing-job-configure-analysis.html for how Clarify
    interprets the values.

    Args:
        s3_data_input_path: S3 URI of the data set, an object or a prefix.
        s3_output_path: S3 URI of a prefix for the job's results. Default: a place in the monitor's bucket.
        s3_analysis_config_output_path: S3 URI of a prefix for the job's analysis_config.json. Default:
            `s3_output_path` if it is given, else a place in the monitor's bucket.
        label: The ground truth: name or zero-based index of a column; for JSON and JSON Lines, a
            [JMESPath](https://jmespath.org/) expression. Default: none.
        headers: Names of the columns. Default: Clarify reads them from the data set. JSON and JSON Lines have no
            headers: name the features and, if there is one, the label.
        features: JMESPath expression for the features in JSON (required) and JSON Lines. Default: none.
        dataset_type: `text/csv`, `application/jsonlines`, `application/json`, `application/x-parquet` or
            `application/x-image`. Default: `text/csv`.
        s3_compression_type: Only `None`. SageMaker unpacks `Gzip` only in Pipe mode, which Clarify does not use.
        joinsource: Name or index of the column that identifies a record in all data sets. Default: none.
        facet_dataset_uri: S3 URI of a data set (CSV) with the facets. Default: they are in the main data set.
        facet_headers: Names of the facet data set's columns. Default: none.
        predicted_label_dataset_uri: S3 URI of a data set (CSV) with predicted labels, used in place of a model.
            Default: none.
        predicted_label_headers: Names of the predicted label data set's columns. Default: none.
        predicted_label: Where the predicted labels are, in the form of `label`. Default: the model makes them.
        excluded_columns: Names or indices of columns that the model does not get. Default: none.
        segmentation_config: Segments to compute metrics for. Default: none.
        time_series_data_config: Where the time series are, for the explainability of forecasts. Default: none.

    Raises:
        ValueError: A value is wrong, or two of them do not go together.
        TypeError: A value is of the wrong type.
    """

    s3_data_input_path: str = field(
        metadata=validated_by(s3_uri(remedy="write s3://bucket/key, or use DataConfig.from_asset for a local file"))
    )
    s3_output_path: str | None = field(default=None, metadata=validated_by(s3_uri(room=_MAX_JOB_KEY_LENGTH)))
    s3_analysis_config_output_path: str | None = field(
        default=None, metadata=validated_by(s3_uri(room=_MAX_JOB_KEY_LENGTH))
    )
    label: str | int | None = field(default=None, metadata=validated_by(column, "label"))
    headers: Sequence[str] | None = field(default=None, metadata=validated_by(list_of(text(), unique=True), "headers"))
    features: str | None = field(default=None, metadata=validated_by(text(), "features"))
    dataset_type: str = field(
        default=CSV, metadata=validated_by(one_of(CSV, JSON_LINES, JSON, PARQUET, IMAGE), "dataset_type", any_case=True)
    )
    s3_compression_type: str = field(default="None", metadata=validated_by(one_of("None", "Gzip")))
    joinsource: str | int | None = field(default=None, metadata=validated_by(column, "joinsource_name_or_index"))
    facet_dataset_uri: str | None = field(default=None, metadata=validated_by(s3_uri(), "facet_dataset_uri"))
    facet_headers: Sequence[str] | None = field(
        default=None, metadata=validated_by(list_of(text(), unique=True), "facet_headers")
    )
    predicted_label_dataset_uri: str | None = field(
        default=None, metadata=validated_by(s3_uri(), "predicted_label_dataset_uri")
    )
    predicted_label_headers: Sequence[str] | None = field(
        default=None, metadata=validated_by(list_of(text(), unique=True), "predicted_label_headers")
    )
    predicted_label: str | int | None = field(default=None, metadata=validated_by(column, "predicted_label"))
    excluded_columns: Sequence[str | int] | None = field(
        default=None, metadata=validated_by(list_of(column, may_be_empty=True), "excluded_columns")
    )
    segmentation_config: Sequence[SegmentationConfig] | None = field(
        default=None,
        metadata=validated_by(
            list_of(instance_of(SegmentationConfig), may_be_empty=True), "segment_config", SegmentationConfig
        ),
    )
    time_series_data_config: TimeSeriesDataConfig | None = field(
        default=None,
        metadata=validated_by(instance_of(TimeSeriesDataConfig), "time_series_data_config", TimeSeriesDataConfig),
    )

    _instead_of: ClassVar[Mapping[str, str]] = {
        "dataseturi": "write s3_data_input_path={value}",
        "s3uri": "write s3_data_input_path={value}",
        "facetname": "write bias_config=BiasConfig(…, facet_name={value}) of the monitor",
    }
    # Read but not written: the job gets the data set as an input.
    _further_keys: ClassVar[Schema] = {"dataset_uri": None}

    # The local file of the data set, if it is an asset.
    _file: DataFile | None = field(default=None, init=False, repr=False, compare=False)

    @property
    def _asset_scope(self) -> constructs.Construct | None:
        """The construct that the data set's asset is made in; None: the data set is no asset."""
        return self.s3_data_input_path.scope if isinstance(self.s3_data_input_path, AssetUri) else None

    def _check_together(self) -> None:
        self._set("segmentation_config", self.segmentation_config or None)  # an empty list says the same as none
        if self.s3_compression_type == "Gzip":
            remedy = (
                "store the data set uncompressed: SageMaker unpacks Gzip in Pipe mode only, and Clarify reads files"
            )
            raise InvalidValue("s3_compression_type", "be 'None'", "Gzip", remedy)
        if not isinstance(self.s3_data_input_path, AssetUri):  # which is one object, with a key that is its hash
            for name in ("s3_output_path", "s3_analysis_config_output_path"):
                check_outside_dataset(name, getattr(self, name), self.s3_data_input_path)
        if not is_token(self.dataset_type):
            self._check_dataset_type()
        self._check_columns()
        if isinstance(self.s3_data_input_path, AssetUri):
            self._set("_file", self._open(self.s3_data_input_path.path))

    def _open(self, path: Path) -> DataFile | None:
        return open_data_file(
            path,
            self.dataset_type,
            headers=self.headers,
            label=self.label,
            predicted_label=self.predicted_label,
            features=self.features,
            has_time_series=self.time_series_data_config is not None,
        )

    def _check_dataset_type(self) -> None:
        only_csv = ("facet_dataset_uri", "facet_headers", "predicted_label_dataset_uri", "predicted_label_headers")
        self._check_supported_by(only_csv, (CSV,))
        self._check_supported_by(("predicted_label", "excluded_columns"), (CSV, JSON_LINES, JSON, PARQUET))
        if self.time_series_data_config is not None and self.dataset_type != JSON:
            must = f"be '{JSON}' with 'time_series_data_config'"
            raise InvalidValue("dataset_type", must, self.dataset_type, "Clarify reads time series from JSON only")
        if self.dataset_type == JSON and self.features is None and self.time_series_data_config is None:
            must = f"be given with dataset_type '{JSON}'"
            raise InvalidValue("features", must, None, "write the JMESPath expression that finds the features")
        if self.dataset_type in (JSON, JSON_LINES):
            self._check_labels_are_expressions()

    def _check_supported_by(self, names: Sequence[str], dataset_types: Sequence[str]) -> None:
        """Refuse arguments that only other data set types support."""
        for name in names if self.dataset_type not in dataset_types else ():
            if getattr(self, name) is not None:
                must = f"be left out: dataset_type '{self.dataset_type}' does not support it"
                raise InvalidValue(name, must, getattr(self, name), f"it goes with {', '.join(dataset_types)}")

    def _check_labels_are_expressions(self) -> None:
        for name in ("label", "predicted_label"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, str):
                must = f"be a JMESPath expression (string) with dataset_type '{self.dataset_type}'"
                raise InvalidType(name, must, value)

    def _check_columns(self) -> None:
        headers = self.headers
        if headers is None or self.dataset_type not in WITH_COLUMNS or self.time_series_data_config is not None:
            return
        for name in ("label", "joinsource"):
            if getattr(self, name) is not None:
                check_column(name, getattr(self, name), headers)
        if self.predicted_label is not None:
            self._check_predicted_label(self.predicted_label, headers)
        main_and_facets = (*headers, *(self.facet_headers or ()))
        for i, segments in enumerate(self.segmentation_config or ()):
            check_column(f"segmentation_config[{i}].name_or_index", segments.name_or_index, main_and_facets)
        all_headers = (*main_and_facets, *(self.predicted_label_headers or ()))
        for i, excluded in enumerate(self.excluded_columns or ()):
            check_column(f"excluded_columns[{i}]", excluded, all_headers)

    def _check_predicted_label(self, predicted_label: str | int, headers: Sequence[str]) -> None:
        if self.predicted_label_dataset_uri is None:
            check_column("predicted_label", predicted_label, headers)
        if self.predicted_label_headers is not None:
            argument = "predicted_label_headers"
            check_column("predicted_label", predicted_label, self.predicted_label_headers, of=argument)

    @classmethod
    def from_asset(
        cls,
        scope: constructs.Construct,
        id: str,  # noqa: A002  CDK's name
        path: str | PathLike[str],
        *,
        s3_output_path: str | None = None,
        s3_analysis_config_output_path: str | None = None,
        label: str | int | None = None,
        headers: Sequence[str] | None = None,
        features: str | None = None,
        dataset_type: str | None = None,
        joinsource: str | int | None = None,
        facet_dataset_uri: str | None = None,
        facet_headers: Sequence[str] | None = None,
        predicted_label_dataset_uri: str | None = None,
        predicted_label_headers: Sequence[str] | None = None,
        predicted_label: str | int | None = None,
        excluded_columns: Sequence[str | int] | None = None,
        segmentation_config: Sequence[SegmentationConfig] | None = None,
        time_series_data_config: TimeSeriesDataConfig | None = None,
    ) -> Self:
        """A local data file as data set: `cdk deploy` uploads it to S3, and changed content leads to a new baseline.

        The file is checked while the app is synthesized: its header and label by this method, its values when a monitor
        compares them with facets and positive labels. A Parquet file is checked only if pyarrow is installed, a JSON
        document only up to 20 MB, and JMESPath expressions only if they are simple paths.

        Args:
            scope: The construct to make the asset in.
            id: The asset's id in `scope`.
            path: The file. A relative path starts from the working directory.
            s3_output_path: As in the constructor.
            s3_analysis_config_output_path: As in the constructor.
            label: As in the constructor.
            headers: As in the constructor. Default: the file's header row or column names, if it certainly has some.
            features: As in the constructor.
            dataset_type: As in the constructor. Default: what the file's suffix says: .csv, .jsonl, .json or .parquet.
            joinsource: As in the constructor.
            facet_dataset_uri: As in the constructor.
            facet_headers: As in the constructor.
            predicted_label_dataset_uri: As in the constructor.
            predicted_label_headers: As in the constructor.
            predicted_label: As in the constructor.
            excluded_columns: As in the constructor.
            segmentation_config: As in the constructor.
            time_series_data_config: As in the constructor.

        Raises:
            ValueError: A value is wrong, or the file does not fit the values.
            TypeError: A value is of the wrong type.
        """
        SCOPE("scope", scope)
        ID("id", id)
        if not isinstance(path, (str, PathLike)):
            raise InvalidType("path", "be the path of a file", path)
        file_path = Path(path)
        text()("path", str(file_path))
        if scope.node.try_find_child(id) is not None:
            raise InvalidValue("id", f"be unique in {scope.node.path!r}", id, "give each construct another id")
        config = cls(
            s3_data_input_path=AssetUri("s3://asset", file_path, scope),  # replaced when all checks have passed
            s3_output_path=s3_output_path,
            s3_analysis_config_output_path=s3_analysis_config_output_path,
            label=label,
            headers=headers,
            features=features,
            dataset_type=infer_dataset_type(file_path) if dataset_type is None else dataset_type,
            joinsource=joinsource,
            facet_dataset_uri=facet_dataset_uri,
            facet_headers=facet_headers,
            predicted_label_dataset_uri=predicted_label_dataset_uri,
            predicted_label_headers=predicted_label_headers,
            predicted_label=predicted_label,
            excluded_columns=excluded_columns,
            segmentation_config=segmentation_config,
            time_series_data_config=time_series_data_config,
        )
        if config.headers is None and config._file is not None and config._file.headers is not None:
            config = replace(config, headers=config._file.headers)

        from aws_cdk import aws_s3_assets as s3_assets  # every other way to a DataConfig does without the CDK

        # The CDK's process may have another working directory than this one has by now.
        asset = s3_assets.Asset(scope, id, path=str(file_path.absolute()))
        uri = f"s3://{asset.s3_bucket_name}/{asset.s3_object_key}"  # unlike its s3_object_url, no token as a whole
        config._set("s3_data_input_path", AssetUri(uri, file_path, scope))
        return config

    @classmethod
    def from_analysis_config(
        cls,
        config: AnalysisConfigSource,
        s3_data_input_path: str | None = None,
        s3_output_path: str | None = None,
        s3_analysis_config_output_path: str | None = None,
        s3_compression_type: str = "None",
    ) -> Self:
        """Read the description of the data set from an existing analysis_config.json.

        The file does not say where the data set and the results are, so these are arguments.

        Args:
            config: The path of the file, or its content as a mapping.
            s3_data_input_path: S3 URI of the data set. Default: the file's `dataset_uri`.
            s3_output_path: As in the constructor.
            s3_analysis_config_output_path: As in the constructor.
            s3_compression_type: As in the constructor.

        Raises:
            ValueError: A value is wrong, or a key is unknown. The message names the key with its path.
            TypeError: A value is missing or of the wrong type.
            OSError: The file cannot be read.
        """
        content = read_document(config)
        uri = content.get("dataset_uri")
        if not is_given(s3_data_input_path):
            s3_data_input_path = uri
        elif isinstance(uri, str) and uri not in ("", s3_data_input_path):
            raise InvalidValue(
                "dataset_uri", f"be {s3_data_input_path!r} as 's3_data_input_path'", uri, "give one of them"
            )
        if content.get("dataset_type") is None:
            must, remedy = "be given", "say in which format the data set is, such as 'text/csv'"
            raise InvalidType("dataset_type", must, None, remedy)
        if not is_given(s3_data_input_path):
            must, remedy = "be given", "the document has no 'dataset_uri' either"
            raise InvalidType("s3_data_input_path", must, s3_data_input_path, remedy)
        return cls._from_json(
            content,
            "",
            s3_data_input_path=s3_data_input_path,
            s3_output_path=s3_output_path,
            s3_analysis_config_output_path=s3_analysis_config_output_path,
            s3_compression_type=s3_compression_type,
        )
