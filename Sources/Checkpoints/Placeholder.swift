// Placeholder of the room Checkpoints until its first file lands.
