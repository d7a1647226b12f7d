import Data
import Drafting
import Testing

@Suite("A draft finds the columns")
struct DraftColumnTests {
  @Test(
    "by their names, as published tables call them",
    arguments: [
      ("sentence\tlabel", "columns: {text: sentence, label: label}"),
      ("review\tsentiment", "columns: {text: review, label: sentiment}"),
      ("v2\tv1", "columns: {text: v2, label: v1}"),
      ("comment_text\tis_toxic", "columns: {text: comment_text, label: is_toxic}"),
      (" verified_reviews\tfeedback ", "columns: {text: \" verified_reviews\", label: \"feedback \"}"),
    ])
  func names(header: String, columns: String) throws {
    let lines = try draft(header + "\n" + rows(40) { "\(text($0))\t\($0 % 2)" })
    #expect(lines.contains("  " + columns), "\(lines)")
  }

  @Test(
    "of pairs, with an id",
    arguments: [
      ("sentence1", "sentence2"), ("premise", "hypothesis"), ("#1 String", "#2 String"), ("question1", "question2"),
    ])
  func pairs(first: String, second: String) throws {
    let lines = try draft(
      "index\t\(first)\t\(second)\tlabel\n"
        + rows(40) { "\($0)\t\(text($0))\tanother \(text($0 + 1))\t\($0 % 2 == 0 ? "yes it is" : "no")" })
    let quoted = first.hasPrefix("#") ? ("\"\(first)\"", "\"\(second)\"") : (first, second)
    #expect(lines.contains("  columns: {text: \(quoted.0), pair: \(quoted.1), label: label, id: index}"), "\(lines)")
  }

  @Test("by what they hold where their names say nothing")
  func content() throws {
    let lines = try draft("a\tb\tc\n" + rows(60) { "\($0 % 3 == 0 ? "sport" : "news")\tx\($0 % 30)\t\(text($0))" })
    #expect(lines.contains("  columns: {text: c, label: a}"), "\(lines)")
  }

  @Test("by number where the first line is a row")
  func numbers() throws {
    let acceptability = try draft(rows(60) { "gj0\($0 % 4)\t\($0 % 2)\t\($0 % 2 == 0 ? "*" : "")\t\(text($0))" })
    #expect(acceptability.contains("  header: false") && acceptability.contains("  columns: {text: 3, label: 1}"))
    let news = try draft(
      rows(60) { "\"\(1 + $0 % 4)\",\"Title of \(text($0))\",\"\(text($0)), and more\"" }, as: "t.csv")
    #expect(news.contains("  header: false") && news.contains("  columns: {text: 1, pair: 2, label: 0}"), "\(news)")
    let emotions = try draft(rows(60) { "\(text($0))\t\($0 % 5)\te\($0)x" })
    #expect(emotions.contains("  columns: {text: 0, label: 1, id: 2}"), "\(emotions)")
    let posts = try draft(rows(60) { "\(1_467_810_369_000_000_000 + 977 * $0)\t\($0 % 3)\t\(text($0))" })
    #expect(posts.contains("  columns: {text: 2, label: 1, id: 0}"), "\(posts)")
    let plain = try draft("sentence\tlabel\n" + rows(60) { "\(text($0))\t\($0 % 2)" })
    #expect(!plain.contains("  header: false"))
  }

  @Test("of JSON rows, gzipped or not, and says nothing of a header")
  func objects() throws {
    let lines = try draft(
      rows(40) {
        "{\"id\": \($0), \"sentence1\": \"\(text($0))\", \"sentence2\": \"\(text($0 + 7))\", \"label\": \"\($0 % 2)\"}"
      }, as: "t.json")
    #expect(lines.contains("  columns: {text: sentence1, pair: sentence2, label: label, id: id}"), "\(lines)")
    #expect(!lines.contains { $0.contains("header") })
  }

  @Test(
    "or says that there is none",
    arguments: [
      ("a\tlabel\n" + rows(30) { "\($0)\t\($0 % 2)" }, "no column holds texts (columns: \"a\", \"label\")"),
      ("sentence\n" + rows(30) { text($0) }, "no column holds labels (columns but for the text: none)"),
      ("sentence;label\n" + rows(30) { "\(text($0));\($0 % 2)" }, "the fields look separated by semicolons"),
    ])
  func none(content: String, words: String) throws {
    let error = #expect(throws: TableError.self) { try draft(content) }
    #expect(error?.description.contains(words) == true, "\(error as Any)")
  }

  @Test("with the quotes and the encoding that the file has")
  func bytes() throws {
    let literal = try draft("sentence\tlabel\n" + rows(40) { ($0 == 5 ? "\"" : "") + text($0) + "\t\($0 % 2)" })
    #expect(literal.contains("  quotes: none"))
    let quoted = try draft("sentence\tlabel\n" + rows(40) { "\"\(text($0))\"\t\($0 % 2)" })
    #expect(quoted.contains("  quotes: rfc4180"))
    let european = "sentence,label\n" + rows(40) { "\(text($0)) caf~ \($0),\($0 % 2)" }
    let bytes = european.utf8.map { $0 == UInt8(ascii: "~") ? 0xE9 : $0 } as [UInt8]
    #expect(try draft(bytes, as: "t.csv").contains("  encoding: windows-1252"))
    // 好吃 in GBK.
    let chinese =
      Array("review,label\n".utf8)
      + (0..<40).flatMap { row in
        (0..<8).flatMap { _ in [0xBA, 0xC3, 0xB3, 0xD4] as [UInt8] } + Array("\(row),\(row % 2)\n".utf8)
      }
    #expect(try draft(chinese, as: "t.csv").contains("  encoding: gb18030"))
    #expect(
      try !draft("sentence\tlabel\n" + rows(40) { "\(text($0)) café\t\($0 % 2)" }).contains { $0.contains("encoding") })
  }

  @Test("that the validation rows have, too")
  func validation() throws {
    let train = "sentence\tlabel\n" + rows(40) { "\(text($0))\t\($0 % 2)" }
    let lines = try draft(train, validation: train)
    #expect(lines.contains("  validation: dev-t.tsv") && !lines.contains { $0.contains("split") })
    let error = #expect(throws: TableError.self) {
      try draft(train, validation: "text\tlabel\n" + rows(9) { "\(text($0))\t0" })
    }
    #expect(error?.problem.contains("has no column \"sentence\"") == true)
  }
}
