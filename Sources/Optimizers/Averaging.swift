import Tensors

/// Moving averages of arenas, as single passes over memory.
///
/// Both are average += fraction · (values - average). This form, unlike decay · average + (1 - decay) · values, leaves an
/// average that equals the values as it is, bit for bit, and its rounding error shrinks with the difference. With a decay
/// so close to 1 that fraction · difference is below half a unit in the last place of the average (1 - decay below about
/// 1e-7 of the relative difference), a Float32 average stands still.
///
/// The whole arena is averaged, frozen tensors and buffers included: their average is themselves.
public enum Averaging {
  /// Elements that one thread takes at a time.
  private static let pieceCount = 1 << 14

  /// One step of an exponential moving average: average = decay · average + (1 - decay) · values.
  public static func exponential(
    _ average: Arena, of values: Arena, decay: Double, workers: Workers = Workers(count: 1)
  ) {
    require((0...1).contains(decay), "the decay \(decay) of an average is not in 0 ... 1")
    move(average, toward: values, fraction: 1 - decay, workers: workers)
  }

  /// The decay of the given update, from 1, when an average is to forget its beginning: min(decay, (1 + u) / (10 + u)).
  ///
  /// Without it 61 % of an average with decay 0.999 is still the initial weights after 500 updates.
  public static func warmDecay(_ decay: Double, update: Int) -> Double {
    require(update >= 1, "updates of an average are counted from 1, not \(update)")
    return min(decay, (1 + Double(update)) / (10 + Double(update)))
  }

  /// Adds one more arena to an equally weighted mean of `count` arenas; the first is copied.
  public static func mean(
    _ average: Arena, adding values: Arena, count: Int, workers: Workers = Workers(count: 1)
  ) {
    require(count >= 0, "a mean of \(count) arenas cannot be continued")
    if count == 0 {
      average.copy(from: values)
    } else {
      move(average, toward: values, fraction: 1 / Double(count + 1), workers: workers)
    }
  }

  private static func move(_ average: Arena, toward values: Arena, fraction: Double, workers: Workers) {
    require(
      average.count == values.count, "an average of \(average.count) elements cannot take \(values.count) values")
    workers.run(pieces: (average.count + pieceCount - 1) / pieceCount) { piece in
      let start = piece * pieceCount
      OptimizerKernels.move(
        average.pointer + start, toward: values.pointer + start, count: min(pieceCount, average.count - start),
        fraction: Float(fraction))
    }
  }
}
