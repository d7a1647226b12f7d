import Data
import Models

extension TargetCells {
  /// The number in a cell.
  /// - Throws: an error that names the row.
  func number(_ index: Int) throws -> Float {
    let text = cells[index]
    guard let value = WholeNumber.decimal(text), abs(value) <= Double(Float.greatestFiniteMagnitude) else {
      throw error(
        row: index / columns.count, "label \(text.debugDescription) is not a number",
        remedy: "correct it, or leave the row out")
    }
    return Float(value)
  }
}

extension HeadDescription {
  /// An error for a value of `lockstep_task` that no export writes.
  ///
  /// - Parameter owner: what the model is.
  func wrong(_ key: String, of owner: String) -> ModelError {
    ModelError(
      file: source, problem: "lockstep_task.\(key) is not one that \(owner) has", remedy: "export the model again")
  }
}
