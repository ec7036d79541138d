"""The program of the child process that opens a delivery: it confines itself, reads, and hands rows back.

It is run alone (`python -I -S child.py`), never imported by the platform's own processes except for `pack`.
Standard input: one line of JSON, the task. Standard output: frames, each two lengths, a JSON head and bytes.
"""

import codecs
import json
import os
import resource
import struct
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

LENGTHS = struct.Struct(">II")
MESSAGES, MESSAGE_LENGTH = 50, 300
OPTIONS = {  # no side file, no plugin, no cache of directories, no thread but ours
    "GDAL_PAM_ENABLED": "NO",
    "GDAL_DRIVER_PATH": "disable",
    "GDAL_NUM_THREADS": "1",
    "GDAL_CACHEMAX": "64",
    "OGR_EDIGEO_CREATE_LABEL_LAYERS": "NO",
    "OGR_GEOJSON_MAX_OBJ_SIZE": "64",
    "OGR_ORGANIZE_POLYGONS": "DEFAULT",
    "OPENBLAS_NUM_THREADS": "1",
    "PROJ_NETWORK": "OFF",
}


OUT_OF_MEMORY = "unknown error occurred"  # all that GDAL 3.10 says of it; 3.6 raised MemoryError
ENCODED = json.JSONEncoder(ensure_ascii=False).encode


def pack(head: dict[str, Any], body: bytes = b"") -> bytes:
    """Return one frame."""
    text = ENCODED(head).encode("utf-8", "replace")
    return LENGTHS.pack(len(text), len(body)) + text + body


def send(head: dict[str, Any], body: bytes = b"") -> None:
    """Write one frame to the parent."""
    sys.stdout.buffer.write(pack(head, body))


def confine(task: dict[str, Any]) -> None:
    """Give up what reading does not need: memory, time, files, the user, the network. In this order, for good."""
    limits, seccomp, landlock = task["limits"], sibling("seccomp"), sibling("landlock")
    for name, value in (
        ("RLIMIT_CORE", 0),
        ("RLIMIT_AS", limits["memory"]),
        ("RLIMIT_CPU", limits["seconds"]),
        ("RLIMIT_FSIZE", limits["file_size"]),
        ("RLIMIT_NOFILE", 64),
    ):
        resource.setrlimit(getattr(resource, name), (value, value))
    if task.get("user"):
        os.setgroups([])
        os.setresgid(task["user"], task["user"], task["user"])
        os.setresuid(task["user"], task["user"], task["user"])
    seccomp.die_with_parent()
    if task["filter"]:
        seccomp.control(seccomp.PR_SET_NO_NEW_PRIVS, 1)
        if landlock.available():
            landlock.restrict(task["readable"], task["writable"])
        seccomp.install()


def sibling(name: str) -> Any:
    """Import a module that stands beside this file."""
    sys.path.insert(0, str(Path(__file__).parent))
    try:
        return __import__(name)
    finally:
        del sys.path[0]


def read_vector(task: dict[str, Any]) -> None:
    """Hand back the layers of a vector file, each followed by its rows."""
    from osgeo import gdal, ogr, osr

    for module in (gdal, ogr, osr):  # before GDAL 3.7 each by itself: a layer that breaks off would seem to end
        module.UseExceptions()
    for name, size in task.get("files", ()):
        keep_file(f"{Path(task['path']).parent}/{name}", sys.stdin.buffer.read(size))
    handler = Messages()
    gdal.PushErrorHandler(handler.keep)
    flags = gdal.OF_VECTOR | gdal.OF_READONLY
    source = gdal.OpenEx(task["path"], flags, allowed_drivers=task["drivers"], open_options=task.get("options", []))
    for index in range(layer_count(source)):
        layer = source.GetLayer(index)
        send_layer(layer)
        if task.get("layers") is None or layer.GetName() in task["layers"]:
            name, getters = layer.GetName(), list(fields(layer))
            for feature in layer:
                send_feature(name, getters, feature, task)
    send({"kind": "messages", "messages": handler.messages})


def layer_count(source: Any) -> int:
    """Count layers, for which GDAL reads an EDIGEO lot: its register lacks systems that lots may name, and no more."""
    try:
        return int(source.GetLayerCount())
    except RuntimeError as error:
        if "crs not found" not in str(error):
            raise
    return int(source.GetLayerCount())  # all is read by now, without a system: the lot's own text says it


