//! A server as operators run it: the real program, asked over the loopback.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::{Value, json};

use super::bad_input::refused;
use super::room::{Room, TINY};

/// A server that is stopped with this, and what it has written to standard error.
struct Served {
    child: Child,
    lines: BufReader<ChildStderr>,
    address: String,
}

impl Served {
    /// Starts a server on any free port and waits until its models are loaded.
    fn start(room: &Room, flags: &str, variables: &[(&str, &str)]) -> Self {
        let line = format!("serve {flags} --address 127.0.0.1:0 --log json --threads 1");
        let mut command = room.command(&line.split_whitespace().collect::<Vec<_>>());
        command.env_remove("ASSORT_API_KEY").envs(variables.iter().copied()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap());
        let mut served = Self { child, lines, address: String::new() };
        let models = flags.split(' ').take_while(|word| !word.starts_with("--")).count();
        let url = served.line("listening")["address"].as_str().unwrap().to_owned();
        served.address = url.strip_prefix("http://").unwrap().to_owned();
        (0..models).for_each(|_| drop(served.line("the model is loaded")));
        served
    }

    /// The next line of the log with this message.
    fn line(&mut self, message: &str) -> Value {
        loop {
            let mut line = String::new();
            assert!(self.lines.read_line(&mut line).unwrap() > 0, "no line has '{message}'");
            let line: Value = serde_json::from_str(&line).expect(&line);
            if line["message"] == message {
                return line;
            }
        }
    }

    /// Status and body of an answer.
    fn ask(&self, head: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let length = body.len();
        let request = format!(
            "{head} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut reply = String::new();
        stream.read_to_string(&mut reply).unwrap();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        (head.split(' ').nth(1).unwrap().parse().unwrap(), body.to_owned())
    }

    /// Asks it to end, as an operator's tools do; gives the exit code and the rest of the log.
    fn end(mut self) -> (Option<i32>, String) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        let mut rest = String::new();
        self.lines.read_to_string(&mut rest).unwrap();
        (self.child.wait().unwrap().code(), rest)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // Where it has ended already, there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(unix)]
#[test]
fn answers_are_those_of_predict_to_the_last_bit() {
    let room = Room::trained();
    let train = "train --train kitchen.csv --out";
    room.run(&format!("{train} linear --model linear")).exits(0);
    room.run(&format!("{train} lstm --model lstm --set hidden=4 {TINY}")).exits(0);
    let checkpoint = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/transformers/classifier");
    room.run(&format!("import {checkpoint} --out encoder")).exits(0);
    let served = Served::start(&room, "m linear lstm names=encoder", &[]);
    let texts = ["plum and leek", "", "a quiet dog", "kale kale plum"];
    for (name, folder) in [("m", "m"), ("linear", "linear"), ("lstm", "lstm"), ("names", "encoder")] {
        let body = json!({ "texts": texts, "model": name }).to_string();
        let (status, body) = served.ask("POST /predict", &body);
        assert_eq!(status, 200, "{body}");
        let alone = texts.map(|text| {
            let printed = room.run_words(&["predict", folder, "--json", "--text", text]).exits(0).out;
            let end = printed.find(",\"row\":").unwrap();
            printed["{\"predictions\":".len()..end].to_owned()
        });
        assert!(
            body.ends_with(&format!("\"predictions\":[{}]}}", alone.join(","))),
            "{name}: {alone:?} {body}"
        );
    }
    let body = json!({ "texts": ["plum and leek"], "model": "m" }).to_string();
    let (_, found) = served.ask("POST /explain", &body);
    let printed = room.run_words(&["explain", "m", "--json", "--text", "plum and leek"]).exits(0).out;
    assert!(found.ends_with(&format!("\"explanations\":[{}]}}", printed.trim())), "{found} {printed}");
    let (code, rest) = served.end();
    assert!(code == Some(0) && rest.contains("\"message\":\"stopping\""), "{code:?} {rest}");
    rest.lines().for_each(|line| drop(serde_json::from_str::<Value>(line).expect(line)));
}

#[cfg(unix)]
#[test]
fn keys_come_from_a_file_or_a_variable() {
    let room = Room::trained();
    room.file("keys.txt", b"from-file\n");
    let served = Served::start(&room, "m --api-key-file keys.txt", &[("ASSORT_API_KEY", "from-variable")]);
    let with = |served: &Served, key: &str| {
        served.ask("GET /models", "").0 == 401
            && served.ask(&format!("GET /models HTTP/1.1\r\nauthorization: Bearer {key}\r\nx-rest:"), "").0
                == 200
    };
    assert!(with(&served, "from-file") && !with(&served, "from-variable"));
    drop(served);
    let served = Served::start(&room, "m", &[("ASSORT_API_KEY", "from-variable")]);
    assert!(with(&served, "from-variable"));
}

#[test]
fn mistakes_are_told_before_anything_is_served() {
    let room = Room::trained();
    room.file("empty.txt", b"\n");
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let listen = format!("cannot listen on {address}");
    refused(&room, &format!("serve m --address {address}"), &[&listen, "; choose another --address"]);
    let free = "--address 127.0.0.1:0 --log-level error";
    refused(&room, &format!("serve nowhere {free}"), &["nowhere is no model folder"]);
    refused(&room, &format!("serve m m {free}"), &["two models have the name 'm'", "m-2=FOLDER"]);
    refused(&room, &format!("serve m {free} --api-key-file empty.txt"), &["empty.txt: there is no key"]);
    refused(&room, &format!("serve m {free} --api-key-file none.txt"), &["none.txt", "No such file"]);
    let certificate = "--certificate empty.txt --key empty.txt";
    refused(&room, &format!("serve m {free} {certificate}"), &["empty.txt: it has no certificate"]);
    room.file("m/model.safetensors", b"torn");
    let words = ["model.safetensors has changed", "--no-check loads it all the same"];
    refused(&room, &format!("serve m {free}"), &words);
}

#[cfg(unix)]
#[test]
fn whoever_serves_others_without_a_key_is_warned() {
    let room = Room::trained();
    let mut command = room.command(&["serve", "m", "--address", "0.0.0.0:0"]);
    command.env_remove("ASSORT_API_KEY").stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let first = lines.next().unwrap().unwrap();
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(first.contains(" WARN ") && first.contains("--api-key-file"), "{first}");
}
