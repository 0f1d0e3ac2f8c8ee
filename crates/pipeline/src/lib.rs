//! A trained model in a folder, loaded and ready to predict.
