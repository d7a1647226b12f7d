import Collectives
import Diagnostics
import Transport

/// What rank 0 answers when it has everyone's peer info, or cannot get them.
package enum Roster: Equatable {
  case peerInfos([PeerInfo])
  case failure(Verdict)
  case layout(reason: String, advice: String)

  /// Bytes that peer info may have.
  package static let peerInfoLimit = 64 << 10

  /// Bytes that the answer may have in a job of so many ranks.
  package static func limit(size: Int) -> Int { (size + 1) * (peerInfoLimit + 2) }

  package func encoded() -> [UInt8] {
    var writer = ByteWriter()
    switch self {
    case .peerInfos(let peerInfos):
      writer.write(UInt8(1))
      writer.write(UInt16(peerInfos.count))
      for peerInfo in peerInfos { writer.write(peerInfo.encoded()) }
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
        self = .peerInfos(try (0..<size).map { _ in try PeerInfo(decoding: try reader.readBytes()) })
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

  /// Everyone's peer info, or the failure that it reports.
  func get() throws(GroupError) -> [PeerInfo] {
    switch self {
    case .peerInfos(let peerInfos): return peerInfos
    case .failure(let verdict): throw GroupError(verdict)
    case .layout(let reason, let advice): throw .layout(reason: reason, advice: advice)
    }
  }
}
