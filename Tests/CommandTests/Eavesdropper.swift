import Foundation
import Synchronization

/// A listener on network interfaces of this machine, which keeps every byte of every TCP connection; it takes root.
final class Eavesdropper: Sendable {
  private let isOpen = Atomic<Bool>(true)
  private let packets = Mutex<[Data]>([])
  private let count: Int
  private let done = DispatchSemaphore(value: 0)

  private static let (family, everything) = (Int32(17), UInt16(3))

  /// Starts to listen.
  init(interfaces: [String]) throws {
    count = interfaces.count
    for interface in interfaces {
      let descriptor = socket(Self.family, Int32(SOCK_RAW.rawValue), Int32(Self.everything.bigEndian))
      guard descriptor >= 0 else { throw POSIXError(.EPERM) }
      // struct sockaddr_ll: family, protocol, index, and what only senders need.
      var address = [UInt8](repeating: 0, count: 20)
      address.withUnsafeMutableBytes {
        $0.storeBytes(of: UInt16(Self.family), as: UInt16.self)
        $0.storeBytes(of: Self.everything.bigEndian, toByteOffset: 2, as: UInt16.self)
        $0.storeBytes(of: Int32(if_nametoindex(interface)), toByteOffset: 4, as: Int32.self)
      }
      let result = address.withUnsafeBytes {
        bind(descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), 20)
      }
      guard result == 0 else { throw POSIXError(.ENODEV) }
      var patience = timeval(tv_sec: 0, tv_usec: 100_000)
      setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
      var room = Int32(64 << 20)
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUFFORCE, &room, socklen_t(MemoryLayout<Int32>.size))
      Thread { [self] in listen(descriptor) }.start()
    }
  }

  private func listen(_ descriptor: Int32) {
    var room = [UInt8](repeating: 0, count: 80_000)
    while isOpen.load(ordering: .relaxed) {
      let count = recv(descriptor, &room, room.count, 0)
      if count > 0 {
        let packet = Data(room[..<count])
        packets.withLock { $0.append(packet) }
      }
    }
    close(descriptor)
    done.signal()
  }

  /// Stops listening and puts the connections together: what each direction of each of them carried.
  func streams() -> [Data] {
    isOpen.store(false, ordering: .relaxed)
    for _ in 0..<count { done.wait() }
    var segments: [Data: [UInt32: Data]] = [:]
    for packet in packets.withLock({ $0 }) {
      guard let (flow, sequence, payload) = Self.segment(packet) else { continue }
      if segments[flow]?[sequence]?.count ?? 0 < payload.count { segments[flow, default: [:]][sequence] = payload }
    }
    return segments.values.map(Self.joined)
  }

  /// A packet's addresses and ports, its place in the stream and what it carries; nil unless it is TCP over IPv4 with a payload.
  private static func segment(_ packet: Data) -> (flow: Data, sequence: UInt32, payload: Data)? {
    guard packet.count > 54, packet[12] == 8, packet[13] == 0, packet[23] == 6 else { return nil }
    let tcp = 14 + Int(packet[14] & 15) * 4
    let end = min(packet.count, 14 + Int(packet[16]) << 8 + Int(packet[17]))
    guard packet.count > tcp + 13 else { return nil }
    let start = tcp + Int(packet[tcp + 12] >> 4) * 4
    guard start < end else { return nil }
    let sequence = packet[tcp + 4..<tcp + 8].reduce(0) { $0 << 8 | UInt32($1) }
    return (packet[26..<34] + packet[tcp..<tcp + 4], sequence, Data(packet[start..<end]))
  }

  private static func joined(_ segments: [UInt32: Data]) -> Data {
    var stream = Data()
    var next: UInt32?
    for (sequence, payload) in segments.sorted(by: { $0.key < $1.key }) {
      let known = next.map { Int(Int64($0) - Int64(sequence)) } ?? 0
      if known < payload.count { stream += payload.dropFirst(max(0, known)) }
      next = max(next ?? 0, sequence &+ UInt32(payload.count))
    }
    return stream
  }
}
