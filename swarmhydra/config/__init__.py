"""What a user may set: the dataclasses, the range of every number, and one gate, `typed`."""

from swarmhydra.config.gate import NOT_IN_FINGERPRINT, fingerprint, from_yaml, to_yaml, typed
from swarmhydra.config.messages import describe, is_key, nearest, one_line
from swarmhydra.config.schema import (
    SHARING_RULES,
    AccelConfig,
    AngularTableConfig,
    Backend,
    ComponentConfig,
    Config,
    ConfigError,
    GasConfig,
    ProcessConfig,
    RelErrorConfig,
    SimConfig,
    StopConfig,
    sub_swarm_count,
)

__all__ = [
    "NOT_IN_FINGERPRINT",
    "SHARING_RULES",
    "AccelConfig",
    "AngularTableConfig",
    "Backend",
    "ComponentConfig",
    "Config",
    "ConfigError",
    "GasConfig",
    "ProcessConfig",
    "RelErrorConfig",
    "SimConfig",
    "StopConfig",
    "describe",
    "fingerprint",
    "from_yaml",
    "is_key",
    "nearest",
    "one_line",
    "sub_swarm_count",
    "to_yaml",
    "typed",
]
