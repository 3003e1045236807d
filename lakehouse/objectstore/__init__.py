"""Object storage behind one interface: a directory by default, S3 through boto3 for everything else."""

from lakehouse.objectstore.base import ObjectInfo, ObjectStore, check_key
from lakehouse.objectstore.factory import open_store

__all__ = ["ObjectInfo", "ObjectStore", "check_key", "open_store"]
