extension Recipe {
  /// - Throws: `RecipeError` where what the ranks do by themselves must be known to all of them.
  func checkReduction() throws {
    var conflicts: [(isThere: Bool, key: String, problem: String)] = []
    if reduction.outer != nil {
      conflicts += [
        (
          optimizer.lookahead != nil, "optimizer.lookahead",
          "is an outer step of its own beside reduction.every; leave it out"
        ),
        (
          optimizer.isSharded, "optimizer.sharded",
          "is true beside reduction.every, where each rank updates all weights by itself; leave it out"
        ),
        (
          model.statistics == .synchronized, "model.statistics",
          "is synchronized, which sums in every step, beside reduction.every; take microbatch"
        ),
      ]
    }
    if reduction.overlap == true {
      conflicts.append(
        (
          model.statistics == .synchronized, "model.statistics",
          "is synchronized, which sums in the backward pass, beside reduction.overlap; take microbatch, or leave overlap out"
        ))
    }
    if reduction.outer != nil || reduction.wire != nil {
      conflicts.append(
        (
          precision == .fp16, "precision",
          "is fp16, whose loss scale moves, beside reduction.every or wire; take bf16 or fp32"
        ))
    }
    guard let (_, key, problem) = conflicts.first(where: \.isThere) else { return }
    throw RecipeError(source: source, key: key, problem: problem)
  }
}
