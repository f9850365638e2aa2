"""How much of its calls an hour the app has used: the headers that say so, and the refusal beyond."""

import json
from functools import lru_cache

from sandbox.errors import GraphError
from sandbox.stage import Stage

SENDING = ("messages", "marketing_messages", "media")  # not management: limited by throughput alone
APP, ACCOUNT = "app", "account"


def count_call(stage: Stage, edge: str) -> None:
    """Count a management call. Raises GraphError when there were too many."""
    if edge in SENDING:
        return
    limits = stage.tuning.management
    if not stage.calls.admits(APP, limits.app_calls):
        raise GraphError(4)
    if not stage.calls.admits(ACCOUNT, limits.account_calls):
        raise GraphError(80007)


def usage_headers(stage: Stage) -> dict[str, str]:
    """`X-App-Usage` and `X-Business-Use-Case-Usage`, in percent and minutes."""
    limits, calls = stage.tuning.management, stage.calls
    wait = calls.minutes_to_wait(ACCOUNT, limits.account_calls)
    used = calls.percent(APP, limits.app_calls), calls.percent(ACCOUNT, limits.account_calls)
    return _headers(stage.settings.account_id, *used, wait)


@lru_cache  # the same few figures again and again, with every answer
def _headers(account_id: str, of_app: int, of_account: int, wait: int) -> dict[str, str]:
    app = {"call_count": of_app, "total_time": of_app, "total_cputime": of_app}
    use_case = {
        "type": "whatsapp_business_management",
        "call_count": of_account,
        "total_cputime": of_account,
        "total_time": of_account,
        "estimated_time_to_regain_access": wait,
    }
    return {"X-App-Usage": json.dumps(app), "X-Business-Use-Case-Usage": json.dumps({account_id: [use_case]})}
