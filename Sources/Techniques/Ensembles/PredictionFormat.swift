/// How predictions are written.
public enum PredictionFormat: String, Sendable, CaseIterable {
  case jsonl, csv, tsv

  /// By the ending of a file's name; `.json` holds lines as `.jsonl` does.
  /// - Throws: `EnsembleError` for any other ending.
  public init(file: String) throws {
    let name = file.split(separator: "/").last.map(String.init) ?? file
    switch name.contains(".") ? name.lowercased().split(separator: ".").last : nil {
    case "jsonl", "json": self = .jsonl
    case "csv": self = .csv
    case "tsv": self = .tsv
    default:
      throw EnsembleError(
        file, nil, "has an ending that does not say how to write it", "name the file .jsonl, .csv or .tsv")
    }
  }
}
