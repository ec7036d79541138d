"""The process `export`: a dataset over some communes → a file, written by a worker."""

from typing import Any

from starlette.responses import Response

from catalog import quotas
from catalog.loader import datasets
from catalog.model import Principal
from services import jobs
from services.context import Context
from services.crs import own_uri, systems
from services.export_files import DEFAULT_FORMAT, FORMATS
from services.exports import MAX_COMMUNES, read_export
from services.job_documents import created
from services.processes.process import Execution, Process

ID = "export"


def _offered(principal: Principal) -> bool:
    return not principal.anonymous and bool(_datasets(principal))


def _datasets(principal: Principal) -> list[str]:
    return [id for id in principal.profile.datasets("file") if id in datasets()]


def _describe(principal: Principal) -> dict[str, Any]:
    code = {"type": "string", "pattern": "^[0-9][0-9AB][0-9]{3}$"}
    return {
        "inputs": {
            "dataset": {
                "title": "Jeu de données",
                "description": "Le jeu de données à exporter.",
                "schema": {"type": "string", "enum": _datasets(principal)},
            },
            "communes": {
                "title": "Communes",
                "description": "Codes INSEE des communes ; toutes celles de vos conventions par défaut.",
                "minOccurs": 0,
                "schema": {"type": "array", "items": code, "minItems": 1, "maxItems": MAX_COMMUNES},
            },
            "crs": {
                "title": "Système de coordonnées",
                "description": "Adresse du système de coordonnées ; celui de la base par défaut.",
                "minOccurs": 0,
                "schema": {"type": "string", "enum": list(systems()), "default": own_uri()},
            },
            "format": {
                "title": "Format",
                "description": "Format du fichier ; GeoPackage par défaut.",
                "minOccurs": 0,
                "schema": {"type": "string", "enum": list(FORMATS), "default": DEFAULT_FORMAT},
            },
        },
        "outputs": {
            "fichier": {
                "title": "Fichier",
                "schema": {
                    "oneOf": [
                        {"type": "string", "contentEncoding": "binary", "contentMediaType": media}
                        for media in FORMATS.values()
                    ]
                },
            }
        },
    }


def _execute(here: Context, execution: Execution) -> Response:
    asked = read_export(execution.inputs, here.pool, here.principal)
    quotas.request(here.principal, asked.dataset, "file")
    quotas.check_export(here.principal, asked.dataset, asked.holds)
    return created(here, jobs.ask(here.pool, here.principal, ID, asked.inputs, asked.holds))


PROCESS = Process(
    id=ID,
    title="Export",
    description="Un jeu de données sur des communes, en fichier, avec les attributs de vos conventions.",
    options=("async-execute",),
    offered=_offered,
    describe=_describe,
    execute=_execute,
)
