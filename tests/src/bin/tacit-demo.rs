//! `tacit-demo story --out DIR`: two people write to each other, with pictures.
//! `tacit-demo window`: the app on a private network, with somebody to talk to.

use std::path::Path;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments.as_slice() {
        ["story"] => tacit_tests::demo::story(Path::new("target/demo")),
        ["story", "--out", folder] => tacit_tests::demo::story(Path::new(folder)),
        ["window"] => tacit_tests::demo::window(),
        _ => {
            eprintln!("usage: tacit-demo story [--out DIR] | tacit-demo window");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}
