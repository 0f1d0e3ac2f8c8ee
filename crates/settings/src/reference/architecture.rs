//! Networks, made anew or pretrained.

use super::Topic;

/// Sizes and dropout of networks.
pub(super) const NETWORKS: [Topic; 19] = [
    Topic::new(
        "embedding",
        "The width of a word's vector. With vectors it is theirs.",
        "a whole number from 1 on",
        "Smaller for a smaller model, or where rows are few.",
    ),
    Topic::new(
        "hidden",
        "The width of the hidden layer of a bag, where 0 leaves it out, or of a recurrent state.",
        "a whole number; from 1 on for rnn, lstm, gru",
        "Larger where rows are many and the training figures stay low.",
    ),
    Topic::new(
        "pooling",
        "How the vectors of a text become one.",
        "bag: sum, mean, max; rnn, lstm, gru: last, mean, max, attention; frozen: auto, first, mean",
        "max where one word decides, mean where the whole does.",
    ),
    Topic::new(
        "dropout",
        "The share of values before the last layer (of an encoder: of hidden values) that training sets to \
         zero.",
        "a share from 0 to below 1; none for an encoder's own",
        "Higher where training figures are far above validation figures, lower where both are low.",
    ),
    Topic::new(
        "embedding_deviation",
        "The standard deviation of the first embeddings.",
        "a number from 0 on",
        "1 for what PyTorch does.",
    ),
    Topic::new(
        "vectors",
        "Pretrained word vectors to begin with.",
        "a file of GloVe, word2vec or fastText, a name on the hub, or none",
        "Where rows are few: it is the cheapest knowledge from elsewhere.",
    ),
    Topic::new(
        "vectors_missing",
        "The first vector of a word that the file lacks.",
        "unit-normal, file-normal, model",
        "file-normal where the file's numbers are much smaller than 1.",
    ),
    Topic::new(
        "freeze_embedding_epochs",
        "The number of first epochs in which the embedding stays as it is.",
        "a whole number from 0 on",
        "1 or 2 with vectors and few rows.",
    ),
    Topic::new(
        "filters",
        "The number of filters of each height.",
        "a whole number from 1 on",
        "Smaller for a smaller model.",
    ),
    Topic::new(
        "filter_heights",
        "How many tokens a filter spans, a number for each kind.",
        "a list as [3, 4, 5]",
        "[2, 3] for short texts.",
    ),
    Topic::new(
        "layers",
        "How many recurrent layers lie one on the other.",
        "a whole number from 1 on",
        "2 where rows are many; each takes as long as the first.",
    ),
    Topic::new(
        "directions",
        "Whether a text is read from the end, too.",
        "one, both",
        "one to be twice as fast.",
    ),
    Topic::new(
        "head",
        "Whether two labels have a logit each or one together.",
        "all-logits, one-logit",
        "one-logit for what courses do with two labels.",
    ),
    Topic::new(
        "word_dropout",
        "The share of tokens that training takes as unknown.",
        "a share from 0 to below 1",
        "Higher where the model hangs on single words.",
    ),
    Topic::new(
        "embedding_dropout",
        "The share of embedded values that training sets to zero.",
        "a share from 0 to below 1",
        "As dropout.",
    ),
    Topic::new(
        "layer_dropout",
        "The share of states that training sets to zero between two layers.",
        "a share from 0 to below 1",
        "As dropout, with layers of 2 and more.",
    ),
    Topic::new(
        "backward_steps",
        "Through how many tokens gradients go back.",
        "a whole number from 1 on; none for the whole text",
        "For less memory with long texts.",
    ),
    Topic::new(
        "average_best",
        "Of how many of the best epochs the weights are averaged; 1 is the best one alone.",
        "a whole number from 1 on, at most epochs",
        "2 or 3 where the figures jump from epoch to epoch.",
    ),
    Topic::new(
        "class_weights",
        "How much each label counts.",
        "equal, balanced",
        "balanced where rare labels are missed and matter as much as others: macro F1 rises, accuracy falls.",
    ),
];

/// Encoders that somebody trained before.
pub(super) const ENCODERS: [Topic; 11] = [
    Topic::new(
        "pretrained",
        "The checkpoint that the weights come from.",
        "a folder, or a name on the hub",
        "Always: there is no default.",
    ),
    Topic::new(
        "classifier",
        "What becomes of a checkpoint's classifier for another number of labels.",
        "kept refuses it, fresh-if-other draws a new one",
        "fresh-if-other, to go on from a model that was tuned for other labels.",
    ),
    Topic::new(
        "attention_dropout",
        "The share of attention probabilities that training drops.",
        "a share from 0 to below 1; none for the checkpoint's own",
        "Seldom.",
    ),
    Topic::new(
        "classifier_dropout",
        "The share of values before the classifier that training drops.",
        "a share from 0 to below 1; none for the checkpoint's own",
        "Higher where rows are few.",
    ),
    Topic::new(
        "lora_rank",
        "The rank of low-rank matrices that learn in place of the weights (LoRA).",
        "a whole number from 1 on, or none; 8 is usual. Unless given, learning_rate becomes 0.001",
        "For less memory, or many models on one encoder.",
    ),
    Topic::new(
        "lora_alpha",
        "The factor of their product, times the rank.",
        "a number above 0",
        "With lora_rank: twice the rank is usual.",
    ),
    Topic::new(
        "lora_targets",
        "Which weights they stand beside.",
        "query-value, attention, all",
        "all where a low rank does not suffice.",
    ),
    Topic::new(
        "precision",
        "The number type of the layers' products in training.",
        "f32, bf16; bf16 on CUDA alone",
        "bf16 on a GPU, for speed.",
    ),
    Topic::new(
        "trained_layers",
        "How many of the last layers are trained with the head; none for all, embeddings too.",
        "a whole number from 0 on, or none",
        "1 or 2 on a CPU, or where rows are few: each frozen layer is computed once.",
    ),
    Topic::new(
        "layer_decay",
        "The factor of the learning rate for each layer down from the head.",
        "above 0, at most 1",
        "0.9 where rows are few.",
    ),
    Topic::new(
        "cache_megabytes",
        "The memory for the output of frozen layers; what is more goes to disk.",
        "a whole number from 0 on; none to compute it anew in every epoch",
        "Higher where there is memory, none where there is no disk.",
    ),
];
