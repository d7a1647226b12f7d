// Placeholder of the room Text until its first file lands.
