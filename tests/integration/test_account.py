"""The account that runs the private base is made once, however many processes need it first at the same moment."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# In a mount namespace of its own, with a copy of /etc that has no such account: eight processes begin together.
NAMESPACE = 'mount --bind "$1" /etc && exec "$2" -c "$3"'
TOGETHER = """
import multiprocessing, pwd, time
from geosocle import postgresql

def ask(start):
    time.sleep(max(0, start - time.time()))
    return postgresql.system_account().pw_uid

if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(8) as pool:
        found = pool.map(ask, [time.time() + 0.5] * 8, chunksize=1)
    print(sorted(set(found)) == [pwd.getpwnam(postgresql.ACCOUNT).pw_uid])
"""


@pytest.fixture
def etc(tmp_path):
    """A copy of what useradd reads and writes, without the account."""
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode:
        pytest.skip("il faut être root et pouvoir monter")
    copy = tmp_path / "etc"
    shutil.copytree("/etc", copy, symlinks=True)
    for name in ("passwd", "group", "shadow", "gshadow", "subuid", "subgid"):
        if (copy / name).exists():
            lines = (copy / name).read_text("utf-8").splitlines(keepends=True)
            (copy / name).write_text("".join(line for line in lines if not line.startswith("geosocle:")), "utf-8")
    return copy


def test_eight_processes_that_need_it_first_agree_on_whose_it_is(etc):
    command = ["unshare", "-m", "sh", "-c", NAMESPACE, "-", str(etc), sys.executable, TOGETHER]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr
