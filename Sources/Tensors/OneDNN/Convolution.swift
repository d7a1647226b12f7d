import COneDNN

/// The extents of a square two-dimensional convolution without bias, of images stored channels last.
struct ConvolutionShape: Hashable {
  var images: Int
  let height: Int
  let width: Int
  let inputs: Int
  let outputs: Int
  let kernel: Int
  let stride: Int
  let padding: Int

  var outputHeight: Int { (height + 2 * padding - kernel) / stride + 1 }
  var outputWidth: Int { (width + 2 * padding - kernel) / stride + 1 }
  var inputImage: Int { height * width * inputs }
  var outputImage: Int { outputHeight * outputWidth * outputs }
  var weights: Int { outputs * inputs * kernel * kernel }
}

/// One convolution, forward and backward, compiled by oneDNN for one thread. Weights are [outputs, inputs, kernel, kernel];
/// oneDNN's own layout of them stays inside.
final class Convolution {
  typealias Floats = UnsafeMutablePointer<Float>

  private unowned let oneDNN: OneDNN
  private let shape: ConvolutionShape
  private let forward: Primitive
  private let packForward: Primitive
  private lazy var backwardInput = makeBackwardInput()
  private lazy var packBackward = pack(for: backwardInput)
  private lazy var backwardWeights = makeBackwardWeights()
  private lazy var unpackWeights = makeUnpackWeights()
  private var packed = ScratchBytes()

  init(_ shape: ConvolutionShape, oneDNN: OneDNN) {
    self.shape = shape
    self.oneDNN = oneDNN
    var (input, weights, output) = (Self.input(shape), Self.anyWeights(shape), Self.output(shape))
    let (strides, padding) = Self.geometry(shape)
    var operation = dnnl_convolution_desc_t()
    OneDNN.useOneThread()
    OneDNN.check(
      dnnl_convolution_forward_desc_init(
        &operation, dnnl_forward_training, dnnl_convolution_direct, &input, &weights, nil, &output, strides, padding,
        Self.paddingBehind(shape)),
      "a convolution \(shape)")
    forward = Primitive(
      engine: oneDNN.engine, operation: &operation, arguments: [DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST],
      name: "a convolution \(shape)")
    var plain = Self.plainWeights(shape)
    packForward = Primitive(
      engine: oneDNN.engine, from: &plain, to: forward.layout(of: DNNL_ARG_WEIGHTS), name: "weights of \(shape)")
  }

  /// output = the convolution of input with the weights.
  func run(_ input: Floats, weights: Floats, into output: Floats) {
    let packed = packed.bytes(forward.bytes(of: DNNL_ARG_WEIGHTS))
    oneDNN.run(packForward, [(DNNL_ARG_SRC, .init(weights)), (DNNL_ARG_DST, packed)])
    oneDNN.run(forward, [(DNNL_ARG_SRC, .init(input)), (DNNL_ARG_WEIGHTS, packed), (DNNL_ARG_DST, .init(output))])
  }

  /// gradient = the derivative by the input, given `upstream` by the output.
  func inputGradient(_ upstream: Floats, weights: Floats, into gradient: Floats) {
    let packed = packed.bytes(backwardInput.bytes(of: DNNL_ARG_WEIGHTS))
    oneDNN.run(packBackward, [(DNNL_ARG_SRC, .init(weights)), (DNNL_ARG_DST, packed)])
    oneDNN.run(
      backwardInput,
      [(DNNL_ARG_DIFF_DST, .init(upstream)), (DNNL_ARG_WEIGHTS, packed), (DNNL_ARG_DIFF_SRC, .init(gradient))])
  }

  /// gradient = the derivative by the weights, given `upstream` by the output.
  func weightGradient(_ upstream: Floats, input: Floats, into gradient: Floats) {
    let packed = packed.bytes(backwardWeights.bytes(of: DNNL_ARG_DIFF_WEIGHTS))
    oneDNN.run(
      backwardWeights,
      [(DNNL_ARG_SRC, .init(input)), (DNNL_ARG_DIFF_DST, .init(upstream)), (DNNL_ARG_DIFF_WEIGHTS, packed)])
    oneDNN.run(unpackWeights, [(DNNL_ARG_SRC, packed), (DNNL_ARG_DST, .init(gradient))])
  }

