"""What can go wrong in the editing worker, beside the errors that every process knows."""

from shared.errors import EditFailed


class UnusableModel(Exception):
    """The configured model, device or number type can't be served; the message is one line for the operator."""


class UnreadablePicture(EditFailed):
    """The stored picture is not a picture."""

    code, title = "picture-unreadable", "The stored picture can't be decoded"


class NotFinite(EditFailed):
    """The model produced numbers that are no picture."""

    code, title = "not-finite", "The model's result is not a picture"


class EditCanceled(Exception):
    """Somebody asked for the edit to stop."""


class EngineStopped(Exception):
    """The worker is going down; another attempt may succeed elsewhere."""


class DeviceLost(Exception):
    """The device is broken for this process; only a fresh one can go on."""
