// Placeholder of the room Optimizers until its first file lands.
