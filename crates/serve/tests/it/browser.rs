//! The page in a headless Chromium, where one is installed.

use std::path::Path;
use std::process::Command;

use super::room::{Room, Running};

const SKIPPED: &str = "no Chromium is installed: the page is not tested";

/// The page after its script has run: what the browser made of it. `None` where there is no browser.
fn dom(address: &str) -> Option<String> {
    let names = ["chromium", "chromium-browser", "google-chrome"];
    let profile = tempfile::tempdir().unwrap();
    let output = names.iter().find_map(|name| {
        let mut browser = Command::new(name);
        browser.args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-extensions",
            "--no-first-run",
        ]);
        browser.arg(format!("--user-data-dir={}", profile.path().display()));
        browser.args(["--virtual-time-budget=20000", "--dump-dom", address]).output().ok()
    });
    let output = output?;
    let page = String::from_utf8(output.stdout).unwrap();
    assert!(!page.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(page)
}

/// The page with texts for its functions in place of a server: the last script stands in for a person.
fn scripted(script: &str) -> Option<String> {
    let part = |name: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/page").join(name);
        std::fs::read_to_string(path).unwrap()
    };
    let stand_in = "globalThis.fetch = (path, options) => Promise.resolve(answer(path, options));";
    let page = part("page.html").replace("/* style */", &part("page.css"));
    let page = page.replace("/* script */", &format!("{stand_in}{script}\n{}\nact();", part("page.js")));
    let room = tempfile::tempdir().unwrap();
    let path = room.path().join("page.html");
    std::fs::write(&path, page).unwrap();
    dom(&format!("file://{}", path.display()))
}

#[test]
fn a_text_is_sorted_and_its_words_are_coloured() {
    let room = Room::new();
    let server = Running::start(room.config(&["bag"]));
    let text = "ripe%20leek%20%3Cimg%20src%3Dx%3E";
    let Some(page) = dom(&format!("http://{}/#text={text}", server.address)) else {
        return println!("{SKIPPED}");
    };
    // Labels and texts are text: nothing of them became an element.
    assert!(page.contains("&lt;b&gt;\"other\"&lt;/b&gt;") && !page.contains("<b>") && !page.contains("<img"));
    assert_eq!(page.matches("class=\"bar\"").count(), 3, "{page}");
    assert!(page.contains("aria-pressed=\"true\"") && page.contains("for and against"));
    let pipeline = room.pipeline("bag");
    let best = pipeline.predict(&["ripe leek <img src=x>"], 1).unwrap()[0][0];
    let spoken = format!(">{}, {:.1} %</p>", best.label, 100.0 * best.probability);
    let spoken = spoken.replace("<b>", "&lt;b&gt;").replace("</b>", "&lt;/b&gt;");
    assert!(page.contains(&spoken), "{spoken} is missing in {page}");
    for word in ["ripe", "leek"] {
        assert!(page.contains(&format!(">{word}</mark>")) || page.contains(&format!(" {word} ")), "{word}");
    }
    assert!(page.contains("id=\"error\" class=\"error\" role=\"alert\" hidden"), "{page}");
}

#[test]
fn a_key_is_asked_for() {
    let room = Room::new();
    let mut config = room.config(&["bag"]);
    config.keys = assort_serve::Keys::from_lines("secret").unwrap();
    let server = Running::start(config);
    let Some(page) = dom(&format!("http://{}/", server.address)) else { return println!("{SKIPPED}") };
    assert!(page.contains("<form id=\"key-form\" class=\"card\">"), "the form for the key is shown");
    assert!(page.contains("a key is needed"), "{page}");
}

#[test]
fn a_file_is_sorted_row_by_row() {
    let script = r#"
        let asked = 0;
        function answer(path, options) {
          const respond = (status, value, wait) => ({ ok: status === 200, status,
            headers: { get: () => wait }, json: () => Promise.resolve(value) });
          if (path === "models") return respond(200, { models: [{ name: "bag", methods: [] }] });
          asked += 1;
          // The server has no room once.
          if (asked === 2) return respond(503, { error: { message: "later" } }, "1");
          const { texts } = JSON.parse(options.body);
          const label = (text) => [{ label: text.length + ",x", probability: 0.5 }];
          return respond(200, { predictions: texts.map(label) });
        }
        async function act() {
          const rows = Array.from({ length: 150 }, (_, row) => row + ";\"a;\"\"" + "b".repeat(row) + "\nc\"");
          const table = "\ufeffid;review\r\n" + rows.join("\r\n") + "\r\n";
          await openFile(new File([table], "re.views.csv"));
          const column = at("column").value;
          await sortFile();
          const lines = parseTable(sortedTable(), ",");
          const [head, first] = lines;
          const told = { column, asked, rows: lines.length, head, first, last: lines[150] };
          const cells = (text, separator) => JSON.stringify(parseTable(text, separator));
          const quoted = [cells("a,\"\"\n\n\"x", ","), cells("a\"b,c", ",")];
          told.edge = [...quoted, cells("a\r\nb\tc", "\t")].join(" ");
          told.lines = readTable("x.txt", "one, two\n\nthree");
          document.body.dataset.told = JSON.stringify(told);
        }"#;
    let Some(page) = scripted(script) else { return println!("{SKIPPED}") };
    let told = page.split("data-told=\"").nth(1).expect(&page).split("\">").next().unwrap();
    let told: serde_json::Value = serde_json::from_str(&told.replace("&quot;", "\"")).unwrap();
    assert_eq!(told["column"], "1");
    // Three parts, one of them twice.
    assert_eq!((&told["asked"], &told["rows"]), (&4.into(), &151.into()));
    assert_eq!(told["head"], serde_json::json!(["id", "review", "predicted_label", "probability"]));
    assert_eq!(told["first"], serde_json::json!(["0", "a;\"\nc", "5,x", "0.5"]));
    assert_eq!(told["last"][2], "154,x");
    assert_eq!(told["edge"], r#"[["a",""],["x"]] [["a\"b","c"]] [["a"],["b","c"]]"#);
    assert_eq!(told["lines"], serde_json::json!([["one, two"], ["three"]]));
    assert!(page.contains("150 of 150 rows sorted"));
}
