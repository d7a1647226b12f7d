import Data
import Drafting
import Testing

@Suite("A draft for a damaged table")
struct DraftDamageTests {
  /// Bytes changed, removed, inserted or repeated at places that a seed gives (the generator is Knuth's MMIX).
  private static func damaged(_ bytes: [UInt8], seed: Int) -> [UInt8] {
    var state = UInt64(seed) &* 2_862_933_555_777_941_757 &+ 3_037_000_493
    func draw(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % max(1, bound)
    }
    let odd: [UInt8] = [0, 9, 10, 13, 34, 44, 91, 92, 123, 125, 0x80, 0xC3, 0xE2, 0xFF]
    var bytes = bytes
    for _ in 0...draw(3) where !bytes.isEmpty {
      let place = draw(bytes.count)
      switch draw(5) {
      case 0: bytes[place] = odd[draw(odd.count)]
      case 1: bytes.insert(odd[draw(odd.count)], at: place)
      case 2: bytes.removeSubrange(place..<min(bytes.count, place + 1 + draw(30)))
      case 3: bytes.removeLast(bytes.count - place)
      default: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 1 + draw(30))], at: place)
      }
    }
    return bytes
  }

  static let tables: [(String, String)] = [
    ("t.tsv", "sentence\tlabel\n" + rows(12) { "\(text($0))\t\($0 % 2)" }),
    ("t.tsv", rows(12) { "\"\(text($0))\"\t\($0 % 2)\tid\($0)" }),
    ("t.csv", "id,text,a,b\n" + rows(12) { "\($0),\"\(text($0)), and\nmore\",\($0 % 2),\($0 % 3 / 2)" }),
    ("t.jsonl", rows(12) { "{\"text\": \"\(text($0))\", \"labels\": [\"a\", \"b\"], \"x\": {\"y\": \($0)}}" }),
    ("t.json", "[" + (0..<12).map { "{\"text\": \"\(text($0))\", \"score\": \($0).5}" }.joined(separator: ",\n") + "]"),
  ]

  @Test("is one, or an error that names the file in one line", arguments: tables)
  func damage(name: String, content: String) {
    var (drafted, refused) = (0, 0)
    for seed in 0..<120 {
      do {
        #expect(try !draft(Self.damaged(Array(content.utf8), seed: seed), as: name).isEmpty)
        drafted += 1
      } catch let error as TableError {
        #expect(error.description.contains(name) && !error.description.contains("\n"))
        refused += 1
      } catch { Issue.record(error) }
    }
    #expect(drafted >= 10 && refused >= 10, "\(drafted) drafted, \(refused) refused")
  }
}
