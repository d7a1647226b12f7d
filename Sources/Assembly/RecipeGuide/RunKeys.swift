import Data
import Models
import Optimizers
import Recipes
import Tensors

extension RecipeGuide {
  static let run = [
    RecipeKey(
      "seed", .integer(atLeast: 0, atMost: .max), or: "2021",
      "of everything random: order of the rows, first weights, dropout",
      why: "any number does; one that is fixed makes a run repeatable without asking for it"),
    RecipeKey(
      "epochs", .integer(atLeast: 1, atMost: 1_000_000), or: "3", "length of the run, in passes over the training rows",
      why: "the usual choice for fine-tuning BERT (Devlin et al. 2018 took 2 to 4)"),
    RecipeKey(
      "steps", .integer(atLeast: 1), or: .otherwise("epochs decides"), "length of the run in steps, in place of epochs",
      why: "of the two, --set takes the place of the one in the file"),
    RecipeKey(
      "precision", .choice(of: Precision.self), or: "fp32", "of matrix products",
      why: "bf16 nearly halves the time of a step where the processor has it; fp16 is emulated, and scaled by itself"),
    RecipeKey(
      "numerics", .choice(of: Numerics.self), or: "portable", "who multiplies matrices",
      why:
        "portable gives the same bits on every processor; library has oneDNN and OpenBLAS choose kernels for this one"),
    RecipeKey(
      "clip", .positive, or: .otherwise("no clipping"), "largest norm of the whole gradient",
      why: "1.0 is usual for BERT; a network with batch norms rarely needs it"),
    RecipeKey(
      "reduction", .choice(of: Recipe.Reduction.Kind.self), .mapping, or: "ring", "how gradients are summed over ranks",
      why: Recipe.Reduction.Kind.allCases.map { $0.reduction.reason }.joined(separator: "; ")),
    RecipeKey(
      "reduction.kind", .choice(of: Recipe.Reduction.Kind.self), or: "ring", "the same, where reduction is a mapping"),
    RecipeKey(
      "reduction.wire", .choice(["fp32", "bf16", "int8"]), or: "fp32", "what numbers are sent as",
      why: "bf16 sends half of the bytes and int8 a quarter; what is lost by it is added to the next sum"),
    RecipeKey(
      "reduction.every", .integer(atLeast: 1), or: "1", "steps that each rank takes by itself before all come together",
      why: "16 or more for slow networks; results then depend on the number of ranks"),
    RecipeKey(
      "reduction.overlap", .boolean, or: .otherwise("true where ranks are on several hosts"),
      "whether gradients are summed while the backward pass still works",
      why: "hides the time on the network; no bit depends on it"),
    RecipeKey(
      "reduction.outer", .toggle, or: .otherwise("the mean of the ranks' weights, where every is above 1"),
      "the step that all ranks take together after a number of local steps (every), as DiLoCo has it"),
    RecipeKey("reduction.outer.learning_rate", .number(1e-6...100), or: "0.7", "of that step", why: "as DiLoCo's"),
    RecipeKey("reduction.outer.momentum", .number(0...0.999999), or: "0.9", "of that step", why: "as DiLoCo's"),
    RecipeKey(
      "reduction.outer.nesterov", .boolean, or: "true", "whether that step looks ahead", why: "as DiLoCo's"),
    RecipeKey(
      "threads", .integer(atLeast: 1, atMost: 1024),
      or: .otherwise("a rank's share of the cores that its machine or container allows"),
      "that a rank computes with", why: "they change no bit"),
  ]

