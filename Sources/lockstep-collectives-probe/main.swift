// A rank without a trainer: joins, runs a scenario, checks every result, leaves. The tests start it under mpirun.
//
//     mpirun -n 2 lockstep-collectives-probe sums VERDICT_FOLDER OPERATIONS
import Bootstrap
import Collectives
import Console
import Diagnostics
import Foundation

let arguments = CommandLine.arguments
guard arguments.count == 4, let scenario = Scenario(rawValue: arguments[1]), let operations = Int(arguments[3]) else {
  print(
    "usage: lockstep-collectives-probe \(Scenario.allCases.map(\.rawValue).joined(separator: "|")) FOLDER OPERATIONS")
  exit(3)
}
let folder = URL(fileURLWithPath: arguments[2]).deletingLastPathComponent().path
StopRequest.catchSignals()
do {
  var options = LaunchedGroup.Options()
  options.verdictFolder = arguments[2]
  options.settings.apply(ProcessInfo.processInfo.environment)
  let group = try LaunchedGroup.join(options)
  try scenario.run(group, operations: operations, folder: folder)
  FaultInjection.reach("shutdown", rank: group.rank)
  try group.leave()
  print("rank \(group.rank) of \(group.size): \(operations) operations right")
} catch is SmallJob.Stopped {
  exit(85)
} catch let error as GroupError {
  StandardError.print("lockstep: \(error)")
  exit(error.exitStatus)
} catch {
  StandardError.print("lockstep: \(error)")
  exit(70)
}
