import Foundation
import SwiftProtobuf

// What the tab HParams reads: a run is one session with its hyperparameters.
extension ProtoSummary.Value {
  /// - Parameter values: the recipe's by their paths; those that are numbers or truth values are written as such.
  static func sessionStart(_ values: [String: String]) -> ProtoSummary.Value {
    hyperparameters("_hparams_/session_start_info") {
      $0.sessionStartInfo.hparams = values.mapValues(Google_Protobuf_Value.init(reading:))
      $0.sessionStartInfo.startTimeSecs = Date().timeIntervalSince1970
    }
  }

  static var sessionEnd: ProtoSummary.Value {
    hyperparameters("_hparams_/session_end_info") {
      $0.sessionEndInfo.status = .success
      $0.sessionEndInfo.endTimeSecs = Date().timeIntervalSince1970
    }
  }

  private static func hyperparameters(_ tag: String, _ fill: (inout ProtoHParams) -> Void) -> ProtoSummary.Value {
    .with {
      $0.tag = tag
      $0.metadata.pluginData.pluginName = "hparams"
      // A message of numbers and valid text has no bytes that could fail.
      $0.metadata.pluginData.content = (try? ProtoHParams.with(fill).serializedData()) ?? Data()
    }
  }
}

extension Google_Protobuf_Value {
  fileprivate init(reading text: String) {
    switch text {
    case "true", "false": self.init(boolValue: text == "true")
    default:
      if let number = Double(text), number.isFinite {
        self.init(numberValue: number)
      } else {
        self.init(stringValue: text)
      }
    }
  }
}
