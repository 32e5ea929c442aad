"""The client that blocks: what `async_client.py` and `async_conversation.py` can do, one call at a time."""

from typing import Self

from dialogpaint.async_client import AsyncDialogPaint, address_of
from dialogpaint.async_conversation import AsyncConversation
from dialogpaint.async_studies import AsyncStudies
from dialogpaint.blocking import Blocks, blocking, blocking_each, blocking_then
from dialogpaint.retry import Retry
from dialogpaint.transport import Blocking, Transport


class Conversation(Blocks[AsyncConversation]):
    """A conversation about one picture; it keeps nothing but its id, so that two of them never disagree."""

    @property
    def id(self) -> str:
        """The conversation's id, with which `client.conversation` goes on with it."""
        return self._core.id

    say = blocking(AsyncConversation.say)
    run = blocking(AsyncConversation.run)
    edit = blocking(AsyncConversation.edit)
    sweep = blocking(AsyncConversation.sweep)
    undo = blocking(AsyncConversation.undo)
    redo = blocking(AsyncConversation.redo)
    move_head = blocking(AsyncConversation.move_head)
    revisions = blocking(AsyncConversation.revisions)
    picture = blocking(AsyncConversation.picture)
    turns = blocking_each(AsyncConversation.turns)
    events = blocking_each(AsyncConversation.events)
    read = blocking(AsyncConversation.read)
    update = blocking(AsyncConversation.update)
    delete = blocking(AsyncConversation.delete)
    export = blocking(AsyncConversation.export)


class Studies(Blocks[AsyncStudies]):
    """The studies of a server, and what people said of edits."""

    create = blocking(AsyncStudies.create)
    all = blocking_each(AsyncStudies.all)
    get = blocking(AsyncStudies.get)
    next = blocking(AsyncStudies.next)
    vote = blocking(AsyncStudies.vote)
    results = blocking(AsyncStudies.results)
    csv = blocking(AsyncStudies.csv)
    delete = blocking(AsyncStudies.delete)
    ratings = blocking(AsyncStudies.ratings)
    ratings_csv = blocking(AsyncStudies.ratings_csv)


class DialogPaint(Blocks[AsyncDialogPaint]):
    """A DialogPaint server, seen from Python.

    Without a `url` it takes DIALOGPAINT_URL, else this machine's port 8000; without a `key`, DIALOGPAINT_KEY.
    `timeout_s` is the longest silence of the server that counts as one, beyond what it was asked to wait.
    Every call may raise ConnectionFailed, UnexpectedAnswer and ApiError, after it was tried again as `retry` says.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        key: str | None = None,
        timeout_s: float = 30.0,
        retry: Retry | None = None,
        transport: Transport | None = None,
    ) -> None:
        blocks = transport or Blocking(address_of(url, key, timeout_s))
        super().__init__(AsyncDialogPaint(url, key=key, timeout_s=timeout_s, retry=retry, transport=blocks))

    def __enter__(self) -> Self:
        """Use it in `with`, which closes it."""
        return self

    def __exit__(self, *_error: object) -> None:
        """Close it."""
        self.close()

    @property
    def url(self) -> str:
        """Where the server is."""
        return self._core.url

    def conversation(self, conversation_id: str) -> Conversation:
        """Go on with a conversation; asks the server nothing yet."""
        return Conversation(self._core.conversation(conversation_id))

    @property
    def studies(self) -> Studies:
        """Blind comparisons by people, and what they said of edits."""
        return Studies(self._core.studies)

    close = blocking(AsyncDialogPaint.close)
    start = blocking_then(AsyncDialogPaint.start, Conversation)
    import_conversation = blocking_then(AsyncDialogPaint.import_conversation, Conversation)
    conversations = blocking_each(AsyncDialogPaint.conversations)
    edit = blocking(AsyncDialogPaint.edit)
    sweep = blocking(AsyncDialogPaint.sweep)
    wait = blocking(AsyncDialogPaint.wait)
    get_edit = blocking(AsyncDialogPaint.get_edit)
    edits = blocking_each(AsyncDialogPaint.edits)
    cancel = blocking(AsyncDialogPaint.cancel)
    rerun = blocking(AsyncDialogPaint.rerun)
    rate = blocking(AsyncDialogPaint.rate)
    events = blocking_each(AsyncDialogPaint.events)
    upload = blocking(AsyncDialogPaint.upload)
    picture = blocking(AsyncDialogPaint.picture)
    provenance = blocking(AsyncDialogPaint.provenance)
    difference = blocking(AsyncDialogPaint.difference)
    difference_picture = blocking(AsyncDialogPaint.difference_picture)
    samples = blocking(AsyncDialogPaint.samples)
    models = blocking(AsyncDialogPaint.models)
    queue = blocking(AsyncDialogPaint.queue)
    readiness = blocking(AsyncDialogPaint.readiness)
