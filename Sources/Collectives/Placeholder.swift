// Placeholder of the room Collectives until its first file lands.
