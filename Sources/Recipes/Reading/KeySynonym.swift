/// What other programs (transformers, PyTorch, Lightning, Keras) call a key of a recipe.
package struct KeySynonym: Sendable {
  /// Small letters, words joined by underscores.
  package let names: [String]
  /// The key of a recipe; nil where there is none, and the remark says what to do.
  package let path: String?
  package let remark: String

  private init(_ names: String, _ path: String?, _ remark: String = "") {
    self.names = names.split(separator: " ").map(String.init)
    self.path = path
    self.remark = remark
  }

  /// The entry that lists a name, however it is spelt.
  static func find(_ key: String) -> KeySynonym? {
    let name = key.lowercased().map { $0 == "-" || $0 == " " ? "_" : String($0) }.joined()
    return all.first { $0.names.contains(name) }
  }

  package static let all = run + model + data + batch + step + course + techniques

  private static let run = [
    KeySynonym("random_seed random_state manual_seed", "seed"),
    KeySynonym("num_epochs num_train_epochs max_epochs n_epochs nb_epochs nb_epoch train_epochs epoch", "epochs"),
    KeySynonym("max_steps num_steps total_steps num_train_steps num_training_steps iterations max_iters step", "steps"),
    KeySynonym("fp16 bf16 mixed_precision amp half dtype torch_dtype use_amp", "precision", "It is fp32, bf16 or fp16"),
    KeySynonym(
      "max_grad_norm grad_clip clip_grad clip_grad_norm gradient_clip gradient_clip_val gradient_clipping clip_norm",
      "clip"
    ),
    KeySynonym("num_threads n_threads n_jobs num_workers dataloader_num_workers cpus", "threads"),
    KeySynonym("ddp_backend backend all_reduce allreduce", "reduction"),
    KeySynonym(
      "output_dir output out save_dir logging_dir", nil, "the folder is the option --output of lockstep train"),
    KeySynonym(
      "resume resume_from_checkpoint ckpt_path", nil, "resuming is the option --resume of lockstep train"),
    KeySynonym("device devices gpus no_cuda use_cpu accelerator", nil, "leave it out, training runs on CPUs"),
    KeySynonym(
      "world_size num_processes nproc_per_node ranks nodes num_nodes", nil,
      "the number of ranks is an option of lockstep launch, or of mpirun"),
    KeySynonym("logging_steps log_every report_to", nil, "leave it out, every step is logged"),
  ]

  private static let model = [
    KeySynonym("num_labels num_classes n_classes classes nb_classes", "model.labels"),
    KeySynonym(
      "model_name_or_path pretrained_model_name_or_path pretrained model_name model_path init_checkpoint", "model.from"),
    KeySynonym("vocab vocab_file vocab_path", "model.vocabulary"),
    KeySynonym("config config_name", "model.configuration"),
    KeySynonym(
      "dropout hidden_dropout dropout_rate dropout_prob attention_dropout hidden_dropout_prob"
        + " attention_probs_dropout_prob classifier_dropout", "model.configuration",
      "It holds hidden_dropout_prob, attention_probs_dropout_prob and classifier_dropout"),
    KeySynonym(
      "hidden_size num_hidden_layers num_attention_heads intermediate_size n_layers num_layers n_heads num_heads d_model",
      "model.configuration", "It holds hidden_size, num_hidden_layers, num_attention_heads, intermediate_size"),
    KeySynonym("freeze_layers frozen freeze_embeddings", "model.freeze"),
    KeySynonym("gradient_checkpointing activation_checkpointing", "model.recompute"),
    KeySynonym("sync_bn sync_batchnorm", "model.statistics", "It is synchronized or microbatch"),
  ]

  private static let data = [
    KeySynonym("train_file train_data train_path training_data train_dataset", "data.train"),
    KeySynonym("validation_file eval_file dev dev_file valid val val_file eval_data eval_dataset", "data.validation"),
    KeySynonym(
      "max_length max_seq_length max_seq_len max_len sequence_length seq_length seq_len max_source_length"
        + " model_max_length", "data.maximum_length"),
    KeySynonym("doc_stride stride return_overflowing_tokens", "data.windows.stride"),
    KeySynonym("text_column text_column_name text_field sentence1_key", "data.columns.text"),
    KeySynonym("text_pair text_pair_column sentence2_key", "data.columns.pair"),
    KeySynonym("label_column label_column_name target_column label_names target", "data.columns.label"),
    KeySynonym("id_column", "data.columns.id"),
    KeySynonym("group_column groups group_by", "data.columns.group"),
    KeySynonym(
      "validation_split val_split test_size validation_split_percentage validation_fraction val_size dev_ratio",
      "data.split", "It is a part of the rows, such as 0.1"),
    KeySynonym("has_header no_header skip_header", "data.header"),
    KeySynonym("max_train_samples max_samples num_samples subset", "data.limit"),
    KeySynonym("cache_dir overwrite_cache", "data.cache"),
  ]

  private static let batch = [
    KeySynonym("batch_size train_batch_size bs batchsize global_batch_size", "batch.size"),
    KeySynonym(
      "per_device_train_batch_size per_gpu_train_batch_size micro_batch_size microbatch_size", "batch.microbatch",
      "batch.size counts the rows of a step over all ranks, batch.microbatch those that are computed at once"),
    KeySynonym(
      "gradient_accumulation_steps gradient_accumulation accumulate_grad_batches accumulation_steps grad_accum"
        + " accum_iter grad_accumulation_steps", "batch.microbatch",
      "A step takes batch.size rows and computes batch.microbatch of them at once: N accumulated steps are"
        + " batch.microbatch = batch.size / N / ranks"),
    KeySynonym("group_by_length bucket length_bucketing", "batch.buckets"),
  ]

  private static let step = [
    KeySynonym("lr learningrate initial_lr max_lr peak_lr base_lr init_lr", "optimizer.learning_rate"),
    KeySynonym("wd l2 weightdecay l2_regularization", "optimizer.weight_decay"),
    KeySynonym(
      "beta1 beta2 beta_1 beta_2 adam_beta1 adam_beta2 adam_betas", "optimizer.betas",
      "It is a pair such as [0.9, 0.999]"),
    KeySynonym("eps adam_epsilon adam_eps", "optimizer.epsilon"),
    KeySynonym("correct_bias adam_bias_correction", "optimizer.bias_correction"),
    KeySynonym("optim optimiser optimizer_type optimizer_name", "optimizer.kind"),
    KeySynonym("zero zero1 zero_stage sharded_optimizer", "optimizer.sharded"),
    KeySynonym("lr_scheduler_type lr_scheduler scheduler lr_schedule scheduler_type lr_decay_style", "schedule.kind"),
    KeySynonym(
      "warmup_steps warmup_ratio num_warmup_steps warmup_proportion lr_warmup_steps", "schedule.warmup",
      "Below 1 it is a share of all steps"),
    KeySynonym("warmup_epochs", "schedule.warmup", "With schedule.unit: epoch it counts epochs"),
    KeySynonym("eta_min min_lr lr_end end_lr final_lr", "schedule.final"),
    KeySynonym("step_size decay_steps lr_step_size", "schedule.every"),
    KeySynonym("t_max t_0", "schedule.period"),
    KeySynonym("t_mult", "schedule.multiplier"),
    KeySynonym(
      "num_cycles", "schedule.period", "It is the steps of half a wave, of cosine_annealing and warm_restarts"),
    KeySynonym("anneal_strategy", "schedule.curve", "It is cosine or linear"),
  ]

  private static let course = [
    KeySynonym("eval_batch_size per_device_eval_batch_size", "evaluate.batch"),
    KeySynonym("eval_steps eval_every evaluation_strategy eval_strategy val_check_interval", "evaluate.every"),
    KeySynonym("metric_for_best_model monitor", "evaluate.best"),
    KeySynonym("metric", "evaluate.metrics"),
    KeySynonym("early_stopping early_stopping_patience early_stop", "evaluate.patience"),
    KeySynonym("save_steps save_every save_strategy checkpoint_every save_interval", "checkpoint.every"),
    KeySynonym("save_total_limit max_to_keep keep_last_n", "checkpoint.keep"),
  ]

  private static let techniques = [
    KeySynonym("label_smoothing label_smoothing_factor smoothing", "techniques.label_smoothing"),
    KeySynonym("class_weight class_weights", "techniques.class_weights"),
    KeySynonym("focal focal_loss", "techniques.focal_loss"),
    KeySynonym("rdrop r_drop", "techniques.r_drop"),
    KeySynonym("self_distillation distillation", "techniques.self_distillation"),
    KeySynonym("adversarial fgm", "techniques.fgm"),
    KeySynonym("pgd", "techniques.pgd"),
    KeySynonym("awp", "techniques.awp"),
    KeySynonym("ema ema_decay model_ema", "techniques.ema"),
    KeySynonym("swa swa_start swa_lr", "techniques.swa"),
  ]
}
