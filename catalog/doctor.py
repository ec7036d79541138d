"""Is every wall standing? Checks of a living database, each with what to do where it finds a fault."""

import shutil
import stat
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from catalog.database import Connection, available, connect, query
from catalog.errors import Unavailable
from catalog.loader import datasets
from catalog.migrate import NOLOGIN_ROLES, another_territory, applied, migrations
from catalog.settings import ROLES, Settings

READER = "geosocle_reader"
AUDITOR = "geosocle_audit"
BARE_LOGINS = ("geosocle_web", "geosocle_audit")  # they reach no table of their own
MIGRATE = "Lancez « geosocle migrate »."
INSPECT = "Cherchez qui l'a changé, puis retirez ce droit en administrateur de la base."
RENEW = "En administrateur : UPDATE access.grounds SET stamp = gen_random_uuid(), ground = NULL."
PRIVATE = "chmod -R go= sur le dossier « secrets »."
REOPEN = (
    "Retirez secrets/<rôle>.pgpass puis « geosocle migrate » : un autre mot de passe est tiré ;"
    " d'un rôle fermé, en administrateur : ALTER ROLE … LOGIN."
)
FREE_BYTES = 1 << 30


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be true: a statement, or a function, that returns the faults."""

    name: str
    title: str
    advice: str
    look: Callable[[Connection, Settings], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a check found."""

    check: Check
    faults: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """True where nothing is wrong."""
        return not self.faults


def examine(settings: Settings) -> list[Finding]:
    """Make every check, in order. A database that is not set up yet has one finding: its migrations."""
    with available(), connect(settings, "admin") as connection:
        first = Finding(CHECKS[0], tuple(CHECKS[0].look(connection, settings)))
        if not first.sound:
            return [first]
        return [first, *(Finding(check, tuple(check.look(connection, settings))) for check in CHECKS[1:])]


def statement(name: str, title: str, advice: str) -> Check:
    """Return a check whose faults are the rows of `sql/queries/doctor_<name>.sql`."""

    def look(connection: Connection, settings: Settings) -> list[str]:
        return [fault for (fault,) in connection.execute(query(f"doctor_{name}"), parameters())]

    return Check(name, title, advice, look)


def parameters() -> dict[str, Any]:
    """Return what the statements compare the database with: our roles, and what the catalogue publishes."""

    tables, names, groups = (list(column) for column in zip(*published_tables(), strict=True))
    logins = list(ROLES.values())
    return {
        "reader": READER,
        "bare": list(BARE_LOGINS),
        "auditor": AUDITOR,
        "logins": logins,
        "nologins": list(NOLOGIN_ROLES),
        "roles": [*logins, *NOLOGIN_ROLES],
        "tables": tables,
        "datasets": names,
        "groups": groups,
    }


def published_tables() -> Iterator[tuple[str, str, str]]:
    """Yield every table that the reader may read, with its dataset and attribute group."""
    for dataset in datasets().values():
        for group in dataset.groups:
            schema, name = dataset.group_table(group)
            for table in (name, f"{name}_passe"):
                yield f"{schema}.{table}", dataset.id, group


def pending_migrations(connection: Connection, settings: Settings) -> list[str]:
    """Return the migrations that the database lacks, and those that this version does not know."""
    if connection.execute("SELECT to_regclass('migrations.applied')").fetchone() == (None,):
        return ["la base est vide"]
    done = applied(connection)
    missing = [f"{name} : pas appliquée" for name in migrations() if name not in done]
    return missing + [f"{name} : inconnue de cette version" for name in sorted(done - set(migrations()))]


def other_territory(connection: Connection, settings: Settings) -> list[str]:
    """Return that the database was set up in another system of coordinates than the setting's."""
    return [fault for fault in [another_territory(connection)] if fault]


def open_secrets(connection: Connection, settings: Settings) -> list[str]:
    """Return the password files that others than their owner may read."""
    folder = settings.state / "secrets"
    paths = [folder, *sorted(folder.iterdir())] if folder.is_dir() else []
    return [f"{path} : lisible par d'autres" for path in paths if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)]


def closed_logins(connection: Connection, settings: Settings) -> list[str]:
    """Return the roles that this machine has a password of and that cannot come in by it, and why."""
    faults = []
    for role in filter(settings.knows, ROLES):
        try:
            connect(settings, role).close()
        except Unavailable as error:
            faults.append(f"{ROLES[role]} : {str(error.__cause__).rpartition('FATAL: ')[2].strip()}")
    return faults


def full_disks(connection: Connection, settings: Settings) -> list[str]:
    """Return the folders whose disk is nearly full."""
    folders = {existing(settings.state), existing(settings.state / "data"), existing(settings.files)}
    return [
        f"{folder} : moins de 1 Gio libre" for folder in sorted(folders) if shutil.disk_usage(folder).free < FREE_BYTES
    ]


def existing(folder: Path) -> Path:
    """Return the nearest folder that exists."""
    return next(parent for parent in (folder, *folder.parents) if parent.is_dir())


CHECKS = (
    Check("migrations", "La base a toutes les migrations", MIGRATE, pending_migrations),
    Check("territory", "La base est dans le système de GEOSOCLE_SRID", "Rétablissez GEOSOCLE_SRID.", other_territory),
    statement("versions", "PostgreSQL et PostGIS sont de versions éprouvées", "Mettez le serveur à jour."),
    statement("tables", "Les lecteurs ne lisent que les tables publiées, sous leur règle", INSPECT),
    statement("stamps", "Ce qui est écrit dans une table renouvelle ses tuiles partagées", INSPECT),
    statement("grounds", "Le terrain noté de chaque commune couvre ses objets", RENEW),
    statement("writes", "Les lecteurs ne modifient rien", INSPECT),
    statement("jobs", "Un traitement n'est connu que de l'organisation qui l'a demandé", INSPECT),
    statement("web", "Le service web n'atteint aucune table par lui-même", INSPECT),
    statement("register", "Le registre ne se modifie pas, et sa dernière ligne est celle qui fut écrite", INSPECT),
    statement("closed_functions", "set_config et les statistiques de PostGIS sont fermées", MIGRATE),
    statement("leakproof", "L'opérateur && est LEAKPROOF (sinon tout est juste, mais lent)", MIGRATE),
    statement("leakproof_only", "Aucune autre fonction de PostGIS n'est LEAKPROOF", INSPECT),
    statement("bypass", "Aucun rôle ne contourne les règles, sauf la sauvegarde", INSPECT),
    statement("powers", "Les rôles n'ont que les pouvoirs prévus", INSPECT),
    statement("owners", "Aucun rôle qui se connecte ne possède d'objet", INSPECT),
    statement("definers", "Les fonctions SECURITY DEFINER sont fermées et ont leur search_path", INSPECT),
    statement("database", "La base et ses schémas ne donnent rien à PUBLIC", MIGRATE),
    statement("presets", "Aucune clé, aucun usage ni rôle n'est réglé d'avance", INSPECT),
    statement("projection", "Lambert-93 et CC47 tombent juste, sans grille", "Réinstallez proj-data."),
    Check("secrets", "Les mots de passe ne sont lisibles que de leur propriétaire", PRIVATE, open_secrets),
    Check("logins", "Chaque rôle entre par son mot de passe", REOPEN, closed_logins),
    Check("disk", "Il reste de la place sur le disque", "Libérez de la place.", full_disks),
)  # fmt: skip
