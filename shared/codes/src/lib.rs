//! Image captchas and SMS codes: what is pending, how often one may ask, how often one may guess.
//!
//! Everything stands in the codes table under one string key, `id`:
//!
//! | `id` | what |
//! |---|---|
//! | `captcha#<hash>` | an image captcha that can be redeemed once |
//! | `captcha-file#<md5>` | a captcha's picture, for trusted backends |
//! | `image-code#<sha256>` | an image code of the `errno` API, under the id that its caller made up |
//! | `registration#<sha256>` | a pending registration of the `result` API, under its cookie |
//! | `phone#<phone>` | one [record](record::PhoneRecord) a phone: its pending codes, its sends and its wrong tries |
//! | `sms-hash#<hash>` | which phone a hash was made for, because `sms/validate` names none |
//! | `sends#<address>`, `misses#<address>` | a source address's uses of the present window |
//! | `day#<date>` | the deployment's sends of the day |

mod captcha;
mod captcha_file;
mod image_code;
mod record;
mod redeem;
mod registration;
mod send;
mod validate;
mod window;

use domain::Phone;
use dynamo::{Client, Item, Key, StoreError};
use environment::{Clock, Environment, Random, StartError};

pub use self::{
    captcha_file::CaptchaFile,
    image_code::ImageAnswer,
    record::{CodeFormat, Purpose},
    redeem::{NotRedeemed, Proof, Redemption},
    registration::{REGISTRATION_SECONDS, Registration, RegistrationToken},
    send::{NotSent, SendRequest, Sent, SmsCodes},
    validate::NotValid,
};

/// The codes table.
pub struct Codes {
    client: Client,
    table: String,
    clock: Clock,
    random: Random,
}

impl Codes {
    /// Reads `CODES_TABLE`.
    pub fn new(environment: &Environment) -> Result<Self, StartError> {
        Ok(Self {
            client: dynamo::client(&environment.aws),
            table: environment.variables.text("CODES_TABLE")?.to_owned(),
            clock: environment.clock.clone(),
            random: environment.random.clone(),
        })
    }

    async fn get(&self, id: String) -> Result<Option<Item>, StoreError> {
        let get = self.client.get_item().table_name(&self.table).set_key(Some(key(id))).consistent_read(true);
        Ok(get.send().await?.item)
    }
}

fn key(id: String) -> Key {
    Key::from([("id".to_owned(), dynamo::text(id))])
}

fn phone_id(phone: &Phone) -> String {
    format!("phone#{}", phone.as_str())
}
