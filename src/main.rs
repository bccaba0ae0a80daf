//! The `duvoscript` program: one line, so that tests reach all behaviour through the library.

fn main() -> std::process::ExitCode {
    duvoscript::cli::main()
}
