import Foundation
import Layers
import Models
import Support
import Testing
import Text

/// What is exported reads texts as what was read did.
@Suite struct TokenizerExportTests {
  private static func folders() throws -> [JSONValue] {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "Vectors/tokenizer-folders.jsonl")
    return try FileReader.bytes(of: file.path).split(separator: 0x0A).map { try JSONParser.parse(Array($0)) }
  }

  @Test("Every option, name and added token of a folder is written, and read again", arguments: 0..<48)
  func roundTrip(index: Int) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "lockstep-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    for file in try Self.folders()[index]["files"]?.members ?? [] {
      try Data((file.value.string ?? "").utf8).write(to: URL(filePath: "\(folder)/\(file.key)"))
    }
    let files = try TokenizerFiles(directory: folder)
    let tokenizer = try WordPieceTokenizer(files)
    var sizes = EncoderConfiguration()
    (sizes.vocabularySize, sizes.hiddenSize, sizes.layers) = (tokenizer.tokenCount, 4, 1)
    (sizes.heads, sizes.intermediateSize, sizes.maximumPositions) = (1, 4, 16)
    var bert = BERT()
    bert.configuration = sizes
    let state = ModelState(TextClassifier(bert, labels: 2), seed: 1)
    try TextExporter(
      family: bert, description: HeadDescription(outputs: 2), tokenizer: tokenizer, maximumLength: 16
    ).write(weights: state.weights, buffers: state.buffers, to: folder + "/exported")
    let again = try TokenizerFiles(directory: folder + "/exported")
    #expect(try WordPieceTokenizer(again).fingerprint == tokenizer.fingerprint)
    #expect(again.names == tokenizer.names)
    #expect(again.isGeneric == files.isGeneric)
    #expect(again.maximumLength == 16)
  }
}
