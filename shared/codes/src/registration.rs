//! Pending registrations of the `result` API (seed 002). The browser holds a cookie, the table what it stands for.

use aws_sdk_dynamodb::types::{Delete, Update};
use domain::{Phone, Token};
use dynamo::{Item, StoreError, Transaction, Written, number, text};
use serde::{Deserialize, Serialize};

use crate::{Codes, Proof, Purpose, key, redeem::NotRedeemed};

/// How long a registration may take, and so how long its cookie is of use.
pub const REGISTRATION_SECONDS: i64 = 10 * 60;

/// How often a verification is tried again because the phone's codes changed meanwhile.
const ROUNDS: usize = 64;

/// What the cookie holds.
pub type RegistrationToken = Token;

/// A registration under way.
#[derive(Clone, Serialize, Deserialize)]
pub struct Registration {
    id: String,
    /// Whose it is.
    pub phone: Phone,
    /// Four digits that the client sends back unchanged. They are never the code.
    pub handle: String,
    /// Whether the code was shown.
    pub verified: bool,
    /// The key of a picture that was uploaded for the account's portrait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub picture: Option<String>,
    expires: i64,
}

impl Codes {
    /// Starts a registration of `phone`, to which `code` was sent. Answers what the cookie holds and the handle.
    pub async fn start_registration(
        &self,
        phone: &Phone,
        code: &str,
    ) -> Result<(RegistrationToken, String), StoreError> {
        let token = Token::new(&self.random);
        let handle = loop {
            let handle = self.random.digits(code.len());
            if handle != code {
                break handle;
            }
        };
        let registration = Registration {
            id: registration_id(&token),
            phone: phone.clone(),
            handle: handle.clone(),
            verified: false,
            picture: None,
            expires: self.clock.now_seconds() + REGISTRATION_SECONDS,
        };
        let item: Item = dynamo::to_item(registration)?;
        self.client.put_item().table_name(&self.table).set_item(Some(item)).send().await?;
        Ok((token, handle))
    }

    /// The registration that a cookie stands for, if it is alive.
    pub async fn registration(&self, cookie: &str) -> Result<Option<Registration>, StoreError> {
        let Ok(token) = cookie.parse::<Token>() else { return Ok(None) };
        let Some(item) = self.get(registration_id(&token)).await? else { return Ok(None) };
        let registration: Registration = dynamo::from_item(item)?;
        Ok(Some(registration).filter(|registration| registration.expires > self.clock.now_seconds()))
    }

    /// Uses `code` up for the registration, which is verified from then on.
    pub async fn verify_registration(&self, registration: &Registration, code: &str) -> Result<(), NotRedeemed> {
        for _ in 0..ROUNDS {
            let redemption = self.redeem(&registration.phone, Purpose::Register, Proof::Code(code)).await?;
            let verify = Update::builder()
                .table_name(&self.table)
                .set_key(Some(key(registration.id.clone())))
                .update_expression("SET verified = :true")
                .condition_expression("attribute_exists(id)")
                .expression_attribute_values(":true", dynamo::AttributeValue::Bool(true))
                .build()
                .map_err(|error| StoreError::new("verifying a registration", error))?;
            if let Written::Done = redemption.transaction().clone().update(verify).write(&self.client).await? {
                return Ok(());
            }
        }
        Err(NotRedeemed::TooManyTries)
    }

    /// Remembers the picture at `key` for the account. False when the registration is over.
    pub async fn set_registration_picture(
        &self,
        registration: &Registration,
        picture: &str,
    ) -> Result<bool, StoreError> {
        let update = self.client.update_item().table_name(&self.table).set_key(Some(key(registration.id.clone())));
        let answer = update
            .update_expression("SET picture = :picture")
            .condition_expression("attribute_exists(id)")
            .expression_attribute_values(":picture", text(picture))
            .send()
            .await;
        Ok(dynamo::unless_refused(answer)?.is_some())
    }

    /// Ends the registration, as part of the transaction that makes its account. Refused when it is not verified, was
    /// used or has expired.
    pub fn finish_registration_within(&self, registration: &Registration) -> Result<Transaction, StoreError> {
        let delete = Delete::builder()
            .table_name(&self.table)
            .set_key(Some(key(registration.id.clone())))
            .condition_expression("verified = :true AND expires > :now")
            .expression_attribute_values(":true", dynamo::AttributeValue::Bool(true))
            .expression_attribute_values(":now", number(self.clock.now_seconds()))
            .build();
        Ok(Transaction::new().delete(delete.map_err(|error| StoreError::new("ending a registration", error))?))
    }
}

fn registration_id(token: &Token) -> String {
    format!("registration#{}", token.hash().as_str())
}
