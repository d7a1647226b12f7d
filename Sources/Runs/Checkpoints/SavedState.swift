import Checkpoints
import Foundation
import Recipes
import Support
import Tensors
import Training

/// `state.json`: everything of a run that is not an arena.
package struct SavedState: Codable {
  var step: Int
  var facts: RunFacts
  /// Counters and scalars of optimizer, scaler, averages and objectives, by name.
  var values: [String: Double]
  var progress: RunProgress
  /// SHA-256 of everything that the run reads, by name; nil in checkpoints of programs that did not look.
  var inputs: [String: String]?

  init(step: Int, facts: RunFacts, values: [String: Double], progress: RunProgress) {
    self.step = step
    self.facts = facts
    self.values = values
    self.progress = progress
  }

  package init(decoding bytes: [UInt8], source: String) throws {
    do {
      self = try SavedState.decode(json: bytes)
    } catch {
      throw TrainingError.foreignCheckpoint(path: source, difference: "state.json was written by another program")
    }
  }

  /// Those of one technique or optimizer, by their own names.
  package func values(of owner: String) -> [String: Double] {
    let pairs = values.filter { $0.key.hasPrefix(owner + ".") }
    return Dictionary(uniqueKeysWithValues: pairs.map { (String($0.key.dropFirst(owner.count + 1)), $0.value) })
  }

  func encoded() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return [UInt8](try encoder.encode(self))
  }
}
