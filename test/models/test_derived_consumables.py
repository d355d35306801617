"""Observations 1.7: the resin left in a cartridge, and the wear of a tank."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from formlabs_web_api.models import Cartridge, Tank
from test.support.shapes import HOUR_MS, cartridge, cartridge_row, model, tank, tank_row


@pytest.mark.parametrize(
    ("initial", "dispensed", "remaining"),
    [
        (1000.0, 400.0, 600.0),
        (1000, 400, 600.0),
        (1000.0, 41.118, 958.882),
        (1000.0, 1000.0, 0.0),
        (1000.0, 1004.2, 0.0),
        (1000.0, -5.0, 1000.0),
        (None, 400.0, None),
        (1000.0, "400", None),
    ],
)
def test_1_7_remaining_volume_is_initial_minus_dispensed(
    initial: Any, dispensed: Any, remaining: Any
) -> None:
    one = cartridge(initial_volume_ml=initial, volume_dispensed_ml=dispensed)
    assert one.remaining_ml == pytest.approx(remaining)
    expected = None if remaining is None else remaining / 1000.0
    assert one.remaining_fraction == pytest.approx(expected)


@pytest.mark.parametrize("initial", [0, 0.0, -1.0])
def test_remaining_fraction_of_zero_initial_volume_is_none(initial: float) -> None:
    one = cartridge(initial_volume_ml=initial)
    assert (one.remaining_ml, one.remaining_fraction) == (0.0, None)


@pytest.mark.parametrize(
    ("code", "resolution"),
    [("FORM-4-0", 100.0), ("FRML-4-0", 100.0), ("FORM-3-2", None), ("", None), (None, None)],
)
def test_1_7_form_4_reports_in_steps_of_100_ml(code: Any, resolution: Any) -> None:
    assert cartridge(machine_type_id=code).resolution_ml == resolution


def test_1_7_is_empty_was_false_at_1000_of_1000() -> None:
    one = cartridge(volume_dispensed_ml=1000.0, is_empty=False)
    assert one.is_low()
    assert one.is_empty is False


@pytest.mark.parametrize(
    ("dispensed", "threshold", "low"),
    [(900.0, 100.0, True), (800.0, 100.0, False), (800.0, 250.0, True), (None, 250.0, False)],
)
def test_1_7_low_is_at_or_below_the_threshold(dispensed: Any, threshold: float, low: bool) -> None:
    assert cartridge(volume_dispensed_ml=dispensed).is_low(threshold) is low


def test_1_7_cartridge_reported_as_empty_is_low() -> None:
    assert cartridge(is_empty=True, volume_dispensed_ml=None).is_low()
    assert cartridge(is_empty=True, volume_dispensed_ml=0.0).is_low()


def test_1_7_kinds_and_display_names_are_unchanged() -> None:
    one = cartridge(consumable_type="CARTRIDGE_V9", display_name="", material="FLZZZZ99")
    assert (one.consumable_type, one.display_name) == ("CARTRIDGE_V9", "")
    assert one.material_name == "FLZZZZ99"
    assert cartridge(material=None).material_name == ""
    assert cartridge().material_name == tank().material_name == "Clear V5"


def test_1_7_full_and_short_records_derive_the_same_values() -> None:
    assert model(Cartridge, cartridge_row()).remaining_ml == 600.0
    assert model(Tank, tank_row()).layers == 30_000


@pytest.mark.parametrize(
    ("layer_count", "layers_printed", "layers"),
    [
        (10, 10, 10),
        (None, 12, 12),
        (10, None, 10),
        (None, None, None),
        (-1, 12, 12),
        ("9", 12, 12),
        (0, 12, 0),
    ],
)
def test_1_7_layer_count_and_layers_printed_give_the_same_layers(
    layer_count: Any, layers_printed: Any, layers: Any
) -> None:
    assert tank(layer_count=layer_count, layers_printed=layers_printed).layers == layers


@pytest.mark.parametrize("tank_type", ["TYPE_DIESEL", "TANK_TYPE_DAGUERRE_V2_1", "NEW", None])
def test_1_7_every_observed_type_of_tank_is_read(tank_type: Any) -> None:
    one = tank(tank_type=tank_type, heatmap=None, last_print_date=None)
    assert (one.tank_type, one.layers) == (tank_type, 30_000)


def test_1_7_wear_is_the_share_of_the_given_life() -> None:
    assert tank().wear(75_000) == pytest.approx(0.4)
    assert tank(layer_count=81_230).wear(75_000) == pytest.approx(81_230 / 75_000)
    assert tank(layer_count=None, layers_printed=None).wear(75_000) is None


@pytest.mark.parametrize("life", [0, -1, float("nan")])
def test_life_layers_of_a_tank_must_be_above_0(life: float) -> None:
    with pytest.raises(ValueError, match="life_layers"):
        tank().wear(life)


def test_print_time_of_a_tank_is_a_duration() -> None:
    assert tank().print_time == timedelta(hours=25)
    assert tank().print_time_ms == 25 * HOUR_MS
    assert tank(print_time_ms=None).print_time is None
