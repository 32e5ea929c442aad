"""The fixture that every storage test uses."""

import pytest

from shared.storage.claims import ClaimStore
from shared.storage.stores import Stores
from tests.storage_world import World


@pytest.fixture
def world(stores: Stores, claims: ClaimStore) -> World:
    """Both sides of the storage, with nothing in it."""
    return World(stores, claims)
