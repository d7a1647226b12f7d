import Data
import Layers
import Tensors

/// A small residual network for images (He et al. 2016, arXiv:1512.03385): a stem of convolution, batch norm, ReLU and 2 × 2
/// maximum; residual blocks; the mean over all places; a linear map.
///
/// Convolutions and batch norms are numbered by depth, as small PyTorch models name them: `conv1`, `bn1` are the stem's,
/// block k (from 0) has `conv(2k+2)`, `bn(2k+2)`, `conv(2k+3)`, `bn(2k+3)` and, where it changes the shape, a shortcut `short`,
/// `short2` …; `fc` is the linear map.
public final class ResidualNetwork: Classifier {
  public let configuration: ResidualConfiguration
  public let labels: Int
  let conv1: Convolution
  let bn1: BatchNorm
  let blocks: [ResidualBlock]
  let fc: ClassificationHead

  /// - Parameter multiSampleDropout: probabilities of a multi-sample dropout head; nil for the configuration's one.
  public init(_ configuration: ResidualConfiguration, labels: Int, multiSampleDropout: [Double]? = nil) {
    self.configuration = configuration
    self.labels = labels
    conv1 = Convolution(configuration.inputChannels, configuration.stemChannels, kernel: 3, padding: 1)
    bn1 = BatchNorm(configuration, configuration.stemChannels)
    var width = configuration.stemChannels
    blocks = configuration.blocks.enumerated().map { index, block in
      defer { width = block.channels }
      return ResidualBlock(configuration, index: index, inputs: width)
    }
    fc = ClassificationHead(
      width: width, labels: labels, dropouts: multiSampleDropout ?? [configuration.dropout],
      initializer: .uniform(1 / Float(width).squareRoot()))
  }

  public var checkpointNames: [String: String] { ["blocks": ""] }

  public func callAsFunction(_ microbatch: Microbatch, _ pass: Pass) -> [Tensor] {
    guard case .images(let images) = microbatch.input else {
      preconditionFailure("a residual network reads images, not tokens")
    }
    let stem = pass.maxPool2(pass.relu(bn1(conv1(pass.channelsLast(images), pass), pass)))
    let features = pass.globalAveragePool(blocks.reduce(stem) { $1($0, pass) })
    return fc(features, Coordinates(rows: pass.rows), pass)
  }
}

/// Two convolutions with batch norms, added to what came in; a 1 × 1 convolution brings that to the new shape.
final class ResidualBlock: Module {
  let first: Convolution
  let firstNorm: BatchNorm
  let second: Convolution
  let secondNorm: BatchNorm
  let short: Convolution?
  private let index: Int

  init(_ configuration: ResidualConfiguration, index: Int, inputs: Int) {
    let (channels, stride) = (configuration.blocks[index].channels, configuration.blocks[index].stride)
    first = Convolution(inputs, channels, kernel: 3, stride: stride, padding: 1)
    firstNorm = BatchNorm(configuration, channels)
    second = Convolution(channels, channels, kernel: 3, padding: 1)
    secondNorm = BatchNorm(configuration, channels)
    short = stride == 1 && inputs == channels ? nil : Convolution(inputs, channels, kernel: 1, stride: stride)
    self.index = index
  }

  var checkpointNames: [String: String] {
    let number = 2 * index + 2
    return [
      "first": "conv\(number)", "firstNorm": "bn\(number)", "second": "conv\(number + 1)",
      "secondNorm": "bn\(number + 1)", "short": index == 0 ? "short" : "short\(index + 1)",
    ]
  }

  func callAsFunction(_ input: Tensor, _ pass: Pass) -> Tensor {
    let inner = pass.relu(firstNorm(first(input, pass), pass))
    let outer = secondNorm(second(inner, pass), pass)
    return pass.relu(pass.add(outer, short.map { $0(input, pass) } ?? input))
  }
}

extension BatchNorm {
  fileprivate convenience init(_ configuration: ResidualConfiguration, _ channels: Int) {
    self.init(channels, epsilon: Float(configuration.normEpsilon), momentum: configuration.normMomentum)
  }
}

extension Pass {
  /// Images [rows, channels, height, width] as a tensor [rows, height, width, channels].
  fileprivate func channelsLast(_ images: ImageBatch) -> Tensor {
    let (channels, area) = (images.channels, images.height * images.width)
    let rows = images.pixels.count / (channels * area)
    let result = tensor([rows, images.height, images.width, channels], needsGradient: false)
    for row in 0..<rows {
      for channel in 0..<channels {
        for place in 0..<area {
          result.pointer[(row * area + place) * channels + channel] =
            images.pixels[(row * channels + channel) * area + place]
        }
      }
    }
    return result
  }
}
