// swift-tools-version: 6.1
import PackageDescription

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let protobuf = Target.Dependency.product(name: "SwiftProtobuf", package: "swift-protobuf")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")

// Modules are layers: each may import only what stands above it.
let package = Package(
  name: "lockstep",
  products: [
    .library(name: "Lockstep", targets: ["Lockstep"]),
    .executable(name: "lockstep", targets: ["LockstepCommand"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // C and system libraries; each is imported by one Swift file.
    .target(name: "CKernels"),
    .target(name: "CProducts"),
    .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .target(name: "COptimizerKernels"),
    .target(name: "CSystem"),
    .target(name: "CSpawn"),
    .target(name: "CCompression"),
    .target(name: "CMPI"),

    // JSON, files and hashes, for every module.
    .target(name: "Support"),
    .target(
      name: "Tensors", dependencies: ["CKernels", "CProducts", "COneDNN", "Support"],
      linkerSettings: [.linkedLibrary("m")]),
    .target(name: "Text", dependencies: ["Support"]),
    .target(name: "Console", dependencies: ["Support"]),
    .target(name: "Tracing"),
    .target(name: "Collectives", dependencies: ["CSystem", "Support", "Console", "Tracing", crypto]),
    // A rank for the tests of Collectives to start under mpirun; not a product.
    .executableTarget(
      name: "lockstep-collectives-probe", dependencies: ["Collectives", "Console", "MessagePassing"]),
    .target(name: "MessagePassing", dependencies: ["CMPI", "Collectives"]),
    .target(name: "Compression", dependencies: ["CCompression", "Collectives"]),
    .target(name: "Checkpoints", dependencies: ["Support", crypto]),
    .target(name: "Launching", dependencies: ["CSpawn", "Support", "Collectives", "Checkpoints"]),
    .target(name: "Layers", dependencies: ["Support", "Tensors"]),
    .target(name: "Optimizers", dependencies: ["Support", "Tensors", "COptimizerKernels"]),
    .target(name: "Scores"),
    .target(name: "Data", dependencies: ["CZlib", "Support", "Console", "Tensors", "Text", crypto]),
    // A recipe for a table that nobody has described.
    .target(name: "Drafting", dependencies: ["Support", "Data", "Text"]),
    .target(name: "Models", dependencies: ["Support", "Tensors", "Layers", "Checkpoints", "Data", "Text"]),
    .target(
      name: "Training",
      dependencies: [
        "Support", "Tensors", "Layers", "Optimizers", "Scores", "Data", "Checkpoints", "Models", "Collectives",
        "Tracing", "Compression", "Console", yams,
      ]),
    .target(name: "Techniques", dependencies: ["Support", "Training"]),
    .target(name: "Tasks", dependencies: ["Support", "Training", "Techniques"]),
    // The page is part of the program, so that the program can be moved alone.
    .target(
      name: "Dashboard", dependencies: ["Support", "Console", "Scores", "Checkpoints", "Training", crypto],
      resources: [.embedInCode("Page/Assets")]),
    .target(
      name: "TensorBoard", dependencies: ["Training", "Collectives", protobuf], exclude: ["Messages/events.proto"]),
    .target(
      name: "Lockstep",
      dependencies: [
        "Support", "Console", "Tensors", "Layers", "Models", "Optimizers", "Scores", "Text", "Data", "Collectives",
        "Checkpoints", "Tracing", "MessagePassing", "Training", "Techniques", "Tasks", "TensorBoard",
      ]),
    // Reads damaged inputs of every reader, with an allocator that counts; not a product.
    .target(name: "CAllocationMeter"),
    .executableTarget(
      name: "lockstep-fuzz",
      dependencies: [
        "CAllocationMeter", "Support", "Text", "Collectives", "Checkpoints", "Launching", "Data", "Models", "Training",
        "Tasks", "Techniques", "Layers", "Optimizers", "Tensors",
      ]),
    // What of hosts is looked at before a launch, and by the doctor.
    .target(name: "Preflight", dependencies: ["Support", "Console", "Lockstep", "Launching"]),
    .executableTarget(
      name: "LockstepCommand",
      dependencies: [
        "Support", "Console", "Drafting", "Lockstep", "Launching", "Preflight", "Dashboard", argumentParser,
      ]),

    // Golden scenarios, rows in memory and ranks as threads, for the tests of several modules.
    .target(name: "TestSupport", dependencies: ["Training", "Tasks"], path: "Tests/TestSupport"),
    .testTarget(name: "SupportTests", dependencies: ["Support"]),
    .testTarget(name: "TensorsTests", dependencies: ["Tensors", crypto]),
    .testTarget(name: "TracingTests", dependencies: ["Tracing"]),
    .testTarget(name: "TextTests", dependencies: ["Text"]),
    .testTarget(name: "CollectivesTests", dependencies: ["Collectives", "lockstep-collectives-probe"]),
    .testTarget(name: "CompressionTests", dependencies: ["Compression", "TestSupport"]),
    .testTarget(name: "LaunchingTests", dependencies: ["Launching"]),
    .testTarget(name: "CheckpointsTests", dependencies: ["Checkpoints"]),
    .testTarget(name: "DataTests", dependencies: ["Data"]),
    .testTarget(name: "DraftingTests", dependencies: ["Data", "Drafting", "Text"]),
    .testTarget(name: "OptimizersTests", dependencies: ["Optimizers"]),
    .testTarget(name: "ScoresTests", dependencies: ["Scores"]),
    .testTarget(name: "LayersTests", dependencies: ["Layers"]),
    .testTarget(name: "ModelsTests", dependencies: ["Models", "TestSupport"]),
    .testTarget(name: "TrainingTests", dependencies: ["Training", "TestSupport"]),
    .testTarget(name: "TensorBoardTests", dependencies: ["TensorBoard", protobuf]),
    .testTarget(name: "TechniquesTests", dependencies: ["Techniques", "Lockstep", "TestSupport"]),
    .testTarget(name: "ImageTests", dependencies: ["Techniques", "Lockstep", "TestSupport"]),
    .testTarget(name: "DashboardTests", dependencies: ["Dashboard", "LockstepCommand"]),
    // What an outside package of the library's users looks like: it sees what is public, and nothing else.
    .executableTarget(
      name: "lockstep-examples", dependencies: ["Lockstep"], path: "Tests/Examples/Sources", packageAccess: false),
    .testTarget(name: "LockstepTests", dependencies: ["Lockstep", "TestSupport", "lockstep-examples"]),
    .testTarget(name: "PreflightTests", dependencies: ["Preflight"]),
    .testTarget(
      name: "CommandTests", dependencies: ["LockstepCommand", "TensorBoard", protobuf, yams], exclude: ["Vectors"]),
    .testTarget(name: "FuzzTests", dependencies: ["lockstep-fuzz"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu17
)
