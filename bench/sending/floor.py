"""The floor of `bench.send`: threads that post the same message over `requests`, and do nothing else.

    python -m bench.sending.floor URL THREADS MESSAGES [PER_SECOND]

The session is set up as ours (no environment, kept connections); who posts what is only counted.
"""

from __future__ import annotations

import sys
import threading
import time
import uuid

import requests
from requests.adapters import HTTPAdapter

PATH = "/v26.0/100000000000001/messages"
BLOCK = 100_000


def main() -> None:
    url, threads, messages, pace = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float((sys.argv + ["0"])[4])
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = "Bearer sandbox-token"
    session.mount("http://", HTTPAdapter(pool_maxsize=threads, max_retries=0))
    numbers, began = iter(range(messages)), time.monotonic()
    lock = threading.Lock()

    def post() -> None:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            if pace:
                time.sleep(max(0.0, began + number / pace - time.monotonic()))
            answer = session.post(url + PATH, json=body(number), timeout=(5, 30), allow_redirects=False)
            assert answer.json()["messages"][0]["id"]

    crew = [threading.Thread(target=post) for _ in range(threads)]
    for thread in crew:
        thread.start()
    for thread in crew:
        thread.join()


def body(number: int) -> dict[str, object]:
    """A template message like those of the campaigns."""
    words = [{"type": "text", "text": word} for word in (f"Person {number}", "Goa")]
    template = {
        "name": "goa_monsoon_offer",
        "language": {"code": "en"},
        "components": [{"type": "body", "parameters": words}],
    }
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": f"+91{9_100_000_000 + number // BLOCK * 1_000_000 + number % BLOCK}",
        "type": "template",
        "template": template,
        "biz_opaque_callback_data": str(uuid.uuid4()),
    }


if __name__ == "__main__":
    main()