  private func makeBackwardInput() -> Primitive {
    var (input, weights, output) = (Self.input(shape), Self.anyWeights(shape), Self.output(shape))
    let (strides, padding) = Self.geometry(shape)
    var operation = dnnl_convolution_desc_t()
    OneDNN.useOneThread()
    OneDNN.check(
      dnnl_convolution_backward_data_desc_init(
        &operation, dnnl_convolution_direct, &input, &weights, &output, strides, padding, Self.paddingBehind(shape)),
      "the input gradient of \(shape)")
    return Primitive(
      engine: oneDNN.engine, operation: &operation,
      arguments: [DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST], hint: forward,
      name: "the input gradient of \(shape)")
  }

  private func makeBackwardWeights() -> Primitive {
    var (input, weights, output) = (Self.input(shape), Self.anyWeights(shape), Self.output(shape))
    let (strides, padding) = Self.geometry(shape)
    var operation = dnnl_convolution_desc_t()
    OneDNN.useOneThread()
    OneDNN.check(
      dnnl_convolution_backward_weights_desc_init(
        &operation, dnnl_convolution_direct, &input, &weights, nil, &output, strides, padding,
        Self.paddingBehind(shape)),
      "the weight gradient of \(shape)")
    return Primitive(
      engine: oneDNN.engine, operation: &operation,
      arguments: [DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST], hint: forward,
      name: "the weight gradient of \(shape)")
  }

  private func pack(for primitive: Primitive) -> Primitive {
    var plain = Self.plainWeights(shape)
    return Primitive(
      engine: oneDNN.engine, from: &plain, to: primitive.layout(of: DNNL_ARG_WEIGHTS), name: "weights of \(shape)")
  }

  private func makeUnpackWeights() -> Primitive {
    var plain = Self.plainWeights(shape)
    return Primitive(
      engine: oneDNN.engine, from: backwardWeights.layout(of: DNNL_ARG_DIFF_WEIGHTS), to: &plain,
      name: "weights of \(shape)")
  }

  private static func input(_ shape: ConvolutionShape) -> dnnl_memory_desc_t {
    channelsLast(shape.images, shape.inputs, shape.height, shape.width)
  }

  private static func output(_ shape: ConvolutionShape) -> dnnl_memory_desc_t {
    channelsLast(shape.images, shape.outputs, shape.outputHeight, shape.outputWidth)
  }

  /// oneDNN names extents in the order images, channels, height, width, wherever they lie.
  private static func channelsLast(_ images: Int, _ channels: Int, _ height: Int, _ width: Int) -> dnnl_memory_desc_t {
    OneDNN.tensor(
      [images, channels, height, width], dnnl_f32,
      strides: [height * width * channels, 1, width * channels, channels])
  }

  private static func plainWeights(_ shape: ConvolutionShape) -> dnnl_memory_desc_t {
    let area = shape.kernel * shape.kernel
    return OneDNN.tensor(
      [shape.outputs, shape.inputs, shape.kernel, shape.kernel], dnnl_f32,
      strides: [shape.inputs * area, area, shape.kernel, 1])
  }

  /// Weights in the layout that oneDNN likes best.
  private static func anyWeights(_ shape: ConvolutionShape) -> dnnl_memory_desc_t {
    let extents = [shape.outputs, shape.inputs, shape.kernel, shape.kernel].map { dnnl_dim_t($0) }
    var description = dnnl_memory_desc_t()
    OneDNN.check(
      dnnl_memory_desc_init_by_tag(&description, 4, extents, dnnl_f32, dnnl_format_tag_any), "weights of \(shape)")
    return description
  }

  private static func geometry(_ shape: ConvolutionShape) -> (strides: [dnnl_dim_t], padding: [dnnl_dim_t]) {
    (
      [dnnl_dim_t(shape.stride), dnnl_dim_t(shape.stride)], [dnnl_dim_t(shape.padding), dnnl_dim_t(shape.padding)]
    )
  }

  /// What the last window reaches beyond the image; negative where a stride leaves some of it out.
  private static func paddingBehind(_ shape: ConvolutionShape) -> [dnnl_dim_t] {
    [(shape.height, shape.outputHeight), (shape.width, shape.outputWidth)].map { extent, outputs in
      dnnl_dim_t((outputs - 1) * shape.stride + shape.kernel - extent - shape.padding)
    }
  }
}
