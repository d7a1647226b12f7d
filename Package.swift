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

    // The number of the version, and the commit, which a plugin reads before a build.
    .plugin(name: "CommitPlugin", capability: .buildTool(), path: "Sources/CommitPlugin"),
    .target(name: "BuildFacts", plugins: ["CommitPlugin"]),

    // JSON, files and hashes, for every module.
    .target(name: "Support"),
    .target(
      name: "Tensors", dependencies: ["CKernels", "CProducts", "COneDNN", "Support"],
      linkerSettings: [.linkedLibrary("m")]),
    .target(name: "Text", dependencies: ["Support"]),
    .target(name: "Console", dependencies: ["Support"]),
    .target(name: "Tracing"),
    // Ranks that compute together, from the plan of an operation up to the job that finds itself.
    .target(name: "Schedules", dependencies: ["Support"]),
    .target(name: "Transport", dependencies: ["CSystem", crypto]),
    .target(name: "Diagnostics", dependencies: ["Support", "Console", "Schedules", "Transport"]),
    .target(
      name: "Collectives",
      dependencies: ["CSystem", "Support", "Tracing", "Schedules", "Transport", "Diagnostics"]),
    .target(
      name: "Bootstrap",
      dependencies: ["CSystem", "Support", "Console", "Tracing", "Transport", "Diagnostics", "Collectives", crypto]),
    .target(name: "MessagePassing", dependencies: ["CMPI", "Diagnostics", "Collectives"]),
    // A rank for the tests of Collectives to start under mpirun; not a product.
    .executableTarget(
      name: "lockstep-collectives-probe",
      dependencies: ["Console", "Transport", "Diagnostics", "Collectives", "Bootstrap", "MessagePassing"]),
    .target(name: "Compression", dependencies: ["CCompression", "Collectives"]),
    .target(name: "Checkpoints", dependencies: ["Support", crypto]),
    .target(
      name: "Launching",
      dependencies: ["CSpawn", "Support", "Transport", "Diagnostics", "Bootstrap", "Checkpoints"]),
    .target(name: "Layers", dependencies: ["Support", "Tensors"]),
    .target(name: "Optimizers", dependencies: ["COptimizerKernels", "Support", "Tensors"]),
    .target(name: "Scores"),
    .target(name: "Data", dependencies: ["CZlib", "Support", "Tensors", "Text", "Console", crypto]),
    // A recipe for a table that nobody has described.
    .target(name: "Drafting", dependencies: ["Support", "Text", "Data"]),
    .target(name: "Models", dependencies: ["Support", "Tensors", "Text", "Checkpoints", "Layers", "Data"]),
    // The ranks of a run: how their results become one.
    .target(
      name: "DataParallel",
      dependencies: [
        "Support", "Tensors", "Tracing", "Schedules", "Diagnostics", "Collectives", "MessagePassing", "Compression",
        "Checkpoints", "Optimizers", "Data",
      ]),
    .target(
      name: "Recipes",
      dependencies: ["Support", "Tensors", "Compression", "Optimizers", "Data", "Models", "DataParallel", yams]),
    .target(
      name: "Training",
      dependencies: [
        "Support", "Tensors", "Text", "Console", "Tracing", "Schedules", "Diagnostics", "Checkpoints", "Layers",
        "Optimizers", "Scores", "Data", "Models", "DataParallel", "Recipes",
      ]),
    // What a run leaves behind, and how it continues.
    .target(
      name: "Runs",
      dependencies: [
        "Support", "Tensors", "Console", "Tracing", "Diagnostics", "Collectives", "Checkpoints", "Layers", "Optimizers",
        "Scores", "Data", "Models", "DataParallel", "Recipes", "Training",
      ]),
    .target(
      name: "Techniques",
      dependencies: [
        "Support", "Tensors", "Text", "Checkpoints", "Layers", "Optimizers", "Data", "Models", "Recipes", "Training",
        "Runs",
      ]),
    .target(
      name: "Tasks",
      dependencies: [
        "Support", "Tensors", "Text", "Layers", "Scores", "Data", "Models", "Recipes", "Training", "Techniques",
      ]),
    // The page is part of the program, so that the program can be moved alone.
    .target(
      name: "Dashboard",
      dependencies: ["Support", "Console", "Checkpoints", "Scores", "Recipes", "Training", "Runs", crypto],
      resources: [.embedInCode("Page/Assets")]),
    .target(
      name: "TensorBoard", dependencies: ["Transport", "Recipes", "Training", "Runs", protobuf],
      exclude: ["Messages/events.proto"]),
    .target(name: "MLflow", dependencies: ["Support", "Checkpoints", "Recipes", "Training", "Runs"]),
    // From a recipe to the parts of its run.
    .target(
      name: "Assembly",
      dependencies: [
        "BuildFacts", "Support", "Tensors", "Text", "Console", "Schedules", "Diagnostics", "Collectives",
        "MessagePassing", "Checkpoints", "Layers", "Optimizers", "Scores", "Data", "Models", "DataParallel", "Recipes",
        "Training", "Runs", "Techniques", "Tasks",
      ]),
    .target(
      name: "Benchmarks",
      dependencies: [
        "Tensors", "Tracing", "Schedules", "Transport", "Collectives", "Bootstrap", "Layers", "Optimizers", "Data",
        "Models", "DataParallel", "Recipes", "Training", "Runs", "Techniques", "Tasks", "TensorBoard", "Assembly",
      ]),
    .target(
      name: "Lockstep",
      dependencies: [
        "Support", "Tensors", "Text", "Console", "Tracing", "Schedules", "Diagnostics", "Collectives", "Bootstrap",
        "Checkpoints", "Layers", "Optimizers", "Scores", "Data", "Models", "DataParallel", "Recipes", "Training",
        "Runs", "Techniques", "Tasks", "TensorBoard", "MLflow", "Assembly", "Benchmarks",
      ]),
    // Reads damaged inputs of every reader, with an allocator that counts; not a product.
    .target(name: "CAllocationMeter"),
    .executableTarget(
      name: "lockstep-fuzz",
      dependencies: [
        "Support", "Tensors", "Text", "Transport", "Diagnostics", "Collectives", "Bootstrap", "Checkpoints",
        "Launching", "Layers", "Optimizers", "Data", "Models", "Recipes", "Runs", "Techniques", "Tasks",
        "CAllocationMeter",
      ]),
    // What of hosts is looked at before a launch, and by the doctor.
    .target(
      name: "Preflight",
      dependencies: [
        "Support", "Tensors", "Console", "Collectives", "Bootstrap", "Checkpoints", "Launching", "Lockstep",
      ]),
    .executableTarget(
      name: "LockstepCommand",
      dependencies: [
        "BuildFacts", "Support", "Console", "Checkpoints", "Launching", "Drafting", "Recipes", "Dashboard", "Lockstep",
        "Preflight", argumentParser,
      ]),

    // Golden scenarios, rows in memory and ranks as threads, for the tests of several modules.
    .target(
      name: "TestSupport",
      dependencies: [
        "Tensors", "Collectives", "Checkpoints", "Layers", "Optimizers", "Data", "Models", "DataParallel", "Training",
        "Tasks",
      ], path: "Tests/TestSupport"),
    // Which module and which file may refer to which.
    .testTarget(name: "StructureTests"),
    .testTarget(name: "SupportTests", dependencies: ["Support"]),
    .testTarget(name: "TensorsTests", dependencies: ["Tensors", crypto]),
    .testTarget(name: "TracingTests", dependencies: ["Tracing"]),
    .testTarget(name: "TextTests", dependencies: ["Support", "Text"]),
    .testTarget(
      name: "CollectivesTests",
      dependencies: ["Schedules", "Transport", "Diagnostics", "Collectives", "Bootstrap", "lockstep-collectives-probe"]),
    .testTarget(name: "CompressionTests", dependencies: ["Collectives", "Compression", "TestSupport"]),
    .testTarget(name: "LaunchingTests", dependencies: ["Diagnostics", "Launching"]),
    .testTarget(name: "CheckpointsTests", dependencies: ["Checkpoints"]),
    .testTarget(name: "DataTests", dependencies: ["Support", "Tensors", "Text", "Data"]),
    .testTarget(name: "DraftingTests", dependencies: ["Text", "Data", "Drafting"]),
    .testTarget(name: "OptimizersTests", dependencies: ["Tensors", "Optimizers"]),
    .testTarget(name: "ScoresTests", dependencies: ["Scores"]),
    .testTarget(name: "LayersTests", dependencies: ["Tensors", "Layers"]),
    .testTarget(
      name: "ModelsTests",
      dependencies: ["Support", "Tensors", "Text", "Checkpoints", "Layers", "Data", "Models", "TestSupport"]),
    .testTarget(
      name: "TrainingTests",
      dependencies: [
        "Support", "Tensors", "Text", "Console", "Tracing", "Schedules", "Collectives", "Checkpoints", "Layers",
        "Optimizers", "Data", "Models", "DataParallel", "Recipes", "Training", "Runs", "Tasks", "TestSupport",
      ]),
    .testTarget(name: "TensorBoardTests", dependencies: ["TensorBoard", protobuf]),
    .testTarget(name: "MLflowTests", dependencies: ["MLflow"]),
    .testTarget(
      name: "TechniquesTests",
      dependencies: [
        "Support", "Tensors", "Text", "Collectives", "Checkpoints", "Layers", "Optimizers", "Scores", "Data", "Models",
        "DataParallel", "Recipes", "Training", "Runs", "Techniques", "Tasks", "Assembly", "Lockstep", "TestSupport",
      ]),
    .testTarget(
      name: "ImageTests",
      dependencies: [
        "Tensors", "Collectives", "Checkpoints", "Layers", "Optimizers", "Data", "Models", "DataParallel", "Recipes",
        "Training", "Runs", "Techniques", "Tasks", "Assembly", "Lockstep", "TestSupport",
      ]),
    .testTarget(name: "DashboardTests", dependencies: ["Scores", "Runs", "Dashboard", "LockstepCommand"]),
    // What an outside package of the library's users looks like: it sees what is public, and nothing else.
    .executableTarget(
      name: "lockstep-examples", dependencies: ["Lockstep"], path: "Tests/Examples/Sources", packageAccess: false),
    .testTarget(
      name: "LockstepTests",
      dependencies: [
        "Tensors", "Schedules", "Collectives", "Data", "Models", "Lockstep", "TestSupport", "lockstep-examples",
      ]),
    .testTarget(name: "PreflightTests", dependencies: ["Bootstrap", "Launching", "Preflight"]),
    .testTarget(
      name: "CommandTests",
      dependencies: [
        "Support", "Console", "Diagnostics", "Collectives", "Checkpoints", "Launching", "Optimizers", "Data", "Models",
        "Dashboard", "TensorBoard", "Lockstep", "LockstepCommand", protobuf, yams,
      ], exclude: ["Vectors"]),
    .testTarget(name: "FuzzTests", dependencies: ["lockstep-fuzz"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .gnu17
)
