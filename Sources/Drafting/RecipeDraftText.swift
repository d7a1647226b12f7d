import Data

extension RecipeDraft {
  /// The recipe as YAML, with a comment where a choice was made.
  ///
  /// - Parameter name: of the recipe's file, for the commands in its first lines.
  public func text(name: String) -> String {
    let run = name.split(separator: "/").last.map { $0.prefix { $0 != "." } }.map(String.init) ?? "run"
    let head =
      ["# A recipe for \(train.files), drafted by lockstep init from its rows. Change what you know better."]
      + commands(recipe: name, run: run.isEmpty ? "run" : run).map { "#   \($0)" } + [
        "# Nothing in it depends on this machine: any number of ranks computes the same.",
        "seed: 2021",
      ]
    let lines = head + modelLines + dataLines + taskLines + stepLines
    // Names of columns and files may hold line breaks, which would end a comment.
    return lines.map { $0.split(whereSeparator: \.isNewline).joined(separator: " ") + "\n" }.joined()
  }

  private var modelLines: [String] {
    let remark =
      model.tokenizer != nil
      ? []
      : lengths.ideographShare > 0.2
        ? ["  # reads English; take a Chinese model's folder in its place, such as that of bert-base-chinese"]
        : ["  # launch/fetch-minilm fetches it; any folder in Hugging Face's format will do"]
    return ["model:"] + remark + ["  from: \(YAMLText.scalar(model.path))"]
  }

  private var dataLines: [String] {
    var lines = ["data:"]
    lines.append(commented("  train: \(YAMLText.names(train.files.names))", "\(train.rowCount) rows"))
    if let validation {
      lines.append(commented("  validation: \(YAMLText.names(validation.files.names))", "\(validation.rowCount) rows"))
    } else {
      let share = task == .singleLabel ? ", with its share of each class" : ""
      let column = train.areQuestions ? roles.pair?.name : repeatsTexts ? roles.text.name : nil
      let whole = column == nil ? "" : ", and equal \(train.areQuestions ? "contexts" : "texts") stay on one side"
      let group = column.map { "{fraction: 0.1, group: \(YAMLText.scalar($0))}" } ?? "0.1"
      lines.append(commented("  split: \(group)", "a tenth of the rows validates\(share)\(whole)"))
    }
    if !train.options.hasHeader {
      lines.append(commented("  header: false", "the first line is a row: columns are numbers from 0"))
    }
    if train.options.encoding != .utf8 {
      lines.append(
        commented("  encoding: \(train.options.encoding.rawValue)", "not UTF-8, and this is a guess: look at the texts")
      )
    }
    switch quotes {
    case .auto: break
    case .none: lines.append(commented("  quotes: none", "quotes that begin fields are letters"))
    case .rfc4180: lines.append(commented("  quotes: rfc4180", "quotes around fields are not part of them"))
    }
    if !train.areQuestions { lines.append("  columns: {\(columns)}") }
    let counted = lengths.isEstimate ? "tokens, estimated from words" : "tokens"
    let cut =
      lengths.common <= maximumLength
      ? "" : ", so that longer ones are \(task == .spanAnswer ? "read in windows" : "cut")"
    lines.append(
      commented(
        "  maximum_length: \(maximumLength)",
        "\(counted): half of the rows have up to \(lengths.median), 99 of 100 up to \(lengths.common), the longest"
          + " \(lengths.longest)\(cut)"))
    return lines
  }

  /// Whether validation rows would often be training rows: where rows are texts alone, and texts stand in several of them.
  private var repeatsTexts: Bool {
    let distinct = roles.text.counts.count
    return roles.pair == nil && roles.options.isEmpty && (roles.text.present - distinct) * 200 > roles.text.present
      && distinct * 4 > roles.text.present
  }

  /// How quotes are read; nothing where the validation rows would be read in another way.
  var quotes: TableOptions.Quotes {
    validation.map { $0.options.quotes == train.options.quotes } ?? true ? train.options.quotes : .auto
  }

