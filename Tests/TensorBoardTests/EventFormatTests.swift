import Foundation
import SwiftProtobuf
import TensorBoard
import Testing

/// The bytes beside ours are those of TensorBoard 2.21's own writers.
@Suite("The event format")
struct EventFormatTests {
  @Test(
    "frames records as TensorBoard's own writer does",
    arguments: [
      ("123456789", "090000000000000037f97139313233343536373839e5b08ac7"), ("", "000000000000000029039807d8ea82a2"),
    ])
  func records(content: String, bytes: String) {
    #expect(hexadecimal(RecordFile.framed(Array(content.utf8))) == bytes)
  }

  @Test(
    "encodes events as TensorBoard's own messages are",
    arguments: [
      (ProtoEvent.with { $0.fileVersion = "brain.Event:2" }, "1a0d627261696e2e4576656e743a32"),
      (
        .with {
          $0.step = 41
          $0.sessionLog.status = .start
        }, "10293a020801"
      ),
      (
        .with {
          $0.step = 3
          $0.summary.value = [
            .with {
              $0.tag = "train/loss"
              $0.simpleValue = 0.5
            }
          ]
        }, "10032a130a110a0a747261696e2f6c6f7373150000003f"
      ),
      (
        .with {
          $0.step = 7
          $0.summary.value = [
            .with {
              $0.tag = "weights/w"
              $0.histo = histogram
            }
          ]
        }, "10072a92010a8f010a09776569676874732f772a8101" + histogramBytes
      ),
    ])
  func events(event: ProtoEvent, bytes: String) throws {
    var event = event
    event.wallTime = 1.5e9
    let encoded: [UInt8] = try event.serializedBytes()
    #expect(hexadecimal(encoded) == "09000000c00b5ad641" + bytes)
  }

  private static let histogram = ProtoHistogram.with {
    ($0.min, $0.max, $0.num, $0.sum, $0.sumSquares) = (-1, 2.5, 3, 1.5, 7.25)
    $0.bucketLimit = [-1.125, -1, 0, 0.5, 2.5]
    $0.bucket = [0, 1, 1, 0, 1]
  }

  private static let histogramBytes =
    "09000000000000f0bf11000000000000044019000000000000084021000000000000f83f290000000000001d40"
    + "3228000000000000f2bf000000000000f0bf0000000000000000000000000000e03f0000000000000440"
    + "3a280000000000000000000000000000f03f000000000000f03f0000000000000000000000000000f03f"

  @Test("encodes hyperparameters as TensorBoard's own messages are")
  func hyperparameters() throws {
    func bytes(_ fill: (inout ProtoHParams) -> Void) throws -> String {
      hexadecimal(try ProtoHParams.with(fill).serializedBytes())
    }
    #expect(
      try bytes {
        $0.sessionStartInfo.hparams = ["rate": .init(numberValue: 0.5)]
        $0.sessionStartInfo.startTimeSecs = 1.5e9
      } == "1a1c0a110a0472617465120911000000000000e03f29000000c00b5ad641")
    #expect(
      try bytes {
        $0.sessionStartInfo.hparams = ["kind": .init(stringValue: "adamw")]
        $0.sessionStartInfo.startTimeSecs = 1.5e9
      } == "1a1a0a0f0a046b696e6412071a056164616d7729000000c00b5ad641")
    #expect(
      try bytes {
        $0.sessionEndInfo.status = .success
        $0.sessionEndInfo.endTimeSecs = 1.5e9
      } == "220b080111000000c00b5ad641")
  }

  private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }
}
