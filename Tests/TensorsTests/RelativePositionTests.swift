import Tensors
import Testing

@Suite struct RelativePositionTests {
  @Test("without buckets each distance has a row, and those beyond the last take the row at their end")
  func distances() {
    let positions = RelativePositions(maximum: 3, buckets: nil)
    #expect((-5...5).map(positions.row) == [0, 0, 0, 1, 2, 3, 4, 5, 5, 5, 5])
  }

  @Test("buckets hold one distance each up to their half, then ever more")
  func buckets() {
    let positions = RelativePositions(maximum: 40, buckets: 8)
    let nearest = [0, 1, 2, 3, 4, 5, 5, 5, 5, 6, 6, 6, 6, 6, 6, 6, 6, 6, 6, 7, 7]
    #expect((0...20).map(positions.bucket) == nearest)
    #expect((0...20).map { positions.bucket(-$0) } == nearest.map { -$0 })
    #expect(positions.bucket(39) == 7 && positions.bucket(60) == 8)
    #expect(positions.row(-39) == 1 && positions.row(0) == 8 && positions.row(1_000_000) == 15)
  }

  @Test("the 256 buckets of the published models begin where transformers' do")
  func publishedBuckets() {
    let positions = RelativePositions(maximum: 512, buckets: 256)
    let starts = [
      129, 130, 131, 133, 134, 136, 137, 139, 140, 142, 143, 145, 146, 148, 150, 151, 153, 155, 156, 158, 160, 161, 163,
      165, 167, 169, 170, 172, 174, 176, 178, 180, 182, 184, 186, 188, 190, 192, 194, 196, 198, 201, 203, 205, 207, 210,
      212, 214, 216, 219, 221, 224, 226, 229, 231, 234, 236, 239, 241, 244, 247, 249, 252, 255, 258, 260, 263, 266, 269,
      272, 275, 278, 281, 284, 287, 290, 294, 297, 300, 303, 307, 310, 313, 317, 320, 324, 327, 331, 335, 338, 342, 346,
      349, 353, 357, 361, 365, 369, 373, 377, 381, 385, 390, 394, 398, 403, 407, 411, 416, 420, 425, 430, 434, 439, 444,
      449, 454, 459, 464, 469, 474, 479, 484, 490, 495, 500, 506,
    ]
    #expect((0...128).allSatisfy { positions.bucket($0) == $0 })
    for distance in 129...511 {
      #expect(positions.bucket(distance) == 128 + starts.count { $0 <= distance }, "distance \(distance)")
    }
  }
}
