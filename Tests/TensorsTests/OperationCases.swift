import Tensors
import Testing

/// Every operation over a matrix of shapes: empty, one row, odd sizes, sizes around the panels.
enum OperationCases {
  static let mask = DropoutMask(
    stream: RandomStream(seed: 11, purpose: .dropout, step: 2, pass: 1, site: 9), probability: 0.3)

  static var all: [OperationCase] {
    linear + activations + gates + sums + lookups + norms + dropouts + crossEntropies + attentions + images
      + tokens + fused + windows + disentangled
  }

  /// Large enough that every kind of work is cut in several pieces.
  static var large: [OperationCase] {
    [
      linearCase(rows: 531, inputs: 67, outputs: 389, bias: true),
      activationCase(.gelu, rows: 531, inputs: 67, outputs: 389, bias: true),
      normCase(rows: 131, columns: 77, mask: mask), plainNormCase(rows: 131, columns: 77),
      plainNormCase(rows: 131, columns: 77, shift: false),
      attentionCase(lengths: [7, 0, 23, 1], heads: 3, depth: 5, mask: mask),
    ]
      + Activation.allCases.map { elementwiseCase($0, count: 40_003) }
      + [gateCase(.gelu, rows: 71, half: 40)] + largeImages + largeTokens + largeAttentions
  }

  static var linear: [OperationCase] {
    [(0, 3, 2), (1, 1, 1), (5, 3, 7), (33, 17, 40), (400, 20, 9)].flatMap { rows, inputs, outputs in
      [
        linearCase(rows: rows, inputs: inputs, outputs: outputs, bias: true),
        linearCase(rows: rows, inputs: inputs, outputs: outputs, bias: false),
      ]
        + Activation.allCases.map {
          activationCase($0, rows: rows, inputs: inputs, outputs: outputs, bias: rows != 33 || $0 == .gelu)
        }
    }
  }

  private static func linearCase(rows: Int, inputs: Int, outputs: Int, bias: Bool) -> OperationCase {
    OperationCase(
      name: "linear [\(rows), \(inputs)] → \(outputs)\(bias ? " + bias" : "")",
      twin: .linear(inputs: inputs, outputs: outputs, bias: bias), tensors: [[rows, inputs]],
      parameters: [[outputs, inputs]] + (bias ? [[outputs]] : [])
    ) { pass, leaves in
      pass.linear(leaves.tensors[0], leaves.parameters[0], bias ? leaves.parameters[1] : nil)
    }
  }

  static var sums: [OperationCase] {
    [
      OperationCase(name: "add", twin: .scaled([1, 1]), tensors: [[5, 3], [5, 3]]) { pass, leaves in
        pass.add(leaves.tensors[0], leaves.tensors[1])
      },
      OperationCase(name: "add to itself", twin: .scaled([2]), tensors: [[7]]) { pass, leaves in
        pass.add(leaves.tensors[0], leaves.tensors[0])
      },
      OperationCase(name: "weighted sum", twin: .scaled([0.5, -2, 3]), tensors: [[17], [17], [17]]) { pass, leaves in
        pass.scaled([(leaves.tensors[0], 0.5), (leaves.tensors[1], -2), (leaves.tensors[2], 3)])
      },
    ]
  }

  static var lookups: [OperationCase] {
    let (words, positions, types): ([Int32], [Int32], [Int32]) = ([4, 0, 4, 2, 4], [0, 1, 2, 0, 1], [0, 0, 1, 1, 0])
    return [
      OperationCase(name: "gatherRows", twin: .gatherRows([2, 0, 2], columns: 5), tensors: [[4, 5]]) { pass, leaves in
        pass.gatherRows(leaves.tensors[0], [2, 0, 2])
      },
      OperationCase(name: "gather no rows", twin: .gatherRows([], columns: 5), tensors: [[4, 5]]) { pass, leaves in
        pass.gatherRows(leaves.tensors[0], [])
      },
      OperationCase(
        name: "embeddings", twin: .embeddings([words, positions, types], columns: 19), tensors: [],
        parameters: [[6, 19], [4, 19], [2, 19]]
      ) { pass, leaves in
        pass.embeddings(
          word: leaves.parameters[0], position: leaves.parameters[1], type: leaves.parameters[2], ids: words,
          positions: positions, typeIDs: types)
      },
      OperationCase(
        name: "embeddings without positions", twin: .embeddings([words, types], columns: 33), tensors: [],
        parameters: [[6, 33], [2, 33]]
      ) { pass, leaves in
        pass.embeddings(
          word: leaves.parameters[0], position: nil, type: leaves.parameters[1], ids: words, positions: [],
          typeIDs: types)
      },
      OperationCase(
        name: "embeddings of words alone", twin: .embeddings([words], columns: 19), tensors: [], parameters: [[6, 19]]
      ) { pass, leaves in
        pass.embeddings(
          word: leaves.parameters[0], position: nil, type: nil, ids: words, positions: [], typeIDs: [])
      },
      OperationCase(
        name: "embeddings without types", twin: .embeddings([words, positions], columns: 300), tensors: [],
        parameters: [[6, 300], [4, 300]]
      ) { pass, leaves in
        pass.embeddings(
          word: leaves.parameters[0], position: leaves.parameters[1], type: nil, ids: words, positions: positions,
          typeIDs: [])
      },
    ]
  }

