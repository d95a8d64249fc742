"""Credentials are taken out of any text, and nothing else is."""

import pytest

from fer.errors import InputError
from fer.redaction import redacted, redacted_within


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://ann:MARK@host/db",
        "postgresql+psycopg2://ann:MA/RK@x:MARK@host:5432/db",
        "redis://:MARK@host",
        "https://MARK@host/path",
        "https://host/face.onnx?token=MARK",
        "https://host/a?part=1&X-Amz-Signature=MARK&part=2",
        "https://host/a?sv=1&sig=MARK",
        "postgresql://host/db?user=ann&password=MARK",
    ],
)
def test_a_secret_is_hidden_and_its_host_is_not(address):
    told = redacted(f"cannot open {address}, see there.")
    assert "MARK" not in told and "host" in told and told.startswith("cannot open ")
    assert redacted(told) == told
    assert "MARK" not in str(InputError(f"no {address}.")) and redacted_within({"a": [address]}) != {"a": [address]}


@pytest.mark.parametrize(
    "text", ["sqlite:////data/a@b.db", "models:/emotions@best", "http://127.0.0.1:5000/#/experiments/1", "a=b, keys: 3"]
)
def test_other_text_stays(text):
    assert redacted(text) == text
