"""Times in filters: what clients write, and the database's UTC."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from magento_soap.sales.queries import timestamp


@pytest.mark.parametrize(
    ("written", "utc"),
    [
        ("2024-01-02 03:04:05", "2024-01-02 03:04:05"),
        ("2024-01-02", "2024-01-02 00:00:00"),
        ("2024-1-2 3:04", "2024-01-02 03:04:00"),
        (" 2024-01-02T03:04:05.999999 ", "2024-01-02 03:04:05"),
        ("2024-01-02T03:04:05Z", "2024-01-02 03:04:05"),
        ("2024-01-02t03:04:05.1z", "2024-01-02 03:04:05"),
        ("2024-01-02T03:04:05+02:00", "2024-01-02 01:04:05"),
        ("2024-01-02T03:04:05 +0200", "2024-01-02 01:04:05"),
        ("2024-01-01 22:04:05-05", "2024-01-02 03:04:05"),
        ("2024-01-02T00:00:00+05:45", "2024-01-01 18:15:00"),
        ("2024-02-29T23:30:00-01:00", "2024-03-01 00:30:00"),
        ("20240102T03:04:05", "2024-01-02 03:04:05"),
        ("20240102T03:04:05Z", "2024-01-02 03:04:05"),
        ("20240102", "2024-01-02 00:00:00"),
        ("20241123", "2024-11-23 00:00:00"),
        ("2024-01-02 23:59:59+23:59", "2024-01-02 00:00:59"),
    ],
)
def test_forms_of_a_time(written: str, utc: str) -> None:
    assert timestamp(written) == utc


@pytest.mark.parametrize(
    "written",
    [
        *("", "yesterday", "2024", "1704067200", "2024-01", "2024-13-01", "2024-02-30", "0000-00-00"),
        *("2024-01-02 24:00:00", "2024-01-02T", "2024-01-02Z", "2024-01-02 03", "2024-01-02 03:04:05 UTC"),
        *(
            "2024-01-02 03:04:05+24:00",
            "2024-01-02 03:04:05+01:60",
            "2024-01-02 03:04:05+1",
            "2024-01-02 03:04:05 02:00",
        ),
        *("0001-01-01 00:00:00+01:00", "9999-12-31 23:59:59-01:00", "\u0662024-01-01", "2024-01-01" + " 1" * 50_000),
    ],
)
def test_what_is_no_time(written: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - whatever it says
        timestamp(written)


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)),
    st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes))),
)
def test_a_time_is_the_same_wherever_it_is_written(time: datetime, zone: timezone) -> None:
    utc = time.replace(microsecond=0, tzinfo=timezone.utc)
    assert timestamp(utc.astimezone(zone).isoformat()) == utc.strftime("%Y-%m-%d %H:%M:%S")
