import Collectives
import Transport

/// What the launcher said about the job beside this process's rank; see `JobEnvironment`.
struct JobParameters {
  var epoch: UInt32 = 0
  var joinTimeout: Nanoseconds
  var interface = InterfaceChoice.automatic
  /// How many ranks run on this host, where the launcher says so.
  var localSize: Int?
  var policy: ProtectionPolicy
  /// Whether ranks of one host may sum through memory that they share.
  var sharesMemory: Bool
  var rendezvous: RendezvousAddress?
  var secretFile: String?

  init(_ environment: [String: String], settings: Settings) throws(GroupError) {
    func number<Number: FixedWidthInteger>(_ name: String, _ range: ClosedRange<Number>) throws(GroupError) -> Number? {
      guard let text = environment[name] else { return nil }
      if let number = Number(text), range ~= number { return number }
      throw .layout(
        reason: "\(name) is '\(text)'", advice: "give a number from \(range.lowerBound) to \(range.upperBound)")
    }
    epoch = try number(JobEnvironment.epoch, 0...UInt32.max) ?? 0
    joinTimeout = try number(JobEnvironment.joinTimeout, 1...86_400).map { $0 * 1_000_000_000 } ?? settings.joinTimeout
    interface = try InterfaceChoice(environment[JobEnvironment.interface])
    localSize =
      try number(JobEnvironment.localSize, 1...Int(UInt16.max))
      ?? environment["OMPI_COMM_WORLD_LOCAL_SIZE"].flatMap { Int($0) }
    let isShared = try number(JobEnvironment.sharedMemory, 0...1) != 0
    sharesMemory = settings.sharesMemory && isShared
    policy = try ProtectionPolicy(
      encrypt: environment[JobEnvironment.encrypt], integrity: environment[JobEnvironment.integrity])
    if let text = environment[JobEnvironment.rendezvous] { rendezvous = try RendezvousAddress(text) }
    secretFile = environment[JobEnvironment.secretFile]
  }
}
