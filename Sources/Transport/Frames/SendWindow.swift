/// Bytes that a link wants to send: the rest of a frame, and whole frames behind it.
package struct SendWindow {
  package var header: UnsafeRawBufferPointer
  package var payload: UnsafeRawBufferPointer
  package var behind: [UnsafeRawBufferPointer] = []

  package init(
    header: UnsafeRawBufferPointer = .init(start: nil, count: 0),
    payload: UnsafeRawBufferPointer = .init(start: nil, count: 0)
  ) {
    self.header = header
    self.payload = payload
  }

  package var isEmpty: Bool { header.isEmpty && payload.isEmpty }

  /// All bytes, in their order.
  package var bytes: [UInt8] { ([header, payload] + behind).flatMap { Array($0) } }
}
