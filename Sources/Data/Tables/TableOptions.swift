/// How the bytes of a table become fields, where its name does not say.
public struct TableOptions: Sendable, Hashable {
  /// What a quote at the beginning of a field means.
  public enum Quotes: String, Sendable, CaseIterable {
    /// RFC 4180 in CSV; in TSV where it holds for the whole file.
    case auto
    /// A letter like any other, as in the files of GLUE.
    case none
    /// The beginning of a quoted field, as RFC 4180 has it.
    case rfc4180
  }

  public var quotes: Quotes
  public var encoding: TextEncoding
  /// Whether the first line of a comma- or tab-separated file names the columns; else columns are named by number from 0.
  public var hasHeader: Bool
  /// Whether the text may be a list of words, and the label a list or an object of what is labelled in it: JSON alone has them.
  public var readsWords = false
  /// Whether JSON may hold questions below the texts they are asked about, as SQuAD and CMRC 2018 do.
  public var readsQuestions = false
  /// Whether a .txt file is read, as one text a line.
  public var readsLines = false

  public init(quotes: Quotes = .auto, encoding: TextEncoding = .utf8, hasHeader: Bool = true) {
    self.quotes = quotes
    self.encoding = encoding
    self.hasHeader = hasHeader
  }
}

extension TableOptions {
  /// The same for rows of a layout.
  public func reading(_ layout: RowLayout) -> TableOptions {
    var options = self
    (options.readsWords, options.readsQuestions) = (layout.labelsParts, layout == .spans)
    return options
  }
}

/// How quotes of a table were read.
public enum Quoting: Int, Sendable {
  /// Nothing had to be decided.
  case plain
  /// A TSV whose fields begin with quotes was read as quoted.
  case assumedQuoted
  /// A TSV whose fields begin with quotes was read with quotes as letters.
  case assumedLiteral

  /// What was decided for a file, and how to decide it; nil where nothing was.
  package func note(on file: String, _ words: ColumnVocabulary) -> String? {
    let setting = words.setting("quotes", "none")
    return switch self {
    case .plain: nil
    case .assumedQuoted: "\(file): quotes around fields were taken off (RFC 4180); \(setting) keeps them as letters"
    case .assumedLiteral:
      "\(file): quotes at the beginning of fields are letters; \(setting) says so without asking the file"
    }
  }
}
