import Foundation
import Support
import Testing
import Text

/// Normalization forms as the Rust library computes them, whose tables are older than the system's.
struct NormalizationFormTests {
  @Test("Each form gives the library's ids, for marks, jamo, ligatures and characters that it does not know")
  func forms() throws {
    let rows = try FileReader.bytes(of: Locations.vectors("tokenizer-forms.jsonl")).split(separator: 0x0A).map {
      try JSONParser.parse(Array($0))
    }
    #expect(rows.count == 160)
    let json = try JSONParser.parse(
      FileReader.bytes(of: Locations.golden("families/tokenizers/roberta/tokenizer.json")))
    for form in ["NFC", "NFD", "NFKC", "NFKD"] {
      try withTemporaryFolder { folder in
        let type = JSONValue.object([JSONValue.Member(key: "type", value: .string(form))])
        try json.replacing([("normalizer", type)]).text.write(
          toFile: folder + "/tokenizer.json", atomically: false, encoding: .utf8)
        let tokenizer = try Tokenizers.read(directory: folder)
        for row in rows where row["form"]?.string == form {
          let text = row["text"]?.string ?? ""
          let ids = row["ids"]?.elements?.compactMap(\.integer) ?? []
          let scalars = text.unicodeScalars.map { String($0.value, radix: 16) }.joined(separator: " ")
          #expect(tokenizer.encode(text, maximumLength: 1000).ids.map(Int.init) == ids, "\(form) of \(scalars)")
          let located = try tokenizer.encode(
            text, maximumLength: 1000, truncation: Truncation(), withOffsets: true)
          #expect(located.ids.map(Int.init) == ids, "\(form) of \(scalars)")
        }
      }
    }
  }
}
