//! The tables, and what must not be exceeded.

use std::{fmt::Write, path::Path};

use crate::{
    captchas::Captcha,
    chart,
    failure::Failure,
    memory::Use,
    start::{Kind, Start},
    throughput::Throughput,
};

/// How many times as long as `hello` a function may take to start; `token` is called by every page.
const START: f64 = 2.0;
const START_OF_TOKEN: f64 = 1.6;

/// Everything that was measured.
pub struct Report {
    /// How big a function may be when it is zipped, in bytes.
    pub most_zipped: usize,
    pub starts: Vec<Start>,
    pub captchas: Vec<Captcha>,
    pub memory: Vec<Use>,
    pub throughput: Vec<Throughput>,
}

impl Report {
    /// All tables, for a terminal.
    pub fn text(&self) -> String {
        self.sections().map(|(title, table)| format!("\n{title}\n\n{table}")).concat()
    }

    /// Puts each table in its place in `BENCHMARKS.md`, and draws the chart beside it.
    pub fn write_into(&self, docs: &Path) -> Result<(), Failure> {
        let path = docs.join("BENCHMARKS.md");
        let mut page = std::fs::read_to_string(&path)?;
        for (title, table) in self.sections() {
            page = replace(&page, title, &table).ok_or_else(|| format!("BENCHMARKS.md has no place for {title}"))?;
        }
        std::fs::write(path, page)?;
        std::fs::write(docs.join("benchmarks.svg"), chart::draw(self)?)?;
        Ok(())
    }

    /// Which bounds were exceeded, in words.
    pub fn excesses(&self) -> Vec<String> {
        let mut excesses = Vec::new();
        for start in self.starts.iter().filter(|start| start.kind == Kind::Function) {
            let (times, most) = (self.times(start), if start.name == "token" { START_OF_TOKEN } else { START });
            if times > most {
                excesses.push(format!("{} starts {times:.2} times as slowly as hello; {most} is the most", start.name));
            }
            if let Some(size) = start.size.as_ref().filter(|size| size.zipped > self.most_zipped) {
                excesses
                    .push(format!("{} has {} bytes zipped; {} is the most", start.name, size.zipped, self.most_zipped));
            }
        }
        for measured in &self.memory {
            let (function, operation) = (&measured.function, measured.operation);
            let (peak, memory) = (measured.peak / 1_000_000, u64::from(measured.memory));
            if 2 * peak > memory {
                excesses.push(format!("{function} held {peak} MB in {operation}, which is more than half of {memory}"));
            }
        }
        excesses
    }

    /// How many times as long as `hello` it takes to start.
    pub fn times(&self, start: &Start) -> f64 {
        let hello = self.starts.iter().find(|start| start.kind == Kind::Hello);
        hello.map_or(f64::NAN, |hello| start.median.as_secs_f64() / hello.median.as_secs_f64())
    }

    fn sections(&self) -> [(&'static str, String); 5] {
        [
            ("machine", machine()),
            ("start", self.start()),
            ("captchas", self.captchas()),
            ("memory", self.memory()),
            ("throughput", self.throughput()),
        ]
    }

    fn start(&self) -> String {
        let mut table = "| | ms until the first poll | × hello | MB | MB zipped |\n|---|--:|--:|--:|--:|\n".to_owned();
        for start in &self.starts {
            let (name, times) = (&start.name, self.times(start));
            let sizes =
                start.size.as_ref().map(|size| format!("{} | {}", megabytes(size.bytes), megabytes(size.zipped)));
            let sizes = sizes.unwrap_or_else(|| "| ".to_owned());
            let _ = writeln!(table, "| {name} | {:.2} | {times:.2} | {sizes} |", milliseconds(start.median));
        }
        table
    }

    fn captchas(&self) -> String {
        let mut table = "| | ms | times as fast |\n|---|--:|--:|\n".to_owned();
        for captcha in &self.captchas {
            let _ = writeln!(table, "| {} | {:.3} | {:.1} |", captcha.name, captcha.median_ms, captcha.times);
        }
        table
    }

    fn memory(&self) -> String {
        let mut table = "| | | processor ms | with 128 MB | with 256 | with 512 | with 1024 | MB given | ms then | most MB held |\n\
                         |---|---|--:|--:|--:|--:|--:|--:|--:|--:|\n"
            .to_owned();
        for measured in &self.memory {
            let (function, operation, memory) = (&measured.function, measured.operation, measured.memory);
            let [whole, least, less, more, most, given] =
                [f64::INFINITY, 128.0, 256.0, 512.0, 1024.0, f64::from(memory)]
                    .map(|memory| format!("{:.1}", milliseconds(measured.with(memory))));
            let peak = measured.peak / 1_000_000;
            let _ = writeln!(
                table,
                "| {function} | {operation} | {whole} | {least} | {less} | {more} | {most} | {memory} | {given} | {peak} |"
            );
        }
        table
    }

    fn throughput(&self) -> String {
        let mut table = "| | requests/s | p50 ms | p99 ms | reference | its requests/s | p50 ms | p99 ms | share |\n\
                         |---|--:|--:|--:|---|--:|--:|--:|--:|\n"
            .to_owned();
        for measured in &self.throughput {
            let loads = [measured.operation, measured.reference].map(|load| {
                let (half, most) = (milliseconds(load.half), milliseconds(load.ninety_nine_of_a_hundred));
                format!("{:.0} | {half:.1} | {most:.1}", load.per_second)
            });
            let [operation, reference] = loads;
            let (name, reference_name, share) = (measured.name, measured.reference_name, measured.share() * 100.0);
            let _ = writeln!(table, "| {name} | {operation} | {reference_name} | {reference} | {share:.0} % |");
        }
        table
    }
}

/// The machine that measured, in one line.
fn machine() -> String {
    let processors = std::thread::available_parallelism().map_or(1, usize::from);
    let described = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = described.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    format!("{processors} × {} ({})\n", model.map_or("unknown", |(_, model)| model), std::env::consts::ARCH)
}

fn milliseconds(duration: std::time::Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn megabytes(bytes: usize) -> String {
    // In thousands first: sizes are far from where that could lose a digit.
    format!("{:.2}", f64::from(u32::try_from(bytes / 1000).unwrap_or(u32::MAX)) / 1000.0)
}

/// Replaces what stands between `<!-- title -->` and `<!-- /title -->`.
fn replace(page: &str, title: &str, table: &str) -> Option<String> {
    let (before, rest) = page.split_once(&format!("<!-- {title} -->\n"))?;
    let (_, after) = rest.split_once(&format!("<!-- /{title} -->"))?;
    Some(format!("{before}<!-- {title} -->\n{table}<!-- /{title} -->{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_takes_the_place_of_the_one_before() {
        let page = "# A\n<!-- start -->\nold\n<!-- /start -->\nend\n";
        assert_eq!(replace(page, "start", "new\n").unwrap(), "# A\n<!-- start -->\nnew\n<!-- /start -->\nend\n");
        assert_eq!(replace(page, "captchas", "new\n"), None);
    }
}
