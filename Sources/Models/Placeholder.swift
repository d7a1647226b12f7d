// Placeholder of the room Models until its first file lands.
