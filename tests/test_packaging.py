"""The recipes of packages agree with pyproject.toml."""

import re
import tomllib

from tests.helpers.checkout import checkout

ROOT = checkout()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def test_the_recipe_for_conda_asks_for_what_the_package_asks_for() -> None:
    recipe = (ROOT / "packaging" / "conda" / "meta.yaml").read_text(encoding="utf-8")
    listed = {line.strip("- ").replace(" ", "") for line in recipe.splitlines() if ">=" in line}
    wanted = {*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["analysis"]}
    # conda has matplotlib without a graphical interface under another name.
    renamed = {each.replace("matplotlib>", "matplotlib-base>") for each in wanted}
    assert renamed <= listed


def test_the_versions_of_python_are_tested() -> None:
    classified = {
        found[1]
        for each in PROJECT["classifiers"]
        if (found := re.fullmatch(r"Programming Language :: Python :: (\d\.\d+)", each))
    }
    workflow = (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")
    assert all(f'"{version}"' in workflow for version in classified)
    assert PROJECT["scripts"] == {"swarmhydra": "swarmhydra.__main__:main"}
