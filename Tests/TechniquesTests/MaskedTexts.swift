import Data
import Foundation
import Models
import Tasks
import Tensors
import TestSupport
import Text
import Training

/// Texts of words w5 to w39, of a vocabulary of 40 with BERT's special tokens first, and of pieces and ideographs where asked.
enum MaskedTexts {
  static let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

  /// - Parameter words: behind the special tokens.
  static func tokenizer(_ words: [String] = (5..<40).map { "w\($0)" }) throws -> any Tokenizer {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      let file = folder + "/vocab.txt"
      try (special + words).joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
      return try Tokenizers.read(file: file)
    }
  }

  /// Texts of random words; `words(row)` of each.
  static func texts(_ rows: Int, words: (Int) -> Int) -> [String] {
    let stream = RandomStream(seed: 21, purpose: .initialization)
    return (0..<rows).map { row in
      (0..<words(row)).map { "w\(5 + stream.integer(below: 35, index: UInt64(row * 1000 + $0)))" }
        .joined(separator: " ")
    }
  }

  static func dataset(_ texts: [String], _ tokenizer: any Tokenizer, length: Int) throws -> TokenDataset {
    try TokenDataset(Table(texts.map { ($0, nil) }, source: "texts"), tokenizer: tokenizer, maximumLength: length)
  }

  static func task(
    _ tokenizer: any Tokenizer, length: Int, _ settings: [String: Any] = [:]
  ) throws -> MaskedLanguageModel {
    let head = HeadDescription(
      outputs: tokenizer.tokenCount, architecture: "BertForMaskedLM", settings: settings)
    return try MaskedLanguageModel(head).reading(TextReader(tokenizer: tokenizer, maximumLength: length))
  }

  /// What a model sees of rows, and what it is to predict: of each row its tokens, the places and the targets.
  static func seen(_ rows: any Dataset, _ chosen: [Int]) -> [(ids: [Int32], places: [Int], targets: [Int32])] {
    let batch = rows.microbatch(rows: chosen, positions: 0..<chosen.count)
    guard case .tokens(let tokens) = batch.input, let words = batch.words else { return [] }
    return chosen.indices.map { row in
      let own = batch.answers(of: row)
      let start = Int(tokens.offsets[row])
      return (
        Array(tokens.ids[start..<Int(tokens.offsets[row + 1])]), own.map { Int(words.tokens[$0]) - start },
        own.map { batch.labels[$0] }
      )
    }
  }
}
