import Tensors

extension OperationCases {
  static var images: [OperationCase] { convolutions + pools + batchNorms }

  static var largeImages: [OperationCase] {
    [
      convolutionCase(images: 37, height: 9, width: 6, inputs: 3, outputs: 17, kernel: 3, stride: 2, padding: 1),
      batchNormCase(images: 13, height: 9, width: 7, channels: 5, running: false),
    ]
  }

  private static func convolutionCase(
    images: Int, height: Int, width: Int, inputs: Int, outputs: Int, kernel: Int, stride: Int, padding: Int
  ) -> OperationCase {
    OperationCase(
      name: "convolution of \(images) images \(height) × \(width), \(inputs) → \(outputs), kernel \(kernel), "
        + "stride \(stride), padding \(padding)",
      twin: .convolution(
        height: height, width: width, inputs: inputs, outputs: outputs, kernel: kernel, stride: stride,
        padding: padding),
      tensors: [[images, height, width, inputs]], parameters: [[outputs, inputs, kernel, kernel]]
    ) { pass, leaves in
      pass.convolution(leaves.tensors[0], leaves.parameters[0], stride: stride, padding: padding)
    }
  }

  private static var convolutions: [OperationCase] {
    [
      convolutionCase(images: 0, height: 4, width: 4, inputs: 2, outputs: 3, kernel: 3, stride: 1, padding: 1),
      convolutionCase(images: 1, height: 1, width: 1, inputs: 1, outputs: 1, kernel: 1, stride: 1, padding: 0),
      convolutionCase(images: 2, height: 7, width: 5, inputs: 1, outputs: 6, kernel: 3, stride: 1, padding: 1),
      convolutionCase(images: 2, height: 7, width: 6, inputs: 6, outputs: 8, kernel: 3, stride: 2, padding: 1),
      convolutionCase(images: 2, height: 6, width: 7, inputs: 6, outputs: 8, kernel: 1, stride: 2, padding: 0),
      convolutionCase(images: 1, height: 8, width: 8, inputs: 16, outputs: 16, kernel: 5, stride: 1, padding: 0),
    ]
  }

  private static var pools: [OperationCase] {
    [(0, 4, 4, 3), (1, 2, 2, 1), (3, 5, 7, 6), (2, 4, 6, 17)].flatMap { images, height, width, channels in
      [
        OperationCase(
          name: "maxPool2 [\(images), \(height), \(width), \(channels)]",
          twin: .maxPool2(height: height, width: width, channels: channels),
          tensors: [[images, height, width, channels]]
        ) { pass, leaves in
          pass.maxPool2(leaves.tensors[0])
        },
        OperationCase(
          name: "globalAveragePool [\(images), \(height), \(width), \(channels)]",
          twin: .globalAveragePool(area: height * width, channels: channels),
          tensors: [[images, height, width, channels]]
        ) { pass, leaves in
          pass.globalAveragePool(leaves.tensors[0])
        },
      ]
    }
  }

  private static func batchNormCase(
    images: Int, height: Int, width: Int, channels: Int, running: Bool
  ) -> OperationCase {
    let means = (0..<channels).map { 0.25 * Float($0) }
    let variances = (0..<channels).map { 1 + 0.5 * Float($0) }
    return OperationCase(
      name: "batchNorm [\(images), \(height), \(width), \(channels)]\(running ? " with running statistics" : "")",
      twin: .batchNorm(
        channels: channels, epsilon: 1e-3,
        running: running ? (means.map { Double($0) }, variances.map { Double($0) }) : nil),
      tensors: [[images, height, width, channels]], parameters: [[channels], [channels]], tolerance: 5e-6
    ) { pass, leaves in
      let (input, scale, shift) = (leaves.tensors[0], leaves.parameters[0], leaves.parameters[1])
      guard running else { return pass.batchNorm(input, scale: scale, shift: shift, epsilon: 1e-3).result }
      return pass.batchNorm(
        input, scale: scale, shift: shift, epsilon: 1e-3, means: means, variances: variances)
    }
  }

  private static var batchNorms: [OperationCase] {
    [(0, 2, 2, 3), (1, 1, 1, 1), (3, 4, 5, 6), (2, 7, 3, 16)].flatMap { images, height, width, channels in
      [false, true].map {
        batchNormCase(images: images, height: height, width: width, channels: channels, running: $0)
      }
    }
  }
}
