//! A server that answers as the hub does: a list of files, small files at once, large ones by way of another
//! path.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use assort_files::sha256;
use sha1::{Digest, Sha1};

pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// One request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    pub path: String,
    pub authorization: Option<String>,
    pub from: Option<usize>,
}

/// The server's behaviour, and its requests.
#[derive(Default)]
pub struct State {
    pub files: BTreeMap<String, Vec<u8>>,
    pub asked: Vec<Asked>,
    /// So many answers with a large file's bytes end after half of what is left.
    pub breaks: usize,
    /// Every byte of a large file is sent as another one.
    pub lies: bool,
    /// The status of every answer, if it is not to be the right one.
    pub status: Option<u16>,
    /// Whether large files are sent from their beginning, whatever is asked.
    pub ignores_ranges: bool,
    /// Paths with this ending are answered with bytes that never end and no size.
    pub endless: Option<&'static str>,
    /// Bytes of large files come one in a millisecond.
    pub drips: bool,
    port: u16,
}

pub struct Server {
    pub endpoint: String,
    pub state: Arc<Mutex<State>>,
}

impl Server {
    /// Serves the checkpoint `owner/name` with these files until the process ends.
    pub fn start(files: &[(&str, &[u8])]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let endpoint = format!("http://127.0.0.1:{port}");
        let files = files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.to_vec())).collect();
        let state = Arc::new(Mutex::new(State { files, port, ..State::default() }));
        let shared = state.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                answer(stream.unwrap(), &shared);
            }
        });
        Self { endpoint, state }
    }

    pub fn paths(&self) -> Vec<String> {
        self.state.lock().unwrap().asked.iter().map(|asked| asked.path.clone()).collect()
    }
}

fn answer(mut stream: TcpStream, state: &Mutex<State>) {
    let Some(asked) = read(&stream) else { return };
    let mut state = state.lock().unwrap();
    state.asked.push(asked.clone());
    if state.endless.is_some_and(|ending| asked.path.ends_with(ending)) {
        let head = b"HTTP/1.1 200 x\r\nconnection: close\r\netag: \"endless\"\r\n\r\n";
        let mut sent = stream.write_all(head);
        while sent.is_ok() {
            sent = stream.write_all(&[b' '; 4096]);
        }
        return;
    }
    let mut send = |status: u16, headers: &[(&str, String)], body: &[u8], length: usize| {
        let mut head = format!("HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {length}\r\n");
        headers.iter().for_each(|(name, value)| head.push_str(&format!("{name}: {value}\r\n")));
        let _ = stream.write_all(format!("{head}\r\n").as_bytes()).and_then(|()| stream.write_all(body));
    };
    if let Some(status) = state.status {
        return send(status, &[], b"", 0);
    }
    if asked.path == "/api/models/owner/name/revision/main" {
        let siblings: Vec<String> =
            state.files.keys().map(|name| format!("{{\"rfilename\":\"{name}\"}}")).collect();
        let body = format!("{{\"sha\":\"{COMMIT}\",\"siblings\":[{}]}}", siblings.join(","));
        return send(200, &[], body.as_bytes(), body.len());
    }
    let resolve = format!("/owner/name/resolve/{COMMIT}/");
    let found = |prefix: &str| {
        asked
            .path
            .strip_prefix(prefix)
            .and_then(|name| Some((name.to_owned(), state.files.get(name)?.clone())))
    };
    if let Some((name, bytes)) = found(&resolve) {
        if !name.ends_with(".safetensors") {
            let etag = format!("\"{}\"", blob(&bytes));
            let rest = &bytes[asked.from.unwrap_or(0)..];
            let status = if asked.from.is_some() { 206 } else { 200 };
            return send(status, &[("etag", etag)], rest, rest.len());
        }
        let headers = [
            // Another host by name, as the hub's store is.
            ("location", format!("http://localhost:{}/store/{name}", state.port)),
            ("x-linked-etag", format!("\"{}\"", sha256(&bytes))),
            ("x-linked-size", bytes.len().to_string()),
        ];
        return send(302, &headers, b"", 0);
    }
    if let Some((_, mut bytes)) = found("/store/") {
        if state.lies {
            bytes.iter_mut().for_each(|byte| *byte = byte.wrapping_add(1));
        }
        let from = if state.ignores_ranges { None } else { asked.from };
        let rest = &bytes[from.unwrap_or(0)..];
        let status = if from.is_some() { 206 } else { 200 };
        if state.drips {
            send(status, &[], b"", rest.len());
            for byte in rest {
                if stream.write_all(&[*byte]).is_err() {
                    return;
                }
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
            return;
        }
        let sent = if state.breaks > 0 { rest.len() / 2 } else { rest.len() };
        send(status, &[], &rest[..sent], rest.len());
        state.breaks = state.breaks.saturating_sub(1);
        return;
    }
    send(404, &[], b"", 0);
}

/// The name that git gives to the bytes of a file.
pub fn blob(bytes: &[u8]) -> String {
    let digest = Sha1::new().chain_update(format!("blob {}\0", bytes.len())).chain_update(bytes);
    format!("{:x}", digest.finalize())
}

fn read(stream: &TcpStream) -> Option<Asked> {
    let mut lines = BufReader::new(stream).lines();
    let first = lines.next()?.ok()?;
    let path = first.split(' ').nth(1)?.to_owned();
    let mut asked = Asked { path, authorization: None, from: None };
    for line in lines.map_while(Result::ok).take_while(|line| !line.is_empty()) {
        let (name, value) = line.split_once(": ")?;
        match name.to_ascii_lowercase().as_str() {
            "authorization" => asked.authorization = Some(value.to_owned()),
            "range" => asked.from = value.strip_prefix("bytes=")?.strip_suffix('-')?.parse().ok(),
            _ => {}
        }
    }
    Some(asked)
}
