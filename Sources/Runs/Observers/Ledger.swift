import Checkpoints
import Foundation
import Recipes
import Support
import Training

/// `ledger.jsonl`: a line a committed step with what was computed, in bits; and `recipe.yaml`, which says what should be.
///
/// With `reduction: ordered` the ledger of a recipe is one text: the same bytes at any number of ranks, and however often
/// the run was killed and resumed.
public final class Ledger: Observer {
  private let log: LineLog
  var path: String { log.path }
  private let directory: RunDirectory
  private let recipe: Recipe

  public init(directory: RunDirectory, recipe: Recipe) {
    log = LineLog(path: directory.ledger, wait: directory.diskWait)
    self.directory = directory
    self.recipe = recipe
  }

  public func observe(_ event: TrainingEvent) throws {
    switch event {
    case .began(let step, _):
      try directory.diskWait.retrying(directory.recipe) {
        try AtomicFile.write(recipe.canonicalText, to: directory.recipe)
      }
      try log.open(keepingStepsThrough: step)
    case .step(let report) where report.isCommitted:
      try log.write(LedgerEntry(report).line)
      // A checkpoint may follow, and a ledger must not end before the newest one.
      if report.state != nil { try log.synchronize() }
    case .checkpoint: try log.synchronize()
    case .ended: try log.close()
    case .step, .histograms, .evaluation, .pace, .warning: break
    }
  }

  public func synchronize() throws { try log.synchronize() }
}

/// One committed step in the ledger.
package struct LedgerEntry: Equatable, Sendable, Decodable {
  /// Committed steps, this one included.
  package let step: Int
  /// From 0, as the plan counts; `metrics.jsonl` counts from 1.
  package let epoch: Int
  /// `SampleHash` of the ids of its rows, in the order of the global batch.
  package let samples: Word
  package let rows: Int
  /// What the loss is divided by; nil in ledgers from before rows had weights.
  package let lossWeight: Double?
  /// The bits of the Float64 sum of the loss over the rows.
  package let lossSum: Word
  /// The bits of the Float64 norm of the reduced gradient before clipping.
  package let gradientNorm: Word
  /// Hash of the weights after the step, where the ranks were compared.
  package let weights: Word?
  /// Hash of all that ranks hold alike: weights, moments, averages on every rank, counters.
  package let state: Word?

  init(_ report: StepReport) {
    step = report.step
    epoch = report.epoch
    samples = Word(report.samples)
    rows = report.rows
    lossWeight = report.lossWeight
    lossSum = Word(report.lossSum.bitPattern)
    gradientNorm = Word(report.gradientNorm.bitPattern)
    weights = report.state.map { Word($0.weights) }
    state = report.state.map { Word($0.all) }
  }

  private enum CodingKeys: String, CodingKey {
    case step, epoch, samples, rows, weights, state
    case lossSum = "loss_sum_bits"
    case lossWeight = "loss_weight"
    case gradientNorm = "gradient_norm_bits"
  }

  /// The entry with its numbers in decimal beside their bits.
  var line: JSONLine {
    let weight = lossWeight ?? Double(rows)
    let pairs: [(String, JSONLine)] = [
      ("step", .integer(step)), ("epoch", .integer(epoch)), ("samples", .string(samples.description)),
      ("rows", .integer(rows)), ("loss_sum", .number(Double(bitPattern: lossSum.value))),
      ("loss_sum_bits", .string(lossSum.description)),
      ("loss_weight", Int(exactly: weight).map(JSONLine.integer) ?? .number(weight)),
      ("gradient_norm", .number(Double(bitPattern: gradientNorm.value))),
      ("gradient_norm_bits", .string(gradientNorm.description)),
    ]
    let hashes = [("weights", weights), ("state", state)].compactMap { name, word in
      word.map { (name, JSONLine.string($0.description)) }
    }
    return .object(pairs + hashes)
  }
}

extension LedgerEntry {
  /// 64 bits as 16 hexadecimal digits.
  package struct Word: Equatable, Sendable, Decodable, CustomStringConvertible {
    package let value: UInt64

    init(_ value: UInt64) { self.value = value }

    package init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      let text = try container.decode(String.self)
      guard let value = UInt64(hexadecimal: text) else {
        throw DecodingError.dataCorruptedError(in: container, debugDescription: "\(text) is not a word of 16 digits")
      }
      self.value = value
    }

    package var description: String { value.hexadecimal }
  }

  /// Whether a run can have written these counts.
  private var isPossible: Bool {
    let largest = RecipeValue.largestInteger
    return 1...largest ~= step && 0...largest ~= epoch && 0...largest ~= rows
  }

  /// Whether a ledger ends within a line, as where its run was killed.
  static func isCutOff(_ path: String) throws -> Bool {
    guard let file = FileHandle(forReadingAtPath: path) else { return false }
    defer { try? file.close() }
    let size = try file.seekToEnd()
    guard size > 0 else { return false }
    try file.seek(toOffset: size - 1)
    return try file.read(upToCount: 1)?.first != UInt8(ascii: "\n")
  }

  /// The lines of a ledger; those that are none are nil.
  /// - Throws: `RunDirectoryError` where there is no ledger.
  package static func read(_ path: String) throws -> [LedgerEntry?] {
    guard let data = FileReader.contents(path) else {
      throw RunDirectoryError(path: path, problem: "cannot be read; give the output folder of a run")
    }
    return data.split(separator: UInt8(ascii: "\n")).map { line in
      guard let entry = try? LedgerEntry.decode(json: line), entry.isPossible else { return nil }
      return entry
    }
  }
}
