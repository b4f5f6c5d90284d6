"""The demonstration: two places with people, a catalogue, data, and cases in every state. All of it is made up."""
