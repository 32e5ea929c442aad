"""Whether the gateway takes on a webhook: it must be able to sign it, and the URL must lead to where it may go."""

import httpx

from gateway.webhooks.targets import TargetRefused, Targets, TargetUnknown
from shared.errors import InvalidRequest, WebhooksOff

FIELD = "webhook_url"
PORTS = {"http": 80, "https": 443}


class WebhookAcceptance:
    """Looks at webhook URLs when they come in; the worker looks again before every connection."""

    def __init__(self, targets: Targets, *, can_sign: bool) -> None:
        self._targets = targets
        self._can_sign = can_sign

    async def check(self, url: str | None) -> None:
        """Raise WebhooksOff or InvalidRequest if the end of an edit can't be told to this URL."""
        if url is None:
            return
        if not self._can_sign:
            raise WebhooksOff(
                "This server has no secret to sign webhooks with: set WEBHOOK_SECRETS to what "
                "`python -m gateway.webhooks secret` prints, or leave webhook_url out."
            )
        try:
            parsed = httpx.URL(url)
            await self._targets.addresses(parsed.raw_host.decode(), parsed.port or PORTS[parsed.scheme])
        except (TargetRefused, httpx.InvalidURL) as error:
            raise InvalidRequest.about(FIELD, "webhook_url must lead to a public address.") from error
        except TargetUnknown:
            return  # which may be the name server's fault, and is found out at delivery
