"""What routes depend on."""

from inspect import iscoroutinefunction

from fastapi.params import Depends

from gateway import dependencies


def test_nothing_that_a_route_depends_on_goes_through_a_thread() -> None:
    known = [
        part.dependency
        for alias in vars(dependencies).values()
        for part in getattr(alias, "__metadata__", ())
        if isinstance(part, Depends)
    ]
    assert len(known) > 4
    assert [each for each in known if not iscoroutinefunction(each)] == []
