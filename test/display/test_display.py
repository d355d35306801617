"""Models shown in notebooks and consoles: readable, escaped, and without secrets."""

from __future__ import annotations

import subprocess
import sys
from datetime import datetime, timedelta, timezone
from html.parser import HTMLParser
from typing import Any, Dict, List, Tuple, Type

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from formlabs_web_api.models import (
    BasicUser,
    Cartridge,
    DeveloperAPIMyCloudQueueItems,
    DeveloperAPIMyPrinter,
    PaginatedPrintRunWithFleetControlDataList,
    PrintRunWithFleetControlData,
    PrintThumbnailSerializerOnlyThumbnail,
    RequestAnAccessToken200Response,
    Tank,
    UserEventReadOnly,
    Workgroup,
)
from formlabs_web_api.models._base import Model
from formlabs_web_api.notebook import show
from formlabs_web_api.paging import Rows
from formlabs_web_api.rate_limit import Quota, RateLimiter, WindowQuota
from test.support.shapes import (
    HOUR_MS,
    NOW,
    ago,
    cartridge,
    cartridge_row,
    frozen,
    model,
    print_run,
    print_run_row,
    printer,
    printer_row,
    printer_with,
    rating,
    slot,
    status_row,
    tank,
    tank_row,
)

SECRET = "EXAMPLEsignature"
CET = timezone(timedelta(hours=1), "CET")


