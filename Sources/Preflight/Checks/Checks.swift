/// The checks in the order in which their findings are listed.
package enum Checks {
  /// What keeps ranks on several hosts from starting, or from working together.
  package static let brief: [any Check] = [
    AllocationCheck(), HostCheck(), ProgramCheck(), RecipeCheck(), NetworkCheck(), ReachCheck(), OutputCheck(),
  ]

  /// All that can be found out about hosts.
  package static let thorough: [any Check] = [
    HostCheck(), ProcessorCheck(), KernelCheck(), PrecisionCheck(), CoreCheck(), MemoryCheck(), DiskCheck(),
    LauncherCheck(), AllocationCheck(), NetworkCheck(), LinkCheck(), ClockCheck(), OutputCheck(), ProgramCheck(),
    RecipeCheck(),
  ]
}
