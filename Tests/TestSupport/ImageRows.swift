import Data
import Tensors

/// Images held in memory, as a dataset.
package struct ImageRows: Dataset {
  package let height: Int
  package let width: Int
  /// One image of one channel a row.
  package let images: [[Float]]
  package let labels: [Int32]

  package init(height: Int, width: Int, images: [[Float]], labels: [Int32]) {
    self.height = height
    self.width = width
    self.images = images
    self.labels = labels
  }

  /// Noise with a bright row of pixels, whose place is the class.
  package init(random count: Int, side: Int, labels classes: Int, seed: UInt64) {
    let stream = RandomStream(seed: seed, purpose: .initialization)
    labels = (0..<count).map { Int32(stream.integer(below: UInt32(classes), index: UInt64($0))) }
    images = labels.enumerated().map { row, label in
      (0..<side * side).map { place in
        let noise = stream.integer(below: 1000, index: UInt64(count + row * side * side + place))
        return Float(noise) / 1000 + (place / side == Int(label) ? 1 : 0)
      }
    }
    (height, width) = (side, side)
  }

  package var rowCount: Int { images.count }
  package func length(_ row: Int) -> Int { height * width }
  package func targets(_ row: Int) -> [Float] { [Float(labels[row])] }
  package func sampleID(_ row: Int) -> Int { row }

  package func microbatch(rows: [Int], positions: Range<Int>) -> Microbatch {
    Microbatch(
      input: .images(
        ImageBatch(pixels: rows.flatMap { images[$0] }, channels: 1, height: height, width: width)),
      labels: rows.map(label), rows: positions.map { Int32($0) }, sampleIDs: rows)
  }
}
