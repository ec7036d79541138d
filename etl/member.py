"""The program of one process of a crew: it does the tasks that it is handed, until there are none."""

import os
import resource
import sys
from multiprocessing.connection import Connection

from catalog.database import available, connect
from catalog.errors import Unavailable
from etl import seccomp
from etl.crew import AWAY, DONE, FOUND, LOT, Order
from etl.nursery import raised
from etl.repair import Repairer
from etl.report import Report
from etl.work import Work

MEMORY = 4 * 2**30  # bytes of addresses: what reads a file for it is confined to less


def main(channel: Connection) -> None:
    """Do tasks until the one who hands them out has gone."""
    seccomp.control(seccomp.PR_SET_PDEATHSIG, seccomp.SIGKILL)
    order: Order = channel.recv()
    memory = max(MEMORY, 2 * order.settings.read_memory * 2**20)
    resource.setrlimit(resource.RLIMIT_AS, (memory, resource.getrlimit(resource.RLIMIT_AS)[1]))
    with (
        available(),
        connect(order.settings, "loader") as connection,
        raised(order.settings) as nursery,
        Repairer() as repair,
    ):
        report = Report(order.kind, delivery=order.delivery, dry_run=order.options.dry_run)
        work = Work(
            order.kind, order.options, connection, order.settings.files, report, nursery, repair, order.limits_seen,
            dict(order.staged), lambda lot: channel.send((LOT, lot)),
        )  # fmt: skip
        while True:
            for found in channel.recv().run(work):
                channel.send((FOUND, found))
            channel.send((DONE, None))


if __name__ == "__main__":
    line = Connection(int(sys.argv[1]))
    try:
        main(line)
    except Unavailable:
        line.send((AWAY, None))
    except (EOFError, ConnectionError):
        os._exit(0)
