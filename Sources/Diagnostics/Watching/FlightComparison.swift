import Foundation
import Support

/// The records of all ranks, side by side: the first operation at which they part.
public struct FlightComparison: CustomStringConvertible {
  private let records: [FlightRecord]
  private let verdicts: [Int: Verdict]
  /// A sentence for each file that is not what its name says.
  private let unreadable: [String]

  public init(records: [FlightRecord], verdicts: [Int: Verdict], unreadable: [String] = []) {
    self.records = records.sorted { $0.rank < $1.rank }
    self.verdicts = verdicts
    self.unreadable = unreadable
  }

  /// Reads what a failed run left in its folder of verdicts.
  public init(folder: String) throws {
    var (records, verdicts, unreadable) = ([FlightRecord](), [Int: Verdict](), [String]())
    func read<Value: Decodable>(_ name: String, _ data: [UInt8], as kind: String) -> Value? {
      if let value = try? Value.decode(json: data) { return value }
      let found = data.isEmpty ? "is empty" : "is damaged"
      unreadable.append(
        "\(folder)/\(name) \(found): it holds no \(kind); look at that rank's own output, and remove the file")
      return nil
    }
    for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
      guard let data = FileReader.contents(folder + "/" + name) else {
        if name.hasPrefix("rank-") || name.hasPrefix("recorder-") {
          unreadable.append("\(folder)/\(name) cannot be read; look at that rank's own output")
        }
        continue
      }
      if let found = name.wholeMatch(of: /rank-(\d+)\.json/), let rank = Int(found.1) {
        verdicts[rank] = read(name, data, as: "verdict")
      } else if name.wholeMatch(of: /recorder-rank-\d+\.json/) != nil {
        if let record: FlightRecord = read(name, data, as: "flight record") { records.append(record) }
      }
    }
    self.init(records: records, verdicts: verdicts, unreadable: unreadable)
  }

  public var isEmpty: Bool { records.isEmpty && verdicts.isEmpty && unreadable.isEmpty }

  /// The first operation that the ranks do not all have, or call differently; nil if they agree about all they remember.
  public var parting: UInt64? {
    guard let first = records.map({ $0.operations.first?.sequence ?? 0 }).max(),
      let last = records.compactMap({ $0.operations.last?.sequence }).max(), first <= last
    else { return nil }
    return (first...last).first { sequence in
      let entries = records.map { entry($0, sequence) }
      return Set(entries.map { $0?.signature }).count > 1 || Set(entries.map { $0?.endedSecondsAgo == nil }).count > 1
    }
  }

  private func entry(_ record: FlightRecord, _ sequence: UInt64) -> FlightRecord.Entry? {
    guard let first = record.operations.first?.sequence, sequence >= first else { return nil }
    let index = Int(sequence - first)
    return index < record.operations.count ? record.operations[index] : nil
  }

  public var description: String {
    var lines = unreadable
    for (verdict, ranks) in Dictionary(grouping: verdicts.keys.sorted(), by: { verdicts[$0]! }).sorted(by: {
      $0.value.count > $1.value.count
    }) {
      lines.append("\(RankList.words(ranks)) \(ranks.count == 1 ? "says" : "say"): \(verdict)")
    }
    for record in records { lines.append("rank \(record.rank) on \(record.host): \(state(record))") }
    if let parting { lines += around(parting) } else if !records.isEmpty { lines.append("the ranks were at one place") }
    return lines.joined(separator: "\n")
  }

  private func state(_ record: FlightRecord) -> String {
    guard let last = record.operations.last else { return "no operation yet, \(record.phase)" }
    let place = "operation \(last.sequence), \(last.name) at step \(last.step)"
    if let ended = last.endedSecondsAgo {
      return "\(record.phase) at step \(record.step) for \(words(ended)), after \(place)"
    }
    let waits = record.links.filter(\.isWaiting).map(\.peer)
    let waiting = waits.isEmpty ? "" : ", waiting for \(RankList.words(waits))"
    return "in \(place), for \(words(last.begunSecondsAgo))\(waiting)"
  }

  /// The operation at which the ranks part, and the one before.
  private func around(_ sequence: UInt64) -> [String] {
    var lines = ["the ranks part at operation \(sequence):"]
    for number in sequence - min(sequence, 1)...sequence {
      for record in records {
        let words = entry(record, number).map { entry in
          "\(entry.name) at step \(entry.step), \(entry.endedSecondsAgo == nil ? "not complete" : "complete")"
        }
        lines.append("  operation \(number), rank \(record.rank): \(words ?? "not begun")")
      }
    }
    return lines
  }

  private func words(_ seconds: Double) -> String { "\((seconds * 10).rounded() / 10) s" }
}

/// One object: the verdict of each rank that left one, the records, the operation at which they part, and unreadable files.
extension FlightComparison: Encodable {
  private enum Key: String, CodingKey { case verdicts, records, parting, unreadable }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    let byRank = Dictionary(uniqueKeysWithValues: verdicts.map { (String($0), $1) })
    try container.encode(byRank, forKey: .verdicts)
    try container.encode(records, forKey: .records)
    try container.encodeIfPresent(parting, forKey: .parting)
    if !unreadable.isEmpty { try container.encode(unreadable, forKey: .unreadable) }
  }
}
