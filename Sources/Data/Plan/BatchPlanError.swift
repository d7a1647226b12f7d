import Support

/// Why rows cannot be cut into batches.
public enum BatchPlanError: ClassifiedError, Equatable, CustomStringConvertible, Sendable {
  case noRows
  /// A size below 1; the key as it stands in a recipe.
  case notPositive(key: String, value: Int)
  /// The size of the global batch is not a multiple of that of the microbatch.
  case indivisible(batchSize: Int, microbatchSize: Int)

  public var exitClass: ExitClass { .wrongInput }

  public var description: String {
    switch self {
    case .noRows:
      "the data has no rows: give a file with at least one"
    case .notPositive(let key, let value):
      "\(key): \(value) is below 1: give a whole number from 1"
    case .indivisible(let batchSize, let microbatchSize):
      "batch.microbatch: \(microbatchSize) does not divide batch.size \(batchSize): choose a divisor of \(batchSize)"
    }
  }
}
