use aws_sdk_dynamodb::types::{ConditionCheck, Put, Update};
use domain::{Phone, WallClock, captcha_hash, is_md5_hex};
use dynamo::{Item, Key, StoreError, Transaction, Written, number};
use environment::{Environment, StartError};

use crate::{
    Codes, captcha, key,
    record::{CodeFormat, PendingCode, PhoneLimit, PhoneRecord, Purpose},
    redeem::Replaced,
    validate::HashOwner,
    window::Window,
};

/// Whether the day has codes left.
const WITHIN_BUDGET: &str = "attribute_not_exists(uses) OR uses < :limit";

/// How often a send that met other sends is judged anew.
const ROUNDS: usize = 32;

/// Sends codes, within the limits of the deployment.
pub struct SmsCodes {
    codes: Codes,
    sender: sms::Sender,
    per_source: Window,
    per_day: u32,
    wall_clock: WallClock,
}

/// What is asked for.
pub struct SendRequest<'a> {
    /// Where the code goes.
    pub phone: &'a Phone,
    /// What it will be good for.
    pub purpose: Purpose,
    /// What it looks like.
    pub format: CodeFormat,
    /// The source address, as API Gateway reports it.
    pub source: &'a str,
    /// An image captcha's hash that this send uses up.
    pub captcha: Option<&'a str>,
    /// False for a phone that has nothing to receive a code for: every limit and reply is the same, nothing is sent,
    /// and the day's budget is not charged.
    pub deliver: bool,
}

/// Why no code was sent.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// The captcha is wrong, has expired or was used.
    #[error("the captcha cannot be redeemed")]
    Captcha,
    /// The phone got one in the last 30 seconds.
    #[error("one code in 30 seconds")]
    HalfMinute,
    /// The phone got five in the last hour.
    #[error("five codes in an hour")]
    Hour,
    /// The phone got ten in the last day.
    #[error("ten codes in a day")]
    Day,
    /// The source address asked too often this hour.
    #[error("too many codes for one address")]
    Source,
    /// The deployment has sent all of today's codes.
    #[error("the day's budget is used up")]
    Budget,
    /// The SMS service failed. No code is pending and the phone is not charged.
    #[error(transparent)]
    Sms(#[from] sms::NotSent),
    /// The table failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<PhoneLimit> for NotSent {
    fn from(limit: PhoneLimit) -> Self {
        match limit {
            PhoneLimit::HalfMinute => Self::HalfMinute,
            PhoneLimit::Hour => Self::Hour,
            PhoneLimit::Day => Self::Day,
        }
    }
}

/// A code that was sent.
pub struct Sent {
    /// The code itself, for trusted backends only.
    pub code: String,
    /// Salts the code's hash, `md5(code + rand)`.
    pub rand: String,
}

/// A code that is about to be sent.
struct Draft {
    code: String,
    rand: String,
    hash: String,
    at: i64,
}

impl SmsCodes {
    /// Reads the tables and limits out of the environment.
    pub fn new(environment: &Environment) -> Result<Self, StartError> {
        Ok(Self {
            codes: Codes::new(environment)?,
            sender: sms::Sender::new(environment),
            per_source: Window { limit: environment.variables.parse("SMS_PER_SOURCE_PER_HOUR")?, seconds: 3600 },
            per_day: environment.variables.parse("SMS_PER_DAY")?,
            wall_clock: environment.variables.parse("UTC_OFFSET")?,
        })
    }

    /// The same table's captchas and pending codes.
    #[must_use]
    pub fn codes(&self) -> &Codes {
        &self.codes
    }

    /// Sends a code. It replaces the code that was pending for the same phone and purpose.
    ///
    /// Two round trips: what the limits stand at, and one transaction that charges them and makes the code pending.
    pub async fn send(&self, request: &SendRequest<'_>) -> Result<Sent, NotSent> {
        let draft = self.reserve(request).await?;
        if request.deliver {
            let message = sms::code_message(&draft.code, request.format.minutes);
            if let Err(error) = self.sender.send(request.phone, &message).await {
                self.take_back(request, &draft).await?;
                return Err(error.into());
            }
        }
        Ok(Sent { code: draft.code, rand: draft.rand })
    }

    async fn reserve(&self, request: &SendRequest<'_>) -> Result<Draft, NotSent> {
        let Codes { client, table, .. } = &self.codes;
        let source_id = format!("sends#{}", request.source);
        // It becomes part of a key, and the table refuses long ones.
        if request.captcha.is_some_and(|hash| !is_md5_hex(hash)) {
            captcha::count(false);
            return Err(NotSent::Captcha);
        }
        for _ in 0..ROUNDS {
            let now = self.codes.clock.now_seconds();
            let [record, source] =
                dynamo::read(client, [(table, Codes::record_key(request.phone)), (table, key(source_id.clone()))])
                    .await?;
            let record = Codes::record(request.phone, record)?;
            if let Some(limit) = record.limit(now) {
                // A captcha that is wrong is told before anything that depends on whose phone it is.
                return self.check_captcha(request).await.and(Err(limit.into()));
            }
            let Some(source) = self.per_source.charge(table, &source_id, source.as_ref(), now)? else {
                return self.check_captcha(request).await.and(Err(NotSent::Source));
            };
            // The condition of the day's charge cannot refuse its first use.
            if self.per_day == 0 {
                return self.check_captcha(request).await.and(Err(NotSent::Budget));
            }
            let draft = self.draft(request, now);
            let (captcha, day, writes) = self.writes(request, &record, &draft, source.write)?;
            match writes.write(client).await? {
                Written::Done => {
                    if captcha.is_some() {
                        captcha::count(true);
                    }
                    return Ok(draft);
                }
                Written::Refused(refused) => {
                    let is_refused = |place: usize| refused.get(place).is_some_and(Option::is_some);
                    if captcha.is_some_and(is_refused) {
                        captcha::count(false);
                        return Err(NotSent::Captcha);
                    }
                    if is_refused(day) {
                        return Err(NotSent::Budget);
                    }
                }
            }
        }
        Err(NotSent::Source)
    }

