//! Checkpoints and vectors by name: the real program, a hub of our own on the loopback, and the variables
//! that users set.
#![cfg(feature = "hub")]

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;

use super::room::{Outcome, Room, names};

const COMMIT: &str = "89abcdef0123456789abcdef0123456789abcdef";

/// The fixtures' classifier.
const CLASSIFIER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/transformers/classifier");

/// Serves a folder as `owner/name`, to those who show the token; gives the endpoint.
fn serve(folder: impl AsRef<Path>) -> String {
    let folder = folder.as_ref().to_owned();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || listener.incoming().for_each(|stream| answer(stream.unwrap(), &folder)));
    endpoint
}

fn answer(mut stream: TcpStream, folder: &Path) {
    let lines = BufReader::new(&stream).lines().map_while(Result::ok);
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let path = head[0].split(' ').nth(1).unwrap_or_default().to_owned();
    let may = head.iter().any(|line| line.eq_ignore_ascii_case("authorization: Bearer secret"));
    let file =
        path.strip_prefix(&format!("/owner/name/resolve/{COMMIT}/")).map(|name| fs::read(folder.join(name)));
    let (status, etag, body) = match (may, path.as_str(), file) {
        (false, ..) => (401, String::new(), Vec::new()),
        (_, "/api/models/owner/name/revision/main", _) => {
            let each = names(folder).into_iter().map(|name| format!("{{\"rfilename\":\"{name}\"}}"));
            let list = each.collect::<Vec<_>>().join(",");
            (200, String::new(), format!("{{\"sha\":\"{COMMIT}\",\"siblings\":[{list}]}}").into_bytes())
        }
        (_, path, Some(Ok(bytes))) => {
            let etag: u64 = path.bytes().fold(7, |sum, byte| sum.wrapping_mul(31).wrapping_add(byte.into()));
            (200, format!("etag: \"{etag:016x}\"\r\n"), bytes)
        }
        _ => (404, String::new(), Vec::new()),
    };
    let length = body.len();
    let head = format!("HTTP/1.1 {status} x\r\nconnection: close\r\n{etag}content-length: {length}\r\n\r\n");
    let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body));
}

/// Runs the program with these variables and no others that concern the hub.
fn run(room: &Room, line: &str, variables: &[(&str, &str)]) -> Outcome {
    let mut command = room.command(&line.split_whitespace().collect::<Vec<_>>());
    let names = [
        "HF_HUB_CACHE",
        "HF_TOKEN",
        "HF_HUB_OFFLINE",
        "HF_ENDPOINT",
        "XDG_CACHE_HOME",
        "http_proxy",
        "HTTP_PROXY",
    ];
    for name in names.iter().chain(&["all_proxy", "ALL_PROXY"]) {
        command.env_remove(name);
    }
    command.env("HF_HOME", room.path("home")).envs(variables.iter().copied());
    command.output().unwrap().into()
}

#[test]
fn a_name_is_downloaded_once_and_then_found() {
    let room = Room::kitchen();
    let endpoint = serve(CLASSIFIER);
    let online = [("HF_ENDPOINT", endpoint.as_str()), ("HF_TOKEN", "secret")];
    let outcome = run(&room, "import owner/name --out m --json", &online).exits(0);
    assert!(outcome.err.contains("downloaded model.safetensors"), "{}", outcome.err);
    let line = outcome.json()[0].clone();
    assert_eq!(
        (&line["pretrained"]["name"], &line["pretrained"]["revision"]),
        (&"owner/name".into(), &COMMIT.into())
    );

    let offline = [("HF_HUB_OFFLINE", "1")];
    let line = "train --model distilbert --pretrained owner/name --train kitchen.csv --out t --set epochs=1";
    let outcome = run(&room, line, &offline).exits(0);
    outcome.says(&["owner/name at 89abcdef"]);
    let manifest: serde_json::Value = serde_json::from_slice(&room.read("t/assort.json")).unwrap();
    assert_eq!(manifest["pretrained"]["revision"], COMMIT);
    assert_eq!(manifest["pretrained"]["files"]["model.safetensors"].as_str().unwrap().len(), 64);
    run(&room, "embed owner/name --text dog", &offline).exits(0);
}

#[test]
fn without_network_or_leave_the_reason_is_said() {
    let room = Room::kitchen();
    let endpoint = serve(CLASSIFIER);
    let check = |variables: &[(&str, &str)], words: &[&str]| {
        for line in [
            "import owner/name --out m",
            "train --model bert --pretrained owner/name --train kitchen.csv --out m",
        ] {
            let outcome = run(&room, line, variables).exits(2);
            words
                .iter()
                .for_each(|word| assert!(outcome.err.contains(word), "{word} is missing in {}", outcome.err));
            assert_eq!((outcome.err.lines().count(), room.names()), (1, vec!["kitchen.csv".to_owned()]));
        }
    };
    let files = ["config.json", "model.safetensors", "tokenizer.json", "home/hub"];
    check(&[("HF_HUB_OFFLINE", "YES")], &[&files[..], &["HF_HUB_OFFLINE"]].concat());
    let nobody = format!(
        "http://127.0.0.1:{}",
        TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
    );
    check(&[("HF_ENDPOINT", &nobody)], &[&files[..], &["cannot be reached"]].concat());
    check(&[("HF_ENDPOINT", &endpoint)], &["the hub has no owner/name", "HF_TOKEN"]);
}

#[test]
fn vectors_by_name() {
    let (room, served) = (Room::kitchen(), tempfile::tempdir().unwrap());
    fs::write(served.path().join("food.txt"), "plum 2 0 0\napple 2 0.1 0\nleek 0 2 0\n").unwrap();
    let endpoint = serve(&served);
    let online = [("HF_ENDPOINT", endpoint.as_str()), ("HF_TOKEN", "secret")];
    let offline = [("HF_HUB_OFFLINE", "1")];
    let check = |variables: &[(&str, &str)], named: &str, words: &[&str]| {
        for line in [
            format!("vectors {named} nearest plum"),
            format!("train --train kitchen.csv --out m --vectors {named}"),
        ] {
            let outcome = run(&room, &line, variables).exits(2);
            words
                .iter()
                .for_each(|word| assert!(outcome.err.contains(word), "{word} is missing in {}", outcome.err));
            assert_eq!(outcome.err.lines().count(), 1);
        }
    };
    check(
        &offline,
        "owner/name:food.txt",
        &["HF_HUB_OFFLINE", "put food.txt of owner/name into a folder", "home/hub"],
    );
    check(&online, "owner/name:no.vec", &["owner/name has no no.vec; its files are: food.txt"]);
    check(
        &online,
        "owner/name:food.zip",
        &["owner/name:food.zip: there is no such file", ".txt, .vec or .gz"],
    );
    check(&online, "glove.6B.100d", &["OWNER/NAME:FILE"]);
    check(&online, "owner:food.txt", &["expected OWNER/NAME:FILE"]);

    let outcome = run(&room, "vectors owner/name:food.txt similarity plum apple", &online).exits(0);
    assert!(outcome.err.contains("downloaded food.txt"), "{}", outcome.err);
    let line = "train --train kitchen.csv --out m --vectors owner/name:food.txt --set epochs=1";
    run(&room, line, &offline).exits(0).says(&["owner/name:food.txt: 3 words of 3 numbers"]);
    let manifest: serde_json::Value = serde_json::from_slice(&room.read("m/metrics.json")).unwrap();
    assert_eq!(manifest["vectors"]["file"], "owner/name:food.txt");
}
