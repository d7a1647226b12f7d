import Collectives
import Diagnostics
import Transport

/// What rank 0 answers when it has everyone's card, or cannot get them.
package enum Roster: Equatable {
  case cards([Card])
  case failure(Verdict)
  case layout(reason: String, advice: String)

  /// Bytes that a card may have.
  package static let cardLimit = 64 << 10

  /// Bytes that the answer may have in a job of so many ranks.
  package static func limit(size: Int) -> Int { (size + 1) * (cardLimit + 2) }

  package func encoded() -> [UInt8] {
    var writer = ByteWriter()
    switch self {
    case .cards(let cards):
      writer.write(UInt8(1))
      writer.write(UInt16(cards.count))
      for card in cards { writer.write(card.encoded()) }
    case .failure(let verdict):
      writer.write(UInt8(2))
      writer.append(ControlMessage.abort(verdict).encoded())
    case .layout(let reason, let advice):
      writer.write(UInt8(3))
      writer.write(reason)
      writer.write(advice)
    }
    return writer.bytes
  }

  package init?(decoding bytes: [UInt8], size: Int) {
    var reader = ByteReader(bytes)
    do {
      switch try reader.read(UInt8.self) {
      case 1:
        guard Int(try reader.read(UInt16.self)) == size else { return nil }
        self = .cards(try (0..<size).map { _ in try Card(decoding: try reader.readBytes()) })
      case 2:
        guard case .abort(let verdict)? = ControlMessage(decoding: Array(bytes.dropFirst())) else { return nil }
        self = .failure(verdict)
      case 3: self = .layout(reason: try reader.readString(), advice: try reader.readString())
      default: return nil
      }
    } catch {
      return nil
    }
  }

  init(_ error: GroupError) {
    self =
      switch error {
      case .failure(let verdict), .disagreement(let verdict): .failure(verdict)
      case .rendezvous(let reason, let advice), .layout(let reason, let advice):
        .layout(reason: reason, advice: advice)
      case .left: preconditionFailure("\(error) before the ranks have met")
      }
  }

  /// All cards, or the failure that it tells of.
  func get() throws(GroupError) -> [Card] {
    switch self {
    case .cards(let cards): return cards
    case .failure(let verdict): throw GroupError(verdict)
    case .layout(let reason, let advice): throw .layout(reason: reason, advice: advice)
    }
  }
}
