"""Behind a proxy on its own machine the gateway knows who really calls."""

from services.local.api import Api

ELSEWHERE = {"X-Forwarded-For": "203.0.113.7"}


def test_who_comes_from_elsewhere_by_a_proxy_is_not_this_machine(api: Api) -> None:
    assert api.http.get("/v1/conversations").status_code == 200
    refused = api.http.get("/v1/conversations", headers=ELSEWHERE)
    assert refused.status_code == 401
