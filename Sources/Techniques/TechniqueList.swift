/// The techniques: a line each, in the order of the recipe guide, in which they are also put in place.
package enum TechniqueList {
  package static let all: [TechniqueCard] = [
    LabelSmoothing.card,
    ClassWeights.card,
    FocalLoss.card,
    RDrop.card,
    SelfDistillation.card,
    MultiSampleDropout.card,
    FGM.card,
    PGD.card,
    FreeLB.card,
    AWP.card,
    EMA.card,
    SWA.card,
    FreezeSchedule.card,
  ]
}
