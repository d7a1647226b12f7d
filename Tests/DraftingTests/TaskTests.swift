import Data
import Drafting
import Testing

@Suite("A draft finds the task")
struct DraftTaskTests {
  private func task(_ lines: [String]) -> String? { lines.first { $0.hasPrefix("task:") } }

  @Test("classes, by word or whole number, need no section", arguments: ["yes", "0", "-1", "100", "3.0"])
  func classes(first: String) throws {
    let lines = try draft("sentence\tlabel\n" + rows(60) { "\(text($0))\t\($0 % 3 == 0 ? first : "1")" })
    #expect(task(lines) == nil)
    #expect(lines.contains("# 2 classes: 1 40, \(first) 20"), "\(lines)")
    #expect(lines.contains { $0.hasPrefix("evaluate: {metrics: [accuracy, f1, matthews]") })
  }

  @Test("labels of which a row has several: columns of 0 and 1, lists, or texts with a separator")
  func multiLabel() throws {
    let columns = try draft(
      "text\ttoxic\tinsult\tthreat\n" + rows(60) { "\(text($0))\t\($0 % 2)\t\($0 % 3 / 2)\t\($0 % 5 / 4)" })
    #expect(task(columns) == "task: {kind: multi-label}")
    #expect(columns.contains("  columns: {text: text, label: [toxic, insult, threat]}"), "\(columns)")
    let lists = try draft(
      rows(60) { "{\"text\": \"\(text($0))\", \"labels\": [\"a\"\($0 % 4 == 0 ? ", \"b\"" : "")]}" }, as: "t.jsonl")
    #expect(task(lists) == "task: {kind: multi-label}" && lists.contains("# 2 labels: a 60, b 15"), "\(lists)")
    let joined = try draft(rows(60) { "\(text($0))\t\($0 % 4)\($0 % 6 == 0 ? ",27" : "")\tid\($0)" })
    #expect(task(joined) == "task: {kind: multi-label, separator: \",\"}")
    #expect(joined.contains("  columns: {text: 0, label: 1, id: 2}"))
  }

  @Test("decimal numbers: a score of pairs is similarity, any other a regression")
  func numbers() throws {
    let pair = try draft("sentence1\tsentence2\tscore\n" + rows(60) { "\(text($0))\t\(text($0 + 1))\t\($0 % 6).5" })
    #expect(task(pair) == "task: {kind: similarity}" && pair.contains("# score: from 0.5 to 5.5, mean 3"), "\(pair)")
    let folder = try TableFolder()
    let scored = TableFiles(
      try folder.write(
        "sentence1\tsentence2\tscore\n" + rows(60) { "\(text($0))\t\(text($0 + 1))\t\($0 % 6).5" }, to: "t.tsv"))
    let known = try RecipeDraft(
      train: scored, validation: nil, model: .init(path: "model"), kinds: ["single-label", "regression"])
    #expect(known.text(name: "recipe.yaml").contains("\ntask: {kind: regression}\n"))
    let one = try draft("text\tscore\n" + rows(60) { "\(text($0))\t\(Double($0) / 7)" })
    #expect(task(one) == "task: {kind: regression}")
    let several = try draft("text\tcohesion\tsyntax\n" + rows(60) { "\(text($0))\t\($0 % 4).5\t\($0 % 3).25" })
    #expect(several.contains("  columns: {text: text, label: [cohesion, syntax]}"), "\(several)")
    let amounts = try draft("text\tscore\n" + rows(400) { "\(text($0))\t\($0 * 3)" })
    #expect(task(amounts) == "task: {kind: regression}")
  }

  @Test("questions about texts, as SQuAD or a row each, need no columns")
  func askedTexts() throws {
    func answers(_ row: Int) -> String {
      row % 4 == 0 ? "[]" : "[{\"text\": \"number \(row)\", \"answer_start\": 9}]"
    }
    func question(_ row: Int) -> String { "\"question\": \"which is \(row)?\", \"id\": \"\(row)\", \"answers\": " }
    let nested = (1...40).map { row in
      "{\"paragraphs\": [{\"context\": \"\(text(row))\", \"qas\": [{\(question(row))\(answers(row))}]}]}"
    }
    let flat = (1...40).map { row in
      let lists = row % 4 == 0 ? "[], \"answer_start\": []" : "[\"number \(row)\"], \"answer_start\": [9]"
      return "{\(question(row)){\"text\": \(lists)}, \"context\": \"\(text(row))\"}"
    }
    for content in [
      "{\"version\": \"v2.0\", \"data\": [\(nested.joined(separator: ",\n"))]}", flat.joined(separator: "\n"),
    ] {
      let lines = try draft(content, as: "t.json", validation: content)
      #expect(task(lines) == "task: {kind: span-answer}")
      #expect(lines.contains("# 40 questions, 10 of them without an answer"), "\(lines)")
      #expect(!lines.contains { $0.contains("columns") || $0.contains("--text") || $0.contains("--label") }, "\(lines)")
    }
    let long = try draft(
      "{\"data\": [{\"context\": \"\(String(repeating: "word ", count: 2000))\", \"qas\": [{\(question(1))[]}]}]}",
      as: "t.json")
    #expect(long.contains("  maximum_length: 384"), "\(long)")
    #expect(long.contains("  split: {fraction: 0.1, group: context}"), "\(long)")
  }

  @Test("answers among which one is right: a column each, or a list")
  func choices() throws {
    let columns = try draft(
      rows(40) {
        "{\"premise\": \"\(text($0))\", \"choice1\": \"it \($0)\", \"choice2\": \"he \($0)\", \"label\": \($0 % 2)}"
      },
      as: "t.jsonl")
    #expect(task(columns) == "task: {kind: multiple-choice}")
    #expect(columns.contains("  columns: {text: premise, options: [choice1, choice2], label: label}"), "\(columns)")
    let lists = try draft(
      rows(40) {
        "{\"question\": \"\(text($0))\", \"choices\": [\"it \($0)\", \"he\"], \"answerKey\": \"\($0 % 2 == 0 ? "A" : "B")\"}"
      },
      as: "t.jsonl")
    #expect(lists.contains("  columns: {text: question, options: choices, label: answerKey}"), "\(lists)")
  }

  @Test("what is asked of a text is its pair, however few questions there are, and the right option may be its text")
  func questions() throws {
    let copa = try draft(
      rows(40) {
        "{\"premise\": \"\(text($0))\", \"choice1\": \"it \($0)\", \"choice2\": \"he \($0)\", \"question\": \"\($0 % 3 == 0 ? "cause" : "effect")\","
          + " \"label\": \($0 % 2)}"
      }, as: "t.jsonl")
    #expect(
      copa.contains("  columns: {text: premise, pair: question, options: [choice1, choice2], label: label}"), "\(copa)")
    let race = try draft(
      rows(40) {
        "{\"article\": \"\(text($0))\", \"question\": \"who was there at the end of day \($0)?\", \"options\": [\"nobody but \($0)\","
          + " \"all of the others\"], \"answer\": \"\($0 % 2 == 0 ? "nobody but \($0)" : "all of the others")\"}"
      }, as: "t.jsonl")
    #expect(race.contains("  columns: {text: article, pair: question, options: options, label: answer}"), "\(race)")
    #expect(task(race) == "task: {kind: multiple-choice}")
  }
}
