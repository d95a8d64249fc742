"""How the app starts: on this machine only unless something guards it, quiet, bounded; who may come in."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest
from app_browser import free_port
from click.testing import CliRunner

from entrypoints.app import main
from fer.app.access import SECRET, Gate, is_of_this_machine, secret_for
from fer.app.choices import model_addresses
from fer.app.preferences import Preferences
from fer.app.server import MOST_MEGABYTES, check_free, server_options
from fer.app.styles import styles
from fer.app.texts import texts_of
from fer.app.timeline import Timeline

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.0.2.7", "box.example"])
def test_another_address_needs_a_secret_or_a_proxy_and_the_error_says_why(address, refused):
    assert not is_of_this_machine(address)
    with refused(address, "other machines", SECRET, "proxy=true"):
        secret_for(address, False, {})
    assert secret_for(address, True, {}) is None
    assert secret_for(address, False, {SECRET: "a long shared secret"}) == "a long shared secret"


def test_the_secret_is_taken_from_the_environment_once_and_must_be_long(refused):
    environment = {SECRET: "a long shared secret"}
    assert secret_for("127.0.0.1", False, environment) == "a long shared secret"
    assert environment == {}
    with refused(SECRET, "12"):
        secret_for("127.0.0.1", False, {SECRET: "short"})


def test_the_gate_opens_for_the_secret_alone_and_lets_those_who_guess_wait():
    gate = Gate("a long shared secret")
    assert not any(gate.opens(f"guess {number}", 0.0) for number in range(5))
    assert gate.wait(0.0) > 0
    assert not gate.opens("a long shared secret", 0.5)
    assert gate.opens("a long shared secret", 2.0)
    assert gate.wait(2.0) == 0


def test_streamlit_is_told_to_be_quiet_and_bounded_and_knows_each_option():
    from streamlit import config

    options = server_options("127.0.0.1", 8501, False)
    known = config.get_config_options()
    assert [name for name in options if name not in known] == []
    assert options["browser.gatherUsageStats"] is False
    assert options["server.maxUploadSize"] == MOST_MEGABYTES
    assert options["server.enableXsrfProtection"] and options["server.fileWatcherType"] == "none"
    assert "127.0.0.1" in options["server.allowedHosts"]
    assert server_options("0.0.0.0", 8501, False)["server.allowedHosts"] == []


def test_a_taken_or_impossible_port_gives_a_sentence(refused):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with refused("another port"):
            check_free("127.0.0.1", taken.getsockname()[1])
    with refused("65535"):
        check_free("127.0.0.1", 70_000)


def test_bad_options_end_with_one_sentence(tmp_path):
    for arguments, said in (
        (["--address", "0.0.0.0"], "FER_APP_SECRET"),
        (["--faces", str(tmp_path / "none")], "none"),
        (["--port", "0"], "port 0"),
    ):
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 2
        assert said in result.output


def test_ctrl_c_ends_the_app_and_no_heavy_package_is_in_its_process(tmp_path):
    port = free_port()
    code = (
        "import sys; from entrypoints.app import main\n"
        "try:\n    main()\nfinally:\n"
        "    print([name for name in ('tensorflow', 'keras', 'torch', 'mlflow') if name in sys.modules])"
    )
    environment = {name: value for name, value in os.environ.items() if name not in ("MLFLOW_TRACKING_URI", "DISPLAY")}
    app = subprocess.Popen(
        [sys.executable, "-c", code, "--port", str(port), "--browser", "false"],
        cwd=tmp_path, env=environment | {"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)},
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    for _ in range(600):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5).close()
            break
        except OSError:
            time.sleep(0.1)
    app.send_signal(signal.SIGINT)
    out, err = app.communicate(timeout=60)
    assert (app.returncode, out.strip()) == (0, "[]"), err
    assert err.splitlines()[-1] == "The app has ended."
    assert "Traceback" not in err


def test_only_known_models_can_be_chosen(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    assert model_addresses("auto") == ["shipped"]
    assert model_addresses("own.onnx") == ["own.onnx", "shipped"]


@pytest.mark.parametrize(
    "stored",
    [None, [], "x", {"rate": "2"}, {"rate": float("nan")}, {"rate": True}, {"volume": 2}, {"language": "xx"},
     {"size": ["large"]}, {"voice": "v" * 300}, {"speech": 1}, {"unknown": True}],
)  # fmt: skip
def test_settings_that_a_browser_says_it_remembers_are_checked(stored):
    assert Preferences().with_changes(stored) == Preferences()


def test_settings_change_the_styles():
    assert "font-size: 160%" in styles(Preferences(size="largest"))
    assert "prefers-contrast: more" in styles(Preferences())
    assert "prefers-contrast: more" not in styles(Preferences(contrast=True))
    assert "prefers-reduced-motion" in styles(Preferences())


def test_a_timeline_joins_what_lasts_and_is_saved_as_csv():
    import numpy as np

    from fer.live import Followed, Scene

    timeline = Timeline()
    for time_, emotion in ((0.0, "happy"), (0.2, "happy"), (0.4, None), (0.6, "=1+1")):
        timeline.add(Scene(time_, (10, 10), (Followed(0, np.zeros(4), emotion, 0.9),)))
    assert timeline.rows(texts_of("en"))[0] == ["0:00.0 – 0:00.2", "1", "happy"]
    assert timeline.as_csv().splitlines()[1:] == ["1,happy,0.00,0.20", "1,,0.40,0.40", "1,'=1+1,0.60,0.60"]
