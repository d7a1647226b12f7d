import Data

/// A header and records, to be written as comma- or tab-separated values.
struct TextTable {
  var header: [String]
  var records: [[String]]

  /// Quoted where RFC 4180 asks for it: fields with a separator, a quote or the end of a line.
  func text(separator: DelimitedTable.Separator) -> String {
    ([header] + records).map { fields in
      fields.map { Self.field($0, separator) }.joined(separator: separator.rawValue) + "\n"
    }.joined()
  }

  private static func field(_ text: String, _ separator: DelimitedTable.Separator) -> String {
    let isPlain = !text.unicodeScalars.contains {
      $0 == "\"" || $0 == "\n" || $0 == "\r" || String($0) == separator.rawValue
    }
    return isPlain ? text : "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
