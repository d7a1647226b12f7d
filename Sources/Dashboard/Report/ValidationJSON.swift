import Scores
import Support

extension ReportedRun.Validation {
  /// All that a report says of it, for programs.
  var json: JSONLine {
    .object([
      ("model", .string(model)), ("rows", .integer(rows)), ("loss", .number(loss)),
      ("positive", positive.map { .string($0.name) } ?? .null),
      ("metrics", .object(metrics.map { ($0.name, .number($0.value)) })),
      ("classes", classes.map { .array(($0.classes + $0.averages).map(Self.json)) } ?? .null),
      ("confusion", confusionJSON), ("calibration", calibrationJSON),
      (
        "curves",
        .array(
          OperatingCurve.all(of: self).map { curve in
            .object([
              ("class", .string(curve.name)), ("roc_auc", .number(curve.area)),
              ("average_precision", .number(curve.averagePrecision)), ("roc", Self.json(curve.roc)),
              ("precision_recall", Self.json(curve.precision)),
            ])
          })
      ),
      (
        "mistakes",
        .array(
          Mistake.worst(of: self).map { mistake in
            .object([
              ("row", .string(mistake.id)), ("is", .string(mistake.truth)), ("predicted", .string(mistake.prediction)),
              ("measure", .number(mistake.measure)), ("text", .string(mistake.text)),
            ])
          })
      ),
    ])
  }

  private static func json(_ row: ClassReport.Row) -> JSONLine {
    .object([
      ("name", .string(row.name)), ("precision", .number(row.precision)), ("recall", .number(row.recall)),
      ("f1", .number(row.f1)), ("rows", .integer(row.support)),
    ])
  }

  private static func json(_ points: [(x: Double, y: Double)]) -> JSONLine {
    .array(points.map { .array([.number($0.x), .number($0.y)]) })
  }

  /// Row by row of the labels.
  private var confusionJSON: JSONLine {
    guard let confusion else { return .null }
    return .array(
      (0..<confusion.classes).map { label in
        .array((0..<confusion.classes).map { .integer(Int(confusion.count(label: label, prediction: $0))) })
      })
  }

  private var calibrationJSON: JSONLine {
    guard let calibration else { return .null }
    return .object([
      ("expected_error", .number(calibration.expectedError)), ("largest_error", .number(calibration.largestError)),
      (
        "bins",
        .array(
          calibration.bins.map {
            .array([.integer($0.count), .number($0.confidence), .number($0.accuracy)])
          })
      ),
    ])
  }
}
