import Support

/// The objects of a JSON file, all values of them.
struct RawObjects {
  let rows: [[JSONValue.Member]]

  /// - Throws: `TableError` where a row is not an object.
  init(_ content: [UInt8], file: String) throws(TableError) {
    var rows: [[JSONValue.Member]] = []
    func add(_ json: ArraySlice<UInt8>, line: Int) throws(TableError) {
      let value: JSONValue
      do throws(JSONError) { value = try JSONParser.parse(Array(json), keepsDigits: true) } catch {
        let isOne = rows.isEmpty && (try? JSONParser.parse(content))?.members != nil
        throw isOne
          ? .malformed(
            file, line: line, "is one object over several lines",
            remedy: "write the rows as an array of objects, or one object a line")
          : .malformed(file, line: line, "is not JSON (\(error))")
      }
      guard case .object(let members) = value else {
        throw .malformed(
          file, line: line, "is \(value.phrase), not a JSON object",
          remedy: "write each row as one object with a key a column")
      }
      rows.append(members)
    }
    var texts = JSONTexts(content, file: file)
    while let text = try texts.next() { try add(content[text.range], line: text.line) }
    self.rows = rows
  }
}
