"""One pygeoapi API object a profile, kept while it is in use; and what of pygeoapi is put right for that."""

import json
import logging
from collections import OrderedDict
from copy import copy
from threading import Lock
from typing import Any

from pygeoapi import api as core
from pygeoapi import l10n
from pygeoapi.api import API, itemtypes, tiles
from pygeoapi.openapi import get_oas_30
from pygeoapi.plugin import PLUGINS
from pygeoapi.util import json_serial

from catalog.model import Principal, Profile
from catalog.settings import Settings
from services.documents import Amendment
from services.openapi import amended
from services.pygeoapi_config import configuration, extents

MAX_APIS = 256

Kind = tuple[Profile, bool]  # what a document depends on: a profile, and whether its caller is anonymous


class Apis:
    """The API objects of the profiles last seen."""

    def __init__(self, settings: Settings) -> None:
        correct_pygeoapi()
        self.settings = settings
        self._kept: OrderedDict[Kind, API] = OrderedDict()
        self._lock = Lock()

    def of(self, principal: Principal) -> API:
        """Return the API object of a principal's profile."""
        kind = principal.profile, principal.anonymous
        with self._lock:
            api = self._kept.get(kind) or API(configuration(principal.profile, self.settings), {})
            self._kept[kind] = api
            self._kept.move_to_end(kind)
            if len(self._kept) > MAX_APIS:
                self._kept.popitem(last=False)
        return api

    def documented(self, principal: Principal, amendment: Amendment) -> API:
        """Return the API object with its OpenAPI document, made when first asked for: it takes 15 ms.

        It is kept as text: as thousands of small objects, those of 255 profiles made each full collection of garbage
        last 200 ms more. `amendment` may depend on the profile, and on whether somebody is anonymous, on nothing else.
        """
        api = self.of(principal)
        if not api.openapi:
            api.openapi = plain_json(amendment(amended(get_oas_30(api.config), self.settings)))
        return api


def with_extents(api: API, boxes: dict[str, list[float]]) -> API:
    """Return an API object whose collections have the extents that one caller sees: no profile, no cache knows them."""
    mine = copy(api)
    resources = api.config["resources"]
    mine.config = api.config | {
        "resources": {
            id: resource | {"extents": extents(boxes[id])} if id in boxes else resource
            for id, resource in resources.items()
        }
    }
    return mine


class Forgetful(dict[Any, Any]):
    """A cache that keeps nothing."""

    def __setitem__(self, key: Any, value: Any) -> None:
        """Forget: pygeoapi keys translated configurations by language alone, so that profiles would share theirs."""


def plain_json(document: Any, pretty: bool = False) -> str:
    """Write JSON; pygeoapi's own writes `<` as `&lt;` inside values."""
    return json.dumps(document, default=json_serial, ensure_ascii=False, separators=(",", ":"))


def correct_pygeoapi() -> None:
    """Put right what would leak or lie: tests/unit/test_pygeoapi_contract.py says when pygeoapi changes under it."""
    l10n._cfg_cache = Forgetful()
    PLUGINS["formatter"].clear()  # CSV would be offered on every collection
    core.setup_logger = lambda _: None  # it would configure the root logger
    logging.getLogger("pygeoapi").setLevel(logging.CRITICAL)  # it logs values of parameters
    itemtypes.deepcopy = itself  # of what is made anew for each document, and dropped by amended(): most of its time
    for module in (core, itemtypes, tiles):
        module.to_json = plain_json


def itself(value: Any) -> Any:
    """Return a value that need not be copied."""
    return value
