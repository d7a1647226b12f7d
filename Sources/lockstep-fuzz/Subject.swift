/// A reader of bytes that come from outside, with real inputs to damage.
struct Subject {
  let name: String
  /// Of a million inputs, how many are this reader's.
  let share: Int
  let seeds: [[UInt8]]
  /// Bytes of memory that a byte of input may cost, beside a fixed allowance.
  var costPerByte = 64
  /// Half of all damage, where there is one.
  var damage: Mutation.Damage?
  /// How the format is built: half of the inputs are then damaged part by part.
  var structure: Structure?
  /// Reads the bytes, or throws.
  let read: ([UInt8]) throws -> Void
}

/// What a reader without errors of its own says no with.
struct Refused: Error, CustomStringConvertible {
  let description: String

  init(_ description: String = "refused; give another") { self.description = description }
}
