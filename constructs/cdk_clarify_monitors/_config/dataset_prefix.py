"""Which S3 keys SageMaker reads together with a data set, so that no results may be written there."""

from __future__ import annotations

from .._validation import InvalidValue, format_value


def is_read_with(uri: str, prefix: str) -> bool:
    """Whether SageMaker reads keys below a URI as part of an `S3Prefix`: it reads all keys that start like the prefix.

    A token is known to be equal to itself only.
    """
    folder = f"{uri.rstrip('/')}/"
    if not prefix.startswith("s3://"):
        # A token may stand for a bucket alone, and a bucket's name ends before the slash.
        return folder.startswith(prefix if "/" in prefix.rpartition("}")[2] else f"{prefix}/")
    bucket, _, key_prefix = prefix.removeprefix("s3://").partition("/")
    folder_bucket, _, folder_key = folder.removeprefix("s3://").partition("/")
    return bucket == folder_bucket and folder_key.startswith(key_prefix)


def check_outside_dataset(argument: str, uri: str | None, dataset: str, *folder_prefixes: str) -> None:
    """Refuse an output prefix that is read with the data set: results would become rows of the next baseline.

    Args:
        argument: The argument that holds the output prefix.
        uri: The output prefix; None: it was not given.
        dataset: The `S3Prefix` that the baselining job reads.
        folder_prefixes: How the names of the folders begin that are made below the output prefix. Default: any name.

    Raises:
        ValueError: The output prefix is read with the data set.
    """
    if uri and any(is_read_with(f"{uri.rstrip('/')}/{name}", dataset) for name in folder_prefixes or ("",)):
        remedy = "SageMaker reads all keys that start like the data set's: choose a prefix that does not"
        raise InvalidValue(argument, f"be outside of 's3_data_input_path', {format_value(dataset)}", uri, remedy)
