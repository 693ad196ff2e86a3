//! Requests to AWS with nothing around them, from the functions' own SDK to the same embedded servers: what an
//! operation could not be faster than, because it has to wait for them.

use argon2::{
    Argon2, PasswordHasher, PasswordVerifier,
    password_hash::{PasswordHash, SaltString},
};
use aws_sdk_dynamodb::{
    error::ProvideErrorMetadata,
    types::{Put, ReturnValue},
};
use domain::Phone;
use dynamo::{Item, Transaction, Written, number, text};
use environment::{Clock, Environment, Random, Service, Variables};
use local::Stack;

use crate::{failure::Failure, people::picture};

/// A table for each shape of key, and the bucket, as the stack calls them.
const BY_ID: &str = "CodesTable";
const BY_PK_AND_SK: &str = "NoticesTable";
const BUCKET: &str = "helpaged-pictures";

/// Later than any run of this program: the stack deletes what has expired.
const EXPIRES: i64 = 1 << 40;

/// How many items a query finds: as many as the page of notices that it is measured beside.
pub const PAGE: usize = 20;

/// One request, or the one computation that is as inevitable.
#[derive(Clone, Copy)]
pub enum Bare {
    Put,
    Get,
    Update,
    Delete,
    /// An update whose condition does not hold.
    RefusedUpdate,
    /// Finds that many items.
    Query(usize),
    /// Writes that many items.
    Transaction(usize),
    PutObject,
    GetObject,
    Publish,
    /// Argon2id, as it is done to check a password.
    Argon2id,
}

/// The clients, configured as the functions' own are.
pub struct Services {
    dynamodb: dynamo::Client,
    s3: aws_sdk_s3::Client,
    sms: sms::Sender,
    picture: Vec<u8>,
    password: String,
}

impl Services {
    /// Clients of the stack's servers, and what their requests will find there.
    pub async fn new(stack: &Stack, callers: usize) -> Result<Self, Failure> {
        let environment = environment(stack)?;
        let (s3, _) = environment.aws.of(Service::S3);
        let salt = SaltString::encode_b64(&Random::os().bytes::<16>()).map_err(|error| error.to_string())?;
        let password = Argon2::default().hash_password(b"a made-up one", &salt).map_err(|error| error.to_string())?;
        let services = Self {
            dynamodb: dynamo::client(&environment.aws),
            s3: aws_sdk_s3::Client::from_conf(aws_sdk_s3::config::Builder::from(&s3).force_path_style(true).build()),
            sms: sms::Sender::new(&environment),
            picture: picture(),
            password: password.to_string(),
        };
        for caller in 0..callers {
            for item in [by_id(caller, 0)].into_iter().chain((0..PAGE).map(|sort| by_pk(caller, sort))) {
                let table = if item.contains_key("id") { BY_ID } else { BY_PK_AND_SK };
                services.dynamodb.put_item().table_name(table).set_item(Some(item)).send().await?;
            }
            services.run(Bare::PutObject, caller, 0).await?;
        }
        Ok(services)
    }

