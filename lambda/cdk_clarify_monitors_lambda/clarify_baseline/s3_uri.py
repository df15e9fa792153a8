"""The import path for scripts outside the functions; the code: model/s3_uri.py."""

from .model.s3_uri import S3Uri, violation

__all__ = ["S3Uri", "violation"]
