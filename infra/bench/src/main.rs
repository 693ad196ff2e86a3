//! `make bench`: what the functions cost, each figure beside a reference that is measured in the same run.
//!
//! Writes the tables and a chart into `docs/`, and fails when a function starts too slowly or is too big.

mod bare;
mod captchas;
mod chart;
mod failure;
mod load;
mod memory;
mod operations;
mod options;
mod people;
mod report;
mod start;
mod throughput;

use std::{io::Write, process::ExitCode};

use self::{failure::Failure, options::Options, report::Report};

fn main() -> ExitCode {
    match run() {
        Ok(excesses) if excesses.is_empty() => ExitCode::SUCCESS,
        Ok(excesses) => tell(&excesses.join("\n")),
        Err(error) => tell(&format!("the benchmark could not be run: {error}")),
    }
}

/// Measures everything. Answers which bounds were exceeded.
fn run() -> Result<Vec<String>, Failure> {
    let options = Options::of_process()?;
    // Alone on the machine first: what follows makes threads.
    let starts = start::measure(&options)?;
    let captchas = captchas::read(&options.captchas)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let memory = runtime.block_on(memory::measure(&options))?;
    let throughput = runtime.block_on(throughput::measure())?;
    let report = Report { most_zipped: options.most_zipped, starts, captchas, memory, throughput };
    // Standard output is where the stack's functions write their log.
    write!(std::io::stderr(), "{}", report.text())?;
    report.write_into(&options.docs)?;
    Ok(report.excesses())
}

fn tell(message: &str) -> ExitCode {
    let _ = writeln!(std::io::stderr(), "{message}");
    ExitCode::FAILURE
}
