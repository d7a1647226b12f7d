// Placeholder of the room Tensors until its first file lands.
