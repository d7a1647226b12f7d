import Data
import Tensors
import Testing
import Text

/// Valid files with seeded random damage: each is read, or refused with a typed error; none ends the program.
struct MutationTests {
  private static let rounds = 1000

  /// Changes, removes, repeats or inserts a few bytes.
  private static func mutate(_ original: [UInt8], round: Int) -> [UInt8] {
    let stream = RandomStream(seed: 20_261_121, purpose: .perturbation, step: round)
    var draws: UInt64 = 0
    func draw(_ bound: Int) -> Int {
      draws += 1
      return Int(stream.integer(below: UInt32(max(1, bound)), index: draws))
    }
    let interesting: [UInt8] = [0, 9, 10, 13, 34, 44, 92, 123, 125, 0x7F, 0x80, 0xC3, 0xE2, 0xEF, 0xFF]
    var bytes = original
    for _ in 0...draw(2) where !bytes.isEmpty {
      let position = draw(bytes.count)
      switch draw(6) {
      case 0: bytes[position] ^= 1 << UInt8(draw(8))
      case 1: bytes[position] = interesting[draw(interesting.count)]
      case 2: bytes.insert(interesting[draw(interesting.count)], at: position)
      case 3: bytes.removeSubrange(position..<min(bytes.count, position + 1 + draw(8)))
      case 4: bytes.removeLast(bytes.count - position)
      default: bytes.insert(contentsOf: bytes[position..<min(bytes.count, position + 1 + draw(16))], at: position)
      }
    }
    return bytes
  }

  private static let csv = "text,pair,label\r\n\"a, \"\"b\"\"\",\"two\r\nlines\",1\r\nplain,über,0\r\n"

  static let tables: [(String, [UInt8], TextEncoding)] = [
    ("t.tsv", Array("text\tpair\tlabel\nit 's a \"film\" \tüber\t1\nbad \t\t0\n花呗\tx y\t1\n".utf8), .utf8),
    ("t.tsv", Array("text\tpair\tlabel\n\"a \"\"b\"\"\"\t\"two\nlines\"\t1\nplain\tüber\t0\n".utf8), .utf8),
    ("t.csv", Array(csv.utf8), .utf8),
    ("t.csv.gz", IDXBytes.gzip(Array(csv.utf8)), .utf8),
    ("t.csv", Array(csv.utf8), .gbk),
    ("t.csv", Array(csv.utf8), .windows1252),
    ("t.csv", [0xFF, 0xFE] + csv.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }, .utf8),
    ("t.csv", csv.utf16.flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }, .utf16),
    (
      "t.jsonl",
      Array(
        ("{\"text\": \"a\\n\\u00e9\", \"pair\": \"花呗\", \"label\": \"1\"}\n"
          + "{\"text\": \"\", \"pair\": \"\", \"label\": 0, \"more\": [1.5e3, {\"x\": null}, true]}\n").utf8), .utf8
    ),
    (
      "t.json",
      Array(
        ("[{\"text\": \"a]\\\"\", \"pair\": true, \"label\": 1.0},\n"
          + " {\"text\": null, \"pair\": 2, \"label\": \"0\", \"more\": [1.5e3, {\"x\": \"}\"}]}]\n").utf8), .utf8
    ),
  ]

  @Test("A damaged table is read or refused", arguments: tables)
  func table(name: String, content: [UInt8], encoding: TextEncoding) throws {
    let folder = try TemporaryFolder()
    let tokenizer = try WordPieceTokenizer(
      vocabulary: Vocabulary(contentsOfFile: shipped("vocabulary/bert-base-uncased.txt")))
    var settings = TokenDataset.Settings(tokenizer: tokenizer, maximumLength: 16)
    (settings.cacheFolder, settings.options.encoding) = (nil, encoding)
    var (read, refused) = (0, 0)
    for round in 0..<Self.rounds {
      let file = try folder.write(Self.mutate(content, round: round), to: name)
      do {
        let dataset = try TokenDataset(
          file: file, columns: ColumnMapping(text: "text", pair: "pair"), labels: .inferred(labels: nil),
          settings: settings)
        #expect(dataset.rowCount > 0)
        read += 1
      } catch let error as TableError {
        #expect(error.description.hasPrefix(file) && !error.description.contains("\n"))
        refused += 1
      }
    }
    #expect(read >= 10 && refused >= 10, "\(read) read, \(refused) refused")
  }

  @Test("Damaged images are read or refused", arguments: [false, true])
  func images(isCompressed: Bool) throws {
    let folder = try TemporaryFolder()
    let plain = IDXBytes.idx(dimensions: [3, 2, 2], values: Array(0..<12))
    let content = isCompressed ? IDXBytes.gzip(plain) : plain
    let labels = try folder.write(IDXBytes.idx(dimensions: [3], values: [0, 1, 0]), to: "labels")
    var (read, refused) = (0, 0)
    for round in 0..<Self.rounds {
      let file = try folder.write(Self.mutate(content, round: round), to: "images")
      do {
        #expect(try ImageDataset(images: file, labels: labels, source: .inferred(labels: 2)).rowCount == 3)
        read += 1
      } catch let error as ImageError {
        #expect(!error.description.contains("\n"))
        refused += 1
      }
    }
    #expect(read >= 10 && refused >= 10, "\(read) read, \(refused) refused")
  }
}
