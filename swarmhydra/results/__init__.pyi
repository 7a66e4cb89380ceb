from .files import open_run as open_run
from .files import save as save
from .record import Estimate as Estimate
from .record import RunRecord as RunRecord
from .schema_version import SCHEMA_VERSION as SCHEMA_VERSION
from .tree import build_tree as build_tree
from .variables import VARIABLES as VARIABLES
from .variables import Variable as Variable
