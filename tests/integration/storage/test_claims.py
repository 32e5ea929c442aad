"""The life of an edit on the worker's side: claim, renew, finish, and being overtaken."""

import asyncio
import time
from collections import Counter
from dataclasses import replace

import pytest

from shared.errors import EditTimedOut, NotFound
from shared.schemas.edit import Edit, EditStatus, EditTimings
from shared.storage.claims import ClaimLimits, ClaimStore
from shared.storage.records import Claim, Renewal, Skip, Verdict, Written
from tests.storage_world import PARAMETERS, World

LEASE_S = 0.05


@pytest.fixture
def world(world: World) -> World:
    """A world with leases that run out while a test waits."""
    return replace(world, claims=replace(world.claims, limits=ClaimLimits(LEASE_S, 3, 1.0)))


async def test_a_claim_holds_all_that_the_worker_needs(world: World) -> None:
    edit = await world.edit()
    claim = world.claim(edit.id)
    assert (claim.edit_id, claim.fence, claim.attempt) == (edit.id, 1, 1)
    assert (claim.instruction, claim.parameters) == (edit.instruction, PARAMETERS)
    assert claim.source.id == edit.source_image_id
    assert world.stores.files.get(claim.source.file)


async def test_a_claim_says_how_long_the_edit_waited(world: World) -> None:
    edit = await world.edit()
    await asyncio.sleep(0.05)
    claim = world.claim(edit.id)
    told = (await world.stores.edits.get(world.tenant, edit.id)).timings.queue_s
    assert claim.queue_s == told
    assert claim.queue_s >= 0.05


async def test_a_claimed_edit_is_busy_and_a_finished_or_unknown_one_is_skipped(world: World) -> None:
    edit = await world.edit()
    claim = world.claim(edit.id)
    assert world.claims.claim(edit.id, "worker-2") is Skip.BUSY
    world.succeed(claim)
    assert world.claims.claim(edit.id, "worker-2") is Skip.UNKNOWN
    assert world.claims.claim("edit_none", "worker-2") is Skip.UNKNOWN


async def test_success_writes_record_picture_and_one_terminal_event(world: World) -> None:
    edit = await world.edit()
    assert world.succeed(world.claim(edit.id)) is Written.OK
    done = await world.stores.edits.get(world.tenant, edit.id)
    assert (done.status, done.model, done.progress.step) == (EditStatus.SUCCEEDED, "mini-editor", 3)
    assert done.finished_at is not None
    assert done.timings.denoise_s == 0.2
    assert done.timings.queue_s is not None
    assert await world.stores.images.read(world.tenant, done.image_ids[0])
    assert await world.event_names(edit.id) == ["edit.queued", "edit.started", "edit.succeeded"]


async def test_finishing_twice_writes_once(world: World) -> None:
    edit = await world.edit()
    claim = world.claim(edit.id)
    assert world.succeed(claim) is Written.OK
    before = await world.stores.edits.get(world.tenant, edit.id)
    assert world.succeed(claim) is Written.REPLAY
    assert world.claims.cancel(claim) is Written.FENCED
    assert await world.stores.edits.get(world.tenant, edit.id) == before


async def test_a_worker_that_lost_its_lease_cannot_write(world: World) -> None:
    edit = await world.edit()
    stale = world.claim(edit.id)
    await asyncio.sleep(2 * LEASE_S)
    winner = world.claim(edit.id, "worker-2")
    assert (winner.fence, winner.attempt) == (2, 2)
    assert world.claims.renew([Renewal(stale, 1, 3)]) == [Verdict.LOST]
    for written in (world.succeed(stale), world.claims.cancel(stale), world.claims.release(stale)):
        assert written is Written.FENCED
    assert world.succeed(winner, b"the winner's") is Written.OK
    done = await world.stores.edits.get(world.tenant, edit.id)
    assert await world.stores.images.read(world.tenant, done.image_ids[0]) == b"the winner's"


async def test_the_files_of_an_overtaken_attempt_are_deleted(world: World) -> None:
    edit = await world.edit()
    stale = world.claim(edit.id)
    world.result(stale)
    await asyncio.sleep(2 * LEASE_S)
    winner = world.claim(edit.id, "worker-2")
    world.succeed(winner)
    await world.stores.images.collect_garbage()
    with pytest.raises(NotFound):
        world.stores.files.get(stale.result_file(0))
    assert world.stores.files.get(winner.result_file(0))


