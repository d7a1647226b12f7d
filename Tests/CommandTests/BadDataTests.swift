import Glibc
import Testing

@Suite("Data that cannot be used is refused")
struct BadDataTests {
  /// An error in `train.tsv`.
  private static func table(
    _ what: String, says mentions: String, _ bytes: @escaping @Sendable (String) -> [UInt8]
  ) -> BadInput {
    BadInput(what, says: "train.tsv", mentions) { run in
      try run.folder.write(bytes(run.folder.read("train.tsv")), to: "train.tsv")
    }
  }

  /// Nobody writes to the pipe: a program that opened it to read would wait for ever.
  private static func pipe(_ name: String, _ what: String) -> BadInput {
    BadInput("a pipe for \(what)", says: name, "a pipe, not a regular file") { run in
      try run.folder.remove(name)
      try #require(mkfifo("\(run.folder.path)/\(name)", 0o600) == 0)
    }
  }

  static let inputs: [BadInput] = [
    table("a row with too few columns", says: "line 98") { Array($0.utf8) + Array("no label\n".utf8) },
    table("a row with too many columns", says: "line 98") { Array($0.utf8) + Array("one\t1\tmore\n".utf8) },
    table("a label out of range", says: "line 98") { Array($0.utf8) + Array("fine\t7\n".utf8) },
    table("a negative label", says: "line 98") { Array($0.utf8) + Array("fine\t-1\n".utf8) },
    table("an empty label", says: "line 98") { Array($0.utf8) + Array("fine\t\n".utf8) },
    table("bytes that are not UTF-8", says: "line 98") { Array($0.utf8) + [0x61, 0xC3, 0x28, 0x09, 0x31, 0x0A] },
    table("an empty file", says: "empty") { _ in [] },
    table("a header alone", says: "no row") { _ in Array("sentence\tlabel\n".utf8) },
    table("a missing column", says: "\"sentence\"") { Array("text".utf8) + Array($0.utf8).dropFirst(8) },
    BadInput("a missing table", says: "train.tsv") { try $0.folder.remove("train.tsv") },
    BadInput("a folder for a table", says: "train.tsv") { run in
      try run.folder.remove("train.tsv")
      try run.folder.write("x", to: "train.tsv/file")
    },
    pipe("train.tsv", "a table"), pipe("vocab.txt", "a vocabulary"), pipe("tiny.yaml", "a recipe"),
    BadInput("a missing validation table", says: "dev.tsv") { try $0.folder.remove("dev.tsv") },
    BadInput("a validation label that training does not have", says: "dev.tsv", "line 2") { run in
      try run.folder.write("sentence\tlabel\nfine\t2\n", to: "dev.tsv")
    },
    BadInput("an unknown kind of table", says: "train.xls", "save the sheet as CSV") { run in
      try run.changeRecipe("train: train.tsv", "train: train.xls")
      try run.folder.write("x", to: "train.xls")
    },
    BadInput("broken JSON lines", says: "train.jsonl", "line 2") { run in
      try run.changeRecipe("train: train.tsv", "train: train.jsonl")
      try run.folder.write("{\"sentence\": \"fine\", \"label\": 1}\n{\"sentence\": \"cut\n", to: "train.jsonl")
    },
    BadInput("an open quote in CSV", says: "train.csv", "line 2") { run in
      try run.changeRecipe("train: train.tsv", "train: train.csv")
      try run.folder.write("sentence,label\n\"never closed,1\nfine,0\n", to: "train.csv")
    },
    BadInput("a missing vocabulary", says: "vocab.txt") { try $0.folder.remove("vocab.txt") },
    BadInput("a vocabulary without the special tokens", says: "vocab.txt", "[") { run in
      try run.folder.write("film\ngood\n", to: "vocab.txt")
    },
    BadInput("an empty vocabulary", says: "vocab.txt") { try $0.folder.write("", to: "vocab.txt") },
    BadInput("images for a text classifier", says: "data.train") { run in
      try run.changeRecipe("train: train.tsv", "train: {images: a.gz, labels: b.gz}")
    },
  ]

  @Test("by the name of file and row", arguments: inputs)
  func data(_ input: BadInput) throws { try input.expectRefusal() }
}
