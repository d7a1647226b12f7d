import Collectives
import Diagnostics
import Glibc
import Support
import Transport

/// How this rank learns where all others listen: through the launcher's process manager, or over its own rendezvous.
struct Rendezvous {
  /// What comes of it: everyone's peer info, by what ranks know each other, and the acceptor at which this rank awaits the others.
  struct Result {
    var peerInfos: [PeerInfo]
    var credential: JobCredential
    var acceptor: Acceptor
    /// What the user should know about the job's security; nil if there is nothing.
    var remark: String?
  }

  let identity: Identity
  let parameters: JobParameters
  let fingerprint: String
  let deadline: Nanoseconds
  /// The memory that this rank offers to the others of its host.
  var window = PeerInfo.Window()

  private static let peerInfoKey = "lockstep.card"
  /// Made for this start; its public half is in the peer info.
  private let key = Ephemeral()

  /// Runs until all ranks have come or the deadline has passed.
  func run() throws -> Result {
    do {
      if let address = parameters.rendezvous { return try meet(at: address) }
      guard identity.source == .processManager else {
        throw GroupError.layout(
          reason: "\(identity.source.rawValue) says \(identity.size) ranks, but there is no process manager",
          advice: "start with lockstep launch, mpirun or srun --mpi=pmix, or set \(JobEnvironment.rendezvous)")
      }
      return try askProcessManager()
    } catch let error as Socket.Failure {
      throw GroupError.rendezvous(
        reason: error.description, advice: "check the limits of open files and the network of this host")
    }
  }

  private func peerInfo(_ plan: ListeningPlan, port: UInt16) -> PeerInfo {
    PeerInfo(
      addresses: plan.announced, port: port, host: LocalHost.name, machine: LocalHost.identity,
      process: UInt32(getpid()),
      epoch: parameters.epoch, fingerprint: fingerprint, policy: parameters.policy,
      key: key.publicKey, window: window)
  }

  // MARK: With a process manager

  private func askProcessManager() throws -> Result {
    let localSize = parameters.localSize ?? (try? ProcessManager.jobNumber("pmix.local.size")) ?? 1
    let plan = try ListeningPlan(isOneHost: localSize == identity.size, choice: parameters.interface)
    let listener = try Listener(on: plan.bound)
    let secret = try parameters.secretFile.map { path throws(GroupError) in try JobSecret.read(path) }
    let peerInfos = try exchange(peerInfo(plan, port: listener.port), secret)
    try PeerInfo.check(peerInfos)
    let credential = try JobCredential(
      rank: identity.rank, peerInfos: peerInfos, proof: secret.map { .secret($0) } ?? .key(key))
    var result = Result(peerInfos: peerInfos, credential: credential, acceptor: Acceptor(listener: listener))
    let isOneHost = peerInfos.allSatisfy { $0.machine == peerInfos[0].machine }
    if identity.rank == 0, secret == nil, !isOneHost { result.remark = Self.trustRemark }
    return result
  }

  private static let trustRemark =
    "no secret file: ranks know each other by public keys that the launcher hands round, which keeps listeners out but not "
    + "somebody who changes its messages; start with lockstep launch --hosts, or name a \(JobEnvironment.secretFile) on every host"

  private func exchange(_ own: PeerInfo, _ secret: [UInt8]?) throws -> [PeerInfo] {
    let (rank, size) = (identity.rank, identity.size)
    do {
      let carried = CarriedPeerInfo.encode(own.encoded(), rank: rank, size: size, secret: secret)
      try ProcessManager.publish(carried, as: Self.peerInfoKey)
      let seconds = Int((deadline - min(System.now, deadline)) / 1_000_000_000) + 1
      try exchange(within: seconds)
      return try (0..<size).map { peer in
        // Its own peer info a rank takes from nobody.
        if peer == rank { return own }
        let bytes = try ProcessManager.fetch(Self.peerInfoKey, of: peer, atMost: Roster.peerInfoLimit)
        return try PeerInfo(decoding: try CarriedPeerInfo.open(bytes, rank: peer, size: size, secret: secret))
      }
    } catch let error as ProcessManager.Failure {
      throw GroupError.rendezvous(reason: error.words, advice: "check the launcher's own output")
    } catch is PeerInfo.Fault {
      throw GroupError.layout(
        reason: "the ranks run different versions of this program", advice: "start the same binary on every host")
    }
  }

  /// Waits for everyone's peer info.
  /// - Throws: `GroupError` that names the first rank that has not brought one, where the process manager can say so.
  private func exchange(within seconds: Int) throws {
    do throws(ProcessManager.Failure) {
      return try ProcessManager.exchange(seconds: seconds)
    } catch {
      guard error.isTimeout, let missing = firstMissing else { throw error }
      throw GroupError(Verdict(absent: missing, detail: "it did not come within \(seconds) s"))
    }
  }

