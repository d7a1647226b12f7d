import Bootstrap
import Collectives
import Testing

@Suite("The measurement of a link")
struct LinkMeterTests {
  private static let secret = [UInt8](repeating: 7, count: 32)

  @Test("gives a round trip and a rate each way, of any number of meters at one station")
  func loopback() throws {
    let station = try LinkStation(interface: "lo", secret: Self.secret)
    defer { station.close() }
    for _ in 0..<2 {
      let meter = try LinkMeter(station.addresses, port: station.port, secret: Self.secret, seconds: 30)
      let figures = try meter.measure()
      #expect(figures.address == "127.0.0.1" && figures.roundTrip > 0 && figures.roundTrip < 1, "\(figures)")
      // A megabyte a second is little even for a machine that is busy with other tests.
      #expect(figures.sending > 1e6 && figures.receiving > 1e6, "\(figures)")
    }
  }

  @Test("is refused without the secret, and by a port where nobody listens")
  func refused() throws {
    let station = try LinkStation(interface: "lo", secret: Self.secret)
    defer { station.close() }
    let other = [UInt8](repeating: 8, count: 32)
    #expect(throws: LinkMeter.Failure.self) {
      try LinkMeter(station.addresses, port: station.port, secret: other, seconds: 30)
    }
    let failure = #expect(throws: LinkMeter.Failure.self) {
      try LinkMeter(["127.0.0.1"], port: 1, secret: Self.secret, seconds: 30)
    }
    #expect(failure?.description == "127.0.0.1:1: Connection refused")
  }

  @Test("needs an interface that is there")
  func interface() {
    #expect(throws: GroupError.self) { try LinkStation(interface: "nosuch0", secret: Self.secret) }
  }
}