async def test_renewing_keeps_the_claim_and_tells_the_progress(world: World) -> None:
    edit = await world.edit()
    claim = world.claim(edit.id)
    for step in range(1, 4):
        await asyncio.sleep(LEASE_S / 2)
        assert world.claims.renew([Renewal(claim, step, 3)]) == [Verdict.CONTINUE]
    assert world.claims.claim(edit.id, "worker-2") is Skip.BUSY
    assert (await world.stores.edits.get(world.tenant, edit.id)).progress.step == 3


async def test_progress_events_come_at_most_ten_times_a_second(world: World) -> None:
    edit = await world.edit()
    claim = world.claim(edit.id)
    for step in range(1, 101):
        world.claims.renew([Renewal(claim, step, 100)])
    names = Counter(await world.event_names(edit.id))
    assert 1 <= names["edit.progress"] <= 10


async def test_one_renewal_serves_several_edits_and_answers_in_order(world: World) -> None:
    first, second, third = [world.claim((await world.edit()).id) for _ in range(3)]
    await world.stores.edits.cancel(world.tenant, second.edit_id)
    world.claims.fail(third, EditTimedOut().problem())
    verdicts = world.claims.renew([Renewal(claim, 1, 3) for claim in (first, second, third)])
    assert verdicts == [Verdict.CONTINUE, Verdict.CANCEL, Verdict.LOST]
    assert world.claims.renew([]) == []


async def test_a_failure_keeps_what_went_wrong(world: World) -> None:
    edit = await world.edit()
    world.claims.fail(world.claim(edit.id), EditTimedOut("It ran for 300 s.").problem())
    done = await world.stores.edits.get(world.tenant, edit.id)
    assert done.status is EditStatus.FAILED
    assert done.error is not None
    assert (done.error.code, done.error.detail, done.error.retryable) == ("timeout", "It ran for 300 s.", True)
    events = (await world.stores.events.read(world.tenant, edit.id, 0)).events
    assert events[-1].data["error"]["code"] == "timeout"


async def test_canceling_a_waiting_edit_ends_it_at_once(world: World) -> None:
    edit = await world.edit()
    assert (await world.stores.edits.cancel(world.tenant, edit.id)).status is EditStatus.CANCELED
    assert world.claims.claim(edit.id, "worker-1") is Skip.UNKNOWN


async def test_canceling_a_running_edit_waits_for_its_worker(world: World) -> None:
    edit = await world.edit()
    claim = world.claim(edit.id)
    assert (await world.stores.edits.cancel(world.tenant, edit.id)).status is EditStatus.RUNNING
    assert world.claims.renew([Renewal(claim, 1, 3)]) == [Verdict.CANCEL]
    assert world.claims.cancel(claim) is Written.OK
    assert (await world.stores.edits.get(world.tenant, edit.id)).status is EditStatus.CANCELED


async def test_canceling_a_finished_edit_changes_nothing(world: World) -> None:
    edit = await world.edit()
    world.succeed(world.claim(edit.id))
    before = await world.stores.edits.get(world.tenant, edit.id)
    assert await world.stores.edits.cancel(world.tenant, edit.id) == before


async def test_a_released_edit_waits_again_and_its_attempt_does_not_count(world: World) -> None:
    edit = await world.edit()
    assert world.claims.release(world.claim(edit.id)) is Written.OK
    waiting = await world.stores.edits.get(world.tenant, edit.id)
    assert (waiting.status, waiting.attempt, waiting.progress.step) == (EditStatus.QUEUED, 0, 0)
    assert world.claim(edit.id).fence == 2


async def test_an_edit_whose_workers_are_all_lost_is_given_up_as_poison(world: World) -> None:
    edit = await world.edit()
    for _ in range(3):
        world.claim(edit.id)
        await asyncio.sleep(2 * LEASE_S)
    assert world.claims.claim(edit.id, "worker-4") is Skip.POISON
    done = await world.stores.edits.get(world.tenant, edit.id)
    assert done.status is EditStatus.FAILED
    assert done.error is not None
    assert done.error.code == "poison"


async def test_the_last_attempt_is_for_a_worker_that_runs_nothing_beside_it(world: World) -> None:
    edit = await world.edit()
    for attempt in (1, 2):
        claim = world.claims.claim(edit.id, "worker", beside_others=True)
        assert isinstance(claim, Claim)
        assert claim.attempt == attempt
        await asyncio.sleep(LEASE_S)
    assert world.claims.claim(edit.id, "worker", beside_others=True) is Skip.SUSPECT
    assert (await world.stores.edits.get(world.tenant, edit.id)).status is EditStatus.QUEUED
    claim = world.claims.claim(edit.id, "worker", beside_others=False)
    assert isinstance(claim, Claim)
    assert claim.attempt == 3


