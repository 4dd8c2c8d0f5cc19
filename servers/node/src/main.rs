//! The program `tacit-node`; everything is in the library.

fn main() -> std::process::ExitCode {
    tacit_node::cli::main()
}
