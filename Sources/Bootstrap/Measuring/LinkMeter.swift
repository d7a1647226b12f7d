import Glibc
import Support
import Transport

/// What a connection between two hosts carries, seen from the one that measured.
package struct LinkFigures: Codable, Equatable, Sendable {
  /// The address of the other host over which it was measured.
  package var address: String
  /// Seconds that a byte takes there and back; the median.
  package var roundTrip: Double
  /// Bytes a second to the other host.
  package var sending: Double
  /// Bytes a second from it.
  package var receiving: Double

  package init(address: String, roundTrip: Double, sending: Double, receiving: Double) {
    self.address = address
    self.roundTrip = roundTrip
    self.sending = sending
    self.receiving = receiving
  }
}

/// Measures the way to a host on which a `LinkStation` listens, over a socket such as ranks use.
package struct LinkMeter {
  /// Why a host was not reached, or not to the end of the measurement.
  package struct Failure: ClassifiedError, CustomStringConvertible {
    package let description: String
    package var exitClass: ExitClass { .fault }
  }

  private static let fewestBytes = 256 << 10
  /// Nanoseconds after which a transfer says enough.
  private static let longEnough: Nanoseconds = 100_000_000
  private static let roundTrips = 200
  private static let roundTripTime: Nanoseconds = 500_000_000

  private let line: MeterLine
  /// The address that answered.
  package let address: String

  /// Connects with the first address that answers and holds the same secret.
  package init(
    _ addresses: [String], port: UInt16, secret: [UInt8], seconds: Double
  ) throws(Failure) {
    let deadline = System.now + Nanoseconds(seconds * 1e9)
    var problem = "it has no address"
    for address in addresses {
      switch Self.connect(address, port, secret, until: min(deadline, System.now + HandshakeInProgress.time)) {
      case .success(let socket):
        line = MeterLine(socket: socket, deadline: deadline)
        self.address = address
        return
      case .failure(let failure): problem = "\(address):\(port): \(failure.words)"
      }
    }
    throw Failure(description: problem)
  }

  private static func connect(
    _ address: String, _ port: UInt16, _ secret: [UInt8], until deadline: Nanoseconds
  ) -> Result<Socket, MeterLine.Failure> {
    do throws(Socket.Failure) {
      let socket = try TCP.connect(to: address, port: port, isLocal: address == ListeningPlan.loopback)
      let subject = HandshakeSubject(source: 0, destination: 0, epoch: 0, kind: .rendezvous)
      let agreement = Handshake(client: subject, terms: LinkTerms(secret: secret))
      var handshake = HandshakeInProgress(socket, agreement, isConnected: false, now: System.now)
      while System.now < deadline {
        switch handshake.step(System.now) {
        case .done: return .success(socket)
        case .refused(let reason): return .failure(MeterLine.Failure(words: reason))
        case .goesOn:
          var interest = handshake.interest
          _ = poll(&interest, 1, 50)
        }
      }
      return .failure(MeterLine.Failure(words: "no answer"))
    } catch {
      return .failure(MeterLine.Failure(words: error.description))
    }
  }

  /// Measures the round trip, then the rate each way.
  package func measure() throws(Failure) -> LinkFigures {
    do throws(MeterLine.Failure) {
      let roundTrip = try medianRoundTrip()
      return LinkFigures(
        address: address, roundTrip: roundTrip,
        sending: try rate { bytes throws(MeterLine.Failure) in
          try line.send(MeterLine.Order(.take, bytes: bytes).encoded)
          try line.give(bytes)
          _ = try line.receive(1)
        },
        receiving: try rate { bytes throws(MeterLine.Failure) in
          try line.send(MeterLine.Order(.give, bytes: bytes).encoded)
          try line.take(bytes)
        })
    } catch {
      throw Failure(description: "\(address): \(error.words)")
    }
  }

  private func medianRoundTrip() throws(MeterLine.Failure) -> Double {
    var times: [Nanoseconds] = []
    let end = System.now + Self.roundTripTime
    while times.count < Self.roundTrips, System.now < end || times.isEmpty {
      let start = System.now
      try line.send(MeterLine.Order(.answer).encoded)
      _ = try line.receive(1)
      times.append(System.now - start)
    }
    return Double(times.sorted()[times.count / 2]) / 1e9
  }

  /// Bytes a second of a transfer that is made larger until it takes long enough to be judged by.
  private func rate(_ transfer: (Int) throws(MeterLine.Failure) -> Void) throws(MeterLine.Failure) -> Double {
    var bytes = Self.fewestBytes
    while true {
      let start = System.now
      try transfer(bytes)
      let time = max(1, System.now - start)
      if time >= Self.longEnough || bytes >= MeterLine.Order.mostBytes { return Double(bytes) / Double(time) * 1e9 }
      bytes *= 2
    }
  }
}
