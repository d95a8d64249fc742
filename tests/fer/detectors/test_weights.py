"""Weights files: found, fetched once and whole, checked before use; a pickle from the network only with its digest."""

import gc
import hashlib
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from tiny_onnx import constant_yolo

from fer.detectors import open_detector, parse_detector
from fer.detectors.yolo import Options


@pytest.fixture
def content():
    return constant_yolo(64, (32, 32, 20, 30), score=0.9)


@pytest.fixture
def server():
    """Serve what is put in ``files`` by path; ``asked`` lists the paths that were asked for."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked.append(self.path)
            body = self.server.files.get(self.path)
            self.send_response(200 if body is not None else 404)
            # More is announced than comes, for a connection that breaks.
            self.send_header("Content-Length", str(len(body or b"") + (100 if "broken" in self.path else 0)))
            self.end_headers()
            self.wfile.write(body or b"")

        def log_message(self, *_):
            pass

    with HTTPServer(("127.0.0.1", 0), Handler) as serving:
        serving.files, serving.asked = {}, []
        serving.address = f"http://127.0.0.1:{serving.server_port}"
        thread = threading.Thread(target=serving.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield serving
        serving.shutdown()
        thread.join()


@pytest.fixture(autouse=True)
def weights(cache, monkeypatch):
    """Return the folder of fetched weights; local addresses are not asked of a proxy."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return cache / "weights"


def test_an_address_is_fetched_when_opened_and_only_once(server, content, weights):
    server.files["/face.onnx"] = content
    options = {"weights": f"{server.address}/face.onnx", "image_size": 64}
    parse_detector("yolo", options)
    assert server.asked == []
    for _ in range(2):
        open_detector("yolo", options)
    assert server.asked == ["/face.onnx"]
    assert [path.read_bytes() for path in weights.iterdir()] == [content]


def test_two_addresses_are_two_files(server, content, weights):
    server.files |= {"/a/face.onnx": content, "/b/face.onnx": content + b"\n\0"}
    paths = {Options(weights=f"{server.address}/{name}/face.onnx").file() for name in "ab"}
    assert {path.read_bytes() for path in paths} == set(server.files.values())


def test_a_fetched_file_that_is_another_is_refused(server, content, refused):
    server.files["/face.onnx"] = content
    wanted = hashlib.sha256(b"other").hexdigest()
    with refused("detector yolo", wanted, hashlib.sha256(content).hexdigest()):
        open_detector("yolo", {"weights": f"{server.address}/face.onnx", "image_size": 64, "sha256": wanted})


def test_the_right_digest_is_accepted_in_either_case(server, content):
    server.files["/face.onnx"] = content
    digest = hashlib.sha256(content).hexdigest().upper()
    open_detector("yolo", {"weights": f"{server.address}/face.onnx", "image_size": 64, "sha256": digest})


@pytest.mark.parametrize(("path", "why"), [("gone.onnx", "404"), ("broken.onnx", "Error")])
def test_what_cannot_be_fetched_whole_is_not_kept(path, why, server, content, weights, refused):
    if why != "404":
        server.files[f"/{path}"] = content
    with refused("detector yolo", f"{server.address}/{path}", why, "download it"):
        open_detector("yolo", {"weights": f"{server.address}/{path}", "image_size": 64})
    assert list(weights.iterdir()) == []
    gc.collect()  # A connection that is left open fails the test here, and not another one later.


def test_a_cache_that_cannot_be_written_is_named(server, content, tmp_path, monkeypatch, refused):
    server.files["/face.onnx"] = content
    (tmp_path / "file").touch()
    monkeypatch.setenv("FER_CACHE", str(tmp_path / "file" / "cache"))
    with refused(str(tmp_path / "file" / "cache"), "FER_CACHE"):
        open_detector("yolo", {"weights": f"{server.address}/face.onnx", "image_size": 64})


def test_a_server_that_does_not_answer_is_named(refused):
    with refused("http://127.0.0.1:9/face.onnx", "ConnectionError"):
        open_detector("yolo", {"weights": "http://127.0.0.1:9/face.onnx"})


def test_a_pickle_from_the_network_is_refused_without_its_digest(server, refused):
    with refused("detector yolo", "pickle", "sha256="):
        parse_detector("yolo", {"weights": f"{server.address}/face.pt"})
    assert server.asked == []
    parse_detector("yolo", {"weights": f"{server.address}/face.pt", "sha256": "0" * 64})


def test_a_file_address_is_a_path(content, tmp_path):
    path = tmp_path / "a face.onnx"
    path.write_bytes(content)
    address = path.as_uri()
    assert "%20" in address
    assert Options(weights=address).file() == path
    open_detector("yolo", {"weights": address, "image_size": 64})
