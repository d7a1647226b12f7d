import Data
import Foundation
import Testing
import Text

/// Texts that a row's text is not like: columns of them, or a key that holds a list.
@Suite struct NegativeColumnTests {
  private func negatives(_ text: String, as name: String, columns: [String]) throws -> [[String]] {
    let folder = try TemporaryFolder()
    let path = try folder.write(Array(text.utf8), to: name)
    return try Table(
      file: path, columns: ColumnMapping(text: "a", pair: "b", labels: [], negatives: columns)
    ).rows.map(\.negatives)
  }

  @Test("are read in the order of their columns, without blank ones, from tables and from objects")
  func forms() throws {
    let wanted = [["u", "v"], ["w"], []]
    #expect(try negatives("a,b,n,m\n1,2,u,v\n3,4, ,w\n5,6,,\n", as: "t.csv", columns: ["n", "m"]) == wanted)
    #expect(try negatives("a\tb\tn\tm\n1\t2\tv\tu\n", as: "t.tsv", columns: ["m", "n"]) == [["u", "v"]])
    let keys = #"{"a": 1, "b": 2, "n": "u", "m": "v"}\#n{"a": 3, "b": 4, "m": "w"}\#n{"a": 5, "b": 6, "n": null}\#n"#
    #expect(try negatives(keys, as: "t.jsonl", columns: ["n", "m"]) == wanted)
    let lists = #"{"a": 1, "b": 2, "n": ["u", "v"]}\#n{"a": 3, "b": 4, "n": ["w", ""]}\#n{"a": 5, "b": 6, "n": []}\#n"#
    #expect(try negatives(lists, as: "t.jsonl", columns: ["n"]) == wanted)
  }

  @Test("are sequences of their own behind the text and its pair, from the cache, too")
  func sequences() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write("a,b,n,m\na,b,c c,d\na,b,,c c c\na,b,,\n", to: "t.csv")
    let words = try folder.write("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nb\nc\nd\n", to: "vocab.txt")
    let tokenizer = try WordPieceTokenizer(vocabulary: Vocabulary(contentsOfFile: words))
    var settings = TokenDataset.Settings(tokenizer: tokenizer, maximumLength: 16)
    (settings.layout, settings.cacheFolder) = (.separate, folder.path + "/cache")
    for isCached in [false, true] {
      let rows = try TokenDataset(
        file: path, columns: ColumnMapping(text: "a", pair: "b", labels: [], negatives: ["n", "m"]), settings: settings)
      #expect(rows.isFromCache == isCached)
      let batch = rows.microbatch(rows: [0, 1, 2], positions: 0..<3)
      #expect(batch.groups == [0, 4, 7, 9])
      // Each text has two special tokens.
      #expect((0..<3).map(rows.length) == [3 + 3 + 4 + 3, 3 + 3 + 5, 3 + 3])
    }
  }

  @Test("are refused where their column is missing or is the text, in the words of a recipe")
  func refusals() {
    for (columns, problem) in [(["x"], "data.columns.negative"), (["n", "x"], "data.columns.negative")] {
      let error = #expect(throws: TableError.self) {
        try negatives("a,b,n\n1,2,u\n", as: "t.csv", columns: columns)
      }
      #expect(error?.description.contains(problem) == true)
    }
  }
}
