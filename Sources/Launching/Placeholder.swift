// Placeholder of the room Launching until its first file lands.
