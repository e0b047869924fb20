"""The everyday mix of a community site: readers who like, search, click and move on.

Likes and searches use the routes that a site would use, which record their events by
themselves; clicks and page views are sent as plain events, one a request, as a browser
sends them.
"""

import itertools
import os
import random
import uuid
from urllib.parse import urlencode

from locust import FastHttpUser, constant_throughput, task

KEYWORDS = [
    "고양이",
    "강아지",
    "여행",
    "맛집",
    "일상",
    "운동",
    "독서",
    "음악",
    "코딩",
    "스터디",
]
USER_IDS = range(1, 101)
POST_IDS = range(1, 1001)

PAGE_VIEW_COMPONENT = 1000
CLICK_COMPONENT = 1002

# Longer details are cut: one that quotes its input must not fill the failure table.
DETAIL_CHARACTERS = 200

# One that is good for all of /api, or where that is open one that is good for events.
KEY = os.environ.get("API_KEY") or os.environ.get("WRITE_KEY")
HEADERS = {"Authorization": f"Bearer {KEY}"} if KEY else {}

# More users than ids share them, as one person with two tabs does.
next_user_id = itertools.cycle(USER_IDS)


class Visitor(FastHttpUser):
    """One open tab, which does one thing a second for as long as the system keeps up."""

    wait_time = constant_throughput(1)

    # The default of 60 s would let a hung server pass for a quiet one, all a short run.
    network_timeout = 10.0
    connection_timeout = 10.0

    # A user has one request under way at a time. And when a connection closes without an
    # answer, the client silently sends again, once for each place in its pool and once
    # more: the fewer, the closer the books are to the report.
    concurrency = 1

    def on_start(self):
        """Take an id for good, as somebody who stays signed in does."""
        self.user_id = next(next_user_id)
        self.session_id = f"load-{uuid.uuid4()}"

    @task(4)
    def toggle_like(self):
        """Like a post, or take the like back: the server knows which."""
        body = {"userId": self.user_id, "postId": random.choice(POST_IDS)}
        self.ask("POST", "/api/posts/like", 200, "/api/posts/like", json=body)

    @task(2)
    def search(self):
        """Few keywords, many searchers: the cache and the counts' rows are at their hottest."""
        query = {"userId": self.user_id, "keyword": random.choice(KEYWORDS), "limit": 10}
        path = f"/api/search?{urlencode(query)}"
        self.ask("GET", path, 200, "/api/search")

    @task(2)
    def click(self):
        """Open a post from the list."""
        self.send(
            "CLICK",
            CLICK_COMPONENT,
            elementId="post-card",
            postId=random.choice(POST_IDS),
        )

    @task(2)
    def page_view(self):
        """Look at the list, which belongs to no post."""
        self.send("PAGE_VIEW", PAGE_VIEW_COMPONENT)

    def send(self, event_type, component_id, **metadata):
        """Send one event: only a 202 says that it is durable."""
        event = {
            "eventType": event_type,
            "userId": self.user_id,
            "sessionId": self.session_id,
            "metadata": {"componentId": component_id, **metadata},
        }
        # A client's id passes a uniqueness check that the server's own skip; do both.
        if random.random() < 0.5:
            event["eventId"] = str(uuid.uuid4())
        name = f"/api/users/events {event_type}"
        self.ask("POST", "/api/users/events", 202, name, json=event)

    def ask(self, method, path, expected, name, **body):
        """Ask once; any other status than the expected one is a failure, even another 2xx."""
        with self.client.request(
            method,
            path,
            # A copy, because the client adds to what it is given.
            headers=dict(HEADERS),
            name=name,
            allow_redirects=False,
            catch_response=True,
            **body,
        ) as response:
            if response.status_code == expected:
                response.success()
            else:
                response.failure(describe_failure(response))


def describe_failure(response):
    """Say the status and why.

    Failures are grouped by this text, and a bare 503 would hide which limit was reached.
    """
    if not response.status_code:
        return f"no answer: {getattr(response, 'error', None)}"
    try:
        detail = response.json()["detail"]
    except (KeyError, TypeError, ValueError):
        detail = "no problem detail"
    return f"{response.status_code}: {str(detail)[:DETAIL_CHARACTERS]}"
