//! The functions as Lambda runs them: the binaries that deploy, each in processes of its own, which ask a Runtime API
//! for one event after the other.

mod emulator;
mod instance;
mod leash;

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use bytes::Bytes;
use environment::Random;
use serde_json::Value;
use tokio::sync::Semaphore;

use self::{
    emulator::{Emulator, INSTANCES},
    instance::{Instance, Outcome},
    leash::Leash,
};
use crate::{StartError, template::Template, time::AdvancingClock};

/// How many events a function works on at once. Further ones wait.
const CONCURRENCY: usize = 10;

/// Where the binaries and what runs them are.
pub(crate) struct Settings {
    binaries: PathBuf,
    emulator: PathBuf,
    /// libfaketime's library; without it, the processes have the machine's time and the stack's clock stays at it.
    clock: Option<PathBuf>,
}

/// What all functions of a stack share.
pub(crate) struct Lambda {
    settings: Settings,
    clock_file: PathBuf,
    log_level: Option<String>,
    emulator: Emulator,
    leash: Leash,
}

/// The instances of one function: none at first, and another one whenever all are busy.
pub(crate) struct Binary {
    lambda: Arc<Lambda>,
    name: String,
    program: PathBuf,
    variables: HashMap<String, String>,
    timeout: Duration,
    permits: Semaphore,
    idle: Mutex<Vec<Instance>>,
    started: AtomicUsize,
}

impl Settings {
    /// What the variables ask for; nothing unless they name the binaries.
    pub(crate) fn of(variables: &HashMap<String, String>) -> Result<Option<Self>, StartError> {
        let path = |name: &'static str| {
            variables.get(name).filter(|path| !path.is_empty()).map(|path| {
                // Relative paths are the shell's; processes start in other directories.
                std::path::absolute(path).map_err(|_| StartError::Malformed(name, "must be a path"))
            })
        };
        let Some(binaries) = path("LAMBDA_BINARIES") else { return Ok(None) };
        let emulator = path("LAMBDA_EMULATOR")
            .ok_or(StartError::Malformed("LAMBDA_EMULATOR", "must be the path of the program cargo-lambda"))?;
        let clock = path("LAMBDA_CLOCK").transpose()?;
        Ok(Some(Self { binaries: binaries?, emulator: emulator?, clock }))
    }
}

impl Lambda {
    /// Starts the emulator, which works in `directory`. There as well is where libfaketime finds the stack's time.
    pub(crate) async fn start(
        settings: Settings,
        template: &Template,
        directory: &Path,
        clock: &mut AdvancingClock,
        log_level: Option<String>,
    ) -> Result<Self, StartError> {
        let clock_file = directory.join("time");
        if settings.clock.is_some() {
            clock.lead(clock_file.clone())?;
        } else {
            clock.hold()?;
        }
        let failed = |error: std::io::Error| StartError::Embedded("Lambda emulator", error.to_string());
        let leash = Leash::start().map_err(failed)?;
        let functions = template.functions().map(|(_, binary)| binary);
        let random = Random::os();
        let emulator = Emulator::start(&settings.emulator, directory, functions, &leash, &random);
        let emulator = emulator.await.map_err(failed)?;
        Ok(Self { settings, clock_file, log_level, emulator, leash })
    }

    /// The function with this logical id, which gets `variables` beside those that Lambda sets.
    ///
    /// Fails when its binary is not where `sam build` leaves it.
    pub(crate) fn function(
        self: &Arc<Self>,
        template: &Template,
        id: &str,
        binary: &str,
        variables: &HashMap<String, String>,
    ) -> Result<Binary, StartError> {
        let program = self.settings.binaries.join(id).join("bootstrap");
        if !program.is_file() {
            return Err(StartError::Malformed("LAMBDA_BINARIES", "must be a directory that `sam build` filled"));
        }
        Ok(Binary {
            lambda: Arc::clone(self),
            name: binary.to_owned(),
            program,
            variables: self.variables(template, id, binary, variables),
            timeout: template.timeout(id),
            permits: Semaphore::new(CONCURRENCY),
            idle: Mutex::new(Vec::new()),
            started: AtomicUsize::new(0),
        })
    }