async def test_a_rerun_says_whether_the_picture_is_identical(world: World) -> None:
    first = await world.edit()
    world.succeed(world.claim(first.id), b"same")
    answers = []
    for data in (b"same", b"other"):
        again = replace(await world.new_edit(), rerun_of=first.id)
        await world.stores.edits.accept(world.tenant, again)
        world.succeed(world.claim(again.id), data)
        answers.append((await world.stores.edits.get(world.tenant, again.id)).identical)
    assert answers == [True, False]


async def test_several_pictures_become_several_revisions_and_the_first_is_the_head(world: World) -> None:
    conversation = await world.conversation()
    edit = await world.edit(conversation)
    claim = world.claim(edit.id)
    images = [replace(world.result(claim), id=f"img_{number}") for number in range(3)]
    done = await world.stores.edits.get(world.tenant, edit.id)
    world.claims.succeed(claim, images, done.timings, "mini-editor")
    done = await world.stores.edits.get(world.tenant, edit.id)
    revisions = await world.stores.conversations.revisions(world.tenant, conversation.id)
    assert [revision.image_id for revision in revisions[1:]] == ["img_0", "img_1", "img_2"]
    now = await world.stores.conversations.get(world.tenant, conversation.id)
    assert now.head_revision_id == done.revision_ids[0]


async def test_a_preview_can_be_fetched_and_a_stale_one_is_refused(world: World) -> None:
    edit = await world.edit()
    claim = world.claim(edit.id)
    preview = world.result(claim)
    assert world.claims.preview(claim, preview, 1) is Written.OK
    events = (await world.stores.events.read(world.tenant, edit.id, 0)).events
    assert events[-1].data["url"] == f"/v1/images/{preview.id}"
    assert await world.stores.images.read(world.tenant, preview.id)
    world.claims.cancel(claim)
    assert world.claims.preview(claim, replace(preview, id="img_late"), 2) is Written.FENCED


async def test_the_worker_of_a_deleted_conversation_is_told_to_stop(world: World) -> None:
    conversation = await world.conversation()
    claim = world.claim((await world.edit(conversation)).id)
    await world.stores.conversations.delete(world.tenant, conversation.id)
    assert world.claims.renew([Renewal(claim, 1, 3)]) == [Verdict.LOST]
    assert world.succeed(claim) is Written.FENCED


async def test_racing_crashing_and_zombie_workers_finish_every_edit_once(world: World) -> None:
    """Four workers race for edits that are each delivered twice; some crash, some come back too late."""
    edits = [await world.edit() for _ in range(24)]
    generous = replace(world.claims, limits=ClaimLimits(LEASE_S, 100, 1.0))
    results = await asyncio.gather(
        *(asyncio.to_thread(_work, world, generous, edits_id, 4) for edits_id in _deal(edits))
    )
    assert sum(result.count(Written.OK) for result in results) == len(edits)
    for edit in edits:
        names = await world.event_names(edit.id)
        assert names.count("edit.succeeded") == 1
        assert names[-1] == "edit.succeeded"
    state = await world.stores.queue.state()
    assert (state.depth, state.running) == (0, 0)


def _deal(edits: list[Edit]) -> list[list[str]]:
    ids = [edit.id for edit in edits]
    return [ids, ids[::-1], ids[::2] + ids[1::2], ids[1::2] + ids[::2]]


def _work(world: World, claims: ClaimStore, edit_ids: list[str], crash_every: int) -> list[Written]:
    """Deliver every edit until none can be claimed any more; each fourth claim is dropped, then used too late."""
    written: list[Written] = []
    zombies: list[Claim] = []
    delivered = 0
    while True:
        states = []
        for edit_id in edit_ids:
            claim = claims.claim(edit_id, "worker")
            states.append(claim)
            if isinstance(claim, Skip):
                continue
            delivered += 1
            if delivered % crash_every == 0:
                zombies.append(claim)
            else:
                written.append(claims.succeed(claim, [world.result(claim)], timings=EditTimings(), model="m"))
        if all(state is Skip.UNKNOWN for state in states):
            break
        time.sleep(LEASE_S)
    return written + [
        claims.succeed(claim, [world.result(claim)], timings=EditTimings(), model="m") for claim in zombies
    ]