  /// The first rank that has not brought its peer info, as far as the process manager knows.
  private var firstMissing: Int? {
    (0..<identity.size).first { $0 != identity.rank && !ProcessManager.has(Self.peerInfoKey, of: $0, seconds: 1) }
  }

  // MARK: Without

  private func meet(at address: RendezvousAddress) throws -> Result {
    guard let path = parameters.secretFile else {
      throw GroupError.layout(
        reason: "\(JobEnvironment.rendezvous) is set but \(JobEnvironment.secretFile) is not",
        advice: "name a file of mode 0600 that holds the job's secret")
    }
    let secret = try JobSecret.read(path)
    let isOneHost = parameters.localSize == identity.size || address.isLoopback
    let plan = try ListeningPlan(isOneHost: isOneHost, choice: parameters.interface)
    return identity.rank == 0
      ? try host(address, plan, secret) : try register(at: address, plan, secret, isOneHost: isOneHost)
  }

  private func host(_ address: RendezvousAddress, _ plan: ListeningPlan, _ secret: [UInt8]) throws -> Result {
    let listener = try listen(address, plan)
    let own = peerInfo(plan, port: listener.port)
    var file: String?
    if case .file(let path) = address {
      try RendezvousFile(
        epoch: parameters.epoch, machine: own.machine, addresses: own.addresses, port: own.port
      ).write(to: path)
      file = path
    }
    defer { if let file { unlink(file) } }
    var registry = Registry(
      size: identity.size, epoch: parameters.epoch, terms: terms(of: address, secret),
      acceptor: Acceptor(listener: listener))
    let peerInfos = try registry.run(own: own, seconds: parameters.joinTimeout, until: deadline)
    let credential = try JobCredential(rank: identity.rank, peerInfos: peerInfos, proof: .secret(secret))
    return Result(peerInfos: peerInfos, credential: credential, acceptor: registry.acceptor)
  }

  /// The terms of the connections over which peer info is handed round: the place where ranks meet is all that distinguishes their job from others.
  private func terms(of address: RendezvousAddress, _ secret: [UInt8]) -> LinkTerms {
    LinkTerms(job: Array("lockstep rendezvous \(address)".utf8), secret: secret)
  }

  /// Listens at the agreed place. The port of an attempt that is just ending may be free a moment later.
  private func listen(_ address: RendezvousAddress, _ plan: ListeningPlan) throws -> Listener {
    guard case .host(let name, let port) = address else { return try Listener(on: plan.bound) }
    let addresses = try ownAddresses(of: name, plan)
    let patience = min(System.now + 5_000_000_000, deadline)
    while true {
      do throws(Socket.Failure) {
        return try Listener(on: addresses, port: port)
      } catch {
        guard error.code == EADDRINUSE, System.now < patience else {
          throw GroupError.rendezvous(
            reason: "rank 0 cannot listen on \(name):\(port): \(error)",
            advice: "end what uses that port, or give another one")
        }
        usleep(100_000)
      }
    }
  }

  /// On which addresses rank 0 listens when the others look for it under a name.
  private func ownAddresses(of name: String, _ plan: ListeningPlan) throws(GroupError) -> [String] {
    if plan.announced.isEmpty || parameters.interface == .any { return plan.bound }
    let mine = NetworkInterface.all
    let found = RendezvousAddress.resolve(name)
    let local = found.filter { address in mine.contains { $0.address.description == address && !$0.isLoopback } }
    // Many hosts know their own name as a loopback address, by /etc/hosts.
    let isOwnName = !found.isEmpty && found.allSatisfy(RendezvousAddress.isLoopback)
    guard !local.isEmpty || isOwnName else {
      throw .layout(
        reason: "\(JobEnvironment.rendezvous) names \(name) (\(found.first ?? "unknown")), no address of rank 0's host",
        advice: "name the host that rank 0 runs on")
    }
    if isOwnName || parameters.interface != .automatic { return plan.bound }
    return local + [ListeningPlan.loopback]
  }

  private func register(
    at address: RendezvousAddress, _ plan: ListeningPlan, _ secret: [UInt8], isOneHost: Bool
  ) throws -> Result {
    let listener = try Listener(on: plan.bound)
    var registration = Registration(
      rank: identity.rank, size: identity.size, parameters: parameters, address: address,
      terms: terms(of: address, secret), isOneHost: isOneHost)
    let own = peerInfo(plan, port: listener.port)
    let peerInfos = try registration.run(own: own, seconds: parameters.joinTimeout, until: deadline)
    let credential = try JobCredential(rank: identity.rank, peerInfos: peerInfos, proof: .secret(secret))
    return Result(peerInfos: peerInfos, credential: credential, acceptor: Acceptor(listener: listener))
  }
}

extension RendezvousAddress {
  fileprivate var isLoopback: Bool {
    if case .host(let name, _) = self { Self.isLoopback(name) } else { false }
  }
}
