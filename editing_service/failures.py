"""What can go wrong in the editing worker, beside the errors that every process knows."""

from collections.abc import Sequence

from shared.errors import EditFailed


class UnusableModel(Exception):
    """The configured model, device or number type can't be served; the message is one line for the operator."""


class UnreadablePicture(EditFailed):
    """The stored picture is not a picture."""

    code, title = "picture-unreadable", "The stored picture can't be decoded"


class NotFinite(EditFailed):
    """The model produced numbers that are no picture."""

    code, title = "not-finite", "The model's result is not a picture"


class UnfamiliarPicture(EditFailed):
    """The instruction needs a picture of the kind that the model was taught; what any picture can have is said."""

    code, title = "unfamiliar-picture", "This model can't make that change in such a picture"

    def __init__(self, possible: Sequence[str]) -> None:
        super().__init__(
            "The picture is unlike those that this model learnt to paint in, so it is left as it is. "
            f"What it can do to any picture: {', '.join(possible)}."
        )


class EditCanceled(Exception):
    """Somebody asked for the edit to stop."""


class EngineStopped(Exception):
    """The worker is going down; another attempt may succeed elsewhere."""


class DeviceLost(Exception):
    """The device is broken for this process; only a fresh one can go on."""
