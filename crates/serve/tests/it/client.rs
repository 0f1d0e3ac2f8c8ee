//! A client as plain as can be: what it sends is what stands in the test.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};

use serde_json::Value;

/// An answer as it came.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Reply {
    /// Reads the first answer in these bytes; `None` if it is not whole.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        let reply = Self { status, head, body: String::new() };
        let length: usize = reply.header("content-length").unwrap_or("0").parse().unwrap();
        let body = bytes.get(end + 4..end + 4 + length)?;
        Some(Self { body: String::from_utf8(body.to_vec()).unwrap(), ..reply })
    }

    /// A header's value by its name in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// Asserts the status and hands the answer on.
    #[track_caller]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }
}

/// A connection that is kept.
pub struct Client(TcpStream);

impl Client {
    pub fn new(address: SocketAddr) -> Self {
        Self(TcpStream::connect(address).unwrap())
    }

    pub fn send(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.0.write_all(bytes)
    }

    /// The next answer; `None` if the connection is closed before it is whole.
    pub fn receive(&mut self) -> Option<Reply> {
        let (mut all, mut part) = (Vec::new(), [0; 1 << 16]);
        loop {
            match self.0.read(&mut part) {
                Ok(0) | Err(_) => return None,
                Ok(read) => all.extend_from_slice(&part[..read]),
            }
            if let Some(reply) = Reply::parse(&all) {
                return Some(reply);
            }
        }
    }

    /// Sends a body of JSON and waits for the answer.
    #[track_caller]
    pub fn post(&mut self, path: &str, body: &str) -> Reply {
        self.send(post(path, body).as_bytes()).unwrap();
        self.receive().expect("the connection was closed")
    }

    #[track_caller]
    pub fn get(&mut self, path: &str) -> Reply {
        self.send(format!("GET {path} HTTP/1.1\r\nhost: x\r\n\r\n").as_bytes()).unwrap();
        self.receive().expect("the connection was closed")
    }
}

/// A request with a body of JSON.
pub fn post(path: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: \
         {length}\r\n\r\n{body}"
    )
}

/// The body that asks for texts.
pub fn texts<T: AsRef<str>>(texts: &[T]) -> String {
    let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
    serde_json::json!({ "texts": texts }).to_string()
}
