import Assembly
import Data
import Layers
import Models
import Tensors
import Text

/// The encoder of a folder, ready to make vectors of texts.
public final class Embedder {
  /// Columns of a vector.
  public var width: Int { inference.model.labels }
  /// What the user should know of the folder.
  public let notes: [String]
  private let path: String
  private let inference: Inference
  private let design: HeadDesign
  private let tokenizer: any Tokenizer
  private let maximumLength: Int

  /// A folder that does not say how it pools is read with the mean of all tokens.
  /// - Throws: `ModelError`, `SafetensorsError` or `VocabularyError`, naming the file.
  public init(directory path: String, threads: Int = Processor.usableCores) throws {
    self.path = path
    guard try ModelKind(of: path) == .text else {
      throw ModelError(file: path, problem: "is an image classifier", remedy: "give the folder of a text model")
    }
    let directory = try PretrainedDirectory(path: path)
    design = directory.sentences?.head ?? .vectors(.mean)
    tokenizer = try Tokenizers.read(directory: path)
    try directory.checkIDs(of: tokenizer)
    maximumLength = min(
      tokenizer.maximumLength ?? .max, directory.sentences?.maximumLength ?? .max, directory.family.mostTokens)
    let model = TextClassifier(directory.family, labels: 0, head: design)
    _ = try directory.load(into: ModelState(model, seed: 0))
    notes =
      directory.sentences == nil
      ? ["\(path) does not say how vectors are pooled (modules.json); the mean over all tokens is taken"] : []
    inference = Inference(model: model, engine: Tensors.Engine(threads: threads))
  }

  /// The vectors of the texts of a table, [rows × width], in the order of its rows.
  ///
  /// - Parameter isNormalized: whether each has the length 1; where the folder asks for that, it has it in any case.
  /// - Throws: `TokenDatasetError`, or `ModelError` where a vector is not finite.
  public func vectors(of table: Table, isNormalized: Bool = false) throws -> [Float] {
    let dataset = try TokenDataset(table, tokenizer: tokenizer, maximumLength: maximumLength)
    var vectors = [Float](repeating: 0, count: dataset.rowCount * width)
    try inference.forEachBatch(of: dataset) { rows, _, _, scores in
      let values = scores.values
      for (place, row) in rows.enumerated() {
        let own = values[place * width..<(place + 1) * width]
        guard own.allSatisfy(\.isFinite) else {
          throw ModelError(
            file: path, problem: "gives row \(row) a vector that is not finite",
            remedy: "use a model from before its weights ran away")
        }
        let length = own.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        let normalizer = isNormalized || design.isNormalized ? max(length, 1e-12) : 1
        for (column, value) in own.enumerated() { vectors[row * width + column] = Float(Double(value) / normalizer) }
      }
    }
    return vectors
  }
}

/// An array as NumPy writes it to a file, format version 1.0.
public enum NumPyFile {
  /// A matrix of Float32 in rows.
  public static func content(_ values: [Float], width: Int) -> [UInt8] {
    precondition(width > 0 && values.count % width == 0, "\(values.count) numbers in rows of \(width)")
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(values.count / width), \(width)), }"
    // Magic, version and length are 10 bytes; data begin at a multiple of 64.
    let length = (10 + header.utf8.count + 1 + 63) / 64 * 64 - 10
    let padding = [UInt8](repeating: UInt8(ascii: " "), count: length - header.utf8.count - 1)
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8)]
    bytes += Array(header.utf8) + padding + [UInt8(ascii: "\n")]
    bytes.reserveCapacity(bytes.count + 4 * values.count)
    for value in values { withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += $0 } }
    return bytes
  }
}
