import Lockstep
import TestSupport
import Testing

/// Numbers of recipes, each in every key that takes one: what no run can use is an error that names the key, and nothing
/// overflows on the way to it.
@Suite struct RecipeNumberTests {
  /// What the program says of a value of a key; empty where it is taken.
  private static func problem(_ path: String, _ value: String) throws -> String {
    var document = try RecipeDocument(yaml: "model: {from: m}\ndata: {train: a.tsv}", source: "r.yaml")
    let freeze = "techniques.freeze."
    if path.hasPrefix(freeze) {
      try document.set("techniques.freeze=[{paths: [bert], \(path.dropFirst(freeze.count)): \(value)}]")
    } else {
      if path.hasPrefix("techniques.swa."), path != "techniques.swa.start" {
        try document.set("techniques.swa.start=1")
      }
      try document.set("\(path)=\(value)")
    }
    do {
      let recipe = try Recipe(document)
      var parts = try TinyBert.parts(microbatch: 4)
      let labels = try Table(
        Array("t\tlabel\nw\t0.5\nw\t1\n".utf8), format: .tsv, columns: ColumnMapping(text: "t"), source: "r.yaml")
      if path.hasPrefix("task."), let kind = TaskKinds.all.first(where: { $0.keys.contains { $0.path == path } }) {
        _ = try kind.init(labels.targetCells, start: TaskStart(recipe: recipe))
      }
      _ = try TechniqueAssembly(recipe.techniques, schedule: .constant(), learningRate: 1, totalSteps: 5)
        .install(in: &parts)
      return ""
    } catch {
      return String(describing: error)
    }
  }

  private static func isNumber(_ type: RecipeValue) -> Bool {
    switch type {
    case .number, .positive: true
    default: false
    }
  }

  /// Keys with the types that take one whole number.
  private static let integers: [(path: String, least: Int, most: Int)] = RecipeGuide.keys.flatMap { key in
    key.types.compactMap { type in
      guard case .integer(let least, let most) = type else { return nil }
      return (key.path, least ?? .min, most)
    }
  }

  private static func name(_ path: String) -> String {
    path.replacing("techniques.freeze.", with: "techniques.freeze.0.")
  }

