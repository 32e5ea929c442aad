"""A bot for any chat: one JSON line in for what somebody said, one JSON line out for what to answer.

{"room": "ann", "picture": "cat.png", "text": "an orange cat in the snow"}   begins a conversation about a picture
{"room": "ann", "text": "make it night"}                                     goes on with it
"""

import argparse
import json
import sys
from pathlib import Path

from dialogpaint import Conversation, DialogPaint, DialogPaintError

Answer = dict[str, str]


class Bot:
    """One conversation a room; which room has which is kept in a file, so that the bot may be started again."""

    def __init__(self, client: DialogPaint, folder: Path) -> None:
        self._client = client
        self._folder = folder
        self._file = folder / "rooms.json"
        self._rooms: dict[str, str] = json.loads(self._file.read_text()) if self._file.exists() else {}

    def hear(self, said: dict[str, str]) -> Answer:
        """Answer one message; whatever goes wrong is said in the room."""
        room, text = said["room"], said["text"]
        try:
            if "picture" in said:
                return self._begin(room, said["picture"], caption=text)
            if room not in self._rooms:
                return {"room": room, "say": "Send me a picture first."}
            return self._go_on(room, self._client.conversation(self._rooms[room]), text)
        except (DialogPaintError, OSError) as error:
            return {"room": room, "say": str(error)}

    def _begin(self, room: str, picture: str, caption: str) -> Answer:
        conversation = self._client.start(picture, caption=caption)
        self._rooms[room] = conversation.id
        self._file.write_text(json.dumps(self._rooms))
        return {"room": room, "say": "What shall I change?"}

    def _go_on(self, room: str, conversation: Conversation, text: str) -> Answer:
        turn = conversation.say(text)
        answer = {"room": room, "say": turn.reply.text}
        moved_back = turn.head_revision_id is not None  # "no, put it back as it was"
        picture = conversation.picture() if moved_back else turn.picture
        if picture is not None:
            answer["picture"] = str(picture.save(self._folder / f"{conversation.id}-{turn.number}.png"))
        return answer


def main() -> int:
    """Answer line by line until there are no more."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where pictures and the list of rooms are kept")
    wanted = parser.parse_args()
    wanted.folder.mkdir(parents=True, exist_ok=True)
    with DialogPaint() as client:
        bot = Bot(client, wanted.folder)
        for line in sys.stdin:
            print(json.dumps(bot.hear(json.loads(line))), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
