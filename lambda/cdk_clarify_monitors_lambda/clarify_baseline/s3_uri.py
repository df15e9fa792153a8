"""Import path of model/s3_uri.py for code outside the functions."""

from .model.s3_uri import S3Uri, violation

__all__ = ["S3Uri", "violation"]
