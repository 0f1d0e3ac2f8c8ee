//! What is fitted in one go, or written.

use super::Topic;

/// Linear models, also on a frozen encoder, and rules.
pub(super) const LINEAR: [Topic; 9] = [
    Topic::new(
        "inverse_penalty",
        "C, the weight of the loss beside that of the penalty: larger trusts the rows more.",
        "auto tries and chooses; or a number above 0",
        "A number, to save the trials once it is known.",
    ),
    Topic::new(
        "scaling",
        "What features are multiplied or states divided by before the fit.",
        "linear: none, naive-bayes (left alone, both are tried); frozen: auto, common, each",
        "naive-bayes for short texts with two labels.",
    ),
    Topic::new(
        "smoothing",
        "The addition to each count before naive Bayes' ratios are taken.",
        "a number above 0",
        "With scaling = naive-bayes; smaller trusts rare words more.",
    ),
    Topic::new(
        "multiclass",
        "How more than two labels are told apart.",
        "softmax, one-vs-rest; independent where rows have any number of labels",
        "one-vs-rest for what scikit-learn's liblinear does.",
    ),
    Topic::new("intercept", "Whether each label has an intercept.", "fitted, zero", "Seldom."),
    Topic::new(
        "tolerance",
        "The fit is done when the gradient's norm is this share of the first.",
        "a number above 0",
        "Smaller for digits that agree with another solver.",
    ),
    Topic::new(
        "iteration_limit",
        "The most steps of Newton's method.",
        "a whole number from 1 on",
        "Higher where it is told that the fit did not converge.",
    ),
    Topic::new(
        "refit",
        "Whether the model, once judged, is fitted again to training and validation rows.",
        "off, on",
        "on for the model that goes into use: more rows, the same figures.",
    ),
    Topic::new(
        "rules",
        "The file with the expressions of each label.",
        "a TOML file",
        "Always: there is no default.",
    ),
];
