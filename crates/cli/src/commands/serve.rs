//! `assort serve`.

use std::env;
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use assort_pipeline::Integrity;
use assort_serve::{Certificate, Error, Keys, Products, ServeConfig, Server};
use tracing_subscriber::filter::LevelFilter;

use crate::arguments::{LogForm, LogLevel, ServeArguments};
use crate::exit::{Exit, Midway};
use crate::interrupt;

/// The variable with the keys of clients, one a line.
const KEY: &str = "ASSORT_API_KEY";

/// Serves until it is stopped.
pub fn run(arguments: &ServeArguments) -> Result<Exit> {
    super::prepare(&arguments.model.machine)?;
    log(arguments.log, arguments.log_level);
    let config = ServeConfig {
        models: arguments.models.iter().map(|word| model(word)).collect::<Result<_>>()?,
        device: arguments.model.machine.device.open()?,
        products: if arguments.together { Products::Together } else { Products::Each },
        integrity: if arguments.model.no_check { Integrity::Unchecked } else { Integrity::Checked },
        watch: arguments.watch,
        limits: arguments.limits.limits(),
        keys: keys(arguments.api_key_file.as_deref())?,
        certificate: (arguments.certificate.clone().zip(arguments.key.clone()))
            .map(|(chain, key)| Certificate { chain, key }),
    };
    let (is_open, scheme) =
        (config.keys.is_empty(), if config.certificate.is_some() { "https" } else { "http" });
    let server = Server::bind(arguments.address, config)?;
    let stopper = server.stopper();
    interrupt::end_second(move || stopper.stop())?;
    if is_open && !server.address().ip().is_loopback() {
        tracing::warn!("other machines can ask without a key: give --api-key-file, or listen on 127.0.0.1");
    }
    tracing::info!(address = format!("{scheme}://{}", server.address()), "listening");
    server.run().map_err(|error| match error {
        Error::Threads(_) => Midway::new(error).into(),
        other => anyhow::Error::from(other),
    })?;
    Ok(Exit::Fine)
}

/// Writes the log on standard error.
fn log(form: LogForm, level: LogLevel) {
    let level = match level {
        LogLevel::Error => LevelFilter::ERROR,
        LogLevel::Warn => LevelFilter::WARN,
        LogLevel::Info => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    let lines = tracing_subscriber::fmt().with_max_level(level).with_writer(io::stderr).with_target(false);
    match form {
        LogForm::Text => lines.init(),
        LogForm::Json => lines.json().flatten_event(true).init(),
    }
}

/// A model's name and folder: both as given, or the folder's own name.
fn model(word: &str) -> Result<(String, PathBuf)> {
    if !Path::new(word).exists()
        && let Some((name, folder)) = word.split_once('=').filter(|(name, _)| !name.is_empty())
    {
        return Ok((name.to_owned(), folder.into()));
    }
    let folder = PathBuf::from(word);
    // What is not there is told when it is loaded.
    let whole = folder.canonicalize().unwrap_or_else(|_| folder.clone());
    let name = whole.file_name().ok_or_else(|| anyhow!("{word} has no name: give one, as in NAME={word}"))?;
    Ok((name.to_string_lossy().into_owned(), folder))
}

/// The keys of a file, or of the variable, or none.
fn keys(file: Option<&Path>) -> Result<Keys> {
    let (place, text) = match (file, env::var_os(KEY)) {
        (Some(path), _) => {
            let place = path.display().to_string();
            let text = assort_files::read_plain_text(path).map_err(|error| anyhow!("{place}: {error}"))?;
            (place, text)
        }
        (None, Some(text)) => {
            let text = text.into_string().map_err(|_| anyhow!("{KEY} is not UTF-8"))?;
            (KEY.to_owned(), text)
        }
        (None, None) => return Ok(Keys::default()),
    };
    Keys::from_lines(&text).with_context(|| place)
}
