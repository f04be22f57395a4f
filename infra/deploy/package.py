"""`python3 -m infra.deploy.package`: what `make build` has made. Needs nothing installed."""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
BUILT = ROOT / ".aws-sam" / "build"
RECIPE = ROOT / "infra" / "deploy" / "recipe" / "Makefile"
MB = 10**6


class Size(NamedTuple):
    """How much there is in a package, in bytes."""

    files: int
    unpacked: int
    zipped: int

    def __str__(self) -> str:
        return f"{self.unpacked / MB:.1f} MB, {self.zipped / MB:.1f} MB zipped, {self.files:,} files"


def size(package: Path) -> Size:
    """Measure a package, zipped as `sam deploy` does."""
    files = [path for path in package.rglob("*") if path.is_file()]
    with tempfile.TemporaryFile() as target:
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in files:
                archive.write(path, path.relative_to(package))
        return Size(len(files), sum(path.stat().st_size for path in files), target.tell())


def build(directory: Path, *variables: str) -> Path:
    """Build the package for Lambda from nothing, without SAM, and return where it is; variables change the recipe."""
    package = directory / "package"
    package.mkdir()
    places = [f"ARTIFACTS_DIR={package}", f"packages={directory}/packages"]
    recipe = ["make", "--silent", f"--makefile={RECIPE}", "build-package"]
    subprocess.run([*recipe, *places, *variables], cwd=ROOT, check=True)
    return package


def build_here(directory: Path) -> Path:
    """Build the same for this machine and this Python."""
    return build(directory, f"python={sys.executable}", "wheels=")


def command(package: Path, code: str) -> list[str]:
    """How to run code in a process that has Python's own modules and the package, which it cannot change."""
    return [sys.executable, "-I", "-S", "-B", "-c", f"import sys; sys.path.insert(0, {str(package)!r})\n{code}"]


def main() -> None:
    """Say for each function where its package is and how big."""
    for package in sorted(path.parent for path in BUILT.glob("*/functions")):
        print(f"{package.relative_to(ROOT)}: {size(package)}")


if __name__ == "__main__":
    main()
