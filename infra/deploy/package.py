"""The package of a function: build it without SAM, and measure what `make build` built. Needs nothing installed.

python3 -m infra.deploy.package  # the sizes in .aws-sam/build
"""

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
    """The size of a package, in bytes."""

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
    """Build the package for Lambda in `directory` and return its path; `variables` override those of the recipe."""
    package = directory / "package"
    package.mkdir()
    paths = [f"ARTIFACTS_DIR={package}", f"packages={directory}/packages"]
    recipe = ["make", "--silent", f"--makefile={RECIPE}", "build-package"]
    subprocess.run([*recipe, *paths, *variables], cwd=ROOT, check=True)
    return package


def build_here(directory: Path) -> Path:
    """Build the package for this machine and this Python."""
    return build(directory, f"python={sys.executable}", "wheels=")


def command(package: Path, code: str) -> list[str]:
    """The command that runs code with only the standard library and the package, to which it writes no bytecode."""
    return [sys.executable, "-I", "-S", "-B", "-c", f"import sys; sys.path.insert(0, {str(package)!r})\n{code}"]


def main() -> None:
    """Print the path and the size of each function's package."""
    for package in sorted(path.parent for path in BUILT.glob("*/functions")):
        print(f"{package.relative_to(ROOT)}: {size(package)}")


if __name__ == "__main__":
    main()
