//! Training by gradient.

use super::Topic;

/// Epochs, batches, rates and losses.
pub(super) const TRAINING: [Topic; 21] = [
    Topic::new(
        "epochs",
        "The most passes over the training rows.",
        "a whole number from 1 on",
        "More where the validation figure still improves in the last one.",
    ),
    Topic::new(
        "minimum_tokens",
        "How many tokens are seen at least: of few rows there are more epochs, up to 100.",
        "a whole number from 1 on, or none; none once epochs is given",
        "Smaller to be faster.",
    ),
    Topic::new(
        "max_steps",
        "The most steps in all, whatever epochs says.",
        "a whole number from 1 on, or none",
        "For a short trial.",
    ),
    Topic::new(
        "batch_size",
        "The most rows of a batch.",
        "a whole number from 1 on",
        "Smaller where memory ends, larger on a GPU.",
    ),
    Topic::new(
        "batch_tokens",
        "The most tokens of a batch.",
        "a whole number from 1 on, or none",
        "Where a few long texts take all memory.",
    ),
    Topic::new(
        "accumulate",
        "The number of batches whose gradients make one step.",
        "a whole number from 1 on",
        "For the effect of large batches in little memory.",
    ),
    Topic::new(
        "learning_rate",
        "How far a step goes: the highest rate of the schedule.",
        "a number above 0",
        "A third where the loss jumps or is no number, three times where it hardly falls.",
    ),
    Topic::new(
        "schedule",
        "How the learning rate changes.",
        "constant, linear, cosine",
        "linear or cosine for the last bit of accuracy, with the right number of epochs.",
    ),
    Topic::new(
        "warmup",
        "The share of all steps in which the rate rises from zero.",
        "a share from 0 to below 1",
        "0.1 where the first epoch goes wrong.",
    ),
    Topic::new(
        "weight_decay",
        "How fast weights shrink.",
        "a number from 0 on",
        "Higher where training figures are far above validation figures.",
    ),
    Topic::new(
        "decay_on",
        "Which parameters shrink.",
        "all, matrices",
        "matrices leaves biases and norms alone.",
    ),
    Topic::new(
        "clip_norm",
        "The longest common norm of all gradients.",
        "a number above 0, or none",
        "1 where the loss jumps.",
    ),
    Topic::new(
        "label_smoothing",
        "The share of probability that the loss spreads over all labels.",
        "a share from 0 to below 1",
        "0.1 where some labels are wrong.",
    ),
    Topic::new(
        "contrastive_weight",
        "How much a loss counts that draws rows of one label together.",
        "a number from 0 on",
        "0.1 to 1 where rows are few; one label a row.",
    ),
    Topic::new(
        "contrastive_temperature",
        "How much its nearest rows count: the lower, the more.",
        "a number above 0",
        "With contrastive_weight.",
    ),
    Topic::new(
        "entropy_weight",
        "Above 0 keeps answers from being too sure, below 0 makes them surer.",
        "a finite number",
        "Seldom: calibration does the same afterwards.",
    ),
    Topic::new(
        "monitor",
        "The validation figure that decides which epoch is the best.",
        "loss, accuracy, top-3-accuracy, top-5-accuracy, \
         micro-precision, micro-recall, micro-f1, macro-precision, macro-recall, macro-f1, \
         weighted-precision, weighted-recall, weighted-f1, balanced-accuracy, matthews-correlation, \
         cohen-kappa, samples-f1, subset-accuracy, hamming-loss, \
         label-ranking-average-precision, macro-roc-auc, weighted-roc-auc, \
         macro-average-precision, weighted-average-precision, calibration-error, \
         calibration-error-equal-count, brier-score",
        "macro-f1 where rare labels matter.",
    ),
    Topic::new(
        "patience",
        "After how many epochs in a row without a better figure training stops.",
        "a whole number from 1 on, or none",
        "Higher where the figure goes up and down.",
    ),
    Topic::new(
        "min_delta",
        "The smallest change of the figure that counts as better.",
        "a number from 0 on",
        "0 to take every better epoch.",
    ),
    Topic::new(
        "checkpoints",
        "What stays of the training beside the model.",
        "best, last, every, states",
        "last to add epochs later, every for the weights and states for a point to go on from of each epoch.",
    ),
    Topic::new(
        "optimizer",
        "The rule of the steps.",
        "sgd, adam, sparse-adam, adamw, rmsprop, adagrad",
        "sgd with momentum for what courses do; sparse-adam is the fastest for a bag.",
    ),
];

/// Constants of single optimizers.
pub(super) const OPTIMIZERS: [Topic; 10] = [
    Topic::new(
        "momentum",
        "How much of the last step goes into the next one: of sgd and rmsprop.",
        "a share from 0 to below 1",
        "0.9 with sgd.",
    ),
    Topic::new(
        "adam_beta1",
        "How slowly Adam's mean of the gradients forgets.",
        "a share from 0 to below 1",
        "Seldom.",
    ),
    Topic::new(
        "adam_beta2",
        "How slowly Adam's mean of their squares forgets.",
        "a share from 0 to below 1",
        "0.98 where the loss jumps.",
    ),
    Topic::new("adam_epsilon", "What Adam adds to the root of that mean.", "a number above 0", "Seldom."),
    Topic::new(
        "rmsprop_alpha",
        "How slowly RMSprop's mean of the squared gradients forgets.",
        "a share from 0 to below 1",
        "Seldom.",
    ),
    Topic::new(
        "rmsprop_epsilon",
        "What RMSprop adds to the root that it divides by.",
        "a number above 0",
        "Seldom.",
    ),
    Topic::new(
        "rmsprop_variance",
        "What is under that root: the mean square, or less the square of the mean.",
        "uncentered, centered",
        "Seldom.",
    ),
    Topic::new(
        "adagrad_initial",
        "The first value of Adagrad's sum of squared gradients.",
        "a number from 0 on",
        "0.1 for what TensorFlow does.",
    ),
    Topic::new(
        "adagrad_epsilon",
        "What Adagrad adds to the root of that sum.",
        "a number above 0",
        "Seldom.",
    ),
    Topic::new("adagrad_rate_decay", "How fast Adagrad's rate falls.", "a number from 0 on", "Seldom."),
];