def keep_file(name: str, content: bytes) -> None:
    """Keep a file of the lot in memory. Raises MemoryError, where GDAL leaves it out and says nothing."""
    from osgeo import gdal

    gdal.FileFromMemBuffer(name, content)
    kept = gdal.VSIStatL(name)
    if kept is None or kept.size != len(content):
        raise MemoryError


class Messages:
    """The first messages of GDAL, which knows of losses that it does not raise."""

    def __init__(self) -> None:
        self.messages: list[str] = []

    def keep(self, level: int, _number: int, message: str) -> None:
        """Keep a warning or an error."""
        if level > 1 and len(self.messages) < MESSAGES:
            self.messages.append(message[:MESSAGE_LENGTH])


def send_layer(layer: Any) -> None:
    """Describe a layer: its name, count, fields and coordinate system."""
    definition, system = layer.GetLayerDefn(), layer.GetSpatialRef()
    fields = [definition.GetFieldDefn(i).GetName() for i in range(definition.GetFieldCount())]
    crs = named(system) if system else None
    send({"kind": "layer", "layer": layer.GetName(), "count": layer.GetFeatureCount(), "fields": fields, "crs": crs})


def named(system: Any) -> str:
    """Return a coordinate system as `EPSG:2154`, or in full where it has no such name."""
    code = system.GetAuthorityCode(None)
    return f"{system.GetAuthorityName(None)}:{code}" if code else system.ExportToWkt()


def fields(layer: Any) -> Iterator[tuple[int, str, str]]:
    """Yield place, name and method of each field: asked once a layer, as the binding's `GetField` asks six things."""
    from osgeo import ogr

    methods = {
        ogr.OFTString: "GetFieldAsString",
        ogr.OFTInteger: "GetFieldAsInteger",
        ogr.OFTInteger64: "GetFieldAsInteger64",
        ogr.OFTReal: "GetFieldAsDouble",
    }
    definition = layer.GetLayerDefn()
    for index in range(definition.GetFieldCount()):
        one = definition.GetFieldDefn(index)
        yield index, one.GetName(), methods.get(one.GetType(), "GetField")


def send_feature(layer: str, getters: list[tuple[int, str, str]], feature: Any, task: dict[str, Any]) -> None:
    """Hand back one row: its filled fields, and its geometry as plain WKB."""
    geometry = feature.GetGeometryRef()
    if geometry is not None and geometry.HasCurveGeometry():
        geometry = geometry.GetLinearGeometry()
    body = b"" if geometry is None else bytes(geometry.ExportToIsoWkb())
    found = dict(filled(feature, getters, task))
    send({"kind": "row", "layer": layer, "fid": feature.GetFID(), "fields": found}, body)


