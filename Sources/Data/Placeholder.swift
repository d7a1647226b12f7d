// Placeholder of the room Data until its first file lands.
