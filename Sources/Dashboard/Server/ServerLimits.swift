/// Bounds on what strangers can take from the server, before and after they show a token.
struct ServerLimits: Sendable {
  /// Bytes of a request's head; longer ones are answered 431.
  var headBytes = 16 << 10
  /// Until a head must be complete; later ones are answered 408.
  var headTime = Duration.seconds(10)
  /// Until an answer, or an event of a stream, must have been taken.
  var answerTime = Duration.seconds(15)
  /// How long, and for how many bytes, a client is heard after its answer: a connection that is closed with bytes unread
  /// is reset, and the answer lost.
  var lingerTime = Duration.seconds(2)
  var lingerBytes = 8 << 20
  /// Connections at one time; further ones are answered 503.
  var connections = 64
  /// Event streams at one time; further ones are answered 503.
  var streams = 16
  /// Bytes that the kernel holds for a client that does not read.
  var sendBuffer: Int32 = 128 << 10
  /// From one event of a stream to the next.
  var eventInterval = Duration.seconds(1)
  /// For the last events of all streams when the run is over.
  var closingTime = Duration.seconds(1)
}
