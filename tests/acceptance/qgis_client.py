"""What a QGIS user does, without the user: run by the system's own Python, which has QGIS's bindings.

Reads a JSON order on its standard input (address, token, collection, style, picture, system); prints what it saw.
The token goes through QGIS's encrypted store of credentials, never through the layer's address.
"""

import json
import sys
import tempfile

from qgis.core import (
    QgsApplication,
    QgsAuthMethodConfig,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

SIDE = 800


def stored_credential(token: str) -> str:
    """Keep a Basic credential in QGIS's store and return the name that layers call it by."""
    store = QgsApplication.authManager()
    assert store.setMasterPassword("essai", True), "le coffre de QGIS ne s'ouvre pas"
    config = QgsAuthMethodConfig("Basic")
    config.setName("Géosocle")
    config.setConfig("username", "commune")
    config.setConfig("password", token)
    kept = store.storeAuthenticationConfig(config)
    assert kept[0] if isinstance(kept, tuple) else kept, "le coffre de QGIS ne garde rien"
    return config.id()


def opened(order: dict, credential: str) -> QgsVectorLayer:
    """Open a collection as the browser panel does."""
    address = f"url='{order['url']}' typename='{order['collection']}' authcfg={credential} {order.get('options', '')}"
    return QgsVectorLayer(address, order["collection"], "OAPIF")


def seen(layer: QgsVectorLayer, system: QgsCoordinateReferenceSystem) -> dict:
    """Return what the layer says of itself, and the ids that it gives."""
    if not layer.isValid():
        return {"valid": False}
    box = in_metres(layer, system)
    return {
        "valid": True,
        "crs": layer.crs().authid(),
        "extent": rounded(layer.extent()),
        "extent_in_metres": rounded(box),
        "count": layer.featureCount(),
        "fields": {field.name(): field.typeName() for field in layer.fields()},
        "ids": [feature["id"] for feature in layer.getFeatures()],
    }


def filtered(layer: QgsVectorLayer, filters: list) -> dict:
    """Return the ids that each layer filter leaves."""
    found = {}
    for text in filters:
        assert layer.setSubsetString(text), text
        found[text] = [feature["id"] for feature in layer.getFeatures()]
    layer.setSubsetString("")
    return found


def in_metres(layer: QgsVectorLayer, system: QgsCoordinateReferenceSystem) -> QgsRectangle:
    """Return where "zoom to layer" goes, in a system of metres."""
    return QgsCoordinateTransform(layer.crs(), system, QgsProject.instance()).transformBoundingBox(layer.extent())


def rounded(box: QgsRectangle) -> list:
    return [round(value, 6) for value in (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum())]


def draw(layer: QgsVectorLayer, order: dict, system: QgsCoordinateReferenceSystem) -> list:
    """Draw the layer, with our style, after "zoom to layer" or in a box; return its labels with their corners."""
    if order.get("style"):
        message, ok = layer.loadNamedStyle(order["style"])
        assert ok, message
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(system)
    settings.setBackgroundColor(QColor("white"))
    settings.setOutputSize(QSize(SIDE, SIDE))
    box = QgsRectangle(*order["box"]) if order.get("box") else in_metres(layer, system)
    if not order.get("box"):
        box.scale(1.05)
    settings.setExtent(box)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    job.renderedImage().save(order["picture"], "PNG")
    written = job.takeLabelingResults().allLabels()
    return [[one.labelText, [[corner.x(), corner.y()] for corner in one.cornerPoints]] for one in written]


def main() -> None:
    """Carry one order out."""
    order = json.load(sys.stdin)
    with tempfile.TemporaryDirectory() as profile:
        application = QgsApplication([], True, profile)
        QgsApplication.setAuthDatabaseDirPath(profile)
        application.initQgis()
        layer = opened(order, stored_credential(order["token"]))
        system = QgsCoordinateReferenceSystem(order["system"])
        result = seen(layer, system)
        if layer.isValid():
            result["filtered"] = filtered(layer, order["filters"])
        if layer.isValid() and order.get("picture"):
            result["labels"] = draw(layer, order, system)
        print("\n" + json.dumps(result), flush=True)
        del layer
        application.exitQgis()


main()
