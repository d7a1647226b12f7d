import Tensors

/// Activations alone, fused with a linear map, and as gates.
extension OperationCases {
  static func elementwiseCase(_ activation: Activation, count: Int) -> OperationCase {
    OperationCase(name: "\(activation) [\(count)]", twin: .activation(activation), tensors: [[count]]) {
      $0.activation($1.tensors[0], activation)
    }
  }

  static var activations: [OperationCase] {
    [0, 1, 15, 100].flatMap { count in Activation.allCases.map { elementwiseCase($0, count: count) } }
  }

  static func activationCase(
    _ activation: Activation, rows: Int, inputs: Int, outputs: Int, bias: Bool
  ) -> OperationCase {
    OperationCase(
      name: "linear \(activation) [\(rows), \(inputs)] → \(outputs)\(bias ? " + bias" : "")",
      twin: .linearActivation(activation, inputs: inputs, outputs: outputs, bias: bias), tensors: [[rows, inputs]],
      parameters: [[outputs, inputs]] + (bias ? [[outputs]] : [])
    ) { pass, leaves in
      pass.linearActivation(leaves.tensors[0], leaves.parameters[0], bias ? leaves.parameters[1] : nil, activation)
    }
  }

  static func gateCase(_ activation: Activation, rows: Int, half: Int) -> OperationCase {
    OperationCase(
      name: "gated \(activation) [\(rows), 2 · \(half)]",
      twin: .gatedActivation(activation, columns: 2 * half), tensors: [[rows, 2 * half]]
    ) { pass, leaves in
      pass.gatedActivation(leaves.tensors[0], activation)
    }
  }

  static var gates: [OperationCase] {
    Activation.allCases.map { gateCase($0, rows: 5, half: 7) }
      + [(0, 3), (1, 1), (33, 17), (3, 0)].map { gateCase(.gelu, rows: $0, half: $1) }
  }
}
