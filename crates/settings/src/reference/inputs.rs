//! Rows, texts, tokens and n-grams.

use super::Topic;

/// How rows are used.
pub(super) const ROWS: [Topic; 5] = [
    Topic::new(
        "seed",
        "The number that decides splits, first weights, shuffling and dropout.",
        "a whole number from 0 to 18446744073709551615",
        "To see how far figures move by chance alone: sweep over some seeds.",
    ),
    Topic::new(
        "validation_share",
        "The share of training rows that is set aside to choose by, where no validation rows are given.",
        "a share from 0 to below 1; 0 for linear, frozen and rules alone",
        "Larger where rows are few and the choice looks like chance, smaller where they are many.",
    ),
    Topic::new(
        "resample",
        "What is done about labels that have more training rows than others.",
        "none; oversample repeats rows of rare labels, synthesize alters the repeats, undersample leaves \
         rows of frequent labels out",
        "Where rare labels are missed and class_weights does not suffice. Accuracy often falls.",
    ),
    Topic::new(
        "calibration",
        "How validation rows correct probabilities, so that of answers with 80 % four of five are right.",
        "auto, none, temperature, vector, isotonic",
        "None, to keep the probabilities that the model itself gives.",
    ),
    Topic::new(
        "synonyms",
        "Word vectors whose nearest words take the place of others in synthesized rows.",
        "a file, or none",
        "With resample = synthesize, where a file of vectors is at hand.",
    ),
];

/// How texts become tokens.
pub(super) const TOKENS: [Topic; 18] = [
    Topic::new(
        "tokenizer",
        "How a text is cut into tokens.",
        "whitespace, words, english, characters; bpe, wordpiece and unigram learn sub-words, pretrained \
         reads them from a file",
        "characters for languages without spaces; sub-words where many words are unknown; english for \
         emoticons and contractions.",
    ),
    Topic::new(
        "tokenizer_file",
        "The file or folder of a pretrained tokenizer.",
        "a tokenizer.json, a vocab.txt, a folder, or none",
        "With tokenizer = pretrained.",
    ),
    Topic::new(
        "html",
        "Whether marks of HTML become spaces and entities characters.",
        "keep, clean",
        "clean where texts were taken from pages and hold <br /> or &quot;.",
    ),
    Topic::new(
        "unicode",
        "The form of characters that Unicode writes in several ways.",
        "keep, nfc, nfd, nfkc, nfkd",
        "nfkc where texts come from several sources, or hold full-width letters and ligatures.",
    ),
    Topic::new(
        "accents",
        "Whether accents go, so that é becomes e.",
        "keep, strip",
        "strip where writers leave accents out at will.",
    ),
    Topic::new(
        "repeats",
        "Whether of three and more equal letters two stay, as in soo.",
        "keep, shorten",
        "shorten for chats and tweets.",
    ),
    Topic::new(
        "lowercase",
        "Whether words are put into lower case, so that Dog and dog are one.",
        "on, off",
        "off where case tells labels apart, as of names.",
    ),
    Topic::new(
        "punctuation",
        "Whether tokens of nothing but punctuation stay.",
        "keep, drop",
        "drop where marks are noise; in tweets and reviews they help.",
    ),
    Topic::new(
        "stop_words",
        "The language whose most common words are left out.",
        "none, or a language: arabic, basque, catalan, danish, dutch, english, finnish, french, german, \
         greek, hungarian, indonesian, italian, norwegian, portuguese, romanian, russian, spanish, swedish, \
         turkish",
        "Seldom: weights already make such words small, and 'not' is one of them.",
    ),
    Topic::new(
        "stemming",
        "The language by whose rules endings go, so that running becomes run.",
        "none, or a language: arabic, basque, catalan, danish, dutch, english, finnish, french, german, \
         greek, hungarian, indonesian, italian, norwegian, portuguese, romanian, russian, spanish, swedish, \
         turkish",
        "Where rows are few and words have many endings.",
    ),
    Topic::new(
        "vocabulary_size",
        "The most tokens that get an id of their own; the rest are unknown. Of sub-words, how many are \
         learned.",
        "a whole number from 1 on, or none",
        "Smaller for a smaller model: an embedding has a row for each.",
    ),
    Topic::new(
        "minimum_count",
        "How often a token must occur in the training rows to get an id.",
        "a whole number from 0 on",
        "Higher for a smaller model, or where rare words are typing errors.",
    ),
    Topic::new(
        "specials",
        "Special tokens besides padding and unknown; cls and sep are put around texts.",
        "a list of pad, unk, sos, eos, cls, sep, mask",
        "To begin with vectors or a tokenizer that has them.",
    ),
    Topic::new(
        "longest",
        "The most tokens that are read of a text, special ones counted.",
        "a whole number from 1 on, or none; an encoder reads no more than it was made for",
        "Higher where many texts are cut and their ends matter; lower to be faster.",
    ),
    Topic::new(
        "truncation",
        "Which tokens of a longer text are kept.",
        "head, tail, head-and-tail",
        "tail where the point comes last.",
    ),
    Topic::new(
        "long_texts",
        "What becomes of the rest of a longer text when it is predicted.",
        "truncate, windows",
        "windows where any part of a text may decide; it takes as long as there are parts.",
    ),
    Topic::new(
        "subwords",
        "The lengths of pieces of words that have embeddings beside the words' own, as in fastText.",
        "two numbers as [3, 6], or none",
        "[3, 6] where words have many endings or typing errors.",
    ),
    Topic::new(
        "buckets",
        "How many embeddings n-grams and pieces of words share, by a hash.",
        "a whole number from 1 on; none for as many as there are kinds",
        "To bound the size of a bag with word_ngrams or subwords.",
    ),
];

