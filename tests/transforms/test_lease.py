"""The right to write to tables in an object store: who has it, who lost it, and what that one can't do."""

import os
import uuid
from collections.abc import Iterator

import pytest
from deltalake import Transaction
from made_rows import make_article_row
from object_store import BUCKET, list_keys, make_client

from transforms import lease
from transforms.commit import APP_ID, commit_staged, open_tables, read_snapshot, recover, write_transaction
from transforms.data_folder import DataFolderInUse, write_lock
from transforms.lease import LeaseLost, decide_batch, hold_lease, read_decision
from transforms.object_address import Address
from transforms.staging import stage_rows, write_manifest
from transforms.storage import open_parquet
from transforms.tables import TABLES


@pytest.fixture
def data(store: str) -> Address:
    return Address(BUCKET, f"lease-{uuid.uuid4().hex}")


@pytest.fixture
def expired(monkeypatch: pytest.MonkeyPatch) -> None:
    """To others, every lease has been silent for too long."""
    monkeypatch.setattr(lease, "LEASE_SECONDS", -1.0)


def test_one_writer_at_a_time(data: Address) -> None:
    with hold_lease(data, "one"):
        with pytest.raises(DataFolderInUse, match=f"process {os.getpid()} on .*another may write"):
            lease._take(data, "other", lambda: 0.0)
        assert read_decision(data).holder
    assert not read_decision(data).holder
    with hold_lease(data, "other"):
        pass


def test_a_holder_of_the_same_machine_is_known_to_be_gone(data: Address) -> None:
    """Since who asks holds the machine's own lock, which a killed process doesn't keep."""
    lease._take(data, "one", lambda: 0.0)
    with hold_lease(data, "one"):
        pass


def test_two_that_are_equally_quick(data: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    nobody = lease._read(data)
    lease._take(data, "one", lambda: 0.0)
    answers: Iterator[object] = iter([nobody, lease._read(data)])
    monkeypatch.setattr(lease, "_read", lambda _: next(answers))
    with pytest.raises(DataFolderInUse):
        lease._take(data, "other", lambda: 0.0)


@pytest.mark.usefixtures("expired")
def test_who_was_overtaken_decides_nothing(data: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    sleeper = lease._take(data, "one", lambda: 0.0)
    monkeypatch.setitem(lease._held, str(data), sleeper)
    decide_batch(data, 1, "first")
    lease._take(data, "other", lambda: 0.0)
    # Its own clock says that no time has passed: it is the store that refuses.
    with pytest.raises(LeaseLost, match="run the same again"):
        decide_batch(data, 2, "second")
    assert read_decision(data).manifest == "first"


def test_who_could_not_renew_in_time_stops_by_itself(data: Address) -> None:
    moment = 0.0
    with hold_lease(data, "one", lambda: moment):
        lease.confirm_lease(data)
        moment = lease._LOST_SECONDS + 1
        with pytest.raises(LeaseLost):
            lease.confirm_lease(data)
        assert lease._LOST_SECONDS < lease.LEASE_SECONDS


def test_it_is_renewed(data: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "_RENEW_SECONDS", 0.01)
    with hold_lease(data, "one"):
        held = lease._held[str(data)]
        before = held.renewed
        for _ in range(500):
            if held.renewed > before:
                break
            lease.time.sleep(0.01)
        assert held.renewed > before


def count(data: Address) -> int:
    return sum(open_parquet(path).metadata.num_rows for path in read_snapshot(data)["articles"])


@pytest.mark.usefixtures("expired")
def test_a_sleeper_that_wakes_up_before_its_decision(data: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has put files where they stay; another has taken over, and committed the same batch meanwhile."""
    sleeper = lease._take(data, "one", lambda: 0.0)
    staged = stage_rows(data, 1, "articles", [make_article_row("slept")])
    with write_lock(data):
        assert recover(data).removed_files
        write_manifest(data, 1, stage_rows(data, 1, "articles", [make_article_row("wrote")]))
        commit_staged(data, 1)
        held = lease._held[str(data)]
        monkeypatch.setitem(lease._held, str(data), sleeper)
        with pytest.raises(LeaseLost):
            write_manifest(data, 1, staged)
        lease._held[str(data)] = held
        assert count(data) == 1
        # What the sleeper says was never decided: neither readers nor the next writer heed it.
        assert [key for key in list_keys(make_client(os.environ), data.key) if "manifest-" in key]
        assert not recover(data).rolled_forward
    rows = open_parquet(read_snapshot(data)["articles"][0]).read(columns=["article_id"]).to_pylist()
    assert rows == [{"article_id": "wrote"}]


@pytest.mark.usefixtures("expired")
def test_a_sleeper_that_wakes_up_after_its_decision(data: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    sleeper = lease._take(data, "one", lambda: 0.0)
    monkeypatch.setitem(lease._held, str(data), sleeper)
    open_tables(data)
    write_manifest(data, 1, stage_rows(data, 1, "articles", [make_article_row("a")]))
    late = open_tables(data)["articles"]
    late_version = late.version()
    del lease._held[str(data)]
    with write_lock(data):
        assert recover(data).rolled_forward == (1,)
    # The sleeper's view of the table is from before: Delta refuses the batch that it has.
    late.load_as_version(late_version)
    monkeypatch.setitem(lease._held, str(data), sleeper)
    with pytest.raises(LeaseLost):
        write_transaction(data, TABLES["articles"], late, [], [Transaction(APP_ID, 1)])
    assert count(data) == 1


@pytest.mark.usefixtures("expired")
def test_a_sleeper_removes_nothing_of_another(data: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    """To it, what another has put and not yet committed looks like what a crash left behind."""
    open_tables(data)
    sleeper = lease._take(data, "one", lambda: 0.0)
    with write_lock(data):
        stage_rows(data, 1, "articles", [make_article_row("wrote")])
        monkeypatch.setitem(lease._held, str(data), sleeper)
        with pytest.raises(LeaseLost):
            recover(data)
    assert [key for key in list_keys(make_client(os.environ), data.key) if "part-00000001" in key]


def test_a_batch_that_was_decided_is_rolled_forward(data: Address) -> None:
    with write_lock(data):
        open_tables(data)
        stage_rows(data, 1, "articles", [make_article_row("dropped")])
        write_manifest(
            data, 2, stage_rows(data, 2, "articles", [make_article_row("a"), make_article_row("b")])
        )
    assert count(data) == 0
    with write_lock(data):
        recovery = recover(data)
        assert recovery.rolled_forward == (2,) and len(recovery.removed_files) == 1
        assert recover(data) == type(recovery)()
    assert count(data) == 2
