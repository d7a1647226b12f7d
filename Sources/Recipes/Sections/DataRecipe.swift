import Data

/// Recipe section `data`: which rows are read, and how.
public struct DataRecipe {
  /// The files of a table, or the two of an IDX pair.
  public enum Source: Equatable, Sendable {
    case table(TableFiles)
    case images(images: String, labels: String)

    /// Whether its files give a word a line.
    public var isOfSentences: Bool {
      guard case .table(let files) = self else { return false }
      return files.names.allSatisfy { Table.Format(file: $0) == .conll }
    }
  }

  public var train: Source
  public var validation: Source?
  /// How validation rows are taken out of `train`; nil where they are not.
  public var split: SplitRecipe?
  /// The column whose equal values stay on one side of a split, and in one fold.
  public var group: String?
  /// Which columns hold what.
  public var columns: ColumnMapping
  /// The label columns of `validation`; nil for those of `columns`.
  public var validationLabels: [String]?
  public var maximumLength: Int
  /// Which text of a pair is cut; nil for what the tokenizer's files say.
  public var truncation: TruncationStrategy?
  /// The end at which texts are cut; nil for what the tokenizer's files say.
  public var truncationSide: TruncationSide?
  /// How longer rows are read; nil where they are cut.
  public var windows: RowWindows?
  /// First rows of the training data only.
  public var limit: Int?
  /// What quotes at the beginning of a field mean.
  public var quotes: TableOptions.Quotes
  public var encoding: TextEncoding
  /// Whether the first line of a comma- or tab-separated table names its columns.
  public var hasHeader: Bool
  /// Where tokens are cached; nil for the user's cache folder.
  public var cache: String?
  /// Whether tables are tokenised in any case, and their tokens cached anew.
  public var refreshesCache: Bool
  /// Whether rank 0 alone reads these files and those of the model, and hands them to the other ranks.
  public var isStreamed: Bool

  init(_ section: Section) throws {
    guard let train = try Self.source("train", in: section) else {
      throw section.error("train", "is missing; give a .tsv, .csv, .json, .jsonl or .conll file or an IDX pair")
    }
    self.train = train
    validation = try Self.source("validation", in: section)
    split = try SplitRecipe(section)
    if split != nil, validation != nil {
      throw section.error("split", "is given next to data.validation; keep one of them")
    }
    let columns = try section.section(orEmpty: "columns")
    self.columns = ColumnMapping(
      text: try columns.string("text", default: ColumnMapping.usualText), pair: try columns.string("pair"),
      labels: try Self.columns("label", in: columns) ?? [
        try columns.string("label", default: ColumnMapping.usualLabel)
      ],
      options: try Self.columns("options", in: columns) ?? [],
      negatives: try Self.columns("negative", in: columns) ?? [], id: try columns.string("id"))
    validationLabels = try Self.columns("validation_label", in: columns)
    if validationLabels != nil, validation == nil {
      throw columns.error("validation_label", "is given without data.validation, whose labels it names; leave it out")
    }
    group = try columns.string("group")
    try columns.finish()
    if let group = split?.group {
      if self.group != nil {
        throw columns.error("group", "is given next to data.split.group, which means the same; keep one of them")
      }
      self.group = group
    }
    maximumLength = try section.integer("maximum_length", default: 128, atLeast: 3, atMost: 65_536)
    truncation = try section.choice("truncation")
    truncationSide = try section.choice("truncation_side")
    windows = try RowWindows(section)
    limit = try section.integer("limit", atLeast: 1)
    quotes = try section.choice("quotes", default: .auto)
    encoding = try section.choice("encoding", default: .utf8)
    hasHeader = try section.boolean("header", default: true)
    let cache = try section.string("cache")
    refreshesCache = cache == "refresh"
    self.cache = refreshesCache ? nil : cache
    isStreamed = try section.boolean("streamed", default: false)
    try section.finish()
  }

  /// The key that names the group's column.
  public var groupKey: String { split?.group == nil ? "data.columns.group" : "data.split.group" }

  /// The columns of a list, or the one that a name alone is; nil where the key is not there.
  private static func columns(_ key: String, in section: Section) throws -> [String]? {
    let isList = section.isList(key)
    if !isList, let name = try section.string(key) { return [name] }
    let names = try section.strings(key)
    if let names, names.isEmpty { throw section.error(key, "is an empty list; name a column") }
    return names
  }

  private static func source(_ key: String, in section: Section) throws -> Source? {
    guard section.contains(key) else { return nil }
    if let path = try? section.string(key) { return .table(TableFiles(path)) }
    if let paths = section.isMapping(key) ? nil : try section.strings(key) {
      guard !paths.isEmpty else { throw section.error(key, "is an empty list; name at least one file") }
      return .table(TableFiles(paths))
    }
    guard let pair = try section.section(key) else { return nil }
    guard let images = try pair.string("images"), let labels = try pair.string("labels") else {
      throw section.error(key, "is an IDX pair without images and labels; give both")
    }
    try pair.finish()
    return .images(images: images, labels: labels)
  }
}
