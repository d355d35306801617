"""Each table and view of a mirror has what the service lists, whatever the service sends."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime, timedelta, timezone
from typing import Any, Dict, List

import pytest
import sqlalchemy as sa

from formlabs_web_api import ApiClient, PrinterGroupsApi, PrintsApi
from formlabs_web_api.exceptions import ApiValueError
from formlabs_web_api.mirror import Mirror, SyncProgress
from formlabs_web_api.mirror.rows import key_of, print_row, printer_row
from formlabs_web_api.mirror.schema import METADATA, PRINT_RUNS
from formlabs_web_api.mirror.whole import SAMPLE_GAP
from formlabs_web_api.mirror.writing import TableWriter
from formlabs_web_api.models import PrintRunWithFleetControlData
from formlabs_web_api.sandbox import Sandbox
from test.support.mirrors import NOON, rows_in

TABLES = METADATA.tables


def test_every_listing_is_mirrored_with_its_keys(
    mirror: Mirror, client: ApiClient, sandbox: Sandbox
) -> None:
    mirror.sync()
    groups = client.groups.list()
    expected = {
        "printers": {printer.serial for printer in client.printers.list()},
        "tanks": {tank.serial for tank in client.tanks.iter()},
        "cartridges": {cartridge.serial for cartridge in client.cartridges.iter()},
        "events": {event.id for event in client.events.iter()},
        "groups": {group.id for group in groups},
        "group_members": {(one.id, member.user) for one in groups for member in one.memberships},
        "group_invitations": {(one.id, who.email) for one in groups for who in one.invitations},
        "queue_items": {item.id for one in groups for item in client.groups.queue(one.id)},
        "parts": {
            (run.guid, position)
            for run in client.prints.iter()
            for position in range(len(run.parts))
        },
    }
    for name, keys in expected.items():
        stored = {key_of(TABLES[name], row._mapping) for row in rows_in(mirror, TABLES[name])}
        assert {key[0] if key and len(key) == 1 else key for key in stored} == keys, name
        assert keys, name


def test_values_of_consumables_and_printers_are_those_of_the_models(
    mirror: Mirror, client: ApiClient
) -> None:
    mirror.sync(only=["printers", "tanks", "cartridges"])
    cartridges = {row.serial: row for row in rows_in(mirror, TABLES["cartridges"])}
    for cartridge in client.cartridges.iter():
        row = cartridges[cartridge.serial]
        assert row.remaining_ml == cartridge.remaining_ml
        assert row.material_name == cartridge.material_name
        assert row.inside_printer == (cartridge.inside_printer or row.inside_printer)
    tanks = {row.serial: row for row in rows_in(mirror, TABLES["tanks"])}
    for tank in client.tanks.iter():
        assert tanks[tank.serial].layers == tank.layers
    printers = {row.serial: row for row in rows_in(mirror, TABLES["printers"])}
    for printer in client.printers.list():
        row = printers[printer.serial]
        assert (row.state, row.is_online) == (printer.state(), printer.is_online())


def test_only_the_named_listings_are_read(mirror: Mirror, sandbox: Sandbox) -> None:
    summary = mirror.sync(only=("tanks", "cartridges"))
    assert set(summary.tables) == {"tanks", "cartridges"}
    assert {request.path for request in sandbox.requests} - {"/developer/v1/o/token/"} == {
        "/developer/v1/tanks/",
        "/developer/v1/cartridges/",
    }


@pytest.mark.parametrize("only", ["print", [], ["prints", "moons"]])
def test_unknown_listing_is_refused_with_the_known_names(mirror: Mirror, only: Any) -> None:
    with pytest.raises(ApiValueError, match=r"name printers, tanks, .*prints, events"):
        mirror.sync(only=only)


def test_since_bounds_a_new_mirror(mirror: Mirror, client: ApiClient) -> None:
    since = NOON - timedelta(days=10)
    summary = mirror.sync(only="prints", since=since)
    recent = {run.guid for run in mirror.prints_since(since)}
    listed = {run.guid for run in client.prints.iter() if _is_since(run, since)}
    assert recent == listed
    assert summary["print_runs"].new < 250


def test_time_without_a_zone_is_refused(mirror: Mirror) -> None:
    with pytest.raises(ApiValueError, match=r"since: .* no time zone"):
        mirror.sync(since=datetime(2026, 1, 1))


def test_interrupted_full_pass_goes_on_one_page_before(mirror: Mirror, sandbox: Sandbox) -> None:
    mirror.sync(only="prints")

    def stop(progress: SyncProgress) -> None:
        if progress.pages == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        mirror.sync(only="prints", full=True, progress=stop)
    sandbox.forget_requests()
    summary = mirror.sync(only="prints", full=True)
    # The first page has the time of the service; the pass continues with the second.
    assert [request.query["page"] for request in sandbox.requests[:2]] == [["1"], ["2"]]
    assert summary["print_runs"].deleted == 0


def test_item_that_leaves_a_queue_is_marked(mirror: Mirror, sandbox: Sandbox) -> None:
    mirror.sync(only="groups")
    for _ in range(6):
        sandbox.advance(hours=8)
        mirror.sync(only="groups")
    gone = [row for row in rows_in(mirror, TABLES["queue_items"]) if row.deleted_at]
    assert gone
    with mirror.engine.connect() as connection:
        waits = connection.execute(sa.text("SELECT id, waited_s FROM v_queue_waits")).all()
    by_id = {row.id: row.waited_s for row in waits}
    for row in gone:
        waited = (row.deleted_at - row.created_at).total_seconds()
        assert by_id[row.id] == pytest.approx(waited)


def test_printer_samples_have_the_time_span_of_each_state(
    mirror: Mirror, sandbox: Sandbox, client: ApiClient
) -> None:
    mirror.sync(only="printers")
    sandbox.advance(minutes=5)
    mirror.sync(only="printers")
    first = rows_in(mirror, TABLES["printer_samples"])
    assert any(row.seen_until - row.at > timedelta(minutes=4) for row in first)
    sandbox.advance(hours=2)
    mirror.sync(only="printers")
    for row in rows_in(mirror, TABLES["printer_samples"]):
        assert row.seen_until - row.at <= SAMPLE_GAP  # no sample reaches over the gap


HOSTILE: Dict[str, Any] = {
    "name": "nul \x00 half \ud800 =1+1 \u202e",
    "volume_ml": float("inf"),
    "layer_count": 10**30,
    "estimated_duration_ms": "long",
    "material": ["FLGPGR04"],
    "created_at": "1969-12-31T23:59:59Z",
    "print_started_at": None,
    "parts": None,
    "note": {"\x00": "\udfff"},
    "user": None,
}


def test_row_with_invalid_values_in_every_field_is_stored(
    mirror: Mirror, client: ApiClient
) -> None:
    mirror.sync(only="prints")
    (first, *_) = client.prints.list(per_page=1).results
    broken: Any = PrintRunWithFleetControlData.from_dict({**first.to_dict(), "guid": "broken"})
    for name, value in HOSTILE.items():
        vars(broken)[name] = value
    row = print_row(broken, NOON)
    with mirror.engine.begin() as connection:
        TableWriter(connection, PRINT_RUNS, NOON).upsert([row])
    (stored,) = [one for one in rows_in(mirror, PRINT_RUNS) if one.guid == "broken"]
    assert stored.name == "nul \ufffd half \ufffd =1+1 \u202e"
    assert (stored.volume_ml, stored.layer_count, stored.created_at) == (None, None, None)


def test_printer_without_status_is_stored(client: ApiClient) -> None:
    (printer, *_) = client.printers.list()
    vars(printer)["printer_status"] = None
    assert printer_row(printer, NOON)["status"] == ""


# Views, against loops in Python over the prints of the service


def test_view_of_printer_days_is_the_union_of_the_prints(mirror: Mirror, client: ApiClient) -> None:
    mirror.sync(only="prints")
    covered = mirror.synced_at
    assert covered is not None
    seconds: Dict[Any, set[int]] = defaultdict(set)
    for run in client.prints.iter():
        end = run.ended_at or (covered if run.outcome == "in_progress" else None)
        if run.started_at is None or end is None:
            continue
        # In steps of a minute, so that the oracle stays small.
        first, last = run.started_at.timestamp() / 60, end.timestamp() / 60
        seconds[run.printer].update(range(int(first), int(last)))
    expected: Dict[Any, float] = defaultdict(float)
    for printer, steps in seconds.items():
        for step in steps:
            day = datetime.fromtimestamp(step * 60, timezone.utc).date().isoformat()
            expected[printer, day] += 60
    with mirror.engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT * FROM v_printer_days")).all()
    found = {(row.printer, str(row.day)): row for row in rows}
    for key, total in expected.items():
        assert found[key].printing_s == pytest.approx(total, abs=400), key
        assert found[key].utilisation == pytest.approx(found[key].printing_s / 86400)
    assert sum(row.printing_s for row in rows) == pytest.approx(sum(expected.values()), rel=0.01)


def test_views_of_material_are_sums_over_the_prints(mirror: Mirror, client: ApiClient) -> None:
    mirror.sync(only="prints")
    months: Dict[Any, List[float]] = defaultdict(lambda: [0, 0.0, 0.0])
    outcomes: Dict[Any, Dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for run in client.prints.iter():
        outcomes[run.material][run.outcome.value] += 1
        if run.ended_at is not None:
            used = float(run.volume_ml) * run.progress
            row = months[run.ended_at.strftime("%Y-%m"), run.material]
            row[0] += 1
            row[1] += used
            row[2] += used if run.outcome in ("failure", "aborted") else 0
    with mirror.engine.connect() as connection:
        found = connection.execute(sa.text("SELECT * FROM v_material_months")).all()
        rates = connection.execute(sa.text("SELECT * FROM v_material_success")).all()
    assert {(row.month, row.material) for row in found} == months.keys()
    for row in found:
        expected = months[row.month, row.material]
        assert [row.prints, row.used_ml, row.wasted_ml] == pytest.approx(expected)
    for row in rates:
        counts = outcomes[row.material]
        rated = counts["success"] + counts["failure"]
        assert (row.success, row.failure) == (counts["success"], counts["failure"])
        assert row.success_rate == (pytest.approx(counts["success"] / rated) if rated else None)


def test_view_of_consumables_has_the_remaining_resin(mirror: Mirror, client: ApiClient) -> None:
    mirror.sync(only=["tanks", "cartridges"])
    with mirror.engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT * FROM v_consumables")).all()
    left = {row.serial: row.remaining_ml for row in rows if row.kind == "cartridge"}
    assert left == {one.serial: one.remaining_ml for one in client.cartridges.iter()}
    layers = {row.serial: row.layers for row in rows if row.kind == "tank"}
    assert layers == {one.serial: one.layers for one in client.tanks.iter()}


def _is_since(run: Any, since: datetime) -> bool:
    times = [time for time in (run.created_at, run.print_started_at) if time]
    return bool(times) and max(times) >= since


def test_report_reads_what_the_frame_of_prints_has(mirror: Mirror) -> None:
    pytest.importorskip("pandas", reason="the extra pandas is not installed")
    from formlabs_web_api.reports import MirrorSource
    from formlabs_web_api.reports.runs import runs_of

    mirror.sync(only=["prints"])
    since = NOON - timedelta(days=30)
    runs = runs_of(MirrorSource(mirror).prints(since))
    assert runs == runs_of(mirror.frames.prints(since))
    assert runs


def test_rows_without_fields_are_left_out_and_the_others_stored(
    mirror: Mirror, client: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    prints = client.prints.list(per_page=1).count
    groups = client.groups.list()
    queued = sum(len(client.groups.queue(group.id)) for group in groups)
    list_prints, list_queue = PrintsApi.prints_list, PrinterGroupsApi.groups_queue_list
    list_groups = PrinterGroupsApi.groups_list_pages

    def page_of_prints(api: PrintsApi, **arguments: Any) -> Any:
        page = list_prints(api, **arguments)
        vars(page)["results"] = [None, 5, *page.results]
        return page

    monkeypatch.setattr(PrintsApi, "prints_list", page_of_prints)
    monkeypatch.setattr(
        PrinterGroupsApi,
        "groups_list_pages",
        lambda api, **arguments: [[None, *page] for page in list_groups(api, **arguments)],
    )
    monkeypatch.setattr(
        PrinterGroupsApi, "groups_queue_list", lambda api, id: ["x", *list_queue(api, id)]
    )
    mirror.sync(only=["prints", "groups"])
    assert len(rows_in(mirror, PRINT_RUNS)) == prints
    assert len(rows_in(mirror, TABLES["groups"])) == len(groups)
    assert len(rows_in(mirror, TABLES["queue_items"])) == queued
    assert PRINT_RUNS.name not in {one.table for one in mirror.verify(pages=1).differences}