/// How texts become weighted n-grams.
pub(super) const NGRAMS: [Topic; 11] = [
    Topic::new(
        "word_ngrams",
        "How many words stand together in a feature, from the fewest to the most.",
        "two numbers as [1, 2]; one number n means [1, n]; none for no words, with character_ngrams. A bag \
         begins with 1",
        "[1, 1] for a smaller model, [1, 3] where phrases decide and rows are many.",
    ),
    Topic::new(
        "shortest_token",
        "The fewest characters of a word; shorter ones are left out.",
        "a whole number from 1 on",
        "2 for what scikit-learn does.",
    ),
    Topic::new(
        "character_ngrams",
        "How many characters stand together in a feature; none for words alone.",
        "two numbers as [2, 5], or none; left alone, it is tried and chosen",
        "Where spelling varies, texts are short or words have many endings.",
    ),
    Topic::new(
        "character_bounds",
        "Whether n-grams of characters stay within words or run over the whole text.",
        "words, text",
        "text for languages without spaces.",
    ),
    Topic::new(
        "minimum_documents",
        "In how many training texts an n-gram must occur.",
        "a whole number from 1 on",
        "1 where rows are few, higher for a smaller model.",
    ),
    Topic::new(
        "maximum_share",
        "In what share of the training texts an n-gram may occur at most.",
        "a share above 0, up to 1",
        "Below 1 to leave boilerplate out.",
    ),
    Topic::new(
        "feature_limit",
        "The most n-grams; the most frequent ones stay.",
        "a whole number from 1 on, or none",
        "For a smaller model.",
    ),
    Topic::new(
        "weighting",
        "What a feature's value is.",
        "counts, binary, tf-idf",
        "counts for what a plain bag of words does.",
    ),
    Topic::new(
        "term_frequency",
        "How the occurrences in a text enter a TF-IDF weight.",
        "count, sublinear, share",
        "count for what scikit-learn does unless told otherwise.",
    ),
    Topic::new(
        "inverse_document_frequency",
        "How the number of texts that hold an n-gram enters a TF-IDF weight.",
        "plain, plus-one, smoothed",
        "To be equal to another program.",
    ),
    Topic::new(
        "norm",
        "What a text's values are divided by.",
        "none, l2",
        "none where the length of a text tells its label.",
    ),
];
