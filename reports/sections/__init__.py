"""The parts of the report's model: each turns numbers into finished texts for one section."""
