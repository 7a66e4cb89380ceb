"""Settings of Sphinx: `python -m sphinx -W docs FOLDER` builds the documentation."""

import sys
from importlib import metadata
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from generate import write_pages

project = "swarmhydra"
author = "The swarmhydra developers"
copyright = f"{author}"
release = metadata.version("swarmhydra")

extensions = [
    "myst_parser",
    "sphinx.ext.autodoc",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    # Ships the script that shows formulas: pages need no network.
    "sphinx-mathjax-offline",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = ["_build", "gallery"]
sphinx_gallery_conf = {
    "examples_dirs": "gallery",
    "gallery_dirs": "_generated/gallery",
    "within_subsection_order": "FileNameSortKey",
    "capture_repr": ("__repr__",),
    "ignore_repr_types": r"matplotlib",
    "download_all_examples": False,
    "abort_on_example_error": True,
    "write_computation_times": False,
}
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3
# Warnings are errors where the pages are built, so links have to hold.
myst_url_schemes = ("http", "https", "mailto")

autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_rtype = False

html_theme = "furo"
html_title = f"swarmhydra {release}"
html_static_path = ["static"]
html_css_files = ["tables.css"]

write_pages(Path(__file__).parent / "_generated")