    /// Makes one request of `caller`; its `turn` keeps what it writes apart from what it wrote before.
    pub async fn run(&self, bare: Bare, caller: usize, turn: usize) -> Result<(), Failure> {
        let dynamodb = &self.dynamodb;
        let id = ("id", text(format!("bench#{caller}#0")));
        match bare {
            Bare::Put => {
                drop(dynamodb.put_item().table_name(BY_ID).set_item(Some(by_id(caller, turn + 1))).send().await?);
            }
            Bare::Get => {
                let get = dynamodb.get_item().table_name(BY_ID).key(id.0, id.1).consistent_read(true);
                get.send().await?.item.ok_or("the item is missing")?;
            }
            Bare::Update => {
                let update = dynamodb.update_item().table_name(BY_ID).key(id.0, id.1);
                let update =
                    update.update_expression("SET expires = :new").condition_expression("attribute_exists(id)");
                let new = number(EXPIRES + i64::try_from(turn)?);
                update.expression_attribute_values(":new", new).return_values(ReturnValue::AllNew).send().await?;
            }
            Bare::Delete => {
                let id = text(format!("bench#{caller}#{}", turn + 1));
                dynamodb.delete_item().table_name(BY_ID).key("id", id).send().await?;
            }
            Bare::RefusedUpdate => {
                let update = dynamodb.update_item().table_name(BY_ID).key("id", text("bench#nobody"));
                let update =
                    update.update_expression("SET uses = :uses").expression_attribute_values(":uses", number(1));
                let answer = update.condition_expression("attribute_exists(id)").send().await;
                let error = answer.err().ok_or("the update was not refused")?;
                if error.code() != Some("ConditionalCheckFailedException") {
                    return Err(error.into());
                }
            }
            Bare::Query(items) => {
                let query = dynamodb.query().table_name(BY_PK_AND_SK).key_condition_expression("pk = :pk");
                let query = query.expression_attribute_values(":pk", text(format!("bench#{caller}")));
                let query = query.limit(i32::try_from(items)?).scan_index_forward(false).consistent_read(true);
                if query.send().await?.count() != i32::try_from(items)? {
                    return Err("the query found too little".into());
                }
            }
            Bare::Transaction(items) => self.transaction(caller, turn, items).await?,
            Bare::PutObject => {
                let put = self.s3.put_object().bucket(BUCKET).key(format!("falls/bench{caller}x{turn}"));
                put.body(self.picture.clone().into()).send().await?;
            }
            Bare::GetObject => {
                let get = self.s3.get_object().bucket(BUCKET).key(format!("falls/bench{caller}x0"));
                get.send().await?.body.collect().await?;
            }
            Bare::Publish => self.sms.send(&"13800000000".parse::<Phone>()?, "a made-up message").await?,
            Bare::Argon2id => {
                let password = self.password.clone();
                tokio::task::spawn_blocking(move || {
                    let stored = PasswordHash::new(&password).map_err(|error| error.to_string())?;
                    Argon2::default().verify_password(b"a made-up one", &stored).map_err(|error| error.to_string())
                })
                .await??;
            }
        }
        Ok(())
    }

    async fn transaction(&self, caller: usize, turn: usize, items: usize) -> Result<(), Failure> {
        let mut writes = Transaction::new();
        for item in 0..items {
            let item = by_pk(caller, PAGE + turn * items + item);
            writes = writes.put(Put::builder().table_name(BY_PK_AND_SK).set_item(Some(item)).build()?);
        }
        match writes.write(&self.dynamodb).await? {
            Written::Done => Ok(()),
            Written::Refused(_) => Err("the transaction was refused".into()),
        }
    }
}

fn environment(stack: &Stack) -> Result<Environment, Failure> {
    let url = |server: Option<String>| server.ok_or("the stack has no embedded servers");
    let variables: Variables = [
        ("AWS_REGION", "us-east-1".to_owned()),
        ("AWS_ACCESS_KEY_ID", "local".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "local".to_owned()),
        ("AWS_ENDPOINT_URL_DYNAMODB", url(stack.dynamodb().map(local::Switch::url))?),
        ("AWS_ENDPOINT_URL_S3", url(stack.s3().map(local::Switch::url))?),
        ("AWS_ENDPOINT_URL_SNS", url(stack.sms().map(local::SmsService::url))?),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    Ok(Environment::new(variables, Clock::system(), Random::os())?)
}

fn by_id(caller: usize, turn: usize) -> Item {
    [("id".to_owned(), text(format!("bench#{caller}#{turn}"))), ("expires".to_owned(), number(EXPIRES))].into()
}

fn by_pk(caller: usize, sort: usize) -> Item {
    // As long as a notice in an inbox is.
    let content = ["device_id", "device", "content", "pic_name"].map(|name| (name.to_owned(), text("0".repeat(32))));
    let key = [("pk".to_owned(), text(format!("bench#{caller}"))), ("sk".to_owned(), text(format!("{sort:032}")))];
    content.into_iter().chain(key).collect()
}
