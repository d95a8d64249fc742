"""OpenStack Swift, whose proxy speaks S3, on this machine: what a team's artifacts may lie in (Debian's packages)."""

import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests
from tracking_servers import free_port

_KINDS = ("account", "container", "object")
_PROXY = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
swift_dir = {folder}
user = {user}
workers = 0
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck cache listing_formats bulk s3api tempauth slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:tempauth]
use = egg:swift#tempauth
user_team_{key} = {secret} .admin
[filter:s3api]
use = egg:swift#s3api
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:1
"""
for _filter in (
    "catch_errors",
    "gatekeeper",
    "healthcheck",
    "listing_formats",
    "bulk",
    "slo",
    "dlo",
):
    _PROXY += f"[filter:{_filter}]\nuse = egg:swift#{_filter}\n"
_STORAGE = """[DEFAULT]
bind_ip = 127.0.0.1
bind_port = {port}
swift_dir = {folder}
devices = {folder}/devices
mount_check = false
user = {user}
workers = 0
[pipeline:main]
pipeline = {kind}-server
[app:{kind}-server]
use = egg:swift#{kind}
"""


def has_swift() -> bool:
    """Return whether it is installed (Debian: swift-proxy swift-account swift-container swift-object)."""
    programs = ["swift-ring-builder", *(f"swift-{kind}-server" for kind in (*_KINDS, "proxy"))]
    return all(shutil.which(program) is not None for program in programs)


@contextmanager
def swift(folder: Path) -> Iterator[dict[str, str]]:
    """Give the address and the keys of a store without a bucket, as variables of the environment."""
    (folder / "devices" / "one").mkdir(parents=True)
    key, secret = secrets.token_hex(8), secrets.token_hex(12)
    about = {"folder": folder, "user": subprocess.check_output(["id", "--user", "--name"], text=True).strip()}
    ports = {kind: free_port() for kind in (*_KINDS, "proxy")}
    for kind in _KINDS:
        ring = [str(folder / f"{kind}.builder")]
        for words in (["create", "4", "1", "0"], ["add", f"r1z1-127.0.0.1:{ports[kind]}/one", "1"], ["rebalance"]):
            subprocess.run(["swift-ring-builder", *ring, *words], check=True, capture_output=True, cwd=folder)
        (folder / f"{kind}.conf").write_text(_STORAGE.format(kind=kind, port=ports[kind], **about))
    (folder / "proxy.conf").touch(0o600)
    (folder / "proxy.conf").write_text(_PROXY.format(port=ports["proxy"], key=key, secret=secret, **about))
    running = []
    log = open(folder / "swift.log", "w")  # noqa: SIM115 - open as long as the servers write to it
    address = f"http://127.0.0.1:{ports['proxy']}"
    try:
        for kind in (*_KINDS, "proxy"):
            command = [f"swift-{kind}-server", str(folder / f"{kind}.conf"), "--verbose"]
            running.append(subprocess.Popen(command, stdout=log, stderr=log, start_new_session=True))
        environment = {
            "MLFLOW_S3_ENDPOINT_URL": address,
            "AWS_ACCESS_KEY_ID": f"team:{key}",
            "AWS_SECRET_ACCESS_KEY": secret,
        }
        for _ in range(60):
            with suppress(requests.RequestException):
                if requests.get(f"{address}/healthcheck", timeout=1).ok:
                    break
            time.sleep(0.5)
        else:
            pytest.fail(f"Swift did not start: {(folder / 'swift.log').read_text()[-2000:]}")
        yield environment
    finally:
        for process in running:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, 15)
            process.wait(10)
        log.close()


def stored(environment: dict[str, str], bucket: str = "artifacts") -> list[str]:
    """Return the names of what is in a bucket."""
    pages = _client(environment).get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return [entry["Key"] for page in pages for entry in page.get("Contents", [])]


def _client(environment: dict[str, str]):
    import boto3
    from botocore.config import Config

    return boto3.client(
        "s3", endpoint_url=environment["MLFLOW_S3_ENDPOINT_URL"],
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"], aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        region_name="us-east-1", config=Config(s3={"addressing_style": "path"}),
    )  # fmt: skip
