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
    /// What `cargo bench --package captcha-image` printed.
    pub captchas: PathBuf,
    /// Where the tables and the chart go.
    pub docs: PathBuf,
}

const USAGE: &str = "usage: bench FUNCTIONS HELLO PYTHON CAPTCHAS DOCS (`make bench` knows them)";

impl Options {
    /// Takes the five paths from the command line.
    pub fn of_process() -> Result<Self, Failure> {
        // Absolute, because what is started runs in a directory of its own.
        let paths: Vec<PathBuf> = std::env::args_os().skip(1).map(std::path::absolute).collect::<Result<_, _>>()?;
        let [functions, hello, python, captchas, docs] = <[PathBuf; 5]>::try_from(paths).map_err(|_| USAGE)?;
        Ok(Self { functions, hello, python, captchas, docs })
    }
}
