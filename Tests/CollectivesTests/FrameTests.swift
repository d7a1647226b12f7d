import Collectives
import Diagnostics
import Testing
import Transport

@Suite("Frames")
struct FrameTests {
  private func bytes(_ count: Int, seed: UInt64 = 7) -> [UInt8] {
    var random = SplitMix(state: seed)
    return (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
  }

  @Test("CRC-32C gives RFC 3720's published checksums")
  func publishedChecksums() {
    let vectors: [([UInt8], UInt32)] = [
      ([UInt8](repeating: 0, count: 32), 0x8a91_36aa), ([UInt8](repeating: 0xff, count: 32), 0x62a8_ab43),
      (Array(0..<32), 0x46dd_794e), ((0..<32).reversed(), 0x113f_db5c), (Array("123456789".utf8), 0xe306_9283),
    ]
    for (message, checksum) in vectors { message.withUnsafeBytes { #expect(System.crc32c($0) == checksum) } }
  }

  @Test("CRC-32C by folding equals the definition at every length and alignment, whole and in pieces")
  func foldedChecksum() {
    let message = bytes(5000)
    for length in Array(0..<700) + [1023, 1024, 1025, 4096, 4999] {
      message.withUnsafeBytes { all in
        let piece = UnsafeRawBufferPointer(rebasing: all[length % 2..<length % 2 + length])
        let expected = System.crc32cPlain(piece)
        #expect(System.crc32c(piece) == expected)
        let cut = length / 3
        let first = System.crc32c(UnsafeRawBufferPointer(rebasing: piece[..<cut]))
        #expect(System.crc32c(UnsafeRawBufferPointer(rebasing: piece[cut...]), continuing: first) == expected)
      }
    }
  }

  private func encoded(_ frame: Frame) -> [UInt8] {
    var header = [UInt8](repeating: 0xaa, count: Frame.bytes)
    header.withUnsafeMutableBytes { frame.encode(to: $0.baseAddress!) }
    return header
  }

  private func decoded(_ header: [UInt8]) throws(Frame.Fault) -> Frame {
    let copy = UnsafeMutableRawPointer.allocate(byteCount: Frame.bytes, alignment: 64)
    defer { copy.deallocate() }
    header.withUnsafeBytes { copy.copyMemory(from: $0.baseAddress!, byteCount: Frame.bytes) }
    return try Frame(decoding: copy)
  }

  @Test("a header comes back as it was written")
  func roundTrip() throws {
    var frame = Frame(kind: .data, source: 3, destination: 65_535, epoch: 9, length: 1 << 31)
    frame.operation = .max - 1
    frame.signature = 0x0123_4567_89ab_cdef
    frame.sequence = 17
    frame.offset = 1 << 40
    frame.checksum = 0xdead_beef
    #expect(try decoded(encoded(frame)) == frame)
  }

  @Test("every single flipped bit of a header is noticed")
  func flippedBits() {
    let header = encoded(Frame(kind: .control, source: 1, destination: 0, epoch: 2, length: 100))
    for bit in 0..<Frame.bytes * 8 {
      var damaged = header
      damaged[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(throws: Frame.Fault.self, "bit \(bit)") { try decoded(damaged) }
    }
  }

  @Test("random bytes are refused as headers and as control messages, and nothing else happens")
  func noise() {
    for seed in 0..<20_000 {
      let noise = bytes(Frame.bytes, seed: UInt64(seed))
      #expect(throws: Frame.Fault.self) { try decoded(noise) }
      // A random message may be well formed by chance; reading it must only not trap.
      _ = ControlMessage(decoding: [UInt8(seed % 9)] + noise)
    }
  }

  static let progress = ControlMessage.Progress(
    step: 7, phase: "backward", completed: 41, signature: 99, operation: "sum of f32[3] 'x'", moved: 12)
  static let messages: [ControlMessage] = [
    .heartbeat(progress), .inquiry(operation: 5), .goodbye(progress), .failed(reason: "disk full", progress),
    .suspect(.init(rank: 3, cause: .link, detail: "ended", progress: progress)),
    .report(progress, name: "y", traffic: [.init(peer: 2, received: 1, isWaiting: true, sent: 4, isBlocked: false)]),
    .abort(Verdict(rank: 1, host: "node-2", cause: .silent, detail: "d", operation: "o", step: 8)),
  ]

  @Test("control messages come back as they were written, and refuse to be cut short", arguments: messages)
  func controlMessages(_ message: ControlMessage) {
    let encoded = message.encoded()
    #expect(ControlMessage(decoding: encoded) == message)
    for length in 0..<encoded.count { #expect(ControlMessage(decoding: Array(encoded[..<length])) == nil) }
  }
}
