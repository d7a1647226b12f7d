import Support

/// The objects of a JSON file, all values of them.
struct RawObjects {
  let rows: [[JSONValue.Member]]

  /// - Throws: `TableError` where a row is not an object.
  init(_ content: [UInt8], file: String) throws(TableError) {
    let first = content.first { !($0 == 0x20 || 0x09...0x0D ~= $0) }
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
    if first == UInt8(ascii: "[") {
      var elements = JSONElements(content)
      while true {
        let element: (range: Range<Int>, line: Int)?
        do throws(DelimitedError) { element = try elements.next() } catch {
          throw .malformed(file, line: error.line, error.reason, remedy: "correct the file")
        }
        guard let element else { break }
        try add(content[element.range], line: element.line)
      }
    } else {
      for (index, line) in content.split(separator: 0x0A, omittingEmptySubsequences: false).enumerated()
      where !line.allSatisfy({ $0 == 0x20 || 0x09...0x0D ~= $0 }) { try add(line, line: index + 1) }
    }
    self.rows = rows
  }
}
