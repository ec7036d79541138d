"""Mistakes that somebody could make in a module, planted for a test."""

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from types import SimpleNamespace

import pytest
import shapely
from psycopg import sql

from catalog import access, explain, lifecycle
from catalog.database import as_principal, query
from catalog.loader import datasets
from catalog.terms import resolve
from services import apis, callers, doors, explanations, gate, parameters, rows, sharing, text_search
from services.columns import columns_of
from services.providers import features, imagery, tiles


def forget_a_key(patch: pytest.MonkeyPatch) -> None:
    """Leave the key unset for one organisation."""

    @contextmanager
    def forgetful(pool, principal, usage) -> Iterator:
        with pool.connection() as connection, connection.transaction():
            key = "" if principal.organisation == "chasse-epci" else principal.key
            connection.execute(query("become_reader"), [key, usage])
            yield connection

    patch.setattr(features, "as_principal", forgetful)


def session_settings(patch: pytest.MonkeyPatch) -> None:
    """Set key and usage for the session, and ask on whichever connection comes next, as behind a pooler."""

    @contextmanager
    def pooled(pool, principal, usage) -> Iterator:
        with pool.connection() as connection:
            connection.execute("SELECT set_config('app.key', %s, false)", [principal.key])
            connection.execute("SELECT set_config('app.usage', %s, false)", [usage])
            with pool.connection() as other, other.transaction():
                other.execute("SET LOCAL ROLE geosocle_reader")
                yield other

    patch.setattr(features, "as_principal", pooled)


def one_api_for_all(patch: pytest.MonkeyPatch) -> None:
    """Key the cache of API objects by nothing."""
    of, kept = apis.Apis.of, {}
    patch.setattr(apis.Apis, "of", lambda self, profile: kept.setdefault(id(self), of(self, profile)))


def one_answer_for_all(patch: pytest.MonkeyPatch) -> None:
    """Keep pages by their address, without asking who asked."""
    permitted, kept = gate.Gate.permitted, {}

    def cached(self, endpoint, allowed, request):
        address = (id(self), request.method, str(request.url))
        if address not in kept:
            kept[address] = permitted(self, endpoint, allowed, request)
        return copy.deepcopy(kept[address])  # what comes after writes in headers

    patch.setattr(gate.Gate, "permitted", cached)


def every_property_may_be_named(patch: pytest.MonkeyPatch) -> None:
    """Read filters with the properties of all groups."""
    patch.setattr(doors, "columns_of", lambda dataset, groups: columns_of(dataset, tuple(dataset.groups)))
    patch.setattr(features.FeatureProvider, "groups", property(lambda self: tuple(self.dataset.groups)))


def tiles_by_another_usage(patch: pytest.MonkeyPatch) -> None:
    """Ask for tiles as if they were features."""
    patch.setattr(tiles, "as_principal", lambda pool, principal, usage: as_principal(pool, principal, "feature"))


def images_by_their_box(patch: pytest.MonkeyPatch) -> None:
    """Mask an image by the box around the caller's piece."""
    by_file = imagery.by_file
    boxed = lambda rows: [(name, shapely.to_wkb(shapely.from_wkb(wkb).envelope)) for name, wkb in rows]  # noqa: E731
    patch.setattr(imagery, "by_file", lambda rows, folder: by_file(boxed(rows), folder))


def drafts_that_open(patch: pytest.MonkeyPatch) -> None:
    """Let a draft give what it names."""

    draft = lifecycle.draft

    def signed(connection, wanted) -> None:
        draft(connection, wanted)
        lifecycle.sign(connection, replace(wanted, id=f"{wanted.id}-brouillon", document_sha256="0" * 64))

    patch.setattr(lifecycle, "draft", signed)


def neighbours_as_oneself(patch: pytest.MonkeyPatch) -> None:
    """Lend the communes around with every group of the dataset."""
    whole = lambda terms: [replace(t, neighbours=t.neighbours and tuple(datasets()[t.dataset].groups)) for t in terms]  # noqa: E731
    patch.setattr(lifecycle, "resolve", lambda terms, ground: resolve(whole(terms), ground))


def rotated_and_alive(patch: pytest.MonkeyPatch) -> None:
    """Draw a new token, and let the old one live."""
    ends = "revoked = CASE WHEN %(grace)s = 0 THEN now() END"
    assert ends in query("rotate_token")
    patch.setattr(access, "query", lambda name: query(name).replace(ends, "revoked = t.revoked"))


def one_profile_for_ever(patch: pytest.MonkeyPatch) -> None:
    """Keep the profile that a caller had when it came first, whatever is amended since."""
    kept: dict[str, object] = {}

    def stale(pool, token):
        fresh = access.authenticate(pool, token)
        return replace(fresh, profile=kept.setdefault(fresh.key, fresh.profile))

    patch.setattr(callers, "authenticate", stale)


def csv_by_another_way(patch: pytest.MonkeyPatch) -> None:
    """Take the materials of pipes in CSV from a function that sees them all."""
    told = rows.columns

    def array(dataset, groups, page, geometry):
        made = rows.array(dataset, groups, page, geometry)
        if "materiau" not in [column.name for column in told(dataset, groups, page)]:
            return made
        text = made.as_string().replace('"g_technical"."materiau"', 'planted_materiau("t"."id")')
        return sql.SQL(text)

    def with_wkt(dataset, groups, page):
        shape = sql.SQL("ST_AsText({}, {})").format(rows.shape(dataset, page), sql.Literal(page.crs.decimals))
        return array(dataset, groups, page, shape)

    patch.setitem(rows.TEXTS, "csv", with_wkt)


def words_of_the_whole_row(patch: pytest.MonkeyPatch) -> None:
    """Look for words in all that a row holds."""
    search = text_search.search

    def everywhere(text, columns):
        found = search(text, columns)
        names = sql.SQL(", ").join(column.reference for column in columns.values() if column.kind == "text")
        whole = found.sql.as_string().replace(names.as_string(), "to_json(t.*)::text")
        return replace(found, sql=sql.SQL(whole))

    patch.setattr(parameters, "search", everywhere)


def hidden_is_forbidden(patch: pytest.MonkeyPatch) -> None:
    """Say which collections exist: another refusal for those that the caller may not see."""
    checked = doors.Door.checked

    def telling(self, request):
        if request.path_params.get("dataset") in datasets():
            request.scope["headers"].append((b"x-known", b"1"))
        return checked(self, request)

    finished = gate.finished

    def told(response, request, key):
        answer = finished(response, request, key)
        if request.headers.get("x-known") and answer.status_code == 404:
            answer.headers["X-Collection"] = "known"
        return answer

    patch.setattr(doors.Door, "checked", telling)
    patch.setattr(gate, "finished", told)


def one_copy_of_a_tile_for_all(patch: pytest.MonkeyPatch) -> None:
    """Name the copies of tiles by what is asked alone, without what the rule gives there."""
    sight = sharing.sight

    def without_rule(*asked):
        found = sight(*asked)
        return found and replace(found, key="")

    patch.setattr(sharing, "sight", without_rule)


def explained_to_all(patch: pytest.MonkeyPatch) -> None:
    """Leave it to the database alone whether somebody is an administrator."""
    current = explanations.context.current
    flagged = lambda: replace(here := current(), principal=replace(here.principal, administrator=True))  # noqa: E731
    patch.setattr(explanations, "context", SimpleNamespace(current=flagged))


def explained_by_usage_alone(patch: pytest.MonkeyPatch) -> None:
    """Say of a group what is true of any."""
    miss = explain.miss
    patch.setattr(explain, "miss", lambda grant, group, *asked: miss(grant, grant.group, *asked))
