"""From a gas and settings to what both methods look up."""
