//! Keys and certificates.

use std::path::Path;

use assort_serve::{Certificate, Keys, Server};
use ureq::tls::{Certificate as Root, RootCerts, TlsConfig};

use super::client::{Client, texts};
use super::room::{Room, Running};

#[test]
fn a_key_is_asked_for_where_models_are() {
    let room = Room::new();
    let mut config = room.config(&["bag"]);
    config.keys = Keys::from_lines("first-key\nsecond-key").unwrap();
    let server = Running::start(config);
    let ask = |path: &str, head: &str| {
        let mut client = Client::new(server.address);
        client.send(format!("GET {path} HTTP/1.1\r\nhost: x\r\n{head}\r\n").as_bytes()).unwrap();
        client.receive().unwrap()
    };
    for path in ["/models", "/metrics"] {
        let refused = ask(path, "").is(401);
        assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
        assert_eq!(refused.json()["error"]["advice"]["name"], "authorization");
        ask(path, "authorization: Bearer second-key\r\n").is(200);
        ask(path, "authorization: Bearer second-ke\r\n").is(401);
        ask(path, "authorization: Basic second-key\r\n").is(401);
        ask(path, "authorization: Bearer \r\n").is(401);
    }
    for path in ["/", "/health", "/ready", "/openapi.json"] {
        ask(path, "").is(200);
    }
    // A body is not read for those without a key.
    server.post("/predict", &texts(&["plum"])).is(401);
    let body = texts(&["plum"]);
    let post = super::client::post("/predict", &body);
    let mut client = Client::new(server.address);
    client.send(post.replacen("\r\n", "\r\nAuthorization: bearer first-key\r\n", 1).as_bytes()).unwrap();
    client.receive().unwrap().is(200);
}

fn fixture(name: &str) -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/serve").join(name)
}

fn certificate(chain: &str, key: &str) -> Certificate {
    Certificate { chain: fixture(chain), key: fixture(key) }
}

#[test]
fn connections_are_encrypted_with_a_certificate() {
    let room = Room::new();
    let mut config = room.config(&["bag"]);
    let server = {
        config.certificate = Some(certificate("certificate.pem", "key.pem"));
        Server::bind("127.0.0.1:0".parse().unwrap(), config).unwrap()
    };
    let (port, stopper) = (server.address().port(), server.stopper());
    let address = server.address();
    let thread = std::thread::spawn(|| server.run());
    let pem = std::fs::read(fixture("certificate.pem")).unwrap();
    let roots = RootCerts::new_with_certs(&[Root::from_pem(&pem).unwrap()]);
    let trusting = TlsConfig::builder().root_certs(roots).build();
    let agent = ureq::Agent::config_builder().tls_config(trusting).http_status_as_error(false).build();
    let agent = ureq::Agent::new_with_config(agent);
    let ask = |host: &str| {
        let request = agent.post(format!("https://{host}:{port}/predict"));
        request.header("content-type", "application/json").send(texts(&["plum"]))
    };
    let mut reply = loop {
        let reply = ask("localhost").unwrap();
        if reply.status() != 503 {
            break reply;
        }
    };
    assert_eq!(reply.status(), 200);
    assert!(reply.body_mut().read_to_string().unwrap().contains("\"predictions\""));
    assert_eq!(ask("127.0.0.1").unwrap().status(), 200);
    let distrusting = ureq::agent().get(format!("https://localhost:{port}/health")).call();
    assert!(distrusting.unwrap_err().to_string().contains("certificate"));
    // Whoever speaks without encryption, or says nothing, harms nobody.
    let mut plain = Client::new(address);
    plain.send(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").unwrap();
    assert!(plain.receive().is_none());
    let _silent = Client::new(address);
    assert_eq!(ask("localhost").unwrap().status(), 200);
    stopper.stop();
    thread.join().unwrap().unwrap();
}

#[test]
fn certificates_that_cannot_be_used_are_named() {
    let room = Room::new();
    let other = room.path("other.pem");
    std::fs::write(&other, "plum").unwrap();
    let other = other.to_str().unwrap();
    let check = |chain: &str, key: &str, words: &[&str]| {
        let config =
            assort_serve::ServeConfig { certificate: Some(certificate(chain, key)), ..room.config(&["bag"]) };
        let error = Server::bind("127.0.0.1:0".parse().unwrap(), config).err().unwrap().to_string();
        words.iter().for_each(|word| assert!(error.contains(word), "{word} is missing in {error}"));
    };
    check("missing.pem", "key.pem", &["missing.pem"]);
    check(other, "key.pem", &["other.pem: it has no certificate in PEM"]);
    check("certificate.pem", other, &["other.pem: no private key in PEM"]);
    check("certificate.pem", "certificate.pem", &["certificate.pem: no private key in PEM"]);
}
