"""The routes that search: by a query, for duplicates, and for a map."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, TypeVar

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Query

from image_search import query as library
from image_search.s3_keys import MAX_KEY_BYTES
from image_search.scores import range_of
from image_search.services import Services
from search_api import caching, fields, requests
from search_api.cursors import cursor_of
from search_api.openapi import documented
from search_api.responses import DuplicatesPage, Image, MapAnswer, SearchAnswer
from search_api.routing import Resolver
from search_api.telemetry import count_stages
from search_api.urls import Urls

T = TypeVar("T")
Folder = Annotated[
    fields.Folder,
    Query(max_length=MAX_KEY_BYTES, description="A folder, with its slash: `holidays/2024/`"),
]


def add_search(app: Resolver, services: Services, urls: Urls) -> None:
    """Add the routes of queries."""
    searcher, settings = services.searcher(), services.settings

    @app.serve(
        "GET",
        "/api/search",
        operation_id="search",
        summary="Search by words or stored images",
        responses=documented(
            SearchAnswer,
            *(404, 409, 413, 422, 429),
            links={"best": "get_image"},
            key="$response.body#/matches/0/key",
        ),
    )
    def search(
        parameters: Annotated[requests.SearchParameters, Query()],
    ) -> Response[SearchAnswer]:
        query = parameters.query(parameters.terms(), parameters, settings.bundle)
        answer, headers = find(query)
        tag = caching.etag(answer.model_dump_json(exclude={"timings_ms"}))
        cache_control = caching.for_readers(settings.reads, caching.SEARCH)
        return _json(answer, headers | {"ETag": tag, "Cache-Control": cache_control})

    @app.serve(
        "POST",
        "/api/search",
        operation_id="search_terms",
        summary="Search by terms with weights",
        responses=documented(SearchAnswer, 404, 409, 413, 415, 422, 429, cached=False),
    )
    def search_terms(request: requests.SearchRequest) -> Response[SearchAnswer]:
        terms = tuple(term.term() for term in request.terms)
        return _json(*find(request.query(terms, request.filter, settings.bundle)))

    def find(query: library.Query) -> tuple[SearchAnswer, dict[str, str]]:
        found, bundle = searcher.search(query), settings.bundle
        count_stages(found.timings_ms)
        cursor = cursor_of(found.position, query, bundle)
        timings = ", ".join(f"{stage};dur={ms}" for stage, ms in found.timings_ms.items())
        measured = range_of(query.terms, services.bundle().manifest.scores)
        answer = SearchAnswer.of(found, bundle, cursor, urls, measured)
        return answer, {"Server-Timing": timings}


def add_duplicates(app: Resolver, services: Services, urls: Urls) -> None:
    """Add the route of duplicates."""
    finder = services.duplicate_finder()

    @app.serve(
        "GET",
        "/api/duplicates",
        operation_id="list_duplicates",
        summary="Find duplicates",
        responses=documented(DuplicatesPage, 422, 429),
    )
    def list_duplicates(folder: Folder = "", cursor: fields.Cursor = "") -> DuplicatesPage:
        """Examine the next 50 images of the bucket."""
        groups, following = finder.page(folder, cursor)
        return DuplicatesPage(
            groups=[
                [Image.of_metadata(image, urls) for image in group.values()] for group in groups
            ],
            threshold=finder.threshold,
            cursor=following or None,
        )


def add_map(app: Resolver, services: Services, urls: Urls) -> None:
    """Add the route of the map."""
    mapper, settings = services.collection_mapper(), services.settings

    @app.serve(
        "GET",
        "/api/map",
        operation_id="get_map",
        summary="Get a map of the collection",
        responses=documented(MapAnswer, 422, 429),
    )
    def get_map(folder: Folder = "") -> Response[MapAnswer]:
        """Place up to 2,000 images, a random sample if there are more.

        A folder selects images and leaves their positions as they are.
        """
        answer = MapAnswer.of(mapper.map().within(folder), settings.bundle, urls)
        cache_control = caching.for_readers(settings.reads, caching.MAP)
        return _json(answer, {"Cache-Control": cache_control})


def _json(answer: T, headers: dict[str, str]) -> Response[T]:
    return Response(HTTPStatus.OK.value, "application/json", answer, headers)
