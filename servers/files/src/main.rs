//! The program `tacit-files`; everything is in the library.

fn main() -> std::process::ExitCode {
    tacit_files::cli::main()
}
