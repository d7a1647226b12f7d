import Support

extension Table {
  /// What one file holds.
  struct Content {
    let rows: [Row]
    let quoting: Quoting
    /// Whether some cell of a label column is a list.
    let hasLists: Bool
    /// The names of its columns, or the fields of its first line; nil where rows name their values themselves.
    private(set) var columns: [String]?

    init(
      _ content: [UInt8], format: TableFormat, columns: ColumnMapping, limit: Int, options: TableOptions,
      source file: String,
      linesBefore: Int
    ) throws(TableError) {
      let content = try Self.text(content, file: file, options: options, columns.vocabulary)
      switch format {
      case .tsv, .csv:
        let read = try DelimitedRows(
          content, isTabSeparated: format == .tsv, file: file, columns: columns, limit: limit, options: options,
          firstLine: linesBefore)
        (rows, quoting, hasLists, self.columns) = (read.rows, read.quoting, false, read.columns)
      case .jsonl:
        guard options.hasHeader else { throw .namedValues(file, columns.vocabulary) }
        let reader = JSONRows(
          file: file, columns: columns, linesBefore: linesBefore, readsWords: options.readsWords,
          readsQuestions: options.readsQuestions)
        let read = try reader.rows(content, limit: limit)
        (rows, quoting, hasLists) = (read.rows, .plain, read.hasLists)
      case .conll:
        let reader = SentenceRows(file: file, columns: columns, linesBefore: linesBefore)
        (rows, quoting, hasLists) = (try reader.rows(content, limit: limit), .plain, !columns.labels.isEmpty)
      case .lines: (rows, quoting, hasLists) = (Self.lines(content, limit: limit), .plain, false)
      }
      guard !rows.isEmpty else { throw .noRows(file) }
    }

    /// The content in UTF-8, without a byte order mark, with line feeds at the ends of its lines.
    static func text(
      _ content: [UInt8], file: String, options: TableOptions, _ words: ColumnVocabulary
    ) throws(TableError) -> [UInt8] {
      func line(of offset: Int, in bytes: [UInt8]) -> Int { 1 + bytes[..<offset].count { $0 == 0x0A } }
      var text: [UInt8]
      do throws(TextEncoding.Failure) { text = try options.encoding.decode(content) } catch {
        if options.encoding == .utf8, let zero = content.firstIndex(of: 0) {
          throw .zeroByte(file, line: line(of: zero, in: content), words)
        }
        let place =
          if case .invalid(let offset) = error { line(of: min(offset, content.count), in: content) } else { 1 }
        throw .encoding(file, line: place, error, options.encoding, words)
      }
      guard text.contains(where: { !$0.isBlank }) else { throw .empty(file) }
      if let zero = text.firstIndex(of: 0) { throw .zeroByte(file, line: line(of: zero, in: text), words) }
      // Carriage returns alone end the lines of old spreadsheets.
      if !text.contains(0x0A), text.contains(0x0D) { text = text.map { $0 == 0x0D ? 0x0A : $0 } }
      return text
    }

    private static func lines(_ content: [UInt8], limit: Int) -> [Row] {
      let lines = String(decoding: content, as: UTF8.self).split(omittingEmptySubsequences: false) {
        $0 == "\n" || $0 == "\r\n"
      }
      return lines.enumerated().prefix(limit).compactMap { index, line in
        // A line's end ends the last line, and begins no other.
        index == lines.count - 1 && line.isEmpty
          ? nil : Row(text: String(line), line: index + 1)
      }
    }
  }
}
