import Testing
import Tracing

@Suite("A track")
struct TrackTests {
  private struct Failure: Error {}

  @Test("keeps the newest spans in order, and says how many it dropped")
  func ring() {
    let track = Track(name: "training", capacity: 3)
    for number in 1...5 { track.record(Span(.step, number: number, begun: UInt64(number), ended: UInt64(number) + 1)) }
    #expect(track.contents.spans.map(\.number) == [3, 4, 5])
    #expect(track.contents.dropped == 2)
    track.clear()
    track.record(Span(.step, number: 6, begun: 6, ended: 7))
    #expect(track.contents.spans.map(\.number) == [6] && track.contents.dropped == 0)
  }

  @Test("records what a body took, also of one that throws, an inner span before the one around it")
  func nesting() throws {
    let track = Track(name: "training", capacity: 8)
    #expect(throws: Failure.self) {
      try track.span(.step, number: 1) { try track.span(.forward) { throw Failure() } }
    }
    let spans = track.contents.spans
    #expect(spans.map(\.kind) == [.forward, .step])
    #expect(spans[1].begun <= spans[0].begun && spans[0].begun <= spans[0].ended && spans[0].ended <= spans[1].ended)
  }

  @Test("that is off records nothing, and runs bodies all the same")
  func off() {
    #expect(Track.off.span(.forward) { 7 } == 7)
    Track.off.record(Span(.step, begun: 0, ended: 1))
    #expect(Track.off.contents.spans.isEmpty && !Tracer.off.isOn && Tracer().isOn)
  }
}
