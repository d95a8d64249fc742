"""The app as its users meet it: in Chromium, with a camera of drawn faces, by mouse, by keyboard alone, and by ear."""

import re
from itertools import pairwise

import pytest
from app_browser import WAIT, browsing, camera_on, choose, chromium, go, new_page, served, violations, watched
from drawn_camera import emotion_of, frame_of, train_model, write_clip
from PIL import Image

from fer.app.texts import texts_of
from fer.data.emotions import EMOTIONS

pytestmark = pytest.mark.skipif(chromium() is None, reason="there is no Chromium: install Debian's package chromium")
SAY = texts_of("en")
SECONDS = 3
PAGES = ("Picture or video", "Practice", "The model", "Settings", "About and law")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("app")


@pytest.fixture(scope="module")
def model(folder):
    return train_model(folder)


@pytest.fixture(scope="module")
def address(folder, model):
    with served(folder, "--model", str(model)) as address:
        yield address


@pytest.fixture(scope="module")
def browser(folder):
    write_clip(folder / "clip.mjpeg", SECONDS)
    with browsing(folder / "clip.mjpeg") as browser:
        yield browser


@pytest.fixture(scope="module")
def page(browser, address):
    """A page of one user, whose requests are noted."""
    page = new_page(browser, address)
    page.asked = []
    page.on("request", lambda request: page.asked.append(request.url))
    return page


@pytest.fixture(scope="module")
def seen(page):
    """What was shown, told and spoken while the clip ran once, and what axe says of the page then."""
    go(page, "Live")
    camera_on(page)
    page.keyboard.press("s")
    page.get_by_role("button", name="Stop speaking").wait_for()
    for _ in range(3):  # On a busy machine the browser's fake camera may stand still; then the clip has not run once.
        page.evaluate("() => { window.said = []; }")
        samples = watched(page, SECONDS * len(EMOTIONS))
        spoken = page.evaluate("() => window.said")
        if len({emotion_of(gray) for _, gray, _ in samples}) == len(EMOTIONS):
            break
    page.keyboard.press("r")
    page.wait_for_function(f"() => window.said.length > {len(spoken)}")
    repeated = page.evaluate("() => window.said")[len(spoken) :]
    return samples, spoken, repeated, page.locator(".told-faces li").all_inner_texts(), violations(page)


def test_the_words_follow_the_emotions_of_the_clip(seen):
    samples, *_ = seen
    shown = [(time, SAY.emotion(emotion_of(gray)).capitalize()) for time, gray, _ in samples]
    # The word at the end of each second is an emotion shown in the last two: smoothing takes up to one, and a word is
    # not followed by another within two.
    right = []
    for second in range(2, SECONDS * len(EMOTIONS) - 1):
        told = [text for time, _, text in samples if time <= second][-1]
        right.append(told in {word for time, word in shown if second - 2 <= time <= second})
    assert len(right) >= 15
    assert sum(right) >= 0.9 * len(right), list(zip(shown, samples, strict=True))


def test_only_changes_are_spoken_by_a_voice_of_this_device_one_after_the_other(seen):
    _, spoken, repeated, faces, _ = seen
    words = [one["text"] for one in spoken]
    assert set(words) <= {SAY.emotion(emotion).capitalize() for emotion in EMOTIONS}
    assert len(words) >= 5 and all(first != second for first, second in pairwise(words))
    assert {one["voice"] for one in spoken} == {"local"}
    assert len(repeated) == 1
    assert len(faces) == 1 and re.fullmatch(r"\w+( \w+)?, \d+%", faces[0])


def test_what_is_told_stands_in_a_polite_live_region(page, seen):
    region = page.locator(".told-text")
    assert (region.get_attribute("role"), region.get_attribute("aria-live")) == ("status", "polite")
    assert region.inner_text()


def test_axe_finds_nothing_while_the_camera_is_on(seen):
    assert seen[-1] == []


def test_two_browsers_at_once_and_a_camera_that_is_pulled_out(browser, address, page, seen):
    second = new_page(browser, address, viewport={"width": 420, "height": 900})
    camera_on(second)
    before = page.locator(".told-faces li").first.inner_text()
    page.wait_for_function("text => document.querySelector('.told-faces li').textContent !== text", arg=before)
    for frame in second.frames:
        frame.evaluate(
            "() => (window.cameras || []).forEach((one) => one.getTracks().forEach((track) => track.stop()))"
        )
    second.get_by_role("alert").filter(has_text="No picture has come from the camera").wait_for()
    second.get_by_role("button", name="Switch the camera off").click()
    second.get_by_role("button", name="Switch the camera on").wait_for()
    second.context.close()


def test_a_refused_or_missing_camera_gives_a_sentence_and_another_way(page, seen):
    page.get_by_role("button", name="Switch the camera off").click()
    for name in ("NotAllowedError", "NotFoundError", "OverconstrainedError"):
        page.evaluate(f"() => {{ window.refuse = '{name}'; }}")
        page.get_by_role("button", name="Switch the camera on").click()
        known = name if name != "OverconstrainedError" else "other"
        sentence = SAY(f"live.faults.{known}", **({"name": name} if known == "other" else {}))
        page.get_by_role("alert").filter(has_text=sentence[:60]).wait_for()
    assert page.get_by_text(SAY("live.snapshot_open")).is_visible()
    page.evaluate("() => { window.refuse = ''; }")


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_on_any_page(page, name):
    go(page, name)
    page.wait_for_timeout(300)
    assert violations(page) == []


