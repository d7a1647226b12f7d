import Collectives
import Compression
import TestSupport
import Testing

@Suite("Sums that send fewer bytes")
struct CompressedSumTests {
  struct Case: CustomTestStringConvertible, Sendable {
    let ranks: Int
    let count: Int
    let format: WireFormat
    var testDescription: String { "\(ranks) ranks, \(count) floats, \(format)" }

    static let all = [2, 3, 5].flatMap { ranks in
      [1, 600, 5001].flatMap { count in
        WireFormat.allCases.map { Case(ranks: ranks, count: count, format: $0) }
      }
    }
  }

  /// What each of several sums gave, and the residual after the last, on one rank.
  private struct Result {
    var sums: [[Float]] = []
    var residual: [Float]
    var bytesSent = 0
  }

  private static func terms(_ test: Case, sum: Int) -> [[Float]] {
    (0..<test.ranks).map { Numbers.vector(count: test.count, seed: UInt64(100 * sum + $0 + 1)) }
  }

  private static func run(_ test: Case, sums: Int) throws -> [Result] {
    try Ranks.run(test.ranks) { group in
      let compressed = CompressedSum(test.format)
      var result = Result(residual: [Float](repeating: 0, count: test.count))
      let before = group.bytesSent
      for number in 0..<sums {
        var values = terms(test, sum: number)[group.rank]
        try compressed.sum(
          &values, residual: &result.residual, count: test.count, over: group, name: "values", step: number)
        result.sums.append(values)
      }
      result.bytesSent = group.bytesSent - before
      return result
    }
  }

  /// The same by the definition, all ranks in one place.
  private static func twin(_ test: Case, sums: Int) -> (sums: [[Float]], residuals: [[Float]]) {
    var residuals = (0..<test.ranks).map { _ in [Float](repeating: 0, count: test.count) }
    let chunks = (0..<test.ranks).map { CompressedSum.chunk($0, of: test.ranks, count: test.count) }
    let results = (0..<sums).map { number in
      var result = [Float](repeating: 0, count: test.count)
      let wholes = zip(terms(test, sum: number), residuals).map { zip($0, $1).map { $0 + $1 } }
      for (owner, chunk) in chunks.enumerated() {
        let told = wholes.map { Definition.encode(Array($0[chunk]), test.format) }
        var sum = [Float](repeating: 0, count: chunk.count)
        for rank in 0..<test.ranks {
          for index in 0..<chunk.count {
            residuals[rank][chunk.lowerBound + index] = wholes[rank][chunk.lowerBound + index] - told[rank][index]
            sum[index] += told[rank][index]
          }
        }
        let code = Definition.encode(sum, test.format)
        for index in 0..<chunk.count {
          residuals[owner][chunk.lowerBound + index] += sum[index] - code[index]
          result[chunk.lowerBound + index] = code[index]
        }
      }
      return result
    }
    return (results, residuals)
  }

  @Test("all ranks get the bits of the definition, also where residuals have come together", arguments: Case.all)
  func definition(_ test: Case) throws {
    let everyone = try Self.run(test, sums: 3)
    let twin = Self.twin(test, sums: 3)
    for (rank, result) in everyone.enumerated() {
      #expect(result.sums == twin.sums, "rank \(rank)")
      #expect(result.residual == twin.residuals[rank], "rank \(rank)")
    }
  }

  @Test("as many bytes are sent as the formula says, about half and a quarter of a ring's", arguments: Case.all)
  func bytes(_ test: Case) throws {
    let compressed = CompressedSum(test.format)
    for (rank, result) in try Self.run(test, sums: 2).enumerated() {
      #expect(result.bytesSent == 2 * compressed.bytesSent(by: rank, of: test.ranks, count: test.count))
    }
    let whole = 8.0 * Double(5120 * (test.ranks - 1)) / Double(test.ranks)
    let share = Double(compressed.bytesSent(by: 0, of: test.ranks, count: 5120)) / whole
    // Of 20 blocks 3 ranks cannot have as many each.
    let tolerance = 1e-3 + 0.06 * Double(20 % test.ranks)
    #expect(abs(share - (test.format == .bf16 ? 0.5 : 0.25 + 1.0 / 256)) < tolerance, "\(share)")
  }

  @Test(
    "what a sum does not tell the next ones do: many sums together are as exact as one", arguments: WireFormat.allCases)
  func feedback(format: WireFormat) throws {
    let test = Case(ranks: 3, count: 700, format: format)
    let sums = 40
    let results = try Self.run(test, sums: sums)
    var worst = 0.0
    var worstOfOne = 0.0
    for index in 0..<test.count {
      let exact = (0..<sums).map { sum in Self.terms(test, sum: sum).reduce(0.0) { $0 + Double($1[index]) } }
      let given = (0..<sums).map { Double(results[0].sums[$0][index]) }
      worst = max(worst, abs(exact.reduce(0, +) - given.reduce(0, +)))
      worstOfOne = max(worstOfOne, abs(exact[0] - given[0]))
    }
    #expect(worst < 3 * worstOfOne, "\(worst) after \(sums) sums, \(worstOfOne) after one")
    #expect(worstOfOne > 0)
  }
}
