use serde::Deserialize;

use super::*;

#[derive(Debug, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Config {
    data_dir: String,
    #[serde(default)]
    hosts: Vec<String>,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    listen: Option<std::net::SocketAddr>,
    #[serde(default)]
    log: toml::Table,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default, deny_unknown_fields)]
struct Limits {
    streams: u32,
    rate: f64,
}

const KEYS: &[Key] = &[
    Key::new("data_dir", Kind::Text, "where data lives"),
    Key::new("hosts", Kind::List, "some hosts"),
    Key::new("limits.streams", Kind::Integer, "streams"),
    Key::new("limits.rate", Kind::Number, "a rate").within(0.5, 100.0),
    Key::new("listen", Kind::Address, "where"),
    Key::new("log.level", Kind::Choice(LEVELS), "how much"),
];

fn load_from(file: &str, environment: &[(&str, &str)], flags: &[(&str, &str)]) -> Result<Config, String> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("node.toml");
    std::fs::write(&path, file).unwrap();
    let owned = |pairs: &[(&str, &str)]| pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect();
    load(&Source {
        keys: KEYS,
        file: Some(&path),
        prefix: "TACIT_TEST_",
        environment: owned(environment),
        flags: owned(flags),
    })
    .map_err(|e| e.to_string().replace(&path.display().to_string(), "node.toml"))
}

#[test]
fn flags_win_over_environment_and_that_over_the_file() {
    let file = "data_dir = \"/a\"\n[limits]\nstreams = 1\nrate = 2.5\n";
    let config = load_from(
        file,
        &[("TACIT_TEST_LIMITS_STREAMS", "2"), ("TACIT_TEST_DATA_DIR", "/b"), ("HOME", "/x")],
        &[("data-dir", "/c"), ("hosts", "a, b")],
    );
    let expected = Config {
        data_dir: "/c".into(),
        hosts: vec!["a".into(), "b".into()],
        limits: Limits { streams: 2, rate: 2.5 },
        listen: None,
        log: toml::Table::new(),
    };
    assert_eq!(config.unwrap(), expected);
}

#[test]
fn an_unknown_key_is_named_with_its_place_and_the_nearest() {
    let of = |file: &str| load_from(file, &[], &[]).unwrap_err();
    assert_eq!(
        of("data_dir = \"/a\"\n\ndata_dri = \"/b\"\n"),
        "node.toml, line 3: unknown key `data_dri`, did you mean `data_dir`?"
    );
    assert_eq!(
        of("data_dir = \"/a\"\nstreams = 4\n"),
        "node.toml, line 2: unknown key `streams`, did you mean `limits.streams`?"
    );
    assert_eq!(of("q = 1\n"), "node.toml, line 1: unknown key `q`");
    assert_eq!(
        load_from("data_dir = \"/a\"", &[("TACIT_TEST_HOST", "x")], &[]).unwrap_err(),
        "TACIT_TEST_HOST: unknown key `host`, did you mean `hosts`?"
    );
}

#[test]
fn wrong_values_are_told_with_their_place() {
    let of = |file: &str| load_from(file, &[], &[]).unwrap_err();
    assert!(of("data_dir = \"/a\"\nhosts = 3\n").starts_with("node.toml, line 2: invalid type"));
    assert!(of("data_dir = \n").starts_with("node.toml, line 1: "));
    assert_eq!(
        load_from("data_dir = \"/a\"", &[], &[("limits.streams", "many")]).unwrap_err(),
        "--limits.streams: `many` is not a whole number"
    );
    assert_eq!(of(""), "configuration: missing field `data_dir`");
}

#[test]
fn values_that_make_no_sense_are_answered_with_those_that_do() {
    let of = |file: &str| load_from(file, &[], &[]).unwrap_err();
    assert_eq!(
        of("data_dir = \"/a\"\n[limits]\nrate = 1000\n"),
        "node.toml, line 3: `limits.rate` cannot be 1000: give a number from 0.5 to 100"
    );
    assert_eq!(of("limits.streams = -1\n"), "node.toml, line 1: `limits.streams` cannot be -1: give at least 0");
    assert_eq!(
        of("\nlisten = \"localhost\"\n"),
        "node.toml, line 2: `listen` cannot be `localhost`: give an IP address and a port, as in 127.0.0.1:9000"
    );
    assert_eq!(
        load_from("data_dir = \"/a\"", &[("TACIT_TEST_LOG_LEVEL", "loud")], &[]).unwrap_err(),
        "TACIT_TEST_LOG_LEVEL: `log.level` cannot be `loud`: give one of error, warn, info, debug, trace"
    );
}
