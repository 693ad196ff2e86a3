use std::path::PathBuf;

use crate::failure::Failure;

/// What the Makefile tells the program.
pub struct Options {
    /// What `sam build` filled, or cargo's own directory of release builds.
    pub functions: PathBuf,
    /// The `hello` binary, built as the functions were.
    pub hello: PathBuf,
    /// A Python that has awslambdaric and boto3.
    pub python: PathBuf,
    /// The program cargo-lambda, whose emulator of the Runtime API serves the functions.
    pub emulator: PathBuf,
    /// What `cargo bench --package captcha-image` printed.
    pub captchas: PathBuf,
    /// Where the tables and the chart go.
    pub docs: PathBuf,
    /// How big a function may be when it is zipped, in bytes.
    pub most_zipped: usize,
}

const USAGE: &str = "usage: bench FUNCTIONS HELLO PYTHON EMULATOR CAPTCHAS DOCS MOST_ZIPPED (`make bench` knows them)";

impl Options {
    /// Takes the six paths and the number from the command line.
    pub fn of_process() -> Result<Self, Failure> {
        let mut arguments: Vec<_> = std::env::args_os().skip(1).collect();
        let most_zipped = arguments.pop().ok_or(USAGE)?.to_str().ok_or(USAGE)?.parse()?;
        // Absolute, because what is started runs in a directory of its own.
        let paths: Vec<PathBuf> = arguments.into_iter().map(std::path::absolute).collect::<Result<_, _>>()?;
        let [functions, hello, python, emulator, captchas, docs] =
            <[PathBuf; 6]>::try_from(paths).map_err(|_| USAGE)?;
        Ok(Self { functions, hello, python, emulator, captchas, docs, most_zipped })
    }
}
