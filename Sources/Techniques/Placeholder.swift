// Placeholder of the room Techniques until its first file lands.