class _Words(HTMLParser):
    """The text of HTML, its tags, and its attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: List[str] = []
        self.tags: List[str] = []
        self.attributes: List[Tuple[str, Any]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: List[Tuple[str, Any]]) -> None:
        self.tags.append(tag)
        self.attributes.extend(attrs)

    def handle_data(self, data: str) -> None:
        if self.tags[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return "|".join(self.words)


def html_words(items: Any, **options: Any) -> str:
    options.setdefault("now", NOW)
    options.setdefault("tz", timezone.utc)
    return _Words(show(items, **options).html()).text


def console_text(items: Any, width: int = 200) -> str:
    console = pytest.importorskip("rich.console").Console(width=width, no_color=True)
    with console.capture() as captured:
        console.print(items)
    return str(captured.get())


def event(**changes: Any) -> UserEventReadOnly:
    row = {
        "id": 70007,
        "printer": "Form4-QuietOtter",
        "created_at": ago(hours=2),
        "print_run": print_run_row(),
        "tank": None,
        "cartridge": None,
        "type": "RESIN_LOW",
        "type_label": "Resin Low",
        "action": "",
        "message": "Resin is low",
        "was_read": False,
        "group": None,
    }
    return model(UserEventReadOnly, {**row, **changes})


def group() -> Workgroup:
    row = {
        "id": "00000000-0000-4000-8000-000000009001",
        "name": "Example Lab",
        "created_at": ago(days=900),
        "memberships": [{"user": "ana.example", "email": "ana@example.com"}],
        "printers": ["Form4-QuietOtter", "AmberFinch"],
        "invitations": [],
        "has_fleet_control": True,
        "settings": {"update_mode": "NORMAL"},
    }
    return model(Workgroup, row)


def queue_item() -> DeveloperAPIMyCloudQueueItems:
    row = {
        "id": "00000000-0000-4000-8000-000000005001",
        "name": "queued bracket",
        "volume_ml": 14.25,
        "material_name": "Nylon 12 GF",
        "created_at": ago(hours=3),
        "username": "ana.example",
        "allowed_machine_type_ids": ["FORM-4-0", "FRML-4-0"],
        "estimated_duration_ms": 8.5 * HOUR_MS,
    }
    return model(DeveloperAPIMyCloudQueueItems, row)


def page() -> PaginatedPrintRunWithFleetControlDataList:
    rows = [
        print_run_row(),
        print_run_row(status="FINISHED", print_run_success=rating("SUCCESS", minutes=1)),
    ]
    return model(
        PaginatedPrintRunWithFleetControlDataList,
        {
            "count": 400,
            "next": "https://api.example.com/?page=2",
            "previous": None,
            "results": rows,
        },
    )


# Content


def test_a_printer_shows_state_progress_resin_and_tank() -> None:
    job = print_run_row()
    words = html_words([printer(status_row("PRINTING", current_print_run=job))])
    for expected in ("1 printer", "QuietOtter", "Form 4", "printing", "bracket_v7", "50 %"):
        assert expected in words
    for expected in ("ends today 12:59 UTC", "Clear V5 600 ml", "30,000 layers", "today 11:59 UTC"):
        assert expected in words


def test_list_of_printers_is_counted_by_state() -> None:
    fleet = Rows([printer(), printer(), printer_with("UNKNOWN")])
    words = html_words(fleet)
    assert "3 printers" in words
    assert "2 idle" in words
    assert "1 offline" in words


def test_list_of_models_is_displayed_as_a_table() -> None:
    assert "<table" in Rows([printer()])._repr_html_()
    assert "QuietOtter" in console_text(Rows([printer()]))


def test_page_shows_its_rows_and_their_total() -> None:
    words = html_words(page())
    for expected in ("2 of 400 prints", "1 success", "1 in progress", "Clear V5"):
        assert expected in words
    assert "<table" in page()._repr_html_()
    assert "2 of 400 prints" in console_text(page())


def test_a_frozen_print_names_the_time_of_its_last_report() -> None:
    html = show([frozen()], now=NOW, tz=timezone.utc).html()
    hints = [value for name, value in _Words(html).attributes if name == "title"]
    assert "as of today 05:00 UTC, no report since" in hints


def test_the_end_of_a_print_is_judged_at_now() -> None:
    paused = frozen(status="PAUSED")
    assert "ends today 17:00 UTC" in html_words([paused])
    job = status_row("PAUSED", current_print_run=paused.to_dict())
    assert "ends today 17:00 UTC" in html_words([printer(job)])
    early = print_run(status="FINISHED")
    assert "≈ today 11:59 UTC" in html_words([early])
    assert "|59 min" in html_words([early])
    assert "≈ 5 Jun, 12:59 UTC" in html_words([early], now=NOW + timedelta(days=1))


def test_estimated_end_of_a_print_is_marked() -> None:
    assert "≈ today 10:00 UTC" in html_words([frozen(status="FINISHED")])
    finish = {"status": "FINISHED", "print_finished_at": ago(hours=1)}
    assert "|today 11:00 UTC|" in html_words([frozen(**finish)])


def test_consumables_events_groups_and_queues_have_tables() -> None:
    assert "600 ml" in html_words([model(Cartridge, cartridge_row())])
    assert "25 h 00 min" in html_words([model(Tank, tank_row())])
    assert "Resin Low" in html_words([event()])
    assert "Example Lab" in html_words([group()])
    words = html_words([queue_item()])
    assert "Form 4, Form 4L" in words
    assert "8 h 30 min" in words


def test_single_model_is_shown_field_by_field() -> None:
    words = html_words(printer())
    assert "Printer|" in words
    assert "Last seen" in words
    assert "idle" in words


def test_a_model_without_a_table_shows_its_fields() -> None:
    user = model(BasicUser, {"id": 1, "username": "ana.example", "email": "ana@example.com"})
    words = html_words(user)
    assert "username|ana.example" in words


def test_display_of_the_quota_shows_the_remaining_requests() -> None:
    limiter = RateLimiter(clock=lambda: 0.0)
    limiter.acquire(None)
    words = html_words(limiter.quota)
    assert "1 used, 99 left" in words
    assert "1 used, 1,499 left" in words
    assert "1500/h" in words
    assert "<table" in limiter.quota._repr_html_()
    assert "1500/h" in console_text(limiter.quota)


def test_display_of_the_quota_shows_a_closed_gate() -> None:
    quota = Quota((WindowQuota(100, 1.0, 100, 0, 1.0),), closed_for=42.0)
    assert "closed by the service for 42 s" in html_words(quota)


def test_times_are_shown_in_local_time_with_the_zone() -> None:
    assert "today 13:00 CET" in html_words([event(created_at=ago(hours=0))], tz=CET)
    assert "4 Jun, 11:00 CET" in html_words([event(created_at=ago(hours=26))], tz=CET)
    assert "5 Jun 2025, 13:00 CET" in html_words([event(created_at=ago(days=365))], tz=CET)


def test_long_list_is_truncated_with_a_note() -> None:
    words = html_words([cartridge()] * 1200)
    assert "1,200 cartridges" in words
    assert "… and 1,150 more" in words
    assert words.count("04a1b2c3d4e501") == 50
    assert html_words([cartridge()] * 5, limit=2).count("04a1b2c3d4e501") == 2


@pytest.mark.parametrize("limit", [0, -1, 2.5])
def test_a_limit_that_is_not_a_positive_integer_is_refused(limit: Any) -> None:
    with pytest.raises(ValueError, match="limit"):
        show([], limit=limit)


def test_empty_list_is_displayed_as_the_word_nothing() -> None:
    assert html_words([]) == "nothing"
    assert "nothing" in console_text(Rows())


def test_list_of_several_models_is_shown_line_by_line() -> None:
    words = html_words([cartridge(), tank()])
    assert "2 items" in words
    assert "30000 layers" in words


# Safety


@pytest.mark.parametrize(
    "name", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "&"]
)
def test_a_print_named_like_markup_is_text(name: str) -> None:
    for items in (
        [print_run(name=name, printer=name, material_name=name)],
        [printer(status_row("PRINTING", current_print_run=print_run_row(name=name)), alias=name)],
        [event(message=name, type_label=name, print_run=print_run_row(name=name))],
        [printer(alias=name, cartridge_status=slot(cartridge_row(material=name)))],
        model(BasicUser, {"id": 1, "username": name}),
    ):
        html = show(items, now=NOW).html()
        parsed = _Words(html)
        assert name in parsed.words
        assert "script" not in parsed.tags
        assert "img" not in parsed.tags


def test_a_print_named_like_console_markup_is_text() -> None:
    assert "[red]stop[/red]" in console_text(show([print_run(name="[red]stop[/red]")], now=NOW))


def test_no_display_of_a_model_shows_a_secret() -> None:
    address = f"https://pictures.example.com/1.png?Signature={SECRET}"
    row = print_run_row(print_thumbnail={"thumbnail": address}, post_print_photo_url=address)
    run = model(PrintRunWithFleetControlData, row)
    picture = model(PrintThumbnailSerializerOnlyThumbnail, {"thumbnail": address})
    token = model(RequestAnAccessToken200Response, {"access_token": SECRET})
    for item in (run, [run], run.print_thumbnail, picture, token):
        for text in (repr(item), str(item), show(item).html(), console_text(show(item))):
            assert SECRET not in text
    assert "***" in repr(token)
    assert "***" in show(token).html()


@pytest.mark.parametrize(
    "words",
    [
        f"https://example.com/1.png?X-Amz-Signature={SECRET}",
        f"Photo: https://example.com/1.png?X-Amz-Signature={SECRET}",
        f"http://a.example/?access_token={SECRET}",
    ],
)
def test_signed_address_is_not_shown_in_any_field(words: str) -> None:
    for item in (
        print_run(name=words, printer=words, material_name=words, status=words),
        printer(status_row(words), alias=words, machine_type_id=words),
        cartridge(serial=words, material=words),
        event(message=words, printer=words, type=words, type_label=words),
        model(BasicUser, {"id": 1, "username": words}),
        model(Tank, {"serial": words}),
        words,
    ):
        texts = [show(item).html(), show([item, cartridge()]).html(), console_text(show([item]))]
        if not isinstance(item, str):
            texts += [repr(item), str(item), show([item]).html()]
        for text in texts:
            assert SECRET not in text


@pytest.mark.parametrize(
    "words", ["\x1b[31mred", "cut \ud83d", "two\nlines", "\u2028", "\u202e\u2066evil\u200f"]
)
def test_no_text_controls_a_console_or_fails_to_encode(words: str) -> None:
    row = print_run_row(name=words, printer=words, status=words)
    for items in ([print_run(**row)], model(BasicUser, {"id": 1, "username": words})):
        for text in (console_text(show(items)), show(items).html(), show(items).__repr__()):
            text.encode()
            assert all(one.isprintable() for one in text.split("\n"))
    assert "red" in console_text(show([print_run(name="\x1b[31mred")]))


def test_thumbnails_are_fetched_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = []

    def fetch(address: str, *_: Any) -> bytes:
        fetched.append(address)
        return b"\x89PNG\r\n\x1a\n"

    monkeypatch.setattr("formlabs_web_api.models.derived.thumbnail.fetch", fetch)
    assert "<img" not in show([print_run()]).html()
    assert fetched == []
    parsed = _Words(show([print_run(name='"x')], thumbnails=True).html())
    assert dict(parsed.attributes)["src"].startswith("data:image/png;base64,")
    assert len(fetched) == 1


def test_a_thumbnail_that_cannot_be_fetched_is_not_an_error() -> None:
    assert "no picture" in html_words([print_run(print_thumbnail=None)], thumbnails=True)


def test_bytes_that_are_not_an_image_are_not_embedded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "formlabs_web_api.models.derived.thumbnail.fetch", lambda *_: b"<svg onload=x>"
    )
    assert "<img" not in show([print_run()], thumbnails=True).html()


# The repr on one line


@pytest.mark.parametrize(
    ("item", "line"),
    [
        (
            printer(status_row("UNKNOWN")),
            "<DeveloperAPIMyPrinter QuietOtter (Form 4): offline>",
        ),
        (
            print_run(status="FINISHED", print_finished_at="2026-06-05T08:00:00-04:00"),
            "<MyPrintRunReadOnly 'bracket_v7' on Form4-QuietOtter: unrated,"
            " ended 2026-06-05 12:00 UTC>",
        ),
        (
            print_run(status="ERROR", print_started_at=None),
            "<MyPrintRunReadOnly 'bracket_v7' on Form4-QuietOtter: failure>",
        ),
        (cartridge(), "<CartridgeReadOnly 04a1b2c3d4e501: Clear V5, 600 ml left>"),
        (tank(), "<TankReadOnly 04f0e1d2c3b401: Clear V5, 30000 layers>"),
        (page(), "<PaginatedPrintRunWithFleetControlDataList 2 of 400>"),
        (event(), "<UserEventReadOnly RESIN_LOW at 2026-06-05 10:00 UTC on Form4-QuietOtter>"),
        (group(), "<Workgroup 'Example Lab': 2 printers, 1 members>"),
    ],
)
def test_repr_of_a_model_is_one_readable_line(item: Any, line: str) -> None:
    assert repr(item) == line


def test_repr_of_a_running_print_shows_its_progress() -> None:
    run = print_run(print_started_at=datetime.now(timezone.utc).isoformat())
    assert ": in_progress, 50%, ends 20" in repr(run)


@pytest.mark.parametrize("name", ["two\nlines", "\x1b[31mred", "\u2028", "x" * 10_000])
def test_name_with_line_ends_stays_on_one_line(name: str) -> None:
    items = [
        print_run(name=name, printer=name),
        printer(alias=name),
        cartridge(serial=name),
        event(printer=name, type=name),
        model(BasicUser, {"id": 1, "username": name}),
    ]
    for item in items:
        assert repr(item).isprintable()
        assert len(repr(item)) < 300


def test_repr_of_a_small_model_is_like_python_code() -> None:
    user = model(BasicUser, {"id": 1, "username": "ana"})
    assert repr(user).startswith("BasicUser(id=1, username='ana'")


# Any value


_anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=2), st.dictionaries(st.text(), inner, max_size=2)
    ),
    max_leaves=4,
)
_rows: List[Tuple[Type[Model], Dict[str, Any]]] = [
    (DeveloperAPIMyPrinter, printer_row(status_row("PRINTING", current_print_run=print_run_row()))),
    (DeveloperAPIMyPrinter, printer_row(cartridge_status=[slot(cartridge_row()), slot(None)])),
    (PrintRunWithFleetControlData, print_run_row()),
    (Cartridge, cartridge_row()),
    (Tank, tank_row()),
    (UserEventReadOnly, event().to_dict()),
    (Workgroup, group().to_dict()),
    (DeveloperAPIMyCloudQueueItems, queue_item().to_dict()),
    (PaginatedPrintRunWithFleetControlDataList, page().to_dict()),
]


@given(which=st.sampled_from(_rows), data=st.data())
@settings(max_examples=150)
def test_any_response_can_be_displayed(which: Any, data: Any) -> None:
    kind, row = which
    changes = data.draw(st.dictionaries(st.sampled_from(sorted(row)), _anything))
    item = model(kind, {**row, **changes})
    assert "\n" not in repr(item)
    assert show(item, now=NOW).html()
    assert show([item], now=NOW).html()
    assert console_text(show([item], now=NOW))


def test_display_modules_are_imported_on_first_use() -> None:
    code = (
        "import sys; from formlabs_web_api import ApiClient, Tank;"
        "t = Tank.from_dict({'serial': '1'}); repr(t);"
        "print([name for name in ('rich', 'pandas', 'html', 'formlabs_web_api.display.html')"
        " if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
