"""The one tree of errors.

GeosocleError
├── CatalogError            a dataset file is wrong
├── SettingsError           the environment is wrong
├── ClusterError            the private PostgreSQL does not start or stop
├── Unavailable             the database is away (503)
│   └── RegisterUnavailable the register or a counter cannot be written, hence what it watches not be read (503)
├── DeliveryError           a delivery is refused (exit 4)
├── AgreementError          an organisation, agreement or token is wrongly described
└── RequestError            a request is refused
    ├── UnknownToken        401
    ├── NotFound            404
    ├── BadRequest          400
    └── QuotaExceeded       429

The docstring of a class is its default message: French, for users. `status` is the HTTP answer, `exit_code`
the command line's. `str(error)` never holds a value of a row.
"""

import inspect


class GeosocleError(Exception):
    """Une erreur est survenue."""

    status = 500
    exit_code = 1

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or inspect.getdoc(type(self)))


class CatalogError(GeosocleError):
    """La description d'un jeu de données est incorrecte."""


class SettingsError(GeosocleError):
    """Un réglage GEOSOCLE_… est incorrect."""

    exit_code = 2


class ClusterError(GeosocleError):
    """La base PostgreSQL privée n'a pas pu être démarrée ou arrêtée."""


class Unavailable(GeosocleError):
    """La base de données ne répond pas. Réessayez dans quelques instants."""

    status = 503


class RegisterUnavailable(Unavailable):
    """Ces données ne peuvent être servies pour le moment. Réessayez dans quelques instants."""


class DeliveryError(GeosocleError):
    """La livraison est refusée."""

    exit_code = 4

    def __init__(self, reason: str, file: str | None = None, obj: str | None = None) -> None:
        self.reason, self.file, self.obj = reason, file, obj
        super().__init__(" : ".join(part for part in (file, obj, reason) if part))


class AgreementError(GeosocleError):
    """L'organisation, la convention ou le jeton est mal décrit."""

    exit_code = 2

    def __init__(self, message: str | None = None, block: int | None = None, key: str | None = None) -> None:
        self.block, self.key = block, key  # where in the file: which [[rights]], which key
        super().__init__(message)


class RequestError(GeosocleError):
    """La requête est refusée."""

    status = 400


class UnknownToken(RequestError):
    """Ce jeton est inconnu, expiré ou révoqué."""

    status = 401


class NotFound(RequestError):
    """Cette ressource n'existe pas, ou votre convention ne la donne pas."""

    status = 404


class BadRequest(RequestError):
    """La requête contient un paramètre, une propriété ou un format inconnu ou incorrect."""

    def __init__(self, message: str | None = None, parameter: str | None = None) -> None:
        self.parameter = parameter
        super().__init__(message)


class QuotaExceeded(RequestError):
    """Le quota de la convention est atteint. Réessayez plus tard."""

    status = 429

    def __init__(self, message: str | None = None, seconds: int | None = None) -> None:
        self.seconds = seconds  # until there is something again, where that is known
        super().__init__(message)
