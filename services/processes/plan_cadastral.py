"""The process `plan-cadastral`: a parcel → a plan in PDF, at once. The parcel's page links to the same plan."""

import base64
from typing import Any

from starlette.responses import JSONResponse, Response

from catalog.errors import BadRequest
from catalog.model import Principal
from services.context import Context
from services.plan import SCALES, read_plan, read_scale
from services.plan_drawing import draw
from services.processes.process import Execution, Process

ID = "plan-cadastral"
DATASET = "parcelles"
MEDIA_TYPE = "application/pdf"


def _offered(principal: Principal) -> bool:
    return DATASET in principal.profile.datasets("image")


def plan_response(here: Context, parcel: object, scale: object) -> Response:
    """Return the plan of a parcel as a PDF."""
    plan = read_plan(here.pool, here.principal, parcel, read_scale(scale))
    name = f'inline; filename="plan-{plan.parcel.id}.pdf"'
    # It bears the time at which it was drawn: no other is the same.
    headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
    return Response(draw(plan), media_type=MEDIA_TYPE, headers=headers)


def _describe(principal: Principal) -> dict[str, Any]:
    return {
        "inputs": {
            "parcelle": {
                "title": "Parcelle",
                "description": "Identifiant de la parcelle, en 14 caractères.",
                "schema": {"type": "string", "pattern": "^[0-9A-Z]{14}$"},
            },
            "echelle": {
                "title": "Échelle",
                "description": "Dénominateur de l'échelle ; par défaut, la plus grande à laquelle la parcelle tient.",
                "minOccurs": 0,
                "schema": {"type": "integer", "enum": list(SCALES)},
            },
        },
        "outputs": {
            "plan": {
                "title": "Plan en PDF",
                "schema": {"type": "string", "contentEncoding": "binary", "contentMediaType": MEDIA_TYPE},
            }
        },
    }


def _execute(here: Context, execution: Execution) -> Response:
    inputs = execution.inputs
    if not {"parcelle"} <= inputs.keys() <= {"parcelle", "echelle"}:
        raise BadRequest("L'entrée parcelle est attendue.", "parcelle")
    plan = plan_response(here, inputs["parcelle"], inputs.get("echelle"))
    if not execution.document:
        return plan
    value = base64.b64encode(bytes(plan.body)).decode()
    return JSONResponse({"plan": {"value": value, "encoding": "base64", "mediaType": MEDIA_TYPE}})


PROCESS = Process(
    id=ID,
    title="Plan cadastral",
    description="Le plan autour d'une parcelle, en PDF vectoriel A4, à l'échelle exacte.",
    options=("sync-execute",),
    offered=_offered,
    describe=_describe,
    execute=_execute,
)
