import Foundation
import Testing
import Text

struct TokenizerOptionsTests {
  private func options(_ files: [String: String]) throws -> TokenizerOptions {
    try withTemporaryFolder { folder in
      for (name, content) in files { try Foundation.Data(content.utf8).write(to: URL(filePath: "\(folder)/\(name)")) }
      return try TokenizerOptions(directory: folder)
    }
  }

  @Test("Without any file the options are the reference's defaults")
  func defaults() throws {
    #expect(try options([:]) == TokenizerOptions(lowercase: true, stripAccents: true, tokenizeChineseCharacters: true))
  }

  @Test("tokenizer_config.json comes before tokenizer.json, and that before config.json")
  func order() throws {
    var files = ["config.json": #"{"do_lower_case": false}"#]
    #expect(try options(files) == TokenizerOptions(lowercase: false))
    files["tokenizer.json"] =
      #"{"normalizer": {"lowercase": true, "strip_accents": false, "handle_chinese_chars": false}}"#
    #expect(
      try options(files)
        == TokenizerOptions(lowercase: true, stripAccents: false, tokenizeChineseCharacters: false))
    files["tokenizer_config.json"] = #"{"do_lower_case": false, "strip_accents": true, "tokenize_chinese_chars": true}"#
    #expect(try options(files) == TokenizerOptions(lowercase: false, stripAccents: true))
  }

  @Test("strip_accents null follows lower case", arguments: [true, false])
  func nullAccents(lowercase: Bool) throws {
    let options = try options(["tokenizer_config.json": "{\"do_lower_case\": \(lowercase), \"strip_accents\": null}"])
    #expect(options.stripAccents == lowercase)
  }

  @Test("A file that is no JSON is refused by name")
  func malformed() {
    #expect(
      performing: { try options(["tokenizer_config.json": "{"]) },
      throws: { error in
        "\(error)".contains("/tokenizer_config.json: not JSON (byte 2:")
      })
  }
}
