"""Which places SageMaker reads together with a data set, so that nothing may be written there."""

from __future__ import annotations

from ._checks import InvalidValue, shown


def is_read_with(uri: str, prefix: str) -> bool:
    """Whether SageMaker reads what is written below a URI together with an `S3Prefix`: all keys that start like it.

    Of tokens it is known only that each is equal to itself.
    """
    folder = f"{uri.rstrip('/')}/"
    if not prefix.startswith("s3://"):
        # A token that may be no more than a bucket has to end there.
        return folder.startswith(prefix if "/" in prefix.rpartition("}")[2] else f"{prefix}/")
    (bucket, _, start), (other, _, key) = (each.removeprefix("s3://").partition("/") for each in (prefix, folder))
    return bucket == other and key.startswith(start)


def check_outside(argument: str, uri: str | None, dataset: str, *names: str) -> None:
    """Refuse a place to write to that is read with the data set: results would become rows of the next baseline.

    Args:
        argument: The argument that names the place.
        uri: The place; None: it is not given.
        dataset: What the baselining job reads, an `S3Prefix`.
        names: How the names of the folders start that are made there. Default: any name.

    Raises:
        ValueError: The place is read with the data set.
    """
    if uri and any(is_read_with(f"{uri.rstrip('/')}/{name}", dataset) for name in names or ("",)):
        remedy = "SageMaker reads all keys that start like the data set's: choose a prefix that does not"
        raise InvalidValue(argument, f"be outside of 's3_data_input_path', {shown(dataset)}", uri, remedy)
