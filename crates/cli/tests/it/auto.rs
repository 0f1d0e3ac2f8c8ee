use super::room::{Room, kitchen, names};

#[test]
fn without_a_name_the_better_of_two_models_is_kept() {
    let room = Room::kitchen();
    let line = "train --train kitchen.csv --out m --device cpu --threads 1";
    let told = room.run(line).exits(0);
    assert_eq!(told.out.matches("\ncompared").count(), 2, "{}", told.out);
    let metrics: serde_json::Value = serde_json::from_slice(&room.read("m/metrics.json")).unwrap();
    let rivals = metrics["rivals"].as_array().unwrap();
    assert_eq!((rivals.len(), &rivals[0]["model"]), (2, &metrics["model"]));
    assert!(rivals[0]["accuracy"].as_f64() >= rivals[1]["accuracy"].as_f64());
    let page = String::from_utf8(room.read("m/report.html")).unwrap();
    assert!(page.contains("was right on more validation rows") || page.contains("with a lower loss"));
    // Settings of one model name it; settings of none are told.
    room.run("train --train kitchen.csv --out l --set inverse_penalty=3").exits(0).says(&["linear on cpu"]);
    let unknown = room.run("train --train kitchen.csv --out n --set depth=3").exits(2).err;
    assert!(unknown.contains("`depth` is no setting"), "{unknown}");
    let shown = room.run("train --print-config").exits(0).out;
    assert!(
        shown.starts_with("# linear is trained too, and the better one on the validation rows is kept\n")
    );
}

#[test]
fn a_search_leaves_one_model_with_all_that_was_tried() {
    let room = Room::kitchen();
    room.file("test.csv", kitchen(12).as_bytes());
    // So short a time has room for the first model alone.
    let line = "auto --train kitchen.csv --test test.csv --minutes 0.0001 --threads 1";
    room.run(&format!("{line} --out m")).exits(0).says(&[
        "1 linear",
        "chosen",
        "test         accuracy",
        "left out",
    ]);
    assert!(["auto.json", "auto.html", "report.html"].iter().all(|file| room.path("m").join(file).is_file()));
    assert_eq!(room.names(), ["kitchen.csv", "m", "test.csv"]);
    room.run("predict m --text broccoli").exits(0);
    let taken = room.run(&format!("{line} --out m")).exits(2).err;
    assert!(taken.contains("m is there already") && taken.contains("--overwrite"), "{taken}");
    let events = room.run(&format!("{line} --out m --overwrite --json")).exits(0).json();
    let last = events.last().unwrap();
    assert_eq!((&last["event"], &last["chosen"]), (&"found".into(), &0.into()));
    let small = room.run(&format!("{line} --out s --megabytes 0.00001")).err;
    assert!(small.contains("no model fits the limits") && small.contains("the smallest has"), "{small}");
    let refused = room.run("auto --train kitchen.csv --out x --minutes 0").exits(2).err;
    assert!(refused.contains("give a number above 0"), "{refused}");
    assert!(!names(&room.path("m")).contains(&"m.trials".to_owned()));
}

#[test]
fn a_sweep_goes_over_models() {
    let room = Room::kitchen();
    let line = "sweep --train kitchen.csv --over model=bag,linear --out s --threads 1";
    let told = room.run(line).exits(0);
    told.says(&["model bag", "model linear", "best first"]);
    let refused = room.run("sweep --train kitchen.csv --over model=bag,lineal --out t").exits(2).err;
    assert!(refused.contains("lineal"), "{refused}");
}