  private var columns: String {
    let labels = roles.labels.map(\.name)
    let options = roles.options.map(\.name)
    var pairs = ["text: \(YAMLText.scalar(roles.text.name))"]
    if let pair = roles.pair { pairs.append("pair: \(YAMLText.scalar(pair.name))") }
    if !options.isEmpty { pairs.append("options: \(YAMLText.names(options))") }
    pairs.append("label: \(YAMLText.names(labels))")
    if let id = roles.id { pairs.append("id: \(YAMLText.scalar(id.name))") }
    return pairs.joined(separator: ", ")
  }

  private var taskLines: [String] {
    let remarks = classRemarks + self.remarks.map { "# \($0)" }
    return remarks + [taskSection].compactMap(\.self)
  }

  /// The classes or labels with their rows, or the range of values.
  private var classRemarks: [String] {
    let labels = roles.labels
    switch task {
    case .regression, .similarity:
      return labels.map { column in
        let values = column.counts.compactMap { entry in
          WholeNumber.decimal(entry.key).map { (value: $0, rows: entry.value) }
        }
        let sum = values.reduce(0) { $0 + $1.value * Double($1.rows) }
        let rows = values.reduce(0) { $0 + $1.rows }
        let (least, most) = (values.map(\.value).min() ?? 0, values.map(\.value).max() ?? 0)
        return
          "# \(YAMLText.comment(column.name)): from \(Self.short(least)) to \(Self.short(most)), mean \(Self.short(sum / Double(max(1, rows))))"
      }
    case .multiLabel where labels.count > 1:
      let counts = labels.map { column in
        (column.name, column.counts.reduce(0) { WholeNumber.decimal($1.key) == 1 ? $0 + $1.value : $0 })
      }
      return [classLine("labels", Dictionary(counts) { first, _ in first })]
    case .spanAnswer:
      return ["# \(labels[0].rows) questions, \(labels[0].rows - labels[0].present) of them without an answer"]
    case .singleLabel, .multiLabel, .multipleChoice, .tokenClassification:
      let what =
        task == .singleLabel ? "classes" : task == .multiLabel ? "labels" : task == .multipleChoice ? "answers" : "tags"
      return [classLine(what, labels[0].labels)]
    }
  }

  private func classLine(_ what: String, _ counts: [String: Int]) -> String {
    let sorted = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    let shown = sorted.prefix(20).map { "\(YAMLText.comment($0.key)) \($0.value)" }.joined(separator: ", ")
    return "# \(counts.count) \(what): \(shown)" + (sorted.count > 20 ? ", …" : "")
  }

  private var stepLines: [String] {
    let ranks = batchSize / microbatch
    let lines = [
      commented(
        "batch: {size: \(batchSize), microbatch: \(microbatch)}",
        "a step of \(batchSize) rows, \(microbatch) at once: up to \(ranks) ranks have work"),
      "epochs: \(epochs)",
      commented("optimizer: {kind: adamw, learning_rate: 5.0e-5}", "2.0e-5 for models of 100 million weights and more"),
      "schedule: {kind: linear, warmup: 0.1}",
      "clip: 1.0",
    ]
    guard task == .singleLabel else { return lines }
    let rows = roles.labels[0].counts.values
    let isUneven = (rows.min() ?? 0) * 3 < (rows.max() ?? 0)
    let isBinary = rows.count == 2
    let metrics = isBinary ? "accuracy, f1, matthews" : "accuracy, f1_macro"
    let best = !isUneven ? "accuracy" : isBinary ? "matthews" : "f1_macro"
    return lines + [
      commented(
        "evaluate: {metrics: [\(metrics)], best: \(best)}",
        isUneven ? "classes are uneven, so accuracy says little" : nil)
    ]
  }

  private static func short(_ value: Double) -> String {
    let thousandths = (value * 1000).rounded() / 1000
    return Int(exactly: thousandths).map(String.init) ?? String(thousandths)
  }

  private func commented(_ line: String, _ comment: String?) -> String {
    comment.map { line.padded(to: 40) + "# \($0)" } ?? line
  }
}

extension String {
  /// With blanks up to a width, and two at least.
  fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(2, width - count)) }
}
