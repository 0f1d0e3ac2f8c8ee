//! Flags of `assort serve`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use assort_serve::Limits;
use clap::{Args, ValueEnum};

use super::{LoadArguments, values};

/// Answer over HTTP with trained models, and show a page to try them.
///
/// POST /predict, /explain and /embed take JSON, as {"texts": ["never again"]}; GET / is the page,
/// /openapi.json describes the rest. A folder that is replaced is loaded anew, without a lost request.
/// SIGTERM and Ctrl-C answer what is running and end with exit code 0.
#[derive(Args, Debug)]
#[command(after_help = EXAMPLES)]
pub struct ServeArguments {
    /// Folders of the models, each under its own name or one given here
    #[arg(value_name = "[NAME=]FOLDER", help_heading = "Input", required = true)]
    pub models: Vec<String>,
    /// Address and port; 0.0.0.0 listens to other machines too
    #[arg(long, value_name = "IP:PORT", help_heading = "Network", default_value = "127.0.0.1:8080",
        value_parser = values::address)]
    pub address: SocketAddr,
    /// File with the keys of clients, one a line [default: the variable ASSORT_API_KEY]
    #[arg(long, value_name = "FILE", help_heading = "Network")]
    pub api_key_file: Option<PathBuf>,
    /// Certificate with its chain, in PEM: connections are encrypted
    #[arg(long, value_name = "FILE", help_heading = "Network", requires = "key")]
    pub certificate: Option<PathBuf>,
    /// Private key of the certificate, in PEM
    #[arg(long, value_name = "FILE", help_heading = "Network", requires = "certificate")]
    pub key: Option<PathBuf>,
    #[command(flatten)]
    pub limits: LimitArguments,
    /// Multiply texts of a batch together: encoders are faster, last bits depend on others
    #[arg(long, help_heading = "Run")]
    pub together: bool,
    /// Seconds between two looks at the folders
    #[arg(long, value_name = "SECONDS", help_heading = "Run", default_value = "1",
        value_parser = values::seconds)]
    pub watch: Duration,
    /// How the log is written on standard error: text or json
    #[arg(
        long,
        value_name = "FORM",
        help_heading = "Run",
        default_value = "text",
        hide_possible_values = true
    )]
    pub log: LogForm,
    /// What is logged: error, warn, info, or debug, which has each request
    #[arg(
        long,
        value_name = "LEVEL",
        help_heading = "Run",
        default_value = "info",
        hide_possible_values = true
    )]
    pub log_level: LogLevel,
    #[command(flatten)]
    pub model: LoadArguments,
}

/// How a log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogForm {
    /// Lines for people.
    Text,
    /// A JSON object a line.
    Json,
}

/// The least important thing that is logged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum LogLevel {
    /// What ends the server.
    Error,
    /// What is wrong.
    Warn,
    /// What happens to the server and its models.
    Info,
    /// Each request.
    Debug,
}

/// What clients may take.
#[derive(Args, Debug)]
#[command(next_help_heading = "Limits")]
pub struct LimitArguments {
    /// Bytes of a request's body
    #[arg(long, value_name = "N", default_value_t = Limits::default().body,
        value_parser = values::at_least_one)]
    pub max_body: usize,
    /// Texts of a request
    #[arg(long, value_name = "N", default_value_t = Limits::default().texts,
        value_parser = values::at_least_one)]
    pub max_texts: usize,
    /// Texts of a request to /explain
    #[arg(long, value_name = "N", default_value_t = Limits::default().explained,
        value_parser = values::at_least_one)]
    pub max_explained: usize,
    /// Characters of a text
    #[arg(long, value_name = "N", default_value_t = Limits::default().characters,
        value_parser = values::at_least_one)]
    pub max_characters: usize,
    /// Open connections; further ones wait
    #[arg(long, value_name = "N", default_value_t = Limits::default().connections,
        value_parser = values::at_least_one)]
    pub max_connections: usize,
    /// Requests that wait for a model; further ones get status 503
    #[arg(long, value_name = "N", default_value_t = Limits::default().queue, value_parser = values::queue)]
    pub max_waiting: usize,
    /// Texts that are predicted at a time
    #[arg(long, value_name = "N", default_value_t = Limits::default().batch,
        value_parser = values::at_least_one)]
    pub batch: usize,
    /// Seconds for which a batch waits to grow; at 0 it takes what is there
    #[arg(long, value_name = "SECONDS", default_value = "0", value_parser = values::seconds_or_none)]
    pub batch_time: Duration,
    /// Seconds from a connection to its first request
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = values::seconds)]
    pub head_time: Duration,
    /// Seconds for a request's body to arrive
    #[arg(long, value_name = "SECONDS", default_value = "10", value_parser = values::seconds)]
    pub body_time: Duration,
    /// Seconds for an answer to be found
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = values::seconds)]
    pub answer_time: Duration,
    /// Seconds for which a client may take none of its answer
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = values::seconds)]
    pub send_time: Duration,
    /// Seconds for which a connection waits for the next request
    #[arg(long, value_name = "SECONDS", default_value = "75", value_parser = values::seconds)]
    pub idle_time: Duration,
    /// Seconds for running requests when the server stops
    #[arg(long, value_name = "SECONDS", default_value = "20", value_parser = values::seconds)]
    pub stop_time: Duration,
}

impl LimitArguments {
    /// The server's limits.
    pub fn limits(&self) -> Limits {
        Limits {
            body: self.max_body,
            texts: self.max_texts,
            explained: self.max_explained,
            characters: self.max_characters,
            connections: self.max_connections,
            queue: self.max_waiting,
            batch: self.batch,
            batch_time: self.batch_time,
            head_time: self.head_time,
            body_time: self.body_time,
            answer_time: self.answer_time,
            send_time: self.send_time,
            idle_time: self.idle_time,
            stop_time: self.stop_time,
        }
    }
}

const EXAMPLES: &str = "\
Examples:
  assort serve reviews
  assort serve reviews topics=models/v7 --address 0.0.0.0:8443 --api-key-file keys.txt \\
      --certificate chain.pem --key key.pem
  curl -H 'content-type: application/json' -d '{\"texts\": [\"never again\"]}' http://127.0.0.1:8080/predict";

#[cfg(test)]
mod tests {
    use crate::arguments::{Arguments, Command};
    use assort_serve::Limits;
    use clap::Parser;

    /// Defaults that are shown in another form than they are kept.
    #[test]
    fn the_defaults_are_those_of_the_library() {
        let line = Arguments::try_parse_from(["assort", "serve", "m"]).unwrap();
        let Command::Serve(arguments) = line.command else { panic!("another command") };
        assert_eq!(arguments.limits.limits(), Limits::default());
        assert!(arguments.address.ip().is_loopback());
    }
}
