import Checkpoints
import Support

/// What a run came to.
public struct RunSummary: Sendable {
  public var steps: Int
  public var seconds: Double
  public var ranks: Int
  /// The step a checkpoint was resumed from.
  public var resumedFrom: Int?
  /// How often a supervisor had to start the run again.
  public var restarts = 0
  public var best: Double?
  public var bestMetric: String
  /// The class that the best metric is of; nil where it is not of one class.
  public var positive: String?
  public var bestStep: Int
  /// `raw` or the name of an average.
  public var bestWeights: String

  /// What the bits depend on besides the recipe, by name: program, processor, libraries.
  public var machine: JSONLine = .null
  /// Threads of a rank, and the recipe's reduction.
  public var threads = 1
  public var reduction = ""
  /// Who multiplied matrices.
  public var numerics = ""
  /// What all ranks sent each other since this start, in bytes; through shared memory nothing is sent.
  public var bytesSent = 0
  /// Whether there was nothing left to do: the run's results are there already, and nothing was written.
  public var wasFinished = false
  /// SHA-256 of what the run reads, by name.
  public var inputs: [String: String] = [:]

  /// Writes the contract's `summary.json`.
  ///
  /// - Parameter weightsHash: SHA-256 of the tensor data of `models/last/model.safetensors`.
  public func write(to path: String, weightsHash: String) throws {
    let best: JSONLine =
      self.best.map {
        .object([
          ("metric", .string(bestMetric)), ("positive", positive.map(JSONLine.string) ?? .null), ("value", .number($0)),
          ("step", .integer(bestStep)),
          ("weights", .string(bestWeights)),
        ])
      } ?? .null
    let line = JSONLine.object([
      ("steps", .integer(steps)), ("seconds", .number(seconds)), ("ranks", .integer(ranks)),
      ("restarts", .integer(restarts)), ("resumed_from", resumedFrom.map(JSONLine.integer) ?? .null), ("best", best),
      ("weights_sha256", .string(weightsHash)), ("reduction", .string(reduction)), ("numerics", .string(numerics)),
      ("threads", .integer(threads)),
      ("bytes_sent", .integer(bytesSent)),
      ("inputs", .object(inputs.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
      ("machine", machine),
    ])
    try AtomicFile.write(line.description + "\n", to: path)
  }
}
