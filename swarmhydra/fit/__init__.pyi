from .least_squares import Fit as Fit
from .least_squares import fit as fit
from .measurements import Measurements as Measurements
from .measurements import read_measurements as read_measurements
from .settings import FitConfig as FitConfig
from .settings import ParameterConfig as ParameterConfig