  @Test("a whole number beyond its bounds is refused by the key and the bound")
  func bounds() throws {
    #expect(Self.integers.count > 25)
    for (path, least, most) in Self.integers {
      for value in ["9223372036854775808", "99999999999999999999999999", most == .max ? nil : "9223372036854775807"] {
        guard let value else { continue }
        let problem = try Self.problem(path, value)
        #expect(problem.contains("\(Self.name(path)) is \(value); give at most \(most)"), "\(path): \(problem)")
      }
      if most < .max {
        #expect(
          try Self.problem(path, "\(most + 1)").contains("\(Self.name(path)) is \(most + 1); give at most"), "\(path)")
      }
      for value in ["\(least - 1)", "-9223372036854775808", "-99999999999999999999999"] {
        #expect(try Self.problem(path, value).contains("; give at least \(least)"), "\(path) \(value)")
      }
    }
  }

  @Test("the largest whole number that a key takes overflows nothing")
  func largest() throws {
    for (path, _, most) in Self.integers {
      let problem = try Self.problem(path, "\(most)")
      #expect(!problem.contains("give at most"), "\(path): \(problem)")
    }
  }

  @Test(
    "what is not a whole number in decimal digits is refused by the key",
    arguments: [
      "1.5", "1e400", ".inf", "-.inf", ".nan", "nan", "inf", "0x10", "0o17", "017", "0b11", "1_000", "1:30", "1e3",
      "many", "[1]", "{a: 1}", "true", "''", "１２",
    ])
  func spellings(value: String) throws {
    for (path, _, _) in Self.integers where path != "techniques.freeze.from_step" {
      let problem = try Self.problem(path, value)
      #expect(problem.contains("\(Self.name(path)) ") && problem.contains("not a whole number"), "\(path): \(problem)")
    }
  }

  @Test("what YAML 1.1 would read as a number is said in decimal digits")
  func remedies() throws {
    for (value, remedy) in [
      ("1_000", "write 1000"), ("1e3", "write 1000"), ("12.0", "write 12"), ("0x10", "write it in decimal digits"),
      ("010", "write it without zeros before it"), ("1:30", "write it in decimal digits"),
      ("9223372036854775807:59", "write it in decimal digits"), ("9:x", "give one"),
    ] {
      #expect(try Self.problem("batch.size", value).hasSuffix(remedy), "\(value)")
    }
  }

  @Test("the least whole number overflows nothing on the way to a message")
  func least() throws {
    let problems = try RecipeGuide.keys.filter { $0.types.contains(where: Self.isNumber) }.map {
      try Self.problem($0.path, "-9223372036854775808")
    }
    // Some keys take any number.
    #expect(problems.count { $0.contains("-9.223372036854776e+18; give") } > 20, "\(problems)")
  }

  @Test(
    "a number that is not finite, not decimal or not a number is refused by the key",
    arguments: [
      "1e400", "-1e400", ".inf", "-.inf", ".nan", "nan", "0x1p3", "1_000.5", "1:30.5", "fast", "[1, 2]", "{a: 1}",
      "true",
    ])
  func numbers(value: String) throws {
    let keys = RecipeGuide.keys.filter { $0.types.contains(where: Self.isNumber) }
    #expect(keys.count > 20)
    for key in keys
    where !(value.hasPrefix("[") && key.types.contains(.numbers))
      && !(value.hasPrefix("{") && key.types.contains(.mapping))
    {
      let problem = try Self.problem(key.path, value)
      #expect(problem.contains("\(key.path) is "), "\(key.path): \(problem)")
      #expect(problem.contains("which is not a"), "\(key.path): \(problem)")
    }
  }

  @Test("numbers that vanish or overflow as Float are refused by the key", arguments: ["1e-300", "1e300", "0", "-1"])
  func positives(value: String) throws {
    for key in RecipeGuide.keys where key.types.contains(.positive) {
      #expect(try Self.problem(key.path, value).contains("\(key.path) is "), "\(key.path)")
    }
  }

  @Test(
    "a list holds finite numbers",
    arguments: ["optimizer.betas", "model.multi_sample_dropout", "techniques.class_weights"],
    ["[.nan, 0.5, 0.5]", "[1e400, 0.5, 0.5]", "[0.5, .inf, 0.5]", "[0.5, x, 0.5]", "[[0.5], 0.5, 0.5]"])
  func lists(path: String, value: String) throws {
    #expect(try Self.problem(path, value).contains("\(path) "), "\(path)")
  }

  @Test("sizes of a configuration are bounded one by one, and together by this machine's memory")
  func configuration() throws {
    for key in [
      "hidden_size", "num_hidden_layers", "num_attention_heads", "intermediate_size", "max_position_embeddings",
      "type_vocab_size", "vocab_size",
    ] {
      for value in ["1073741824", "9223372036854775807", "99999999999999999999", "0", "-1", "1.5", ".inf", ".nan", "x"]
      {
        var document = try RecipeDocument(yaml: "data: {train: a.tsv}", source: "r.yaml")
        try document.set("model.configuration.\(key)=\(value)")
        let error = #expect(throws: RecipeError.self, "\(key)=\(value)") { try Recipe(document) }
        #expect(error?.key == "model.configuration.\(key)", "\(error as Any)")
      }
    }
    var document = try RecipeDocument(yaml: "data: {train: a.tsv}", source: "r.yaml")
    try document.set("model.configuration={hidden_size: 65536, num_hidden_layers: 1024}")
    let error = #expect(throws: RecipeError.self) { try Recipe(document) }
    #expect(error?.description.contains("and this machine has") == true, "\(error as Any)")
  }
}