  static let model = [
    RecipeKey("model", .mapping, or: .required, "what is trained, and from which weights"),
    RecipeKey(
      "model.kind", .choice(of: ModelRecipe.Kind.self), or: "bert-classifier",
      "an encoder for texts, whose family model_type of its config.json says, or a residual network"),
    RecipeKey(
      "model.from", .text, or: .otherwise("random weights"),
      "a Hugging Face directory to start from: model.safetensors or pytorch_model.bin, also in several files",
      why: "pretrained weights are what makes a few thousand rows enough"),
    RecipeKey(
      "model.configuration", .mapping, or: .otherwise("that of model.from; of an image model its defaults"),
      "keys of a config.json, for random weights", why: "model_type chooses the family, bert where it is not given"),
    RecipeKey(
      "model.vocabulary", .text, or: .otherwise("that of model.from"),
      "a vocab.txt, vocab.json, sentencepiece model or tokenizer.json, for random weights of a text model"
    ),
    RecipeKey(
      "model.labels", .integer(atLeast: 2, atMost: 1_000_000), or: .otherwise("as many as the training rows have"),
      "number of classes, as a check",
      why: "the rows say how many there are; with it, a mistyped label is an error and not one class more"),
    RecipeKey(
      "model.head_weights", .choice(of: ModelRecipe.HeadWeights.self),
      or: .otherwise("kept where its classes are those of the rows, else new with a warning"),
      "what becomes of the head of model.from",
      why: "keep makes a head that does not fit an error, and takes rows of some of its classes; new starts from random"
        + " weights"),
    RecipeKey(
      "model.head", .mapping, or: .otherwise("that of the model's family"), "how the head of a text classifier is built"
    ),
    RecipeKey(
      "model.head.pooling", .choice(of: HeadDesign.Pooling.self), or: .otherwise("that of the model's family"),
      "which vector of a row the head reads",
      why: "another than the family's is computed here alone, and transformers opens the encoder of such a model"),
    RecipeKey(
      "model.head.dropout", .numbers, or: .otherwise("that of the model's configuration"),
      "dropout before the scores; several probabilities make a head that is sampled as often",
      why: "such as [0.1, 0.2, 0.3] (Inoue 2019)"),
    RecipeKey(
      "model.head.hidden", .integer(atLeast: 1, atMost: 65_536), or: .otherwise("the family's layers, if any"),
      "columns of a layer with tanh between the vector and the scores"),
    RecipeKey(
      "model.multi_sample_dropout", .numbers, or: .otherwise("head.dropout"), "another name of model.head.dropout"),
    RecipeKey(
      "model.freeze", .texts, or: "[]", "modules or parameters that are never trained, and all below them",
      why: "lockstep recipe check --parameters lists the names"),
    RecipeKey(
      "model.recompute", .boolean, or: "false",
      "computes layers again in the backward pass, which keeps their inputs alone",
      why: "the same bits in less memory and more time; the page on speed has both"),
    RecipeKey(
      "model.statistics", .choice(of: StatisticsScope.self), or: "microbatch",
      "which images batch norms normalise together",
      why: "microbatch gives the same at any number of ranks; synchronized suits microbatches of a few images"),
  ]

