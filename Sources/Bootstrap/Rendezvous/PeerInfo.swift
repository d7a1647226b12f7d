import Collectives
import Transport

/// The information that each rank advertises to all others before they are connected.
package struct PeerInfo: Equatable {
  static let version: UInt16 = 4

  var addresses: [String]
  var port: UInt16
  var host: String
  /// Distinguishes machines, whatever their names.
  var machine: String
  var process: UInt32
  var epoch: UInt32
  /// What all ranks must have in common, as given by the program: the hash of its recipe.
  var fingerprint: String
  /// How it wants its connections protected.
  var policy: ProtectionPolicy
  /// A public key that it made for this start (X25519): fresh, so that no two starts have the same peer info.
  var key: [UInt8]
  /// Where this rank's shared memory is among its open files, and what its memory begins with; empty if it has none.
  var window = Window()

  /// How the other ranks of a host find a rank's shared memory.
  package struct Window: Equatable {
    var descriptor: UInt32 = 0
    var nonce: [UInt8] = []

    package init() {}

    init(descriptor: UInt32, nonce: [UInt8]) {
      self.descriptor = descriptor
      self.nonce = nonce
    }
  }

  package func encoded() -> [UInt8] {
    var writer = ByteWriter()
    writer.write(Self.version)
    writer.write(UInt16(addresses.count))
    for address in addresses { writer.write(address) }
    writer.write(port)
    writer.write(host)
    writer.write(machine)
    writer.write(process)
    writer.write(epoch)
    writer.write(fingerprint)
    writer.write(policy.code)
    writer.write(window.descriptor)
    writer.write(window.nonce)
    writer.write(key)
    return writer.bytes
  }

  /// The reason why peer info cannot be used.
  package enum Fault: Error { case truncated, version(UInt16?) }

  package init(
    addresses: [String], port: UInt16, host: String, machine: String, process: UInt32, epoch: UInt32,
    fingerprint: String, policy: ProtectionPolicy = ProtectionPolicy(), key: [UInt8], window: Window = Window()
  ) {
    self.addresses = addresses
    self.port = port
    self.host = host
    self.machine = machine
    self.process = process
    self.epoch = epoch
    self.fingerprint = fingerprint
    self.policy = policy
    self.key = key
    self.window = window
  }

  package init(decoding bytes: [UInt8]) throws(Fault) {
    var reader = ByteReader(bytes)
    let version = try? reader.read(UInt16.self)
    guard version == Self.version else { throw .version(version) }
    do throws(ByteReader.Truncated) {
      addresses = []
      for _ in 0..<(try reader.read(UInt16.self)) { addresses.append(try reader.readString()) }
      port = try reader.read()
      host = try reader.readString()
      machine = try reader.readString()
      process = try reader.read()
      epoch = try reader.read()
      fingerprint = try reader.readString()
      guard let policy = ProtectionPolicy(code: try reader.read()) else { throw ByteReader.Truncated() }
      self.policy = policy
      window = Window(descriptor: try reader.read(), nonce: try reader.readBytes())
      key = try reader.readBytes()
      guard key.count == 32 else { throw ByteReader.Truncated() }
    } catch {
      throw .truncated
    }
  }

  /// Refuses ranks that would compute something else.
  static func check(_ peerInfos: [PeerInfo]) throws(GroupError) {
    for (rank, peerInfo) in peerInfos.enumerated() {
      if peerInfo.fingerprint != peerInfos[0].fingerprint {
        throw .layout(
          reason: "rank \(rank) on \(peerInfo.host) has another recipe than rank 0 on \(peerInfos[0].host)",
          advice: "give every rank the same recipe and settings")
      }
      if peerInfo.policy != peerInfos[0].policy {
        throw .layout(
          reason: "rank \(rank) on \(peerInfo.host) protects its connections in another way than rank 0",
          advice: "give every rank the same \(JobEnvironment.encrypt) and \(JobEnvironment.integrity)")
      }
      if peerInfo.epoch != peerInfos[0].epoch {
        throw .layout(
          reason: "rank \(rank) on \(peerInfo.host) is of attempt \(peerInfo.epoch), rank 0 of \(peerInfos[0].epoch)",
          advice: "end what is left of the earlier attempt")
      }
    }
  }
}
