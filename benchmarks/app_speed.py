"""How fast the app is from end to end: a camera's frames to words on the page, in headless Chromium.

    python -m benchmarks.app_speed --seconds 60

Chromium's fake camera plays a clip of drawn faces at 640x480. Counted in the page: the camera's frames shown, and the
messages of the app, one for each frame whose faces were read. A latency is the time from the moment at which the page
shows another emotion (a square in the frame's corner says which is drawn) to the first box whose word has changed, and
to the word that is told: so it holds the camera, the encoder, the network, the detector, the model, the smoothing and
the drawing. The browser runs on the same cores as the app.
"""

import sys
import tempfile
import time
from pathlib import Path

import click
import numpy as np
from tabulate import tabulate

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

_WATCH = """() => {
  const video = document.querySelector('.fer-view video'), list = document.querySelector('.told-faces ul');
  const told = document.querySelector('.told-text'), boxes = document.querySelector('.fer-view .boxes');
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = 8;
  const paint = canvas.getContext('2d', {willReadFrequently: true});
  const log = window.log = {frames: 0, draws: 0, changes: [], words: [], told: []};
  let gray = null, word = '';
  const look = () => {
    log.frames += 1;
    paint.drawImage(video, 10, 10, 20, 20, 0, 0, 8, 8);
    const now = paint.getImageData(4, 4, 1, 1).data[0];
    if (gray !== null && Math.abs(now - gray) > 15) log.changes.push(performance.now());
    gray = now;
    video.requestVideoFrameCallback(look);
  };
  video.requestVideoFrameCallback(look);
  const name = (text) => text.replace(/,? ?[0-9]+ ?%/, '');
  new MutationObserver(() => {
    log.draws += 1;
    const text = name(list.textContent);
    if (text !== word) { word = text; log.words.push(performance.now()); }
  }).observe(boxes, {subtree: true, childList: true, attributes: true, characterData: true});
  new MutationObserver(() => { if (told.textContent) log.told.push(performance.now()); })
    .observe(told, {childList: true, characterData: true, subtree: true});
}"""


@click.command()
@click.option("--seconds", default=60, help="How long is measured.")
@click.option(
    "--model", default="drawn", help="drawn: trained on drawn faces, whose words can be checked; else as app."
)
@click.option("--each", default=4, help="Seconds of each emotion in the clip.")
def main(seconds: int, model: str, each: int) -> None:
    """Measure, and print a table."""
    from app_browser import browsing, camera_on, new_page, served
    from drawn_camera import train_model, write_clip

    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_clip(folder / "clip.mjpeg", each)
        address = str(train_model(folder)) if model == "drawn" else model
        with served(folder, "--model", address) as place, browsing(folder / "clip.mjpeg") as browser:
            page = new_page(browser, place)
            camera_on(page)
            page.wait_for_timeout(5_000)
            page.evaluate(_WATCH)
            start = time.monotonic()
            page.wait_for_timeout(1000 * seconds)
            took = time.monotonic() - start
            log = page.evaluate("() => window.log")
            memory = _memory(place)
    rows = [
        ("frames of the camera shown per second", f"{log['frames'] / took:.1f}"),
        ("frames read and drawn per second", f"{log['draws'] / took:.1f}"),
        ("change of expression to word at the box, p50 / p95, s", _quantiles(log["changes"], log["words"])),
        ("change of expression to word told, p50 / p95, s", _quantiles(log["changes"], log["told"])),
        ("memory of the app, MB", f"{memory:.0f}"),
    ]
    click.echo(tabulate(rows, headers=(f"{model}, {took:.0f} s", "")))


def _quantiles(changes: list[float], answers: list[float]) -> str:
    """Return the quantiles of the time from each change to the next answer before the next change."""
    ends = [*changes[1:], float("inf")]
    waits = []
    for begin, end in zip(changes, ends, strict=True):
        after = [answer for answer in answers if begin <= answer < end]
        if after:
            waits.append((after[0] - begin) / 1000)
    if not waits:
        return "none"
    low, high = np.quantile(waits, [0.5, 0.95])
    return f"{low:.2f} / {high:.2f} ({len(waits)} of {len(changes)})"


def _memory(place: str) -> float:
    """Return the resident memory of the process that listens at an address, in MB."""
    port = place.rsplit(":", 1)[1]
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            words = (status.parent / "cmdline").read_bytes().split(b"\0")
            if b"entrypoints.app" in words and port.encode() in words:
                [line] = [line for line in status.read_text().splitlines() if line.startswith("VmRSS")]
                return int(line.split()[1]) / 1024
        except OSError:
            continue
    return float("nan")


if __name__ == "__main__":
    main()
