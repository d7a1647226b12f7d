import Tensors

/// Operations over packed tokens, and maps that share a weight.
extension OperationCases {
  private static func poolCase(_ pooling: TokenPooling, lengths: [Int32], columns: Int) -> OperationCase {
    let offsets = offsets(lengths)
    return OperationCase(
      name: "pool \(pooling) \(lengths) of \(columns)",
      twin: .pool(pooling, offsets: offsets, columns: columns), tensors: [[Int(offsets.last ?? 0), columns]]
    ) { pass, leaves in
      pass.pool(leaves.tensors[0], offsets: offsets, pooling)
    }
  }

  private static func rotaryCase(
    _ pairing: RotaryPairing, positions: [Int32], heads: Int, depth: Int, base: Double = 10_000
  ) -> OperationCase {
    OperationCase(
      name: "rotary \(pairing) \(positions.count) tokens, \(heads) heads of \(depth), base \(base)",
      twin: .rotary(columns: heads * depth, heads: heads, positions: positions, base: base, pairing: pairing),
      tensors: [[positions.count, heads * depth]]
    ) { pass, leaves in
      pass.rotary(leaves.tensors[0], heads: heads, positions: positions, base: base, pairing: pairing)
    }
  }

  private static func convolutionCase(
    lengths: [Int32], inputs: Int, outputs: Int, taps: Int, bias: Bool = true
  ) -> OperationCase {
    let offsets = offsets(lengths)
    return OperationCase(
      name: "token convolution \(lengths), \(inputs) → \(outputs), \(taps) taps\(bias ? " + bias" : "")",
      twin: .tokenConvolution(offsets: offsets, inputs: inputs, outputs: outputs, taps: taps, bias: bias),
      tensors: [[Int(offsets.last ?? 0), inputs]],
      parameters: [[outputs, inputs, taps]] + (bias ? [[outputs]] : [])
    ) { pass, leaves in
      pass.tokenConvolution(
        leaves.tensors[0], leaves.parameters[0], bias ? leaves.parameters[1] : nil, offsets: offsets)
    }
  }

  static var tokens: [OperationCase] {
    TokenPooling.allCases.flatMap { pooling in
      [([], 3), ([1], 1), ([0, 4, 0, 9], 5), ([17, 2], 33)].map { lengths, columns in
        poolCase(pooling, lengths: lengths, columns: columns)
      }
    }
      + [RotaryPairing.halves, .neighbours].flatMap { pairing in
        [
          rotaryCase(pairing, positions: [], heads: 1, depth: 2),
          rotaryCase(pairing, positions: [0, 1, 2, 0, 1], heads: 2, depth: 6),
          rotaryCase(pairing, positions: [0, 511, 8191, 300], heads: 1, depth: 64, base: 160_000),
        ]
      }
      + [
        convolutionCase(lengths: [], inputs: 2, outputs: 3, taps: 3),
        convolutionCase(lengths: [1, 2, 0, 7], inputs: 3, outputs: 2, taps: 3),
        convolutionCase(lengths: [4, 9], inputs: 2, outputs: 5, taps: 5, bias: false),
        convolutionCase(lengths: [6], inputs: 4, outputs: 3, taps: 1),
      ]
  }

  /// Two maps of one weight, of which the middle rows serve neither.
  static var fused: [OperationCase] {
    [true, false].map { bias in
      OperationCase(
        name: "outputs 0 ..< 2 and 4 ..< 6 of a linear map\(bias ? " + bias" : "")",
        twin: .linearPair(inputs: 3, outputs: 7, first: 0..<2, second: 4..<6, bias: bias), tensors: [[5, 3]],
        parameters: [[7, 3]] + (bias ? [[7]] : [])
      ) { pass, leaves in
        let (weight, shift) = (leaves.parameters[0], bias ? leaves.parameters[1] : nil)
        return pass.add(
          pass.linear(leaves.tensors[0], weight, shift, outputs: 0..<2),
          pass.linear(leaves.tensors[0], weight, shift, outputs: 4..<6))
      }
    }
  }

  static var largeTokens: [OperationCase] {
    [
      poolCase(.mean, lengths: [7, 40, 23, 5], columns: 77), poolCase(.max, lengths: [7, 40, 23, 5], columns: 77),
      rotaryCase(.halves, positions: (0..<99).map { $0 % 40 }, heads: 3, depth: 10),
      rotaryCase(.neighbours, positions: (0..<99).map { $0 % 40 }, heads: 3, depth: 10),
      convolutionCase(lengths: [7, 390, 23], inputs: 9, outputs: 11, taps: 3),
    ]
  }
}
