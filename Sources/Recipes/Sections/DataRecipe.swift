import Data
import Models

/// Recipe section `model`: what is trained, and from which weights.
public struct ModelRecipe {
  public enum Kind: String, Sendable, CaseIterable {
    case textClassifier = "bert-classifier"
    case imageClassifier = "image-classifier"
  }

  /// What becomes of a trained model's head.
  public enum HeadWeights: String, Sendable, CaseIterable {
    /// It must fit.
    case keep
    /// It starts from random weights.
    case new
  }

  public var kind: Kind
  /// A Hugging Face directory (for images the folder of a residual network), or nil for random weights.
  public var from: String?
  /// Keys of a `config.json`, where the weights are random.
  public var configuration: [String: Any]?
  public var vocabulary: String?
  /// The number of classes that the user expects; the rows say how many there are.
  public var labels: Int?
  /// What becomes of the head of `from`; nil where it is kept if it fits the rows' classes.
  public var headWeights: HeadWeights?
  /// What the recipe says of the head.
  public var head: HeadChoice
  /// Module or parameter paths; they and everything below them are frozen.
  public var freeze: [String]
  /// The backward pass computes layers again, of which it then needs the inputs alone.
  public var recomputesLayers: Bool
  /// Which images batch norms normalise together in training.
  public var statistics: StatisticsScope

  /// Classes beyond this are not what a classifier's head is for.
  private static let mostLabels = 1_000_000

  init(_ section: Section) throws {
    kind = try section.choice("kind", default: .textClassifier)
    from = try section.string("from")
    let configured = try section.section("configuration")
    configuration = configured?.plainValues()
    vocabulary = try section.string("vocabulary")
    labels = try section.integer("labels", atLeast: 2, atMost: Self.mostLabels)
    headWeights = try section.choice("head_weights")
    head = try Self.head(section)
    freeze = try section.strings("freeze", default: [])
    recomputesLayers = try section.boolean("recompute", default: false)
    statistics = try section.choice("statistics", default: .microbatch)
    try section.finish()
    if kind == .textClassifier, section.contains("statistics") {
      throw section.error("statistics", "belongs to batch norms, which this model has none of; leave it out")
    }
    if kind == .imageClassifier, section.contains("recompute") {
      throw section.error("recompute", "is for the layers of text classifiers' encoders; leave it out")
    }
    if kind == .imageClassifier, vocabulary != nil {
      throw section.error("vocabulary", "belongs to text classifiers; leave it out")
    }
    if from != nil && configuration != nil {
      throw section.error("configuration", "is given next to from; keep one of them")
    }
    if from == nil, headWeights != nil {
      throw section.error("head_weights", "belongs to the head of model.from, which is not given; leave it out")
    }
    if let configured { try ConfigurationCheck(kind, labels: labels ?? 2).check(configuration ?? [:], of: configured) }
    if kind == .imageClassifier, head.pooling != nil || head.hidden != nil {
      throw section.error("head", "has pooling or hidden, which belong to text classifiers; leave them out")
    }
  }

  /// Reads `head`, and `multi_sample_dropout`, which is another name of `head.dropout`.
  private static func head(_ section: Section) throws -> HeadChoice {
    let samples = try section.numbers("multi_sample_dropout")
    try check(samples, "multi_sample_dropout", section)
    let head = try section.section(orEmpty: "head")
    let choice = HeadChoice(
      pooling: try head.choice("pooling"), dropouts: try head.numbers("dropout") ?? samples,
      hidden: try head.integer("hidden", atLeast: 1, atMost: 65_536))
    try head.finish()
    if samples != nil, head.contains("dropout") {
      throw section.error(
        "multi_sample_dropout", "is given next to head.dropout, which means the same; keep one of them")
    }
    try check(choice.dropouts, "dropout", head)
    return choice
  }

  private static func check(_ dropouts: [Double]?, _ key: String, _ section: Section) throws {
    guard let dropouts else { return }
    if let bad = dropouts.first(where: { !(0..<1).contains($0) }) {
      throw section.error(key, "holds \(bad); give probabilities below 1")
    }
    if dropouts.isEmpty { throw section.error(key, "is empty; give at least one probability or leave it out") }
  }
}

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

/// Recipe section `batch`: how rows become steps.
public struct BatchRecipe {
  /// Rows of a global batch, whatever the rank count.
  public var size: Int
  /// Rows that are computed at once.
  public var microbatch: Int
  /// Global batches whose rows are sorted by length together; 0 or 1 for none.
  public var buckets: Int

  init(_ section: Section) throws {
    size = try section.integer("size", default: 32, atLeast: 1, atMost: 1_000_000)
    microbatch = try section.integer(
      "microbatch", default: Self.usualMicrobatch(size: size), atLeast: 1, atMost: 65_536)
    buckets = try section.integer("buckets", default: 0, atLeast: 0, atMost: 1_000_000)
    try section.finish()
    guard size % microbatch == 0 else {
      throw section.error("microbatch", "is \(microbatch), which does not divide batch.size \(size); give a divisor")
    }
  }

  /// The largest divisor of the batch up to 16 rows of which there are 8 or more, so that 8 ranks have work. It depends on the
  /// recipe alone, as all that is computed does.
  private static func usualMicrobatch(size: Int) -> Int {
    (1...max(1, min(16, size / 8))).last { size % $0 == 0 } ?? 1
  }
}
