import Foundation
import Lockstep

/// Points of two half-moons that reach into each other: rows of one's own, held in memory.
struct Points: Dataset {
  private let coordinates: [(x: Float, y: Float)]
  private let classes: [Int32]

  init(_ count: Int, seed: UInt64) {
    let stream = RandomStream(seed: seed, purpose: .initialization)
    func draw(_ index: Int) -> Float { Float(stream.integer(below: 1000, index: UInt64(index))) / 1000 }
    classes = (0..<count).map { Int32($0 % 2) }
    coordinates = (0..<count).map { row in
      let (angle, noise) = (Float.pi * draw(3 * row), (draw(3 * row + 1) - 0.5, draw(3 * row + 2) - 0.5))
      let point = row % 2 == 0 ? (cos(angle), sin(angle)) : (1 - cos(angle), 0.5 - sin(angle))
      return (point.0 + 0.3 * noise.0, point.1 + 0.3 * noise.1)
    }
  }

  var rowCount: Int { classes.count }
  func length(_ row: Int) -> Int { 1 }
  func targets(_ row: Int) -> [Float] { [Float(classes[row])] }
  func sampleID(_ row: Int) -> Int { row }

  /// A point goes into the model as an image of two pixels.
  func microbatch(rows: [Int], positions: Range<Int>) -> Microbatch {
    let pixels = rows.flatMap { [coordinates[$0].x, coordinates[$0].y] }
    return Microbatch(
      input: .images(ImageBatch(pixels: pixels, channels: 1, height: 1, width: 2)), labels: rows.map(label),
      rows: positions.map { Int32($0) }, sampleIDs: rows)
  }
}

extension Microbatch {
  /// The points as a tensor [rows, 2] that needs no gradient.
  func points(_ pass: Pass) -> Tensor {
    guard case .images(let batch) = input else { preconditionFailure("points are given as images") }
    let tensor = pass.tensor([rows.count, 2], needsGradient: false)
    _ = tensor.values.update(fromContentsOf: batch.pixels)
    return tensor
  }
}

extension TrainingParts {
  /// A model on 400 points, in batches of 32, with 200 others to validate it on.
  static func points(_ model: any Classifier, seed: UInt64 = 1) throws -> TrainingParts {
    let state = ModelState(model, seed: seed)
    let rows = Points(400, seed: 2)
    let plan = try BatchPlan(rowCount: rows.rowCount, batchSize: 32, microbatchSize: 8, seed: seed)
    var parts = TrainingParts(
      model: model, state: state, dataset: rows, task: SingleLabel(classes: model.labels), plan: plan,
      optimizer: AdamW(layout: state.layout),
      learningRate: { _ in 0.01 })
    parts.validation = Points(200, seed: 3)
    return parts
  }
}
