"""The app in a real browser: its server, Chromium with a fake camera, and what the tests do with a page."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
# Speech that notes what it is asked to say instead of the browser's, and cameras that can be pulled out.
STUBS = """
window.said = [];
const voice = {voiceURI: 'local', name: 'Local', lang: 'en-GB', localService: true, default: true};
const online = {voiceURI: 'far', name: 'Far', lang: 'en-US', localService: false, default: false};
const speech = new EventTarget();
speech.getVoices = () => [online, voice];
speech.speak = (one) => window.said.push({text: one.text, voice: one.voice.voiceURI, rate: one.rate});
speech.cancel = () => {};
Object.defineProperty(window, 'speechSynthesis', {value: speech});
window.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
window.buzzes = [];
Object.defineProperty(navigator, 'vibrate', {value: (pattern) => window.buzzes.push(pattern)});
if (navigator.mediaDevices) {
  const given = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
  window.cameras = [];
  navigator.mediaDevices.getUserMedia = async (wanted) => {
    if (window.refuse) throw new DOMException('no', window.refuse);
    const stream = await given(wanted);
    window.cameras.push(stream);
    return stream;
  };
}
"""
# The gray of the square in the corner of the camera's picture, see drawn_camera.
_GRAY = """() => {
  const video = document.querySelector('.fer-view video'), canvas = document.createElement('canvas');
  if (!video || !video.videoWidth) return null;
  canvas.width = canvas.height = 20;
  const paint = canvas.getContext('2d'), scale = video.videoWidth / 640;
  paint.drawImage(video, 10 * scale, 10 * scale, 20 * scale, 20 * scale, 0, 0, 20, 20);
  const pixels = paint.getImageData(5, 5, 10, 10).data;
  return [pixels[0], document.querySelector('.told-text').textContent];
}"""


# A machine that trains models beside it takes its time.
WAIT = 90_000


def chromium():
    """Return the path of a Chromium, or None."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def free_port():
    """Return a port that nothing listens on."""
    with socket.socket() as tried:
        tried.bind(("127.0.0.1", 0))
        return tried.getsockname()[1]


@contextmanager
def served(folder, *options):
    """Yield the address of an app that runs in a process of its own, at home in a folder."""
    port = free_port()
    home = {"HOME": folder, "XDG_DATA_HOME": folder / "data", "FER_CACHE": folder / "cache", "PYTHONPATH": ROOT}
    environment = {name: value for name, value in os.environ.items() if name not in ("MLFLOW_TRACKING_URI", "DISPLAY")}
    command = [sys.executable, "-m", "entrypoints.app", "--port", str(port), "--browser", "false", *options]
    with open(folder / "app.log", "w") as log:
        app = subprocess.Popen(
            command, cwd=folder, env=environment | {name: str(value) for name, value in home.items()}, stderr=log
        )
        try:
            _wait(f"http://127.0.0.1:{port}/_stcore/health", app)
            yield f"http://127.0.0.1:{port}"
        finally:
            app.terminate()
            app.wait(20)


def _wait(address, app):
    for _ in range(300):
        assert app.poll() is None, "the app ended at once"
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the app does not answer")


@contextmanager
def browsing(clip):
    """Yield Chromium with a camera that shows a clip."""
    from playwright.sync_api import sync_playwright

    flags = [
        "--no-sandbox",
        "--use-fake-ui-for-media-stream",
        "--use-fake-device-for-media-stream",
        f"--use-file-for-fake-video-capture={clip}",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=flags)
        yield browser
        browser.close()


def new_page(browser, address, **context):
    """Return a page of a new user who has read the notice."""
    page = browser.new_context(**context).new_page()
    page.set_default_timeout(WAIT)
    page.add_init_script(STUBS)
    page.goto(address)
    page.get_by_role("button", name="I have read this").click(timeout=WAIT)
    page.get_by_role("heading", level=1, name="Live").wait_for()
    return page


def go(page, name):
    """Go to a page by its link."""
    page.get_by_role("link", name=name, exact=True).first.click()
    page.get_by_role("heading", level=1, name=name).wait_for()


def choose(page, label, option):
    """Choose an option of a list; a list that the page closes, because it is still being made, is opened again."""
    from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

    wanted = page.get_by_role("option", name=option, exact=True)
    for _ in range(10):
        page.get_by_role("combobox", name=label, exact=True).click()
        try:
            wanted.click(timeout=3_000)
            return
        except PlaywrightTimeoutError:
            page.keyboard.press("Escape")
    raise AssertionError(f"{label} does not offer {option}")


def camera_on(page):
    """Switch the camera on, and wait until something is told."""
    page.get_by_role("button", name="Switch the camera on").click()
    page.wait_for_function("() => document.querySelector('.told-text')?.textContent", timeout=WAIT)


def watched(page, seconds, every=0.25):
    """Return, for so many seconds, (seconds since the start, gray of the square, what is told)."""
    start, seen = time.monotonic(), []
    while (now := time.monotonic() - start) < seconds:
        found = page.evaluate(_GRAY)
        if found is not None:
            seen.append((now, *found))
        page.wait_for_timeout(1000 * every)
    return seen


def violations(page):
    """Return what axe-core finds wrong in a page, its best practices included: rules, each with its first elements."""
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(page).response["violations"]
    return [f"{one['id']}: {[node['html'][:200] for node in one['nodes'][:3]]}" for one in found]
