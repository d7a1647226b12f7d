import Data

/// Which columns of a table hold what, found by their names and by what they hold.
struct ColumnRoles {
  private(set) var text: ColumnFacts
  private(set) var pair: ColumnFacts?
  private(set) var labels: [ColumnFacts]
  /// Answers among which one is right: one column that holds lists, or a column an answer.
  private(set) var options: [ColumnFacts] = []
  private(set) var id: ColumnFacts?
  /// Others that could be the labels.
  private(set) var otherLabels: [ColumnFacts] = []

  /// - Throws: `TableError` where no column holds texts, or none labels.
  init(_ table: RawTable, file: String) throws(TableError) {
    let columns = zip(table.names, table.columns).map { ColumnFacts($0, $1) }
    let isNamed = table.options.hasHeader
    let options = Self.options(among: columns)
    let rest = columns.filter { column in !options.contains { $0.name == column.name } }
    guard let text = Self.text(among: rest, isNamed: isNamed, hasOptions: !options.isEmpty) else {
      let names = columns.map { $0.name.debugDescription }.joined(separator: ", ")
      throw TableError(
        file: file, problem: "no column holds texts (columns: \(names))",
        remedy: "give a table with a column of texts, or write the recipe by hand")
    }
    let pair = Self.pair(of: text, among: rest, isNamed: isNamed, hasOptions: !options.isEmpty)
    let texts = [text.name, pair?.name].compactMap(\.self)
    let others = rest.filter { !texts.contains($0.name) && !$0.name.isEmpty }
    let id = Self.id(among: others, isNamed: isNamed)
    let candidates = others.filter { $0.name != id?.name }
    let labels = Self.labels(among: candidates, isNamed: isNamed, hasOptions: !options.isEmpty)
    guard !labels.isEmpty else {
      let names = others.map { $0.name.debugDescription }.joined(separator: ", ")
      throw TableError(
        file: file, problem: "no column holds labels (columns but for the text: \(names.isEmpty ? "none" : names))",
        remedy: "give a table with labels: classes as words or whole numbers, several 0 or 1, or decimal numbers")
    }
    (self.text, self.pair, self.labels, self.options, self.id) = (text, pair, labels, options, id)
    let own = labels.map(\.name)
    otherLabels = candidates.filter { $0.isCategorical && !own.contains($0.name) }
  }

  /// Of questions, their contexts and answers.
  init(questions columns: [ColumnFacts]) { (text, pair, labels) = (columns[0], columns[1], [columns[2]]) }

  private static func named(_ names: [String], among columns: [ColumnFacts]) -> [ColumnFacts] {
    names.flatMap { name in columns.filter { $0.plainName == name } }
  }

  /// Where rows have options, what a question is about comes before the question.
  private static func text(among columns: [ColumnFacts], isNamed: Bool, hasOptions: Bool) -> ColumnFacts? {
    let texts = isNamed ? named(ColumnNames.texts, among: columns).filter(\.isText) : []
    let known = texts.first { !hasOptions || $0.plainName != ColumnNames.question } ?? texts.first
    let longest = columns.filter(\.isText).max { $0.meanLength < $1.meanLength }
    // Titles come before texts in tables without a header, and both are read as a pair.
    guard !isNamed, let first = columns.first(where: \.isText) else { return known ?? longest ?? few(columns, isNamed) }
    return first
  }

  /// Texts that are too few or too short to be distinguished from other values: by name alone.
  private static func few(_ columns: [ColumnFacts], _ isNamed: Bool) -> ColumnFacts? {
    isNamed ? named(ColumnNames.texts, among: columns).first { !$0.isDecimal && !$0.hasLists } : nil
  }

  private static func pair(
    of text: ColumnFacts, among columns: [ColumnFacts], isNamed: Bool, hasOptions: Bool
  ) -> ColumnFacts? {
    guard isNamed else { return columns.first { $0.isText && $0.name != text.name } }
    // Without it nobody knows which option is right, however few questions there are.
    if hasOptions, text.plainName != ColumnNames.question,
      let question = named([ColumnNames.question], among: columns).first(where: { !$0.isDecimal && !$0.hasLists })
    {
      return question
    }
    let names = ColumnNames.pairs[text.plainName] ?? []
    return named(names, among: columns).first {
      !$0.isDecimal && !$0.hasLists && $0.meanLength >= 4 && $0.counts.count * 4 > $0.present
    }
  }

  private static func id(among columns: [ColumnFacts], isNamed: Bool) -> ColumnFacts? {
    isNamed
      ? named(ColumnNames.ids, among: columns).first { $0.present == $0.rows && $0.counts.count == $0.rows }
      : columns.first(where: \.isName)
  }

  /// The column whose name says it; else those of 0 and 1, or of decimal numbers, where they are several; else the one with the
  /// fewest values.
  private static func labels(among columns: [ColumnFacts], isNamed: Bool, hasOptions: Bool) -> [ColumnFacts] {
    let usable = columns.filter { $0.counts.count > 1 }
    let binary = usable.filter { $0.isBinary && $0.present == $0.rows }
    if isNamed {
      let known = named(ColumnNames.labels, among: usable).first {
        // The right option may be given as its text.
        !$0.isText || $0.delimiter != nil || hasOptions
      }
      let named = known ?? usable.first { $0.plainName.hasPrefix("is_") || $0.plainName.hasSuffix("_label") }
      if let named, !(binary.count > 2 && named.isBinary) { return [named] }
    }
    if binary.count > 1 { return binary }
    let decimal = usable.filter { $0.isDecimal && !$0.isWhole }
    if decimal.count > 1 { return decimal }
    let several = usable.filter { $0.delimiter != nil || $0.hasLists }
    let best =
      (binary + usable.filter(\.isCategorical).sorted { $0.counts.count < $1.counts.count } + several + decimal).first
    return best.map { [$0] } ?? []
  }

  /// A column of lists by its name, or columns that are named alike but for a number or letter at the end.
  private static func options(among columns: [ColumnFacts]) -> [ColumnFacts] {
    if let lists = named(ColumnNames.optionLists, among: columns).first(where: { $0.hasLists && $0.meanLength > 1 }) {
      return [lists]
    }
    for stem in ColumnNames.optionStems {
      let numbered = columns.filter { column in
        guard column.plainName.hasPrefix(stem), !column.isDecimal else { return false }
        let ending = column.plainName.dropFirst(stem.count).drop { $0 == "_" || $0 == " " || $0 == "-" }
        return ending.count == 1 && "0123456789abcdef".contains(ending)
      }
      if numbered.count > 1 { return numbered }
    }
    let letters = columns.filter { $0.name.count == 1 && "ABCDE".contains($0.name) && !$0.isDecimal }
    return letters.count > 1 && letters.first?.name == "A" ? letters : []
  }
}
