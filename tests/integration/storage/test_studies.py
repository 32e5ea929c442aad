"""Studies in a real Redis: votes that replace each other, pictures that stay and go with the study."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from shared.errors import NotFound, StudyFull
from shared.ids import new_id
from shared.schemas.edit import Rating
from shared.schemas.study import Study, Vote
from shared.storage import studies
from shared.storage.records import NewPair, NewStudy, NewVariant
from shared.storage.retention import Expired
from shared.storage.studies import Cast
from tests.integration.storage.test_retention import KEPT, all_gone, let_pass
from tests.storage_world import World

DAY_S = 24 * 3600


async def begun(world: World, pairs: int = 1) -> Study:
    """A study of new pictures."""
    made = [
        NewPair(NewVariant(await world.image(), "x"), NewVariant(await world.image(), "y"), "make it night")
        for _ in range(pairs)
    ]
    new = NewStudy(new_id("study"), "Scales", "Which is better?", "5a17", tuple(made))
    return await world.stores.studies.create(world.tenant, new)


async def test_a_study_is_read_as_it_was_made(world: World) -> None:
    study = await begun(world, pairs=2)
    assert await world.stores.studies.get(world.tenant, study.id) == study
    assert [(pair.number, pair.a.label, pair.b.label) for pair in study.pairs] == [(1, "x", "y"), (2, "x", "y")]
    [head] = (await world.stores.studies.list(world.tenant, 20)).items
    assert (head.id, head.pair_count, head.vote_count) == (study.id, 2, 0)
    with pytest.raises(NotFound):
        await world.stores.studies.get("somebody-else", study.id)


async def test_a_study_of_a_picture_that_is_not_there_is_not_made(world: World) -> None:
    there = NewVariant(await world.image(), "x")
    new = NewStudy("study_1", "Scales", "Which?", "5a17", (NewPair(there, NewVariant("img_gone", "y")),))
    with pytest.raises(NotFound):
        await world.stores.studies.create(world.tenant, new)
    assert (await world.stores.studies.list(world.tenant, 20)).items == []


async def test_a_second_vote_takes_the_place_of_the_first(world: World) -> None:
    store, study = world.stores.studies, await begun(world, pairs=2)
    for vote in (Vote.A, Vote.B, Vote.SAME):
        await store.vote(world.tenant, study.id, Cast("ann", 1, vote))
    await store.vote(world.tenant, study.id, Cast("bob", 1, Vote.A))
    assert await store.votes(world.tenant, study.id) == [Cast("ann", 1, Vote.SAME), Cast("bob", 1, Vote.A)]
    judged = await store.judged(world.tenant, study, "ann")
    assert (judged.votes, judged.counts) == ({1: Vote.SAME}, {1: 2, 2: 0})


async def test_votes_at_the_same_moment_are_all_counted_once(world: World) -> None:
    store, study = world.stores.studies, await begun(world)
    people = [f"person-{number % 10}" for number in range(40)]
    await asyncio.gather(*(store.vote(world.tenant, study.id, Cast(person, 1, Vote.A)) for person in people))
    assert (await store.judged(world.tenant, study, "nobody")).counts == {1: 10}
    assert len(await store.votes(world.tenant, study.id)) == 10


async def test_a_full_study_takes_changed_votes_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(studies, "MOST_VOTES", 1)
    store, study = world.stores.studies, await begun(world)
    await store.vote(world.tenant, study.id, Cast("ann", 1, Vote.A))
    await store.vote(world.tenant, study.id, Cast("ann", 1, Vote.B))
    with pytest.raises(StudyFull):
        await store.vote(world.tenant, study.id, Cast("bob", 1, Vote.A))
    with pytest.raises(NotFound):
        await store.vote(world.tenant, "study_unknown", Cast("ann", 1, Vote.A))


async def test_its_pictures_stay_while_it_lives_and_go_with_it(world: World) -> None:
    study = await begun(world)
    retention = replace(world.stores.retention, kept=KEPT)
    await let_pass(world, 400 * DAY_S)
    assert await retention.expire() == Expired(0, 0, 0)
    assert await world.stores.images.get(world.tenant, study.pairs[0].a.image_id)
    await world.stores.studies.vote(world.tenant, study.id, Cast("ann", 1, Vote.A))
    await world.stores.studies.delete(world.tenant, study.id)
    with pytest.raises(NotFound):
        await world.stores.studies.delete(world.tenant, study.id)
    assert await all_gone(world)


async def test_a_picture_outlives_its_conversation_in_a_study(world: World) -> None:
    conversation = await world.conversation()
    picture = NewVariant(conversation.root_image_id, "x")
    new = NewStudy("study_1", "Scales", "Which?", "5a17", (NewPair(picture, NewVariant(await world.image(), "y")),))
    await world.stores.studies.create(world.tenant, new)
    await world.stores.conversations.delete(world.tenant, conversation.id)
    assert await world.stores.images.get(world.tenant, picture.image_id)
    await world.stores.studies.delete(world.tenant, "study_1")
    assert await all_gone(world)


async def test_a_study_goes_long_after_its_last_vote(world: World) -> None:
    study = await begun(world)
    retention = replace(world.stores.retention, kept=replace(KEPT, study_s=365 * DAY_S))
    redis = world.stores.redis
    await redis.zincrby("dp:idle:studies", -400 * DAY_S * 1_000_000, f"{world.tenant}:{study.id}")
    await world.stores.studies.vote(world.tenant, study.id, Cast("ann", 1, Vote.A))
    assert await retention.expire() == Expired(0, 0, 0), "somebody voted"
    await redis.zincrby("dp:idle:studies", -400 * DAY_S * 1_000_000, f"{world.tenant}:{study.id}")
    assert await retention.expire() == Expired(0, 0, 0, studies=1)
    assert await all_gone(world)


async def test_ratings_are_read_newest_first_and_go_with_their_edits(world: World) -> None:
    ids = [(await world.edit()).id for _ in range(3)]
    for number, edit_id in enumerate(ids[:2], 1):
        world.succeed(world.claim(edit_id))
        await world.stores.edits.rate(world.tenant, edit_id, Rating(image_quality=number, satisfaction=5))
    again = Rating(image_quality=3, satisfaction=1)
    await world.stores.edits.rate(world.tenant, ids[1], again)
    told = await world.stores.studies.ratings(world.tenant)
    assert [(each.edit_id, each.model, each.quality) for each in told] == [
        (ids[1], "mini-editor", "exact"),
        (ids[0], "mini-editor", "exact"),
    ]
    assert told[0].rating == again
    await let_pass(world, 8 * DAY_S)
    await replace(world.stores.retention, kept=KEPT).expire()
    assert await world.stores.studies.ratings(world.tenant) == []
