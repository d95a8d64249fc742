"""app: the assistive app, which tells emotions live in a browser."""

from contextlib import suppress
from pathlib import Path

import click

from entrypoints.command import EntryPoint
from entrypoints.option_types import optional_path
from fer.progress import announce, say
from fer.sentinels import AUTO


@click.command(name="app", cls=EntryPoint)
@click.option(
    "--model", default=AUTO, help="A train run, models:/... or a file; shipped; auto: the champion, else shipped."
)
@click.option("--detector", default="yunet", help="yunet or haar.")
@click.option("--port", default=8501, help="Port of the page.")
@click.option("--address", default="127.0.0.1", help="Of this machine only; others need FER_APP_SECRET or proxy.")
@click.option("--proxy", default="false", type=bool, help="true: a proxy before the app asks who comes in.")
@click.option("--faces", default="none", type=optional_path, help="A FaceDataset to practise on; none: drawn faces.")
@click.option("--browser", default="true", type=bool, help="true: open the page in a browser, where there is one.")
def main(model: str, detector: str, port: int, address: str, proxy: bool, faces: Path | None, browser: bool) -> None:
    """Tell emotions live, in a browser.

    It is a page in the browser of this machine: nothing leaves the machine, and nothing is stored unless asked. It
    tells what a face seems to show, not what a person feels; it must not be used to judge people at work or in
    education. Ctrl-C ends it.
    """
    announce("app: starting")
    from fer.app.access import Gate, is_of_this_machine, secret_for
    from fer.app.options import AppOptions, start_with
    from fer.app.server import serve

    secret = secret_for(address, proxy)
    if faces is not None:
        from fer.app.practice.own_faces import check_faces

        check_faces(faces)
    shared = proxy or not is_of_this_machine(address)
    start_with(AppOptions(model, detector, faces, Gate(secret) if secret else None, shared))
    host = f"[{address}]" if ":" in address else address
    say(f"The app is at http://{host}:{port}; Ctrl-C ends it.")
    with suppress(KeyboardInterrupt):
        serve(address, port, browser)
    say("The app has ended.")


if __name__ == "__main__":
    main()