def filled(feature: Any, getters: list[tuple[int, str, str]], task: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a feature that hold something, as JSON has it."""
    for index, name, method in getters:
        if feature.IsFieldSetAndNotNull(index):
            value = valued(feature, index, method)
            if not isinstance(value, int | float):
                value = words(value if is_text(value) else feature.GetFieldAsString(index), task)
            yield name, value


def valued(feature: Any, index: int, method: str) -> Any:
    """Return the value of a field; a text that is no UTF-8 as the binding's own `GetField` has it."""
    try:
        return getattr(feature, method)(index)
    except (RuntimeError, ValueError):
        return feature.GetField(index)


def is_text(value: Any) -> bool:
    """True for a text, which the binding gives as bytes where it is not UTF-8."""
    return isinstance(value, str | bytes | bytearray)


def words(value: str | bytes | bytearray, task: dict[str, Any]) -> str:
    """Return a text: UTF-8 where it can be, unless an encoding is forced; else in the one that is announced."""
    if isinstance(value, str):
        value = value.encode("utf-8", "surrogateescape")
    encoding = task.get("encoding", "cp1252")
    if not task.get("forced"):
        try:
            return bytes(value).decode("utf-8")
        except UnicodeDecodeError:
            pass
    return bytes(value).decode(encoding, "replace")


def repair(task: dict[str, Any]) -> None:
    """Repair the polygons that come on standard input, one frame each, until it ends."""
    import shapely

    send({"kind": "ready"})
    sys.stdout.buffer.flush()
    while lengths := sys.stdin.buffer.read(LENGTHS.size):
        head, body = LENGTHS.unpack(lengths)
        geometry = shapely.from_wkb(sys.stdin.buffer.read(head + body)[head:])
        repaired = shapely.make_valid(geometry, method="structure", keep_collapsed=False)
        send({"kind": "repaired"}, shapely.to_wkb(repaired))
        sys.stdout.buffer.flush()


def read_image(task: dict[str, Any]) -> None:
    """Write an image as a Cloud Optimized GeoTIFF, read every block of it again, and describe it."""
    from osgeo import gdal

    gdal.UseExceptions()
    source = gdal.OpenEx(task["path"], gdal.OF_RASTER | gdal.OF_READONLY, allowed_drivers=task["drivers"])
    images = sibling("child_images")
    images.check(source, task)
    system = {"outputSRS": task["crs"]} if task.get("crs") else {}
    gdal.Translate(task["output"], source, format="COG", creationOptions=images.compression(source), **system)
    written = gdal.OpenEx(task["output"], gdal.OF_RASTER | gdal.OF_READONLY, allowed_drivers=["GTiff"])
    for index in range(1, written.RasterCount + 1):
        written.GetRasterBand(index).Checksum()
    send(described(written))


def described(image: Any) -> dict[str, Any]:
    """Describe an image: size, transform, coordinate system."""
    return {
        "kind": "image",
        "width": image.RasterXSize,
        "height": image.RasterYSize,
        "bands": image.RasterCount,
        "transform": image.GetGeoTransform(),
        "crs": named(image.GetSpatialRef()),
    }


TASKS: dict[str, Callable[[dict[str, Any]], None]] = {
    "vector": read_vector,
    "image": read_image,
    "repair": repair,
    "ping": lambda task: send({"kind": "pong", "user": os.getuid()}),
}


def told(stream: BinaryIO) -> dict[str, Any]:
    """Read the task and import what it needs; as a nursery, fork, and return in each child with its own task.

    Nothing is imported later: our folder or Python's may be in root's home, closed to whom the child becomes.
    """
    task: dict[str, Any] = json.loads(stream.readline())
    os.environ.update(OPTIONS)
    sys.path.extend(task["packages"])
    for module in task["imports"]:
        __import__(module)
    if task["task"] == "nursery":
        nurse()
        task = json.loads(stream.readline())
    if task["task"] == "image":
        sibling("child_images")
    codecs.lookup(task.get("encoding") or "cp1252")
    return task


def nurse() -> None:
    """Fork a child for each pair of pipes that comes over the socket on standard input; return in the child alone.

    The child waits for its task on its new standard input until the descriptor that stands for it is handed back.
    """
    import signal
    import socket

    sibling("seccomp").die_with_parent()
    sibling("landlock")
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    send({"kind": "ready"})
    sys.stdout.buffer.flush()
    line = socket.socket(fileno=0)
    while True:
        _, pipes, _, _ = socket.recv_fds(line, 1, 2)
        if len(pipes) < 2:  # noqa: PLR2004 (input and output)
            os._exit(0)
        if not (child := os.fork()):
            line.detach()
            for place, pipe in enumerate(pipes):
                os.dup2(pipe, place)
                os.close(pipe)
            return
        process = os.pidfd_open(child)
        socket.send_fds(line, [b"."], [process])
        for descriptor in (process, *pipes):
            os.close(descriptor)


def main(stream: BinaryIO) -> None:
    """Learn the task, confine, then touch the delivery."""
    task = told(stream)
    confine(task)
    TASKS[task["task"]](task)
    send({"kind": "end"})
    sys.stdout.buffer.flush()


def run() -> None:
    """Do the task; say in one frame what went wrong: the parent decides what it means."""
    try:
        main(sys.stdin.buffer)
    except (Exception, MemoryError) as error:  # noqa: BLE001 (anything that a hostile file may cause)
        kind = "MemoryError" if str(error) == OUT_OF_MEMORY else type(error).__name__
        send({"kind": "error", "error": kind, "message": str(error)[:MESSAGE_LENGTH]})
        sys.stdout.buffer.flush()
        os._exit(1)


if __name__ == "__main__":
    run()
