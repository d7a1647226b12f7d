import Lockstep

// lockstep-examples layer | objective | step | task | measure | sum    one alone: `mpirun -n 2 lockstep-examples sum`
// lockstep-examples train RECIPE OUTPUT                                a recipe, trained and used
let arguments = CommandLine.arguments.dropFirst()
switch (arguments.first, arguments.count) {
case ("layer", 1): try OwnLayer.run()
case ("objective", 1): try OwnObjective.run()
case ("step", 1): try OwnStep.run()
case ("task", 1): try OwnTask.run()
case ("measure", 1): try OwnMeasure.run()
case ("sum", 1): try OwnSum.run()
case ("train", 3): try TrainRecipe.run(recipe: arguments[2], output: arguments[3])
default: print("usage: lockstep-examples layer | objective | step | task | measure | sum | train RECIPE OUTPUT")
}
