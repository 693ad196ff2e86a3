//! What an operation takes of a processor and of memory in the binary that deploys: by that each function's memory is
//! chosen, because Lambda gives shares of a processor by it.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use local::{Deployed, Options as StackOptions, Stack, Storage};

use crate::{
    failure::Failure,
    load::{Call, More},
    operations::{Callers, Measured},
    options::Options,
    people::Api,
};

/// The memory, in MB, with which a function has a whole processor.
const WHOLE: f64 = 1769.0;

/// Calls that count, and those before them.
const CALLS: usize = 200;
const WARM_UP: usize = 20;

/// Big pictures are measured by fewer.
const BIG_CALLS: usize = 20;

/// What was measured of one operation, called by one caller who waits for each answer.
pub struct Use {
    pub function: String,
    pub operation: &'static str,
    /// The processor's time of one call, of all threads together.
    pub processor: Duration,
    /// The most memory that the process ever held in these calls, in bytes.
    pub peak: u64,
    /// What the template gives the function, in MB.
    pub memory: u32,
}

impl Use {
    /// How long the processor's time is with `memory` MB. No operation has two threads at work at once.
    pub fn with(&self, memory: f64) -> Duration {
        self.processor.div_f64((memory / WHOLE).min(1.0))
    }
}

/// Starts a stack that runs the binaries under cargo-lambda's emulator, and measures one operation after the other.
pub async fn measure(options: &Options) -> Result<Vec<Use>, Failure> {
    let directory = tempfile::tempdir()?;
    let path = |path: &Path| path.display().to_string();
    let parameters = [
        ("SMS_PER_SOURCE_PER_HOUR", "1000000".to_owned()),
        ("SMS_PER_DAY", "1000000".to_owned()),
        ("ADMIN_PHONES", Api::phone(0)),
        ("LAMBDA_BINARIES", path(&options.functions)),
        ("LAMBDA_EMULATOR", path(&options.emulator)),
    ];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value)).into();
    let storage = Storage::Disk(directory.path().to_owned());
    let stack = Stack::start(StackOptions { port: 0, storage, parameters }).await?;
    let api = Api::new(stack.url())?;
    let families = vec![api.family(0).await?, api.family(1).await?];
    let mut uses = Vec::new();
    for Measured { function, name, call, is_big } in Callers::new(api, families).one_by_one() {
        let deployed = local::deployed()?.into_iter().find(|deployed| deployed.binary == function);
        let deployed = deployed.ok_or_else(|| format!("the template has no function {function}"))?;
        for turn in 0..WARM_UP {
            call(0, turn).await?;
        }
        let processes = Processes::of(&options.functions, &deployed)?;
        uses.push(processes.measure(deployed, name, &call, if is_big { BIG_CALLS } else { CALLS }).await?);
    }
    stack.stop().await;
    Ok(uses)
}

/// The instances of one function.
struct Processes(Vec<PathBuf>);

impl Processes {
    /// Those that run its binary now.
    fn of(functions: &Path, deployed: &Deployed) -> Result<Self, Failure> {
        let binary = functions.join(&deployed.id).join("bootstrap").canonicalize()?;
        let processes = fs::read_dir("/proc")?.filter_map(|entry| entry.ok().map(|entry| entry.path()));
        // Other people's processes do not show what they run.
        let processes = processes.filter(|process| fs::read_link(process.join("exe")).is_ok_and(|exe| exe == binary));
        let processes: Vec<_> = processes.collect();
        if processes.is_empty() { Err(format!("{} does not run", deployed.binary).into()) } else { Ok(Self(processes)) }
    }

    async fn measure(&self, of: Deployed, name: &'static str, call: &Call, calls: usize) -> Result<Use, Failure> {
        self.forget_peak()?;
        let before = self.processor()?;
        let mut made = 0;
        while made < calls && call(0, made).await? == More::Yes {
            made += 1;
        }
        let processor = self.processor()?.saturating_sub(before) / u32::try_from(made)?;
        Ok(Use { function: of.binary, operation: name, processor, peak: self.peak()?, memory: of.memory })
    }

    /// The processor's time so far, of all threads there are.
    fn processor(&self) -> Result<Duration, Failure> {
        let mut sum = Duration::ZERO;
        for process in &self.0 {
            for thread in fs::read_dir(process.join("task"))? {
                let told = fs::read_to_string(thread?.path().join("schedstat"))?;
                let nanoseconds = told.split(' ').next().unwrap_or_default().parse()?;
                sum += Duration::from_nanos(nanoseconds);
            }
        }
        Ok(sum)
    }

    /// Has the kernel begin anew with the peak.
    fn forget_peak(&self) -> Result<(), Failure> {
        Ok(self.0.iter().try_for_each(|process| fs::write(process.join("clear_refs"), "5"))?)
    }

    /// The most memory that any of them has held.
    fn peak(&self) -> Result<u64, Failure> {
        let mut most = 0;
        for process in &self.0 {
            let told = fs::read_to_string(process.join("status"))?;
            let line = told.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kilobytes: u64 = line.and_then(|line| line.trim().strip_suffix(" kB")).ok_or("no VmHWM")?.parse()?;
            most = most.max(kilobytes * 1024);
        }
        Ok(most)
    }
}
