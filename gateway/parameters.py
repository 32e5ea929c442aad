"""What an edit runs with: as asked for, else as the conversation has it, else as the served model does it."""

from pydantic import ValidationError

from shared.errors import InvalidRequest
from shared.schemas.parameters import EditDefaults, EditParameters, ResolvedParameters


def resolved(
    asked: EditParameters | None, wider: EditParameters | None, defaults: EditDefaults, seed: int
) -> ResolvedParameters:
    """Fill the gaps; raises InvalidRequest where what was asked for does not go together with what fills them."""
    try:
        return (asked or EditParameters()).over(wider).resolve(defaults, seed)
    except ValidationError as error:
        found = "; ".join(problem["msg"].removeprefix("Value error, ") for problem in error.errors())
        raise InvalidRequest(f"The parameters do not go together: {found}.") from error