    /// The whole environment of a function's processes.
    fn variables(
        &self,
        template: &Template,
        id: &str,
        binary: &str,
        own: &HashMap<String, String>,
    ) -> HashMap<String, String> {
        let memory = template.memory(id).to_string();
        let task_root = self.settings.binaries.join(id).display().to_string();
        let set_by_lambda = [
            ("AWS_LAMBDA_FUNCTION_NAME", binary),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory),
            ("LAMBDA_TASK_ROOT", &task_root),
            ("LANG", "en_US.UTF-8"),
            ("TZ", ":UTC"),
        ];
        let clock = self.settings.clock.as_ref().map(|path| path.display().to_string());
        let clock_file = self.clock_file.display().to_string();
        let faketime = clock.as_deref().map(|library| {
            // The stack's time, read anew at every look at the clock. Only the time of day: what measures durations
            // stays as it is.
            [
                ("LD_PRELOAD", library),
                ("FAKETIME_TIMESTAMP_FILE", &clock_file),
                ("FAKETIME_NO_CACHE", "1"),
                ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ]
        });
        let set_by_lambda = set_by_lambda.into_iter().chain(faketime.into_iter().flatten());
        let set_by_lambda = set_by_lambda.chain(self.log_level.as_deref().map(|level| ("LOG_LEVEL", level)));
        let mut variables: HashMap<_, _> =
            set_by_lambda.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        variables.extend(own.iter().map(|(name, value)| (name.clone(), value.clone())));
        variables
    }
}

impl Binary {
    /// Has an instance answer an event. An error is for the log.
    pub(crate) async fn invoke(&self, event: Vec<u8>) -> Result<Value, String> {
        let _permit = self.permits.acquire().await.map_err(|error| error.to_string())?;
        let mut instance = match self.warm() {
            Some(instance) => instance,
            None => self.start()?,
        };
        match instance.invoke(&self.lambda.emulator, Bytes::from(event), self.timeout).await {
            Outcome::Done(answer) => {
                self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(instance);
                answer
            }
            Outcome::Lost(why) => Err(why),
        }
    }

    /// An instance that waits for an event. Those that died while they waited are forgotten.
    fn warm(&self) -> Option<Instance> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        std::iter::from_fn(|| idle.pop()).find_map(|mut instance| instance.is_alive().then_some(instance))
    }

    fn start(&self) -> Result<Instance, String> {
        // A name is never used again: the emulator may still hold an event for an instance that was lost.
        let number = self.started.fetch_add(1, Ordering::Relaxed);
        if number >= INSTANCES {
            return Err("too many instances were lost".to_owned());
        }
        let (emulator, leash) = (&self.lambda.emulator, &self.lambda.leash);
        let name = emulator.name(&self.name, number);
        Instance::start(name, &self.program, &self.variables, emulator, leash)
            .map_err(|error| format!("the instance does not start: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(variables: &[(&str, &str)]) -> Result<Option<Settings>, StartError> {
        Settings::of(&variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect())
    }

    #[test]
    fn without_binaries_there_is_nothing_to_set() {
        assert!(of(&[("LAMBDA_EMULATOR", "cargo-lambda")]).unwrap().is_none());
    }

    #[test]
    fn without_its_library_the_clock_stays() {
        let settings = |clock| of(&[("LAMBDA_BINARIES", "x"), ("LAMBDA_EMULATOR", "y"), ("LAMBDA_CLOCK", clock)]);
        assert!(settings("").unwrap().unwrap().clock.is_none());
        assert!(settings("z").unwrap().unwrap().clock.is_some());
    }

    #[test]
    fn what_binaries_need_besides_is_named_when_it_is_missing() {
        let error = of(&[("LAMBDA_BINARIES", "x"), ("LAMBDA_CLOCK", "y")]).err().unwrap();
        assert!(error.to_string().contains("LAMBDA_EMULATOR"), "{error}");
    }
}
