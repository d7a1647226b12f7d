/// The checks in the order in which their findings are told.
package enum Checks {
  /// What keeps ranks on several hosts from starting, or from working together.
  package static let brief: [any Check] = [
    AllocationCheck(), HostCheck(), ProgramCheck(), RecipeCheck(), NetworkCheck(), ReachCheck(), OutputCheck(),
  ]

  /// All that can be told of hosts.
  package static let thorough: [any Check] = [
    HostCheck(), ProcessorCheck(), KernelCheck(), PrecisionCheck(), CoreCheck(), MemoryCheck(), DiskCheck(),
    LauncherCheck(), AllocationCheck(), NetworkCheck(), LinkCheck(), ClockCheck(), OutputCheck(), ProgramCheck(),
    RecipeCheck(),
  ]
}
