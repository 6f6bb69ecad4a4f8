"""Quotas of a day: counted once for all, and never more than allowed however many ask at once."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from feewatch.config import Limits
from feewatch.kernel import clock
from feewatch.kernel.errors import QuotaError
from feewatch.kernel.people import User
from feewatch.services.people.quotas import (
    count_upload,
    refuse_used_up,
    take_unregistered,
    take_upload,
)

NOW = dt.datetime(2026, 7, 15, 22, 0, tzinfo=clock.SHANGHAI)
LIMITS = Limits(files_a_day=3, megabytes_a_day=2, office_files_a_day=5, unregistered_a_day=4)


@pytest.fixture
def app(any_app):
    return replace(any_app, config=replace(any_app.config, limits=LIMITS))


def person(key, institution_id=None):
    role = "institution" if institution_id else "officer"
    return User(key, f"p{key}", role, None, institution_id, "-", False, 1)


def refusal(do):
    with pytest.raises(QuotaError) as fault:
        do()
    return fault.value


def test_files_and_bytes_of_a_day_end_and_begin_anew_at_midnight(app):
    school, other = person(1, 1), person(2, 1)
    with clock.fixed(NOW):
        for _ in range(3):
            take_upload(app, school, 100)
        fault = refusal(lambda: take_upload(app, school, 1))
        assert fault.code == "QUOTA-FILES"
        assert "3" in fault.text.zh
        assert fault.seconds == 2 * 3600 + 1
        take_upload(app, other, 2 << 20)
        assert refusal(lambda: take_upload(app, other, 1)).code == "QUOTA-BYTES"
        for _ in range(5):
            take_upload(app, person(3), 100)
        assert refusal(lambda: take_upload(app, person(3), 1)).code == "QUOTA-FILES"
    with clock.fixed(NOW + dt.timedelta(seconds=fault.seconds)):
        take_upload(app, school, 1)


def test_a_look_at_the_quota_counts_nothing_and_the_file_counts_in_its_own_transaction(app):
    school = person(1, 1)
    with clock.fixed(NOW):
        for _ in range(3):
            refuse_used_up(app, school, 1 << 20)
            with app.database.transaction() as tx:
                count_upload(app, tx, school, 1)
        assert refusal(lambda: refuse_used_up(app, school, 1)).code == "QUOTA-FILES"
        other = person(2, 1)
        take_upload(app, other, 1 << 20)
        refuse_used_up(app, other, 1 << 20)
        assert refusal(lambda: refuse_used_up(app, other, (1 << 20) + 1)).code == "QUOTA-BYTES"


def test_statements_of_unregistered_accounts_are_counted_by_institution(app):
    with clock.fixed(NOW):
        take_unregistered(app, 1, 3)
        assert refusal(lambda: take_unregistered(app, 1, 2)).code == "QUOTA-UNREGISTERED"
        take_unregistered(app, 1, 1)
        take_unregistered(app, 2, 4)


def test_of_many_at_once_no_more_pass_than_are_allowed(app):
    school = person(1, 1)

    def passes(_):
        with clock.fixed(NOW):
            try:
                take_upload(app, school, 1)
            except QuotaError:
                return False
            return True

    with ThreadPoolExecutor(8) as askers:
        assert sum(askers.map(passes, range(16))) == 3
