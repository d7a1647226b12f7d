// Placeholder of the room Training until its first file lands.
