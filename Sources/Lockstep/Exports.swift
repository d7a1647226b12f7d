// One import gives a user everything but the launcher and the command line.
@_exported import Checkpoints
@_exported import Collectives
@_exported import Data
@_exported import Layers
@_exported import MLflow
@_exported import Scores
@_exported import Models
@_exported import Optimizers
@_exported import Support
@_exported import Tasks
@_exported import Techniques
@_exported import TensorBoard
@_exported import Tensors
@_exported import Text
@_exported import Tracing
@_exported import Training
