/// How a row that is longer than the maximum length is read where nothing of it is cut: in windows that overlap, each a
/// separate sequence, whose scores are averaged. A word that is labelled has its scores from one of them: that in which it has
/// most context.
///
///     [CLS] a b c d e f g [SEP]   maximum length 6, stride 1   →   [CLS] a b c d [SEP]   [CLS] d e f g [SEP]
///
/// A single text is cut into windows; of a pair the second text is, and each window has the whole first text before it.
public struct RowWindows: Sendable, Equatable {
  /// Windows of a row at most, all of which go through a model at once.
  public static let most = 256

  /// Tokens that neighbouring windows share, as transformers' tokenizers count them.
  public var stride: Int

  public init(stride: Int) {
    precondition(stride >= 0, "windows that share \(stride) tokens")
    self.stride = stride
  }
}
