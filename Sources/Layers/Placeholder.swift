// Placeholder of the room Layers until its first file lands.
