"""What the child that reads images asks of one before it reads a pixel, and how it writes it. It stands alone too."""

from typing import Any

BYTE = 1  # GDT_Byte


def compression(source: Any) -> list[str]:
    """Return how an image is written: as photographs are where it is one, else without any loss."""
    plain = source.RasterCount == 3 and source.GetRasterBand(1).GetNoDataValue() is None
    photograph = plain and source.GetRasterBand(1).DataType == BYTE
    method = ["COMPRESS=JPEG", "QUALITY=90"] if photograph else ["COMPRESS=DEFLATE", "PREDICTOR=YES"]
    return [*method, "BLOCKSIZE=512", "BIGTIFF=IF_SAFER"]


def check(source: Any, task: dict[str, Any]) -> None:
    """Refuse, before a pixel is read, what is too large, not georeferenced or without coordinate system."""
    transform = source.GetGeoTransform(can_return_null=True)
    if source.RasterXSize * source.RasterYSize * source.RasterCount > task["pixels"]:
        raise ValueError("image trop grande")
    if transform is None or not transform[1] or not transform[5]:
        raise ValueError(
            "image sans géoréférencement : joignez son fichier de calage (.tfw, .jgw, .pgw…) et indiquez --crs"
        )
    if not (task.get("crs") or source.GetProjection()):
        raise ValueError("image sans système de coordonnées : indiquez-le par --crs (EPSG:2154…)")
