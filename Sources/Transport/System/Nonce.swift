/// Random bytes of the system.
package enum Nonce {
  /// 32 bytes that were never used before.
  package static func fresh() -> [UInt8] {
    var generator = SystemRandomNumberGenerator()
    return (0..<32).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
  }
}
