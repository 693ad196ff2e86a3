use std::{io::Write, path::Path, sync::Arc};

use aws_sdk_sns::{config::retry::RetryConfig, error::DisplayErrorContext};
use rcgen::{CertifiedKey, KeyPair, generate_simple_self_signed};
use rustls::{ServerConfig, crypto::ring, pki_types::PrivateKeyDer};
use sha2::{Digest, Sha256};
use tempfile::NamedTempFile;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};
use tokio_rustls::TlsAcceptor;

use super::*;
use crate::{Clock, Environment, Random, Service};

/// SHA-256 of each public key, from <https://www.amazontrust.com/repository/>.
const PUBLISHED: [&str; 5] = [
    "fbe3018031f9586bcbf41727e417b7d1c45c2f47f93be372a17b96b50757d5a2",
    "7f4296fc5b6a4e3b35d3c369623e364ab1af381d8fa7121533c9d6c633ea2461",
    "36abc32656acfc645c61b71613c4bf21c787f5cabbee48348d58597803d7abc9",
    "f7ecded5c66047d28ed6466b543c40e0743abe81d109254dcf845d4c2c7853c5",
    "2b071c59a0a0ae76b0eadb2bad23bad4580b69c3601b630c2eaf0613afa83f92",
];

#[test]
fn the_roots_hold_the_keys_that_amazon_publishes() {
    let roots = parse(AMAZON).unwrap();
    let keys: Vec<_> = roots.roots.iter().map(|root| public_key_hash(&root.subject_public_key_info)).collect();
    assert_eq!(keys, PUBLISHED);
}

/// The hash is over the whole DER sequence, of which rustls keeps what is inside.
fn public_key_hash(content: &[u8]) -> String {
    let [high, low] = u16::try_from(content.len()).unwrap().to_be_bytes();
    let header = if content.len() < 0x80 { vec![0x30, low] } else { vec![0x30, 0x82, high, low] };
    hex::encode(Sha256::new().chain_update(header).chain_update(content).finalize())
}

#[tokio::test]
async fn a_server_that_another_authority_vouches_for_is_refused() {
    let server = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let error = publish(server, None).await.unwrap_err();
    assert!(error.contains("UnknownIssuer"), "{error}");
}

#[tokio::test]
async fn a_bundle_names_the_authorities_to_trust() {
    let server = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let bundle = file(server.cert.pem().as_bytes());
    assert_eq!(publish(server, Some(&bundle)).await.unwrap(), "a-message");
}

#[tokio::test]
async fn a_bundle_stands_in_the_place_of_amazons_roots() {
    let server = generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    let error = publish(server, Some(&file(AMAZON))).await.unwrap_err();
    assert!(error.contains("UnknownIssuer"), "{error}");
}

#[test]
fn a_bundle_that_cannot_be_used_stops_the_start_and_is_named() {
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for path in [file(b"").path(), file(broken.as_bytes()).path(), "/no/such/file".as_ref()] {
        let error = context(&variables("https://127.0.0.1:1", Some(path))).unwrap_err();
        assert!(error.to_string().contains("AWS_CA_BUNDLE"), "{error}");
    }
}

/// Has an SMS sent over TLS to a server with this certificate. Answers the message's id, or why it was not sent.
async fn publish(
    CertifiedKey { cert, signing_key }: CertifiedKey<KeyPair>,
    bundle: Option<&NamedTempFile>,
) -> Result<String, String> {
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("https://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(answer_one(listener, TlsAcceptor::from(Arc::new(config))));

    let variables = variables(&url, bundle.map(NamedTempFile::path));
    let environment = Environment::new(variables, Clock::system(), Random::os()).unwrap();
    let config = aws_sdk_sns::config::Builder::from(&environment.aws.of(Service::Sns).0);
    let client = aws_sdk_sns::Client::from_conf(config.retry_config(RetryConfig::disabled()).build());
    let answer = client.publish().phone_number("+8613800000000").message("hello").send().await;
    server.abort();
    match answer {
        Ok(answer) => Ok(answer.message_id().unwrap().to_owned()),
        Err(error) => Err(DisplayErrorContext(error).to_string()),
    }
}

async fn answer_one(listener: TcpListener, acceptor: TlsAcceptor) {
    let (connection, _) = listener.accept().await.unwrap();
    let Ok(mut connection) = acceptor.accept(connection).await else { return };
    let _ = connection.read(&mut [0; 8192]).await;
    let body = "<PublishResponse><PublishResult><MessageId>a-message</MessageId></PublishResult></PublishResponse>";
    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    connection.write_all(answer.as_bytes()).await.unwrap();
    connection.flush().await.unwrap();
}

fn variables(url: &str, bundle: Option<&Path>) -> Variables {
    let bundle = bundle.map_or("", |path| path.to_str().unwrap());
    [
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_ENDPOINT_URL", url),
        (BUNDLE, bundle),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()))
    .into_iter()
    .collect()
}

fn file(content: &[u8]) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(content).unwrap();
    file
}
