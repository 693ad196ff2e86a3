use std::{
    fmt::Write,
    io,
    net::{Ipv4Addr, SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
    time::Duration,
};

use bytes::Bytes;
use environment::Random;
use http_body_util::Full;
use hyper::{Request, StatusCode, header};
use serde_json::Value;
use tokio::{
    net::TcpStream,
    process::{Child, Command},
};

use super::leash::Leash;
use crate::client;

/// How many instances of a function there can ever be.
pub(super) const INSTANCES: usize = 64;

/// Ports below those that the operating system gives to whoever asks for any: between the moment that one is found
/// free and the moment that the emulator listens there, nobody gets it by chance. The address is drawn as well, because
/// many stacks draw ports at once, and one that drew another's would talk to the other's emulator.
const FIRST_PORT: u16 = 12_000;
const PORTS: u16 = 20_000;

const ATTEMPTS: usize = 5;
const PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(3);

/// cargo-lambda's emulator of Lambda's Runtime API and of its invoke API.
///
/// Each instance is a function of its own to it, so that the stack decides which instance gets an event, as Lambda does.
pub(super) struct Emulator {
    address: SocketAddr,
    /// In the name of each instance, so that no other stack's emulator would take it for one of its own.
    stack: String,
    _process: Child,
}

impl Emulator {
    /// Starts the program, and returns when it listens.
    ///
    /// It looks up which functions there are in the manifest of its working directory, which is `directory`.
    pub(super) async fn start(
        program: &Path,
        directory: &Path,
        functions: impl Iterator<Item = &str>,
        leash: &Leash,
        random: &Random,
    ) -> io::Result<Self> {
        let stack = hex::encode(random.bytes::<6>());
        std::fs::write(directory.join("Cargo.toml"), manifest(&stack, functions))?;
        for _ in 0..ATTEMPTS {
            let patience = tokio::time::Instant::now() + PATIENCE;
            let address = free_address(random)?;
            let mut process = leash.spawn(
                Command::new(program)
                    .args(["lambda", "watch", "--only-lambda-apis", "--ignore-changes", "--disable-cors", "--offline"])
                    .args(["--invoke-address", &address.ip().to_string()])
                    .args(["--invoke-port", &address.port().to_string()])
                    .current_dir(directory)
                    .stdout(Stdio::null())
                    .stderr(Stdio::null()),
            )?;
            while process.try_wait()?.is_none() && tokio::time::Instant::now() < patience {
                if TcpStream::connect(address).await.is_ok() {
                    return Ok(Self { address, stack, _process: process });
                }
                tokio::time::sleep(PAUSE).await;
            }
        }
        Err(io::Error::other("it does not listen"))
    }

    /// The name of an instance.
    pub(super) fn name(&self, function: &str, instance: usize) -> String {
        instance_name(&self.stack, function, instance)
    }

    /// What an instance must have as `AWS_LAMBDA_RUNTIME_API`.
    pub(super) fn runtime_api(&self, name: &str) -> String {
        // Lambda's own is a host and a port. The Rust runtime takes a URL as well, which the emulator needs.
        format!("http://{}/.rt/{name}", self.address)
    }

    /// Has an instance answer an event. An answer without success is what the function says of its own failure.
    pub(super) async fn invoke(&self, name: &str, event: Bytes) -> io::Result<Result<Value, String>> {
        let request = Request::post(format!("/2015-03-31/functions/{name}/invocations"))
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(event))
            .map_err(io::Error::other)?;
        let answer = client::send(self.address, request).await?;
        if answer.status() == StatusCode::OK {
            return Ok(Ok(serde_json::from_slice(answer.body())?));
        }
        Ok(Err(format!("{}: {}", answer.status(), String::from_utf8_lossy(answer.body()))))
    }
}

fn instance_name(stack: &str, function: &str, instance: usize) -> String {
    format!("{function}-{stack}-{instance}")
}

/// A package with a binary for each instance that there may be. None of them is ever built.
fn manifest<'a>(stack: &str, functions: impl Iterator<Item = &'a str>) -> String {
    let mut manifest =
        "[workspace]\n[package]\nname = \"instances\"\nversion = \"0.0.0\"\nedition = \"2024\"\n".to_owned();
    for function in functions {
        for instance in 0..INSTANCES {
            let name = instance_name(stack, function, instance);
            let _ = write!(manifest, "[[bin]]\nname = \"{name}\"\npath = \"/dev/null\"\n");
        }
    }
    manifest
}

fn free_address(random: &Random) -> io::Result<SocketAddr> {
    // All of 127.0.0.0/8 is this machine; its first address and its last are a network's, not a host's.
    let host = || [127, random.bytes::<1>()[0], random.bytes::<1>()[0], random.bytes::<1>()[0] % 254 + 1];
    let port = || FIRST_PORT + u16::from_be_bytes(random.bytes()) % PORTS;
    let addresses = std::iter::repeat_with(|| SocketAddr::from((Ipv4Addr::from(host()), port()))).take(100);
    let mut free = addresses.filter(|address| TcpListener::bind(address).is_ok());
    free.next().ok_or_else(|| io::ErrorKind::AddrInUse.into())
}
