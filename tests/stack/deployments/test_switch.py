"""A model is changed while people search, and changed back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import httpx

from deploy.cloudformation import outputs
from deploy.doctor import queue_everything
from deploy.stack import outputs_of_other, vectors_of
from deploy.switch import forget, switch
from local.stack import NAME, SAMPLES, LocalStack, deploy, parameters
from local.user import User, until
from tests.stack.commands import run, wait_until_consistent
from tests.stack.deployments.bundles import renamed

NEW = "tiny-fp32-00000002"
# Between searches, so that the processor is free for other work.
_PAUSE_SECONDS = 0.3
IMAGES = [path.read_bytes() for path in sorted(SAMPLES.rglob("*.jpg"))[:4]]


@contextmanager
def searching(local: LocalStack) -> Iterator[list[httpx.Response]]:
    """Search all the time in a thread; gives the answers."""
    answers: list[httpx.Response] = []
    stop, client = Event(), local.client()

    def search() -> None:
        while not stop.wait(_PAUSE_SECONDS):
            answers.append(client.get("/api/search", params={"key": "0.jpg"}))

    searcher = Thread(target=search)
    searcher.start()
    try:
        yield answers
    finally:
        stop.set()
        searcher.join()


def test_a_model_is_changed_and_changed_back_without_a_failed_search(
    local: LocalStack, tiny_bundle: Path, tmp_path: Path
) -> None:
    user, old = User(local), outputs(NAME)["Bundle"]
    for number, data in enumerate(IMAGES[:3]):
        user.put(f"{number}.jpg", data)
    queue_everything(outputs(NAME))  # the images of other tests may be in another namespace
    wait_until_consistent(outputs(NAME))
    images = user.http.get("/api/health").json()["index"]["count"]

    with searching(local) as answers:
        new = renamed(tiny_bundle, tmp_path / "new", NEW)
        deploy(NAME, new, parameters(local.index_port), local.port, beside=True)
        assert run("doctor", "--other", "--fix").stdout.endswith(f"\nqueued {images} keys\n")
        user.put("3.jpg", IMAGES[3])
        user.delete("2.jpg")
        wait_until_consistent(outputs_of_other(NAME))

        assert switch(NAME) == NEW
        until(lambda: answers[-1].json()["bundle"] == NEW, "the old bundle is searched")
        user.put("2.jpg", IMAGES[2])
        user.delete("3.jpg")
        wait_until_consistent(outputs(NAME), outputs_of_other(NAME))

        assert switch(NAME) == old
        until(lambda: answers[-1].json()["bundle"] == old, "there is no way back")
        assert forget(NAME) == NEW

    assert {answer.status_code for answer in answers} == {200}
    assert all(answer.json()["matches"] for answer in answers)
    wait_until_consistent(outputs(NAME))
    assert vectors_of({**outputs(NAME), "Bundle": NEW}).count() == 0
