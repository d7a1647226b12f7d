import Support

// Functions under names that read like the formulas, so that one file alone chooses whose they are.

func power(_ base: Double, _ exponent: Double) -> Double { PortableFunctions.pow(base, exponent) }

func cosine(_ angle: Double) -> Double { PortableFunctions.cos(angle) }
