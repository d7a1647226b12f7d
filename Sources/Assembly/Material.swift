import Data
import Layers
import Models
import Training

/// What the trainer works on: data, a model, and how the model is written.
struct Material {
  var train: any Dataset
  var validation: (any Dataset)?
  var model: any Classifier
  var state: ModelState
  var exporter: any ModelExporter
  var notes: [String]
  var task: any LearningTask
  var facts: RowFacts?
}
