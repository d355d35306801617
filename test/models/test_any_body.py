"""Any value in any field of a response is read, reported and returned unchanged."""

from __future__ import annotations

import copy
import json
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from typing import Any, Callable, Dict, Iterator, List, Sequence, Tuple, Type, Union

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings
from pydantic import ValidationError

from formlabs_web_api import models
from formlabs_web_api._core.response import UnexpectedBody, parse_body
from formlabs_web_api.models._base import Model, RequestModel
from formlabs_web_api.models._reading import Drift, read_json
from test.models.test_models import BODIES, is_same, models_in
from test.support.operations import LISTED, OPERATIONS, data_of, text_of

Path = Tuple[Union[str, int], ...]


def _offset(minutes: int) -> timezone:
    return timezone(timedelta(minutes=minutes))


_texts = st.text(st.characters(), max_size=6)
_moments = st.one_of(
    st.datetimes(timezones=st.integers(-840, 840).map(_offset)).map(datetime.isoformat),
    st.sampled_from(["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-06-05 12:00"]),
)
_leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.sampled_from([10**300, -1, 0, 2**63, "", "PRINTING", "\ud83d", "null", "1", "-0"]),
    _texts,
    _moments,
)
anything = st.recursive(
    _leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(_texts, inner, max_size=3)
    ),
    max_leaves=6,
)


def samples() -> Dict[Any, List[Any]]:
    """Return a sample of every model and list, taken from the recorded bodies."""
    found: Dict[Any, List[Any]] = {models.RequestAnAccessToken401Response: [{"error": "x"}]}
    found.update((operation.name, [data_of(str(operation.answer))]) for operation in LISTED)
    for name, kind in BODIES.items():
        for one in models_in(parse_body(text_of(name), kind, False)):
            found.setdefault(type(one), []).append(json.loads(one.to_json()))
    return found


SAMPLES = samples()
RESPONSES = sorted(
    (of for of in SAMPLES if not isinstance(of, str)), key=lambda kind: str(kind.__name__)
)


def paths_in(value: Any, before: Path = ()) -> Iterator[Path]:
    """Yield the path of each value in a body."""
    items: Sequence[Tuple[Any, Any]] = ()
    if isinstance(value, dict):
        items = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    for key, content in items:
        yield (*before, key)
        yield from paths_in(content, (*before, key))


def put(body: Any, path: Path, value: Any) -> None:
    for key in path[:-1]:
        body = body[key]
    body[path[-1]] = value


@st.composite
def changed_bodies(draw: Callable[[Any], Any], of: Any) -> Tuple[str, Any, Path]:
    """Draw a body in which one value is replaced by any other."""
    rows = SAMPLES[of]
    body = copy.deepcopy(rows[draw(st.integers(0, len(rows) - 1))])
    paths = sorted(paths_in(body), key=str)
    path = paths[draw(st.integers(0, len(paths) - 1))]
    put(body, path, draw(anything))
    text = json.dumps(body)
    return text, json.loads(text), path


def is_within(path: Path, location: Sequence[Any]) -> bool:
    """Return True if an error's location is ``path`` or inside it; names of types may intervene."""
    rest = iter(location)
    return all(any(step == part for part in rest) for step in path)


def test_samples_cover_every_documented_response() -> None:
    kinds = [getattr(models, name) for name in models.__all__ if name[0].isupper()]
    responses = {
        kind for kind in kinds if issubclass(kind, Model) and not issubclass(kind, RequestModel)
    }
    assert set(RESPONSES) == responses
    for rows in SAMPLES.values():
        assert any(list(paths_in(row)) for row in rows)


@pytest.mark.parametrize("kind", RESPONSES, ids=lambda kind: kind.__name__)
@settings(max_examples=60)
@given(data=st.data())
def test_any_value_of_any_field_is_read_or_refused(kind: Type[Model], data: st.DataObject) -> None:
    text, sent, path = data.draw(changed_bodies(kind))

    drift = Drift()
    read = read_json(kind, text, False, drift)
    assert isinstance(read, kind)
    assert is_same(sent, read.to_dict())
    assert is_same(json.loads(read.to_json()), read.to_dict())
    again = kind.from_json(read.to_json())
    assert again is not None
    assert is_same(sent, again.to_dict())
    assert repr(read)
    from_dict = kind.from_dict(read.to_dict())
    assert from_dict is not None
    assert is_same(sent, from_dict.to_dict())

    deviations = [one for one in drift if one.kind != "undescribed field"]
    try:
        strictly = read_json(kind, text, True, Drift())
    except ValidationError as error:
        locations = [line["loc"] for line in error.errors()]
        assert any(is_within(path, location) for location in locations)
        assert deviations
    else:
        assert deviations == []
        assert is_same(sent, strictly.to_dict())


@pytest.mark.parametrize("operation", LISTED, ids=str)
@settings(max_examples=30)
@given(data=st.data())
def test_any_value_as_a_row_is_read_or_refused(operation: Any, data: st.DataObject) -> None:
    text, sent, _ = data.draw(changed_bodies(operation.name))
    read = parse_body(text.encode(), List[getattr(models, operation.returns)], False, Drift())
    rows = [one.to_dict() if isinstance(one, Model) else one for one in read]
    assert is_same(sent, rows)


@settings(max_examples=150)
@given(value=anything, operation=st.sampled_from([one for one in OPERATIONS if one.answer]))
def test_any_json_body_is_read_or_refused(value: Any, operation: Any) -> None:
    kind = getattr(models, operation.returns)
    expected = List[kind] if operation in LISTED else kind  # type: ignore[valid-type]
    with suppress(UnexpectedBody):
        parse_body(json.dumps(value).encode(), expected, False, Drift())


@settings(max_examples=150)
@given(raw=st.binary(max_size=50), operation=st.sampled_from(OPERATIONS))
def test_any_bytes_are_parsed_or_refused(raw: bytes, operation: Any) -> None:
    kind = getattr(models, operation.returns, models.Workgroup)
    with suppress(UnexpectedBody):
        parse_body(raw, kind, False, Drift())
    with suppress(UnexpectedBody, ValidationError):
        parse_body(raw, kind, True, Drift())
