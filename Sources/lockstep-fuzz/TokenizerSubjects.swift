import Foundation
import Support
import Text

/// Readers of byte-level BPE and Unigram, whole files and the parts that are packed inside them.
extension Subjects {
  static func tokenizers(_ inputs: Inputs, _ files: Scratch) throws -> [Subject] {
    let golden = "Tests/Golden/families/tokenizers/"
    let encoded = try JSONParser.parse(FileReader.bytes(of: inputs.path(golden + "albert/tokenizer.json")))
    let map =
      encoded["normalizer"]?["normalizers"]?.elements?.lazy.compactMap { $0["precompiled_charsmap"]?.string }
      .first.flatMap { Data(base64Encoded: $0) } ?? Data()
    func read(_ file: String) throws {
      let text = "ab <mask> e\u{301}ﬁ\r\n １ it's  中文"
      let tokenizer = try Tokenizers.read(file: file)
      let room = tokenizer.shortestMaximumLength + 12
      _ = try? tokenizer.encode(
        text, pair: "a", maximumLength: room, truncation: Truncation(.onlyFirst), withOffsets: true)
    }
    return [
      Subject(name: "bpe", share: 10_000, seeds: [bytePairs], costPerByte: 512) { bytes in
        try read(files.write(bytes, "bpe-tokenizer.json"))
      },
      Subject(name: "merges", share: 10_000, seeds: [Array("#version: 0.2\na b\nab c\nĠ a\n".utf8)], costPerByte: 256) {
        bytes in
        let vocabulary =
          #"{"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "a": 4, "b": 5, "c": 6, "ab": 7, "abc": 8, "Ġ": 9, "Ġa": 10}"#
        _ = files.write(bytes, "merges.txt")
        try read(files.write(Array(vocabulary.utf8), "vocab.json"))
      },
      Subject(name: "unigram", share: 10_000, seeds: [unigram], costPerByte: 512) { bytes in
        try read(files.write(bytes, "unigram-tokenizer.json"))
      },
      Subject(
        name: "sentencepiece", share: 15_000,
        seeds: [sentencePiece(map: [UInt8](map)), sentencePiece(map: [])],
        costPerByte: 256
      ) { bytes in try read(files.write(bytes, "spm.model")) },
      // Within a file whose lengths are right.
      Subject(name: "character map", share: 10_000, seeds: [[UInt8](map)], costPerByte: 256) { bytes in
        try read(files.write(sentencePiece(map: bytes), "spiece.model"))
      },
    ]
  }

  private static let bytePairs =
    Array(
      ##"{"added_tokens": [{"id": 12, "content": "<mask>", "lstrip": true, "normalized": false, "special": true}], "##
        .utf8)
    + Array(
      ##""normalizer": {"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Prepend", "prepend": "a"}]}, "##
        .utf8)
    + Array(
      ##""pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}, "##
        .utf8)
    + Array(##""post_processor": {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0]}, "##.utf8)
    + Array(##""model": {"type": "BPE", "unk_token": null, "fuse_unk": false, "byte_fallback": false, "##.utf8)
    + Array(##""vocab": {"<s>": 0, "<pad>": 1, "</s>": 2, "<unk>": 3, "a": 4, "b": 5, "Ġ": 6, "c": 7, "ab": 8, "##.utf8)
    + Array(##""Ġa": 9, "abc": 10, "t": 11}, "merges": ["a b", ["Ġ", "a"], "ab c"]}}"##.utf8)

  private static let unigram =
    Array(
      ##"{"added_tokens": [{"id": 1, "content": "<unk>", "normalized": true, "special": true}], "##.utf8)
    + Array(##""normalizer": {"type": "Sequence", "normalizers": [{"type": "Strip"}, {"type": "NFKD"}, "##.utf8)
    + Array(
      ##"{"type": "StripAccents"}, {"type": "Lowercase"}, {"type": "Replace", "pattern": {"Regex": " {2,}"}, "##.utf8)
    + Array(
      ##""content": " "}]}, "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "Punctuation"}, "##.utf8)
    + Array(
      ##"{"type": "WhitespaceSplit"}, {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}]}, "##.utf8)
    + Array(
      ##""post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "s", "type_id": 0}}, "##
        .utf8)
    + Array(##"{"Sequence": {"id": "A", "type_id": 0}}], "pair": [{"Sequence": {"id": "A", "type_id": 0}}, "##.utf8)
    + Array(##"{"Sequence": {"id": "B", "type_id": 1}}], "special_tokens": {"s": {"id": "s", "ids": [2]}}}, "##.utf8)
    + Array(
      ##""model": {"type": "Unigram", "unk_id": 1, "byte_fallback": true, "vocab": [["<pad>", 0.0], ["<unk>", 0], "##
        .utf8)
    + Array(##"["s", -1.5], ["▁", -2], ["a", -2.25], ["▁a", -1e1], ["b", -3], ["ab", -3.5], ["<0xC3>", -9]]}}"##.utf8)

  /// A small model with DeBERTa's special pieces and a character map.
  private static func sentencePiece(map: [UInt8]) -> [UInt8] {
    func number(_ value: Int) -> [UInt8] {
      value < 128 ? [UInt8(value)] : [UInt8(value & 0x7F | 0x80)] + number(value >> 7)
    }
    func message(_ field: UInt8, _ bytes: [UInt8]) -> [UInt8] { [field << 3 | 2] + number(bytes.count) + bytes }
    let pieces = ["[PAD]", "[CLS]", "[SEP]", "[UNK]", "▁", "a", "▁a", "b", "ab", "1", "<pad>", "<unk>"]
    let listed = pieces.enumerated().flatMap { index, piece in
      let score = withUnsafeBytes(of: (-Float(index)).bitPattern.littleEndian) { Array($0) }
      return message(1, message(1, Array(piece.utf8)) + [0x15] + score + [0x18, index < 3 ? 3 : index == 3 ? 2 : 1])
    }
    return listed + message(2, [0x18, 1, 0xC0, 2, 3]) + message(3, message(2, map) + [0x28, 1])
  }
}