def test_axe_finds_nothing_in_the_notice_and_with_the_camera_off(browser, address):
    page = browser.new_context(viewport={"width": 420, "height": 900}).new_page()
    page.goto(address)
    page.get_by_role("button", name="I have read this").wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="I have read this").click()
    page.get_by_role("button", name="Switch the camera on").wait_for()
    assert violations(page) == []
    page.context.close()


def test_a_picture_is_told_and_what_is_none_gives_a_sentence(page, folder):
    go(page, "Picture or video")
    (folder / "text.jpg").write_text("no picture")
    (folder / "bomb.png").write_bytes(_png_header(30_000, 30_000))
    Image.fromarray(frame_of("happy", 8)).save(folder / "happy.png")
    Image.new("RGB", (300, 200)).save(folder / "empty.png")
    for name, said in (("text.jpg", "text.jpg"), ("bomb.png", "megapixels")):
        page.locator("input[type=file]").set_input_files(folder / name)
        page.get_by_role("alert").filter(has_text=said).wait_for()
    for name, said in (("empty.png", SAY("files.no_face")), ("happy.png", "Happy")):
        page.locator("input[type=file]").set_input_files(folder / name)
        page.locator(".told-text", has_text=said).wait_for()
    page.get_by_role("img", name=SAY("files.picture_alt")).wait_for()
    page.get_by_role("table").wait_for()
    assert page.get_by_role("table").get_by_role("row").count() == 2
    assert violations(page) == []


def test_the_whole_app_is_used_by_keyboard_alone(browser, address, folder):
    page = browser.new_context().new_page()
    page.set_default_timeout(WAIT)
    page.goto(address)
    _press(page, "I have read this", "button")
    for name in PAGES:
        _press(page, name, "link")
        page.get_by_role("heading", level=1, name=name).wait_for()
    _press(page, "Practice", "link")
    page.get_by_role("heading", level=1, name="Practice").wait_for()
    page.get_by_role("heading", name=SAY("practice.answer")).wait_for()
    for number in (1, 2):
        page.get_by_role("button", name="angry").wait_for()
        page.wait_for_timeout(500)
        page.keyboard.press(str(number))
        page.get_by_role("heading", name=SAY("practice.look_at")).wait_for()
        assert page.locator(".told-text").inner_text().startswith(("Right", "You answered"))
        page.keyboard.press("n")
        page.get_by_role("heading", name=SAY("practice.answer")).wait_for()
    page.get_by_text("2 answers,").wait_for()
    assert len((folder / "data/fair-fer/practice.jsonl").read_text().splitlines()) == 2
    _press(page, SAY("practice.erase"), "button")
    _press(page, SAY("practice.erase_yes"), "button")
    page.get_by_text(SAY("practice.erased")).wait_for()
    assert not (folder / "data/fair-fer/practice.jsonl").exists()
    _press(page, "Live", "link")
    _press(page, "Switch the camera on", "button")
    page.wait_for_function("() => document.querySelector('.told-text')?.textContent")
    _press(page, "Switch the camera off", "button")
    page.get_by_role("button", name="Switch the camera on").wait_for()
    page.context.close()


def test_settings_last_in_the_browser_if_that_is_asked_for_and_change_language_and_look(browser, address):
    page = new_page(browser, address)
    go(page, "Settings")
    page.get_by_text(SAY("settings.contrast")).click()
    page.get_by_text(SAY("settings.remember"), exact=True).click()
    page.wait_for_function("() => (localStorage.getItem('fair-fer-app-settings') || '').includes('\"contrast\":true')")
    assert violations(page) == []
    choose(page, "Language", "Nederlands")
    page.get_by_role("heading", level=1, name="Instellingen").wait_for()
    page.wait_for_function("() => document.documentElement.lang === 'nl-NL'")
    page.reload()
    page.get_by_role("button", name=texts_of("nl")("notice.read")).wait_for()
    page.context.close()


def test_nothing_is_asked_of_another_machine(page, address, seen):
    assert page.asked
    assert {url for url in page.asked if not url.startswith((address, "data:", "blob:"))} == set()


def test_a_model_that_is_removed_gives_a_sentence_and_another_can_be_chosen(browser, address, page, model):
    model.unlink()
    late = new_page(browser, address)
    late.get_by_role("alert").filter(has_text="The model cannot be opened").wait_for()
    go(late, "The model")
    choose(late, "Model", "shipped")
    late.get_by_text("Model in use: cnn on FER+").wait_for()
    late.context.close()
    # Who has it open goes on with it.
    go(page, "The model")
    page.get_by_text("Model in use: drawn").wait_for()


def _press(page, name, role):
    """Reach a control by Tab alone, and use it by Enter."""
    wanted = page.get_by_role(role, name=name, exact=True).first
    wanted.wait_for()
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"{role} {name} cannot be reached by Tab")


def _png_header(width, height):
    """Return a PNG file that says that it is so large; what follows is little."""
    import struct
    import zlib

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 100_000)) + chunk(b"IEND", b"")
