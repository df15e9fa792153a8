"""Import path for code outside the functions."""

from .model.s3_uri import S3Uri as S3Uri
from .model.s3_uri import violation as violation
