//! RSS, changelog and index: polls that give sightings and say what they cover.
