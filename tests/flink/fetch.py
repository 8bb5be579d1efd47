"""Folder → Flink to start there and the job server's jar, pinned, by name from the registries.

    python tests/flink/fetch.py FOLDER

A standalone Flink is in two packages of PyPI: `bin` and `conf` in one, the jars in the other. Both are
unpacked, neither is installed. Needs Java 17 and Maven; exit code 1 where something can't be had.
"""

import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
_LIMIT = 900


def fetch_job_server(folder: Path) -> None:
    """Folder → `job-server.jar` in it, built by Maven from pom.xml."""
    build = folder / "build"
    command = ["mvn", "--quiet", "--batch-mode", "--file", str(HERE / "pom.xml"), "package"]
    subprocess.run([*command, f"-Dfolder={build}"], check=True, timeout=_LIMIT)
    (build / "job-server.jar").replace(folder / "job-server.jar")
    shutil.rmtree(build)


def fetch_flink(folder: Path) -> None:
    """Folder → `bin`, `conf`, `lib` and `plugins` of a standalone Flink in it."""
    packages, unpacked = folder / "packages", folder / "unpacked"
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    flags = ["--require-hashes", "--requirement", str(HERE / "flink.lock"), "--dest", str(packages)]
    subprocess.run([*command, *flags], check=True, timeout=_LIMIT)
    [wheel], [source] = packages.glob("*.whl"), packages.glob("*.tar.gz")
    with zipfile.ZipFile(wheel) as archive:
        wanted = [name for name in archive.namelist() if name.startswith(("pyflink/bin/", "pyflink/conf/"))]
        archive.extractall(unpacked, wanted)
    with tarfile.open(source) as archive:
        archive.extractall(unpacked, filter="data")
    [deps] = unpacked.glob("*/deps")
    for origin, names in ((unpacked / "pyflink", ("bin", "conf")), (deps, ("bin", "lib", "plugins"))):
        for name in names:
            shutil.copytree(origin / name, folder / name, dirs_exist_ok=True)
    for program in (folder / "bin").iterdir():
        program.chmod(0o755)
    shutil.rmtree(packages)
    shutil.rmtree(unpacked)


def main() -> int:
    """Command line → exit code."""
    folder = Path(sys.argv[1]).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    for need in ("java", "mvn"):
        if shutil.which(need) is None:
            print(f"fetch.py: {need} is not installed", file=sys.stderr)
            return 1
    try:
        fetch_job_server(folder)
        fetch_flink(folder)
    except (subprocess.SubprocessError, OSError) as error:
        print(f"fetch.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
