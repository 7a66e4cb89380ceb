"""Three-body attachment is proportional to the density of the gas."""

import pytest
from scipy import constants

from swarmhydra.config.compose import composed
from swarmhydra.gas.processes import cross_section_at
from swarmhydra.run.checked import checked
from swarmhydra.swarm.from_config import collision_partners

PER_CM3 = (
    "ELASTIC\nO2\n 1.7e-5\n-----\n0 1e-19\n100 1e-19\n-----\n\n"
    "ATTACHMENT\nO2 -> O2^-\nSPECIES: e / O2\nPROCESS: E + O2 -> O2-, Attachment\n"
    "COMMENT: three-body attachment, to be multiplied with the gas density in cm-3\n"
    "-----\n0 2e-41\n1 2e-41\n-----\n"
)


@pytest.mark.parametrize("pressure", [1e4, 1e5, 1e6])
@pytest.mark.parametrize("temperature", [300.0, 600.0])
def test_the_cross_section_follows_the_density(tmp_path, pressure, temperature):
    path = tmp_path / "O2.txt"
    path.write_text(PER_CM3)
    settings = [f"sim.pressure={pressure}", f"sim.temperature={temperature}"]
    config = checked(composed(["gas=lxcat", f"gas.files=['{path}']", *settings]))
    mixture = collision_partners(config)
    elastic, attachment = mixture.processes
    density = pressure / (constants.Boltzmann * temperature)
    assert cross_section_at(attachment, 0.5) == pytest.approx(2e-41 * density * 1e-6, rel=1e-12)
    assert cross_section_at(elastic, 0.5) == 1e-19
    assert attachment.traits.third_body is None
    assert any("line 9: O2 -> O2^- is proportional to the number" in w for w in mixture.warnings)
