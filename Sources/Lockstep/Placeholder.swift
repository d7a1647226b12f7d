// Placeholder of the room Lockstep until its first file lands.
