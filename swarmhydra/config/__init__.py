"""What a user may set: the dataclasses, the range of every number, and one gate, `typed`."""

from swarmhydra.config.evdf_schema import EvdfConfig
from swarmhydra.config.gas_schema import (
    AngularTableConfig,
    ComponentConfig,
    GasConfig,
    LevelConfig,
    ProcessConfig,
    UncertaintyConfig,
    files_of,
    with_rest,
)
from swarmhydra.config.gate import (
    NOT_IN_FINGERPRINT,
    drop_folders,
    fingerprint,
    from_yaml,
    to_yaml,
    trajectory_fingerprint,
    typed,
)
from swarmhydra.config.messages import describe, is_key, nearest, one_line
from swarmhydra.config.method_rules import inapplicable
from swarmhydra.config.ranges import ConfigError
from swarmhydra.config.rules import check_gas_alone
from swarmhydra.config.schema import (
    SHARING_RULES,
    AccelConfig,
    Backend,
    Config,
    ControlVariates,
    Method,
    MethodConfig,
    SimConfig,
    has_drift,
    rel_error_targets,
    sub_swarm_count,
)
from swarmhydra.config.stop_schema import RelErrorConfig, StopConfig
from swarmhydra.config.waveform_points import waveform_points
from swarmhydra.config.waveform_rules import check_waveform_in_time
from swarmhydra.config.waveform_schema import WaveformConfig

__all__ = [
    "NOT_IN_FINGERPRINT",
    "SHARING_RULES",
    "AccelConfig",
    "AngularTableConfig",
    "Backend",
    "ComponentConfig",
    "Config",
    "ConfigError",
    "ControlVariates",
    "EvdfConfig",
    "GasConfig",
    "LevelConfig",
    "Method",
    "MethodConfig",
    "ProcessConfig",
    "RelErrorConfig",
    "SimConfig",
    "StopConfig",
    "UncertaintyConfig",
    "WaveformConfig",
    "check_gas_alone",
    "check_waveform_in_time",
    "describe",
    "drop_folders",
    "files_of",
    "fingerprint",
    "from_yaml",
    "has_drift",
    "inapplicable",
    "is_key",
    "nearest",
    "one_line",
    "rel_error_targets",
    "sub_swarm_count",
    "to_yaml",
    "trajectory_fingerprint",
    "typed",
    "waveform_points",
    "with_rest",
]
