import Foundation
import Lockstep
import Testing
import TestSupport

@Suite("The guide to recipes")
struct RecipeGuideTests {
  /// What the program asks of recipes that leave everything out, and of one for each technique that has keys of its own.
  private static func read() throws -> [String: RecipeReading.Key] {
    let sections = [
      "{}",
      "{label_smoothing: {}, class_weights: balanced, r_drop: {}, self_distillation: {}, freelb: {}, ema: {}}",
      "{focal_loss: {}, fgm: {}, multi_sample_dropout: {}, freeze: [{paths: [bert.embeddings], until_step: 1}]}",
      "{pgd: {}, swa: {start: 1, learning_rate: 0.1, anneal: {}}}",
      "{awp: {}, class_weights: [1, 1, 1]}",
    ]
    let sources = ["rows.tsv", "{images: a, labels: b}", "[a.tsv, b.tsv]"]
    var keys: [String: RecipeReading.Key] = [:]
    for (index, section) in sections.enumerated() {
      let source = sources[index % sources.count]
      let recipe = try Recipe(
        RecipeDocument(
          yaml: """
            model: {configuration: {}}
            data: {train: \(source), windows: {}, \(index == 3 ? "split: {}" : "validation: \(source)")}
            optimizer: \(index == 1 ? "{}" : "{lookahead: {}}")
            reduction: \(index == 0 ? "ring" : index == 1 ? "{outer: {}}" : "{}")
            techniques: \(section)
            """, source: "guide"))
      let techniques = try #require(recipe.techniques)
      var parts = try TinyBert.parts(microbatch: 4, multiSampleDropout: [0.1, 0.2])
      var assembly = TechniqueAssembly(techniques, schedule: .constant(), learningRate: 1e-3, totalSteps: 10)
      assembly.dropoutSamples = 2
      _ = try assembly.install(in: &parts)
      for (path, key) in techniques.reading.keys {
        keys[path, default: key].types.formUnion(key.types)
        if let fallback = key.fallback { keys[path]?.fallback = fallback }
      }
    }
    for kind in TaskKinds.all {
      for (path, key) in try read(kind) where keys[path] == nil || path.hasPrefix("task.") {
        keys[path, default: key].types.formUnion(key.types)
        if let fallback = key.fallback { keys[path]?.fallback = fallback }
      }
    }
    return keys
  }

  /// What a task asks of a recipe that names it, with label columns of any form that it takes.
  private static func read(_ kind: any LearningTask.Type) throws -> [String: RecipeReading.Key] {
    let recipe = try Recipe(
      RecipeDocument(
        yaml: "{task: {kind: \(kind.kind)}, model: {configuration: {}}, data: {train: rows.jsonl}}", source: "guide"))
    let rows = [
      ("{\"a\": 0.5, \"o\": []}", ["a"], [], "{\"a\": 1, \"o\": []}"),
      ("{\"a\": [\"x\", \"y\"]}", ["a"], [], "{\"a\": [\"x\"]}"),
      ("{\"a\": 0, \"o\": [\"x\", \"y\"]}", ["a"], ["o"], "{\"a\": 1, \"o\": [\"x\", \"y\"]}"),
    ]
    for (first, labels, options, second) in rows {
      let columns = ColumnMapping(text: "t", labels: labels, options: options)
      let text = [first, second].map { "{\"t\": \"w\", " + $0.dropFirst() }.joined(separator: "\n")
      let table = try Table(Array(text.utf8), format: .jsonl, columns: columns, source: "guide")
      _ = try? kind.init(table.targetCells, start: TaskStart(recipe: recipe))
    }
    return recipe.task.section.reading.keys
  }

  @Test("explains each key that is read, and no other")
  func keys() throws {
    let (read, explained) = (Set(try Self.read().keys), RecipeGuide.keys.map(\.path))
    #expect(read.subtracting(explained).sorted() == [], "read, but not explained")
    #expect(Set(explained).subtracting(read).sorted() == [], "explained, but not read")
    #expect(Set(explained).count == explained.count, "a key is explained twice")
  }

  @Test("tells of each key the types and the default that it is read with")
  func typesAndDefaults() throws {
    let read = try Self.read()
    for key in RecipeGuide.keys {
      #expect(Set(key.types) == read[key.path]?.types, "\(key.path)")
      switch key.fallback {
      case .value(let text): #expect(text == read[key.path]?.fallback, "\(key.path)")
      case .otherwise, .required: #expect(read[key.path]?.fallback == nil, "\(key.path)")
      }
    }
  }

  @Test("says what each key means, in words that begin small and end open")
  func words() {
    for key in RecipeGuide.keys {
      #expect(!key.meaning.isEmpty && !key.meaning.hasSuffix("."), "\(key.path)")
      #expect(!key.reason.hasSuffix("."), "\(key.path)")
    }
  }

  @Test("finds a key, a section, and the nearest one to a key that is not there")
  func lookup() throws {
    #expect(try RecipeGuide.keys(under: "batch.size").map(\.path) == ["batch.size"])
    #expect(
      try RecipeGuide.keys(under: "checkpoint").map(\.path) == [
        "checkpoint", "checkpoint.every", "checkpoint.minutes", "checkpoint.keep", "checkpoint.keep_improvements",
      ])
    #expect(try RecipeGuide.keys(under: nil).count == RecipeGuide.keys.count)
    let misspelt = #expect(throws: RecipeError.self) { try RecipeGuide.keys(under: "batch.sise") }
    #expect(misspelt?.description.contains("did you mean \"batch.size\"?") == true, "\(misspelt as Any)")
    let unplaced = #expect(throws: RecipeError.self) { try RecipeGuide.keys(under: "learning_rate") }
    #expect(unplaced?.description.contains("optimizer.learning_rate") == true, "\(unplaced as Any)")
  }

  @Test("is the table of the documentation's page")
  func page() throws {
    let page = try Documentation.text(of: "Recipes.md")
    #expect(
      page.contains("\n" + RecipeGuide.markdown),
      "the table differs: put in its place what lockstep recipe explain --markdown prints")
  }

  @Test("gives programs values, not texts")
  func json() throws {
    let text = "[" + RecipeGuide.keys.map(\.json.description).joined(separator: ",") + "]"
    let objects = try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [[String: Any]])
    let defaults = Dictionary(uniqueKeysWithValues: objects.map { ($0["key"] as? String ?? "", $0["default"]) })
    #expect(defaults["batch.size"] as? Int == 32)
    #expect(defaults["optimizer.learning_rate"] as? Double == 2e-5)
    #expect(defaults["optimizer.betas"] as? [Double] == [0.9, 0.999])
    #expect(defaults["optimizer.nesterov"] as? Bool == false)
    #expect(defaults["clip"] as? NSNull != nil)
  }
}
