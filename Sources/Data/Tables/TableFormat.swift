/// How rows are written.
public enum TableFormat: String, Sendable, CaseIterable {
  case tsv, csv
  /// One object a line, or an array of objects.
  case jsonl
  /// A word a line with its tags behind it, and an empty line after each sentence.
  case conll
  /// One text a line and nothing else: no header, no pair, no label.
  case lines

  /// By the ending of a file's name; `.gz` says nothing of what is packed.
  /// - Parameter readsLines: whether .txt is one text a line.
  package init?(file: String, readsLines: Bool = false) {
    let endings = file.lowercased().split(separator: ".")
    switch endings.last == "gz" ? endings.dropLast().last : endings.last {
    case "tsv": self = .tsv
    case "csv": self = .csv
    case "json", "jsonl": self = .jsonl
    case "conll", "bio", "iob", "iob2", "bioes", "iobes": self = .conll
    case "txt" where readsLines: self = .lines
    default: return nil
    }
  }
}
