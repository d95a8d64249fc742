"""The files of deploy/: well formed, closed to other machines by default, without secrets, in step with the lock."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text())


def test_only_this_machine_is_listened_on_unless_that_is_changed():
    ports = [port for service in COMPOSE["services"].values() for port in service.get("ports", [])]
    assert ports and all(port.startswith("${FER_BIND:-127.0.0.1}:") for port in ports)


def test_each_secret_is_a_file_that_is_made_and_every_service_names_declared_ones():
    made = (DEPLOY / "make_secrets.sh").read_text()
    for name, place in COMPOSE["secrets"].items():
        assert place["file"].startswith("secrets/") and place["file"].removeprefix("secrets/") in made, name
    used = {name for service in COMPOSE["services"].values() for name in service.get("secrets", [])}
    assert used == set(COMPOSE["secrets"])
    assert "deploy/secrets/" in (ROOT / ".gitignore").read_text().split()


def test_what_is_mounted_and_built_is_there():
    for service in COMPOSE["services"].values():
        for volume in service.get("volumes", []):
            place = volume.split(":")[0]
            assert place in COMPOSE["volumes"] or (DEPLOY / place).is_file(), place
    copied = re.findall(r"^COPY (.+) \S+$", (DEPLOY / "Dockerfile").read_text(), re.M)
    for file in " ".join(copied).split():
        assert (ROOT / file).is_file(), file
        assert f"!{file}" in (DEPLOY / "Dockerfile.dockerignore").read_text().split(), file


def test_kubernetes_has_the_same_images_and_settings():
    parts = list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text()))
    sets = [part for part in parts if part["kind"] in ("StatefulSet", "Deployment")]
    pods = {part["metadata"]["name"]: part["spec"]["template"]["spec"] for part in sets}
    for name in ("postgres", "store"):
        assert pods[name]["containers"][0]["image"] == COMPOSE["services"][name]["image"]
    given = {one["name"] for one in pods["mlflow"]["containers"][0]["env"]}
    assert given == set(COMPOSE["services"]["mlflow"]["environment"])
    assert {part["kind"] for part in parts} == {"Service", "StatefulSet", "Deployment", "Ingress"}


@pytest.mark.parametrize("script", sorted(DEPLOY.glob("*.sh")), ids=lambda path: path.name)
def test_scripts_are_plain_shell(script):
    subprocess.run(["sh", "-n", str(script)], check=True)


def test_secrets_are_made_once_and_are_for_their_owner_alone(tmp_path):
    place = tmp_path / "make_secrets.sh"
    place.write_text((DEPLOY / "make_secrets.sh").read_text())
    subprocess.run(["sh", str(place)], check=True, capture_output=True)
    first = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    subprocess.run(["sh", str(place)], check=True, capture_output=True)
    assert first == {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert len(set(first.values())) == len(first) == len(COMPOSE["secrets"])
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0
    assert first["s3_secret_key"] in first["s3_config.json"]
