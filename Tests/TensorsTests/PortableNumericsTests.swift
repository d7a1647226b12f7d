import Crypto
import Tensors
import Testing

/// Operations with portable products: the same bits with every kind of vector.
@Suite struct PortableNumericsTests {
  /// All operations that multiply matrices, with depths beyond a block.
  private static var items: [OperationCase] {
    OperationCases.large.filter { !$0.name.hasPrefix("elementwise") } + OperationCases.images
      + OperationCases.disentangled
  }

  /// SHA-256 of all results and gradients.
  private func hash(_ precision: Precision, _ units: VectorUnits, threads: Int = 1) -> String {
    var hash = SHA256()
    for item in Self.items {
      let upstream = OperationCase.values(count: item.twin.forward(item.inputs()).count, site: 1000)
      let outcome = item.outcome(upstream: upstream, threads: threads, precision: precision, units: units)
      for values in [outcome.result] + outcome.gradients {
        values.withUnsafeBytes { hash.update(bufferPointer: $0) }
      }
    }
    return hash.finalize().prefix(8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
  }

  @Test("all vectors and numbers of threads give one hash", arguments: Precision.allCases)
  func vectors(precision: Precision) {
    let expected = hash(precision, .plain)
    for units in VectorUnits.available { #expect(hash(precision, units) == expected) }
    #expect(hash(precision, .here, threads: 2) == expected)
  }

  @Test("the environment restricts vectors")
  func restriction() {
    #expect(VectorUnits.best(allowed: "none") == .plain)
    #expect(VectorUnits.best(allowed: "avx2").rawValue <= VectorUnits.avx2.rawValue)
    #expect(VectorUnits.best(allowed: nil) == VectorUnits.available.last)
  }
}
