"""Events arrive in order and can be replayed."""

from itertools import takewhile

from services.local.api import TERMINAL, Api, Event, Json


def until_the_end(api: Api, path: str, after: str) -> list[Event]:
    """The events of a stream up to and with the one that ends an edit."""
    seen: list[Event] = []
    for event in api.events(path, after=after):
        seen.append(event)
        if event.name.removeprefix("edit.") in TERMINAL:
            break
    return seen


def test_an_edit_is_told_from_queued_to_succeeded(api: Api, conversation: Json) -> None:
    turn = api.say(conversation["id"], "make it night", parameters={"steps": 8})
    names = [event.name for event in until_the_end(api, conversation["urls"]["events"], after="0")]
    story = [name for name in names if name != "edit.progress"]
    assert turn["edit"] is not None
    assert story.index("edit.queued") < story.index("edit.started") < story.index("edit.succeeded")
    assert "turn.created" in story


def test_a_replay_continues_behind_the_last_event_seen(api: Api, conversation: Json) -> None:
    api.say(conversation["id"], "make it night", parameters={"steps": 4})
    everything = until_the_end(api, conversation["urls"]["events"], after="0")
    rest = until_the_end(api, conversation["urls"]["events"], after=everything[0].id)
    assert [event.id for event in rest] == [event.id for event in everything[1:]]
    assert len(list(takewhile(lambda event: event.name != "edit.succeeded", rest))) == len(rest) - 1
