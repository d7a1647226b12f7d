import Tensors
import Testing

@Suite struct RandomTests {
  @Test(
    "Philox gives the known answers of Random123",
    arguments: [
      (
        Philox.Block(0, 0, 0, 0), Philox.Key(0, 0), Philox.Block(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8)
      ),
      (
        Philox.Block(repeating: .max), Philox.Key(repeating: .max),
        Philox.Block(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD)
      ),
      (
        Philox.Block(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344), Philox.Key(0xA409_3822, 0x299F_31D0),
        Philox.Block(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1)
      ),
    ])
  func knownAnswers(counter: Philox.Block, key: Philox.Key, answer: Philox.Block) {
    #expect(Philox.block(counter: counter, key: key) == answer)
  }

  @Test("the vectorised mask keeps what DropoutMask.keeps says", arguments: [1, 7, 8, 19, 64, 200])
  func masksAgree(columns: Int) throws {
    let mask = try #require(OperationCases.mask)
    let places = Coordinates(rows: [3, 0, 70_000], offsets: [0, 5, 6, 37])
    let pass = Pass(
      engine: Engine(), mode: .training, tape: nil, randomness: .init(seed: 1, step: 0, pass: 0), rows: [0])
    let input = pass.tensor([37, columns])
    input.values.update(repeating: 1)
    let result = pass.dropout(input, mask, places)
    for row in 0..<37 {
      for column in 0..<columns {
        let isKept = mask.keeps(row: places.rows[row], outer: places.outers[row], inner: column)
        #expect(result.values[row * columns + column] == (isKept ? mask.scale : 0))
      }
    }
  }

  @Test("a mask drops its share, and its scale makes up for it exactly", arguments: [0.1, 0.3, 0.5, 0.9])
  func masksDropTheirShare(probability: Double) throws {
    let stream = RandomStream(seed: 5, purpose: .dropout, site: 3)
    let mask = try #require(DropoutMask(stream: stream, probability: probability))
    let count = 40_000
    let kept = (0..<count).count { mask.keeps(row: UInt32($0 / 200), outer: 7, inner: $0 % 200) }
    let deviation = (probability * (1 - probability) * Double(count)).squareRoot()
    #expect(abs(Double(kept) - (1 - probability) * Double(count)) < 5 * deviation)
    #expect(abs(Double(mask.scale) * Double(65536 - mask.threshold) / 65536 - 1) < 1e-7)
  }

  @Test("probability 0 drops nothing and evaluation has no mask")
  func noMask() {
    #expect(DropoutMask(stream: RandomStream(seed: 1, purpose: .dropout), probability: 0) == nil)
    let pass = Pass(
      engine: Engine(), mode: .evaluation, tape: nil, randomness: .init(seed: 1, step: 0, pass: 0), rows: [0])
    #expect(pass.dropoutMask(site: 1, probability: 0.5) == nil)
    let input = pass.tensor([1, 1])
    #expect(pass.dropout(input, nil, Coordinates(rows: [0])) === input)
  }

  @Test("seed, purpose, step, pass and site each give other numbers")
  func streamsDiffer() {
    let streams = [
      RandomStream(seed: 1, purpose: .dropout), RandomStream(seed: 2, purpose: .dropout),
      RandomStream(seed: 1 << 32 | 1, purpose: .dropout), RandomStream(seed: 1, purpose: .shuffle),
      RandomStream(seed: 1, purpose: .dropout, step: 1), RandomStream(seed: 1, purpose: .dropout, pass: 1),
      RandomStream(seed: 1, purpose: .dropout, site: 1), RandomStream(seed: 1, purpose: .dropout, step: 1 << 32),
    ]
    #expect(Set(streams.map(\.key)).count == streams.count)
  }

  @Test("a permutation has each number once", arguments: [0, 1, 2, 1000])
  func permutations(count: Int) {
    let stream = RandomStream(seed: 9, purpose: .shuffle)
    #expect(stream.permutation(of: count).sorted() == Array(0..<count))
    if count == 1000 { #expect(stream.permutation(of: count) != Array(0..<count)) }
  }

  @Test("bounded integers are uniform: χ² within five standard deviations", arguments: [UInt32(2), 3, 7, 100])
  func boundedIntegers(bound: UInt32) {
    let stream = RandomStream(seed: 13, purpose: .folds)
    let draws = 20_000
    var counts = [Int](repeating: 0, count: Int(bound))
    for index in 0..<draws { counts[Int(stream.integer(below: bound, index: UInt64(index)))] += 1 }
    let expected = Double(draws) / Double(bound)
    let statistic = counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
    let freedom = Double(bound - 1)
    #expect(statistic < freedom + 5 * (2 * freedom).squareRoot())
  }

  @Test("a bound just above a power of two is rejected often and stays uniform")
  func rejection() {
    let bound: UInt32 = 1 << 31 + 1 << 30
    let stream = RandomStream(seed: 17, purpose: .folds)
    let draws = 20_000
    let low = (0..<draws).count { stream.integer(below: bound, index: UInt64($0)) < bound / 2 }
    #expect(abs(Double(low) - Double(draws) / 2) < 5 * (Double(draws) / 4).squareRoot())
  }

  @Test("normal numbers are those of Box and Muller, rounded", arguments: [0, 1, 3, 64, 65, 200_001])
  func normals(count: Int) {
    let stream = RandomStream(seed: 23, purpose: .initialization)
    var values = [Float](repeating: 0, count: count)
    values.withUnsafeMutableBufferPointer { stream.fillNormal($0) }
    let wrong = zip(values, stream.normalTwin(count: count)).enumerated().first { _, pair in
      abs(Double(pair.0) - pair.1) > 0.5001 * Double(Float(pair.1).ulp) + 1e-15
    }
    #expect(wrong == nil)
  }

  @Test("uniform and normal numbers have their moments")
  func moments() {
    let count = 100_000
    var values = [Float](repeating: 0, count: count)
    let stream = RandomStream(seed: 21, purpose: .initialization)
    values.withUnsafeMutableBufferPointer { stream.fillUniform($0) }
    #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
    let middle = values.reduce(0) { $0 + Double($1) } / Double(count)
    #expect(abs(middle - 0.5) < 5 * (1 / Double(12 * count)).squareRoot())
    values.withUnsafeMutableBufferPointer { stream.fillNormal($0) }
    let mean = values.reduce(0) { $0 + Double($1) } / Double(count)
    let variance = values.reduce(0) { $0 + Double($1) * Double($1) } / Double(count)
    #expect(abs(mean) < 5 / Double(count).squareRoot())
    #expect(abs(variance - 1) < 5 * (2 / Double(count)).squareRoot())
  }
}