    /// All that a send writes, and where among it the captcha and the day's budget stand.
    fn writes(
        &self,
        request: &SendRequest<'_>,
        record: &PhoneRecord,
        draft: &Draft,
        source: Transaction,
    ) -> Result<(Option<usize>, usize, Transaction), StoreError> {
        let expires = draft.at + request.format.minutes * 60;
        let pending = request.deliver.then(|| PendingCode::new(draft.hash.clone(), draft.rand.clone(), expires));
        let next = record.with_sent(request.purpose, pending, draft.at);
        let mut writes = self.codes.replace_within(record, &next)?.and(source);
        let captcha = match request.captcha {
            Some(hash) => {
                writes = writes.and(self.codes.redeem_captcha_within(hash)?);
                Some(writes.len() - 1)
            }
            None => None,
        };
        writes = if request.deliver {
            writes.put(self.hash_owner(request, draft, expires)?).update(self.charge_day(draft.at)?)
        } else {
            writes.check(self.check_day(draft.at)?)
        };
        let day = writes.len() - 1;
        Ok((captcha, day, writes))
    }

    fn draft(&self, request: &SendRequest<'_>, now: i64) -> Draft {
        let code = self.codes.random.digits(request.format.digits);
        let rand = self.codes.rand();
        Draft { hash: captcha_hash(&code, &rand), code, rand, at: now }
    }

    fn hash_owner(&self, request: &SendRequest<'_>, draft: &Draft, expires: i64) -> Result<Put, StoreError> {
        let owner = HashOwner::new(&draft.hash, request.phone.clone(), expires);
        dynamo::put(&self.codes.table, dynamo::to_item(owner)?)
    }

    fn charge_day(&self, now: i64) -> Result<Update, StoreError> {
        self.day(now)
            .update_expression("SET expires = :expires ADD uses :one")
            .condition_expression(WITHIN_BUDGET)
            .expression_attribute_values(":expires", number(now + 2 * 24 * 3600))
            .expression_attribute_values(":one", number(1))
            .expression_attribute_values(":limit", number(self.per_day))
            .build()
            .map_err(|error| StoreError::new("charging the day", error))
    }

    /// Refused where [`Self::charge_day`] would be, so that a used-up budget does not tell who has an account.
    fn check_day(&self, now: i64) -> Result<ConditionCheck, StoreError> {
        ConditionCheck::builder()
            .table_name(&self.codes.table)
            .set_key(Some(self.day_key(now)))
            .condition_expression(WITHIN_BUDGET)
            .expression_attribute_values(":limit", number(self.per_day))
            .build()
            .map_err(|error| StoreError::new("checking the day", error))
    }

    fn day(&self, now: i64) -> aws_sdk_dynamodb::types::builders::UpdateBuilder {
        Update::builder().table_name(&self.codes.table).set_key(Some(self.day_key(now)))
    }

    fn day_key(&self, now: i64) -> Key {
        let today = jiff::Timestamp::from_second(now).unwrap_or_default();
        key(format!("day#{}", self.wall_clock.date(today)))
    }

    /// Undoes a send that the SMS service did not take: no code is pending, and neither phone nor day is charged.
    async fn take_back(&self, request: &SendRequest<'_>, draft: &Draft) -> Result<(), StoreError> {
        let mut item: Option<Item> = self.codes.get(crate::phone_id(request.phone)).await?;
        for _ in 0..ROUNDS {
            let record = Codes::record(request.phone, item)?;
            let next = record.without_sent(request.purpose, &draft.hash, draft.at, self.codes.clock.now_seconds());
            match self.codes.replace(&record, &next).await? {
                Replaced::Done => break,
                Replaced::Changed(present) => item = present,
            }
        }
        let refund = self
            .day(draft.at)
            .update_expression("ADD uses :minus_one")
            .expression_attribute_values(":minus_one", number(-1))
            .build()
            .map_err(|error| StoreError::new("refunding the day", error))?;
        Transaction::new().update(refund).write(&self.codes.client).await.map(drop)
    }

    async fn check_captcha(&self, request: &SendRequest<'_>) -> Result<(), NotSent> {
        match request.captcha {
            Some(hash) if !self.codes.redeem_captcha(hash).await? => Err(NotSent::Captcha),
            _ => Ok(()),
        }
    }
}
