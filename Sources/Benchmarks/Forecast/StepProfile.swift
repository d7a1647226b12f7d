import Collectives

/// What one step of a recipe consists of on this machine.
public struct StepProfile: Sendable {
  /// Microbatches of the global batch.
  public var microbatches: Int
  public var rowsOfMicrobatch: Int
  /// Seconds of one microbatch, forward and backward: alone on the machine, and beside another rank.
  public var microbatchSeconds: (alone: Double, beside: Double)
  /// Of a microbatch, the part of the backward pass: twice the matrix products of the forward.
  static let backwardShare = 2.0 / 3

  /// Seconds of what every rank does once a step: norm, clipping, optimizer, averages.
  public var updateSeconds: Double
  /// Seconds of what a rank does around sums with others besides the sums: finding and packing the rows of large tables.
  public var packingSeconds: Double
  /// Seconds that a step takes longer for each rank of a host beyond its cores, which wait for their turn between messages.
  public var crowdingSeconds = 0.0
  /// The work of microbatches as some steps have them, of which the mean is 1: rows differ in length.
  public var weights: [Double]
  /// Bytes of a gradient that are summed: all that is dense, and the touched rows of large tables.
  public var gradientBytes: Int
  /// Those of the rows among them, which are summed when the backward pass is over.
  public var tableBytes = 0
  /// Bytes of all weights.
  public var weightBytes: Int
  /// Bytes of the weights that ranks gather after each has updated its part; 0 where each updates all.
  public var gatheredBytes = 0
  /// Whether a gradient is summed beside the backward pass; nil for: where ranks are on several hosts.
  public var overlap: Bool?
  /// How often a step all ranks send each other a few bytes.
  public var gathers: Int

  public init(
    microbatches: Int, rowsOfMicrobatch: Int, microbatchSeconds: (alone: Double, beside: Double), updateSeconds: Double,
    packingSeconds: Double = 0, weights: [Double] = [1], gradientBytes: Int, weightBytes: Int, gathers: Int
  ) {
    precondition(!weights.isEmpty, "no microbatch has a weight")
    self.microbatches = microbatches
    self.rowsOfMicrobatch = rowsOfMicrobatch
    self.microbatchSeconds = microbatchSeconds
    self.updateSeconds = updateSeconds
    self.packingSeconds = packingSeconds
    self.weights = weights
    self.gradientBytes = gradientBytes
    self.weightBytes = weightBytes
    self.gathers = gathers
  }
}
