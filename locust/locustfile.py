"""The everyday mix of a community site: readers who like, search, click and move on.

Likes and searches are sent as plain events, one a request, as a browser sends them:
this measures the path that every event takes, with nothing that a batch would hide.
"""

import itertools
import os
import random
import uuid
from collections import defaultdict

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
SEARCH_COMPONENT = 1001
CLICK_COMPONENT = 1002
LIKE_COMPONENT = 1003

# Longer details are cut: one that quotes its input must not fill the failure table.
DETAIL_CHARACTERS = 200

HEADERS = (
    {"X-Write-Key": os.environ["WRITE_KEY"]} if os.environ.get("WRITE_KEY") else {}
)

# More users than ids share them, as one person with two tabs does; so what an id likes
# is kept here, not per user.
next_user_id = itertools.cycle(USER_IDS)
likes_of = defaultdict(set)


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
        """Take an id for good: a like is only taken back by the one who gave it."""
        self.user_id = next(next_user_id)
        self.session_id = f"load-{uuid.uuid4()}"

    @task(4)
    def like_or_unlike(self):
        """Take a like back every other time, so that a short run has unlikes, too."""
        liked = likes_of[self.user_id]
        if liked and random.random() < 0.5:
            post_id = random.choice(tuple(liked))
            liked.remove(post_id)
            self.send("UNLIKE", LIKE_COMPONENT, elementId="like-button", postId=post_id)
        else:
            post_id = random.choice(POST_IDS)
            liked.add(post_id)
            self.send("LIKE", LIKE_COMPONENT, elementId="like-button", postId=post_id)

    @task(2)
    def search(self):
        """Few keywords, many searchers: the counts' rows are as hot as they get."""
        self.send(
            "SEARCH",
            SEARCH_COMPONENT,
            elementId="search-box",
            keyword=random.choice(KEYWORDS),
        )

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
        """Send one event; only a 202 says it is durable, so even a 200 is a failure."""
        event = {
            "eventType": event_type,
            "userId": self.user_id,
            "sessionId": self.session_id,
            "metadata": {"componentId": component_id, **metadata},
        }
        # A client's id passes a uniqueness check that the server's own skip; do both.
        if random.random() < 0.5:
            event["eventId"] = str(uuid.uuid4())
        with self.client.post(
            "/api/events",
            json=event,
            # A copy, because the client adds to what it is given.
            headers=dict(HEADERS),
            name=event_type,
            allow_redirects=False,
            catch_response=True,
        ) as response:
            if response.status_code == 202:
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
