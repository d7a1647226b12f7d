import Data
import Drafting
import Testing
import Text

@Suite("A draft sets lengths and batches")
struct DraftSettingTests {
  private func table(_ count: Int, words: (Int) -> Int) -> String {
    "sentence\tlabel\n"
      + rows(count) { row in "w\(row)" + [String](repeating: " word", count: words(row) - 1).joined() + "\t\(row % 2)" }
  }

  @Test("so that 99 of 100 rows are whole, in steps of 8, by a tokenizer where there is one")
  func lengths() throws {
    // 1.3 tokens a word, and two around them.
    let lines = try draft(table(1000) { $0 < 10 ? 400 : 40 })
    #expect(lines.contains("  maximum_length: 56"), "\(lines)")
    let folder = try TableFolder()
    let vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "word"].joined(separator: "\n")
    let tokenizer = try Tokenizers.read(file: folder.write(vocabulary, to: "vocab.txt"))
    let train = TableFiles(try folder.write(table(1000) { $0 < 10 ? 400 : 40 }, to: "t.tsv"))
    func written(_ positions: Int) throws -> String {
      try RecipeDraft(
        train: train, validation: nil, model: .init(path: "model", tokenizer: tokenizer, positions: positions)
      )
      .text(name: "recipe.yaml")
    }
    #expect(
      try written(512).contains("maximum_length: 48 ")
        && written(512).contains("# tokens: half of the rows have up to 42"))
    #expect(try written(32).contains("maximum_length: 32 ") && written(32).contains("so that longer ones are cut"))
  }

  @Test("Chinese text counts a token a character, and asks for another model")
  func chinese() throws {
    let folder = try TableFolder()
    let content = "review,label\n" + rows(200) { "很快好吃味道足量大送餐及时\($0),\($0 % 2)" }
    let draft = try RecipeDraft(
      train: TableFiles(folder.write(content, to: "t.csv")), validation: nil, model: .init(path: "model"))
    let text = draft.text(name: "recipe.yaml")
    #expect(text.contains("maximum_length: 24 ") && text.contains("take a Chinese model's folder"), "\(text)")
  }

  @Test(
    "of the rows alone: the same table gives the same recipe, and a microbatch divides its batch",
    arguments: [20, 999, 1000, 10_000])
  func batches(count: Int) throws {
    for words in [10, 200] {
      let lines = try draft(table(count) { _ in words })
      #expect(try lines == draft(table(count) { _ in words }))
      let (size, micro) = (count < 1000 ? 16 : 32, (count < 1000 ? 16 : 32) / (words == 10 ? 4 : 8))
      #expect(lines.contains("batch: {size: \(size), microbatch: \(micro)}"), "\(lines)")
    }
  }

  @Test("Texts that stand in several rows stay on one side of the split")
  func repeated() throws {
    let header = "sentence\tlabel\n"
    let repeats = try draft(header + rows(60) { "\(text($0 % 50))\t\($0 % 2)" })
    #expect(repeats.contains("  split: {fraction: 0.1, group: sentence}"), "\(repeats)")
    #expect(try draft(header + rows(60) { "\(text($0))\t\($0 % 2)" }).contains("  split: 0.1"))
  }

  @Test("Its first lines are the commands that use it, with the columns and the reading of the table")
  func commands() throws {
    let plain = try draft("sentence\tlabel\n" + rows(30) { "\(text($0))\t\($0 % 2)" })
    #expect(plain.contains("#   lockstep evaluate output/recipe/models/best t.tsv"), "\(plain)")
    let numbered = try draft(rows(60) { "gj0\($0 % 4)\t\($0 % 2)\t\t\(text($0))" })
    #expect(
      numbered.contains("#   lockstep evaluate output/recipe/models/best t.tsv --text 3 --no-header --label 1"),
      "\(numbered)")
    let odd = try draft("#1 String,it's\n" + rows(30) { "\(text($0)),\($0 % 2)" }, as: "a b.csv")
    #expect(
      odd.contains(
        "#   lockstep predict output/recipe/models/best --input 'a b.csv' --text '#1 String' --output predictions.csv"),
      "\(odd)")
    #expect(odd.contains { $0.hasSuffix("--label 'it'\\''s'") }, "\(odd)")
  }

  @Test("A line break in the name of a column ends no comment")
  func lineBreaks() throws {
    let lines = try draft("\"te\nxt\",\"la\nbel\"\n" + rows(30) { "\(text($0)),\($0 % 2)" }, as: "t.csv")
    #expect(lines.contains { $0.contains("columns: {text: \"te\\nxt\", label: \"la\\nbel\"}") }, "\(lines)")
    #expect(
      lines.contains(
        "#   lockstep predict output/recipe/models/best --input t.csv --text 'te xt' --output predictions.csv"))
  }

  @Test("Strange names of columns and files are quoted")
  func quoted() throws {
    let lines = try draft("se\"nt: {x}\tlabel\n" + rows(30) { "\(text($0))\t\($0 % 2)" }, as: "a # b.tsv")
    #expect(lines.contains { $0.contains("text: \"se\\\"nt: {x}\"") }, "\(lines)")
    #expect(lines.contains { $0.contains("train: \"a # b.tsv\"") }, "\(lines)")
  }
}
