"""Object storage behind one interface: a directory by default, S3 through boto3 for everything else."""

from lakehouse.objectstore.base import ObjectInfo, ObjectStore, check_key
from lakehouse.objectstore.factory import open_store
from lakehouse.objectstore.parallel import fetch_many

__all__ = ["ObjectInfo", "ObjectStore", "check_key", "fetch_many", "open_store"]
