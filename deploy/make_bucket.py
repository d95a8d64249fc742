"""Make the bucket of the artifacts, unless it is there, once the store answers."""

import os
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError

ATTEMPTS, SECONDS = 60, 2.0


def main() -> None:
    """Make the bucket that the first argument names; the store and its keys are in the environment."""
    address = os.environ.get("MLFLOW_S3_ENDPOINT_URL") or None
    store = boto3.client("s3", endpoint_url=address, config=Config(s3={"addressing_style": "path"}))
    for _ in range(ATTEMPTS):
        try:
            store.create_bucket(Bucket=sys.argv[1])
        except ClientError as error:
            if error.response["Error"]["Code"] not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                raise
        except EndpointConnectionError:
            time.sleep(SECONDS)
            continue
        return
    sys.exit(f"the store {address} does not answer; see its log.")


if __name__ == "__main__":
    main()
