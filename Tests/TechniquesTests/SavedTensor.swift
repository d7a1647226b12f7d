import Checkpoints
import Foundation

/// A tensor to be written to a file.
struct SavedTensor: Sendable {
  var type: ElementType
  var shape: [Int]
  var bytes: [UInt8]

  init<Word: FixedWidthInteger>(_ type: ElementType, _ words: [Word], shape: [Int]? = nil) {
    self.type = type
    self.shape = shape ?? [words.count]
    bytes = words.flatMap { word in withUnsafeBytes(of: word.littleEndian, Array.init) }
  }

  static func floats(_ values: [Float], shape: [Int]? = nil) -> SavedTensor {
    SavedTensor(.float32, values.map(\.bitPattern), shape: shape)
  }

  static func doubles(_ values: [Double]) -> SavedTensor { SavedTensor(.float64, values.map(\.bitPattern)) }
  static func integers(_ values: [Int64]) -> SavedTensor { SavedTensor(.int64, values) }
}
