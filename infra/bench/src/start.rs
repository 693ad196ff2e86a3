//! How long a binary takes from its start until it asks Lambda for work, and how big it is to upload.

use std::{
    collections::HashMap,
    io::{Read, Write},
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{Receiver, channel},
    time::{Duration, Instant},
};

use flate2::{Compression, write::DeflateEncoder};

use crate::{failure::Failure, options::Options};

/// Starts of each subject that count, and those before them that only fill the page cache.
const ROUNDS: usize = 41;
const WARM_UP: usize = 3;

/// A subject that has not asked for work by then never will.
const PATIENCE: Duration = Duration::from_secs(20);

/// What was measured of one subject.
pub struct Start {
    pub name: String,
    pub kind: Kind,
    pub median: Duration,
    /// Bytes of the binary; Python's are in a managed runtime and in wheels.
    pub size: Option<Size>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Hello,
    Function,
    Python,
}

pub struct Size {
    pub bytes: usize,
    pub zipped: usize,
}

/// Something to start.
struct Subject {
    name: String,
    kind: Kind,
    program: PathBuf,
    arguments: &'static [&'static str],
    variables: HashMap<String, String>,
}

/// Measures `hello` and every function of the template, each in turn, round by round, so that whatever else the machine
/// does meets all of them alike; then a function in Python.
pub fn measure(options: &Options) -> Result<Vec<Start>, Failure> {
    let subjects = subjects(options)?;
    let (address, polls) = listen()?;
    let mut times = vec![Vec::with_capacity(ROUNDS); subjects.len()];
    // Python last and alone: it is so big that whoever came after it in a round would start on a cold processor.
    let (python, native): (Vec<_>, Vec<_>) =
        (0..subjects.len()).partition(|index| subjects[*index].kind == Kind::Python);
    for group in [native, python] {
        for round in 0..WARM_UP + ROUNDS {
            for place in 0..group.len() {
                // Each round begins with another one, so that none is always the one behind the same.
                let index = group[(round + place) % group.len()];
                let time = subjects[index].time(address, &polls)?;
                if round >= WARM_UP {
                    times[index].push(time);
                }
            }
        }
    }
    let starts = subjects.into_iter().zip(times).map(|(subject, mut times)| {
        times.sort_unstable();
        let size = match subject.kind {
            Kind::Python => None,
            Kind::Hello | Kind::Function => Some(Size::of(&subject.program)?),
        };
        Ok(Start { name: subject.name, kind: subject.kind, median: times[times.len() / 2], size })
    });
    starts.collect()
}

fn subjects(options: &Options) -> Result<Vec<Subject>, Failure> {
    let mut subjects = vec![Subject {
        name: "hello".to_owned(),
        kind: Kind::Hello,
        program: options.hello.clone(),
        arguments: &[],
        variables: HashMap::new(),
    }];
    for function in local::deployed()? {
        // By logical id, as `sam build` files it, or by name, as cargo does.
        let built = options.functions.join(&function.id).join("bootstrap");
        let program = if built.exists() { built } else { options.functions.join(&function.binary) };
        let (name, variables) = (function.binary, function.variables);
        subjects.push(Subject { name, kind: Kind::Function, program, arguments: &[], variables });
    }
    subjects.push(Subject {
        name: "Python with boto3".to_owned(),
        kind: Kind::Python,
        program: options.python.clone(),
        arguments: &["-m", "awslambdaric", "function.handler"],
        variables: HashMap::new(),
    });
    Ok(subjects)
}

impl Subject {
    fn time(&self, address: SocketAddr, polls: &Receiver<Poll>) -> Result<Duration, Failure> {
        let mut command = Command::new(&self.program);
        command
            .args(self.arguments)
            .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/python"))
            .env_clear()
            .envs(lambda_variables(address))
            .envs(&self.variables)
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let started = Instant::now();
        let mut child = command.spawn().map_err(|error| format!("{}: {error}", self.program.display()))?;
        let poll = polls.recv_timeout(PATIENCE);
        let errors = end(&mut child)?;
        match poll {
            Ok(Poll { at, request }) if request.contains("/runtime/invocation/next") => Ok(at - started),
            _ => Err(format!("{} did not ask for work: {errors}", self.name).into()),
        }
    }
}

/// Ends the process. Answers what it wrote to standard error.
fn end(child: &mut Child) -> Result<String, Failure> {
    child.kill()?;
    child.wait()?;
    let mut errors = String::new();
    if let Some(stderr) = &mut child.stderr {
        stderr.read_to_string(&mut errors)?;
    }
    Ok(errors)
}

/// What Lambda sets for every function.
fn lambda_variables(address: SocketAddr) -> HashMap<&'static str, String> {
    [
        ("AWS_LAMBDA_RUNTIME_API", address.to_string()),
        ("AWS_LAMBDA_FUNCTION_NAME", "bench".to_owned()),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512".to_owned()),
        ("AWS_LAMBDA_LOG_GROUP_NAME", "/aws/lambda/bench".to_owned()),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "bench".to_owned()),
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "bench".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "bench".to_owned()),
        ("AWS_SESSION_TOKEN", "bench".to_owned()),
        ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
    ]
    .into()
}

/// A request that arrived at the Runtime API.
struct Poll {
    at: Instant,
    request: String,
}

/// A Runtime API that notes requests and never has work.
fn listen() -> Result<(SocketAddr, Receiver<Poll>), Failure> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    let (noted, polls) = channel();
    std::thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            let mut connection = connection;
            let mut request = [0; 4096];
            let length = connection.read(&mut request).unwrap_or_default();
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            if noted.send(Poll { at: Instant::now(), request }).is_err() {
                return;
            }
        }
    });
    Ok((address, polls))
}

impl Size {
    fn of(binary: &Path) -> Result<Self, Failure> {
        let bytes = std::fs::read(binary)?;
        let mut deflated = DeflateEncoder::new(Vec::new(), Compression::default());
        deflated.write_all(&bytes)?;
        Ok(Self { bytes: bytes.len(), zipped: deflated.finish()?.len() })
    }
}