  static let data = [
    RecipeKey("data", .mapping, or: .required, "which rows are read, and how"),
    RecipeKey(
      "data.train", .text, .texts, .mapping, or: .required,
      "a .tsv or .csv file, a .json or .jsonl file of objects, or a .conll file of tagged words, each perhaps gzipped (.gz); several of them, or a pattern"
        + " such as data/train-*.jsonl, are one table; or the two files of an IDX pair",
      why: "all files of a table have the same columns, and a pattern's are read in the order of their names"),
    RecipeKey("data.train.images", .text, or: .required, "the IDX file of the images, of an IDX pair"),
    RecipeKey("data.train.labels", .text, or: .required, "the IDX file of their labels"),
    RecipeKey(
      "data.validation", .text, .texts, .mapping, or: .otherwise("those of data.split, if any"),
      "rows to evaluate on, in the same form",
      why: "without them models/best is the last model"),
    RecipeKey("data.validation.images", .text, or: .required, "the IDX file of the images, of an IDX pair"),
    RecipeKey("data.validation.labels", .text, or: .required, "the IDX file of their labels"),
    RecipeKey(
      "data.split", .positive, .mapping, or: .otherwise("all rows are trained on"),
      "the part of the training data that is validated on, below 1, where there is no data.validation",
      why: "each class gives its share; which rows it gives depends on the recipe's seed alone, not on ranks"),
    RecipeKey(
      "data.split.fraction", .positive, or: "0.1", "the part of the rows",
      why: "more where rows are few: the score of 100 rows is uncertain by several points"),
    RecipeKey(
      "data.split.group", .text, or: .otherwise("data.columns.group"),
      "the column whose equal values stay on one side", why: "such as an author or a document, whose rows are alike"),
    RecipeKey(
      "data.header", .boolean, or: "true", "whether the first line of a .tsv or .csv table names its columns",
      why: "with false data.columns holds numbers from 0, such as {text: 3, label: 1}"),
    RecipeKey(
      "data.columns", .mapping, or: .otherwise("the defaults of its keys"),
      "names of a table's columns; their numbers from 0 where data.header is false"),
    RecipeKey("data.columns.text", .text, or: "sentence", "the text", why: "as the tables of GLUE call it"),
    RecipeKey("data.columns.pair", .text, or: .otherwise("single texts"), "the second text of a pair"),
    RecipeKey(
      "data.columns.label", .text, .texts, or: "label",
      "the class: whole numbers or names; or what else task.kind learns, in one column or a list of several",
      why: "0, 1 … are the classes themselves; other whole numbers, such as stars from 1 to 5, are names in their order"
    ),
    RecipeKey(
      "data.columns.validation_label", .text, .texts, or: .otherwise("data.columns.label"),
      "the label of the rows of data.validation, where it stands in another column",
      why: "such as the class of rows that validate a training on probabilities of the classes"),
    RecipeKey(
      "data.columns.options", .text, .texts, or: .otherwise("rows without options"),
      "the answers among which one is right: a column each, or a key that holds a list"),
    RecipeKey(
      "data.columns.negative", .text, .texts, or: .otherwise("the other rows' pairs alone"),
      "texts that the row's text is not like (task.loss: infonce): a column each, or a key that holds a list",
      why: "they are candidates of every row of the batch, next to all pairs"),
    RecipeKey("data.columns.id", .text, or: .otherwise("the row's number from 0"), "the name of the row"),
    RecipeKey(
      "data.columns.group", .text, or: .otherwise("each row by itself"),
      "what rows have in common that stay on one side of data.split, and in one fold of --folds"),
    RecipeKey(
      "data.quotes", .choice(of: TableOptions.Quotes.self), or: "auto",
      "what a quote at the beginning of a field means",
      why:
        "auto is RFC 4180 in CSV, and in TSV where the whole file is right that way; none takes quotes as letters, as"
        + " the files of GLUE have them"),
    RecipeKey(
      "data.encoding", .choice(of: TextEncoding.self), or: "utf-8", "what the tables are written in",
      why: "UTF-16 with a byte order mark is known by itself"),
    RecipeKey(
      "data.maximum_length", .integer(atLeast: 3, atMost: 65_536), or: "128",
      "tokens of a row; longer ones are cut, or read in data.windows",
      why: "rows are stored without padding, so a generous length costs only the rows that need it"),
    RecipeKey(
      "data.truncation", .choice(of: TruncationStrategy.self), or: .otherwise("longest_first"),
      "which text of a pair is cut",
      why: "longest_first takes tokens from the longer text, and fits every row; a row that only_first or only_second"
        + " cannot fit is an error that names its line"),
    RecipeKey(
      "data.truncation_side", .choice(of: TruncationSide.self), or: .otherwise("what the tokenizer's files say"),
      "the end at which texts are cut", why: "models that are trained on ends of texts, such as reviews, gain by left"),
    RecipeKey(
      "data.windows", .mapping, or: .otherwise("longer rows are cut, but for texts in which answers are looked for"),
      "reads rows that are longer than maximum_length in windows that overlap; a row's scores are the means of theirs, and a"
        + " word has those of the window with most context",
      why:
        "nothing of a long text is lost, and a row costs as much as all its windows; of pairs the second text is cut into"
        + " windows, each behind the whole first; answers are looked for in every window, by default with a stride of 128, or"
        + " a third of maximum_length where that is less"),
    RecipeKey(
      "data.windows.stride", .integer(atLeast: 0, atMost: 65_535), or: "0", "tokens that neighbouring windows share",
      why: "as transformers' tokenizers count it; a quarter of maximum_length lets most sentences stand whole in some"
        + " window"),
    RecipeKey("data.limit", .integer(atLeast: 1), or: .otherwise("all rows"), "first rows of the training data only"),
    RecipeKey(
      "data.cache", .text, or: .otherwise("~/.cache/lockstep"),
      "folder of tokenised tables; refresh tokenises again and writes the usual folder's entry anew",
      why: "the next run, and the other ranks of the machine, map them instead of tokenising"),
    RecipeKey(
      "data.streamed", .boolean, or: "false",
      "whether rank 0 alone reads these files and those of the model, and hands them to all other ranks",
      why: "for hosts that share no folder; each rank then holds its rows for itself"),
  ]

  static let batch = [
    RecipeKey("batch", .mapping, or: .otherwise("the defaults of its keys"), "how rows become steps"),
    RecipeKey(
      "batch.size", .integer(atLeast: 1, atMost: 1_000_000), or: "32", "rows of a step, over all ranks together",
      why: "Devlin et al. 2018 fine-tuned with 16 or 32; it stays the same whatever the number of ranks"),
    RecipeKey(
      "batch.microbatch", .integer(atLeast: 1, atMost: 65_536), or: "4", "rows computed at once; divides size",
      why:
        "the largest divisor of size up to 16 of which there are at least 8, as far as size allows; each rank takes whole"
        + " microbatches, so size / microbatch ranks at most have work"),
    RecipeKey(
      "batch.buckets", .integer(atLeast: 0, atMost: 1_000_000), or: "0",
      "batches whose rows are sorted by length together",
      why: "none, so that the order is plain; 50 or 100 save work where ranks or microbatches would wait for long rows"),
  ]
}