  /// A coordinate for each of some packed tokens of rows 3, 8 and 1.
  static func coordinates(_ rows: Int) -> Coordinates {
    let cut = Int32(rows / 3)
    return Coordinates(rows: [3, 8, 1], offsets: [0, cut, cut, Int32(rows)])
  }

  private static func normCase(rows: Int, columns: Int, mask: DropoutMask?, shift: Bool = true) -> OperationCase {
    let places = coordinates(rows)
    return OperationCase(
      name: "dropoutAddLayerNorm [\(rows), \(columns)]\(mask == nil ? "" : " with mask")"
        + (shift ? "" : " without shift"),
      twin: .dropoutAddLayerNorm(mask, places, columns: columns, epsilon: 1e-3),
      tensors: [[rows, columns], [rows, columns]], parameters: shift ? [[columns], [columns]] : [[columns]],
      tolerance: 5e-6
    ) { pass, leaves in
      pass.dropoutAddLayerNorm(
        leaves.tensors[0], residual: leaves.tensors[1], mask: mask, coordinates: places, scale: leaves.parameters[0],
        shift: shift ? leaves.parameters[1] : nil, epsilon: 1e-3)
    }
  }

  private static func plainNormCase(rows: Int, columns: Int, shift: Bool = true) -> OperationCase {
    OperationCase(
      name: "layerNorm [\(rows), \(columns)]\(shift ? "" : " without shift")",
      twin: .layerNorm(columns: columns, epsilon: 1e-3), tensors: [[rows, columns]],
      parameters: shift ? [[columns], [columns]] : [[columns]], tolerance: 5e-6
    ) { pass, leaves in
      pass.layerNorm(
        leaves.tensors[0], scale: leaves.parameters[0], shift: shift ? leaves.parameters[1] : nil, epsilon: 1e-3)
    }
  }

  static var norms: [OperationCase] {
    [(0, 5), (1, 1), (1, 16), (7, 19), (70, 48)].flatMap { rows, columns in
      [
        plainNormCase(rows: rows, columns: columns), normCase(rows: rows, columns: columns, mask: nil),
        normCase(rows: rows, columns: columns, mask: mask), plainNormCase(rows: rows, columns: columns, shift: false),
        normCase(rows: rows, columns: columns, mask: mask, shift: false),
      ]
    }
  }

  static var dropouts: [OperationCase] {
    [(0, 5), (1, 1), (9, 8), (41, 19)].map { rows, columns in
      let places = coordinates(rows)
      return OperationCase(
        name: "dropout [\(rows), \(columns)]", twin: .dropout(mask, places, columns: columns),
        tensors: [[rows, columns]]
      ) { pass, leaves in
        pass.dropout(leaves.tensors[0], mask, places)
      }
    }
  }

  static var crossEntropies: [OperationCase] {
    let labels: [Int32] = [0, 2, 1, 2, 0]
    let weights: [Float] = [0.5, 2, 1.25]
    return [(0, nil), (0.125, nil), (0, weights), (0.125, weights)].map { (smoothing: Float, weights: [Float]?) in
      OperationCase(
        name: "crossEntropy, smoothing \(smoothing)\(weights == nil ? "" : ", class weights")",
        twin: .crossEntropy(
          labels: labels, classes: 3, smoothing: Double(smoothing), classWeights: weights.map { $0.map(Double.init) }),
        tensors: [[5, 3]]
      ) { pass, leaves in
        pass.crossEntropy(leaves.tensors[0], labels: labels, smoothing: smoothing, classWeights: weights)
      }
    }
  }

  static func offsets(_ lengths: [Int32]) -> [Int32] {
    lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
  }
}

extension OperationCase: CustomTestStringConvertible {
  var testDescription: String { name }
}
