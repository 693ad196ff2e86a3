use serde::{Deserialize, Serialize};

const HOUR: i64 = 3600;
const DAY: i64 = 24 * HOUR;

/// Wrong tries after which a code is void.
const TRIES_PER_CODE: u8 = 5;

/// Wrong tries a phone has in 24 hours, over all its codes.
const TRIES_PER_DAY: usize = 20;

/// What a code is for. A code sent for one purpose is none for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Making an account.
    Register,
    /// Setting a forgotten password anew.
    ResetPassword,
    /// Whatever a trusted backend wants it for: it judges the code itself, so that none is kept here.
    Backend,
}

/// What a code looks like and how long it lives.
#[derive(Clone, Copy, Debug)]
pub struct CodeFormat {
    /// Its decimal digits.
    pub digits: usize,
    /// Its life, as the message tells it.
    pub minutes: i64,
}

impl CodeFormat {
    /// The main API's codes: six digits, three minutes.
    pub const MAIN: Self = Self { digits: 6, minutes: 3 };
    /// Those of the `result` API (seed 002) and of trusted backends (seed 001): four digits, three minutes.
    pub const FOUR_DIGITS: Self = Self { digits: 4, minutes: 3 };
    /// Those of the `errno` API (seed 003): six digits, five minutes.
    pub const FIVE_MINUTES: Self = Self { digits: 6, minutes: 5 };
}

/// All that is known of a phone's codes, in one item, so that one conditional write keeps every limit at once.
#[derive(Clone, Default, Serialize, Deserialize)]
pub(crate) struct PhoneRecord {
    pub id: String,
    /// Each write demands that the record is still the one it read.
    writes: i64,
    /// When codes were sent in the last 24 hours, oldest first.
    sent: Vec<i64>,
    /// When wrong tries were made in the last 24 hours, oldest first.
    wrong: Vec<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    register: Option<PendingCode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reset_password: Option<PendingCode>,
    /// When nothing in it matters any more.
    expires: i64,
}

/// A code that was sent and not used.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct PendingCode {
    /// `md5(code + rand)`.
    pub hash: String,
    /// Salts the hash; callers of the older APIs never see it and show the code alone.
    pub rand: String,
    pub expires: i64,
    /// Wrong tries so far.
    wrong: u8,
}

/// Which of a phone's limits forbids another code now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PhoneLimit {
    HalfMinute,
    Hour,
    Day,
}

impl PendingCode {
    pub fn new(hash: String, rand: String, expires: i64) -> Self {
        Self { hash, rand, expires, wrong: 0 }
    }

    pub fn is_void(&self) -> bool {
        self.wrong >= TRIES_PER_CODE
    }

    pub fn is_alive(&self, now: i64) -> bool {
        self.expires > now && !self.is_void()
    }
}

impl PhoneRecord {
    pub fn new(id: String) -> Self {
        Self { id, ..Self::default() }
    }

    /// Whether the table has no such record yet.
    pub fn is_new(&self) -> bool {
        self.writes == 0
    }

    pub fn writes(&self) -> i64 {
        self.writes
    }

    pub fn pending(&self, purpose: Purpose) -> Option<&PendingCode> {
        match purpose {
            Purpose::Register => self.register.as_ref(),
            Purpose::ResetPassword => self.reset_password.as_ref(),
            Purpose::Backend => None,
        }
    }

    fn set_pending(&mut self, purpose: Purpose, code: Option<PendingCode>) {
        match purpose {
            Purpose::Register => self.register = code,
            Purpose::ResetPassword => self.reset_password = code,
            Purpose::Backend => {}
        }
    }

    /// The limit that forbids a send at `now`, the shortest first.
    pub fn limit(&self, now: i64) -> Option<PhoneLimit> {
        let since = |seconds| self.sent.iter().filter(|sent| **sent > now - seconds).count();
        if since(30) >= 1 {
            Some(PhoneLimit::HalfMinute)
        } else if since(HOUR) >= 5 {
            Some(PhoneLimit::Hour)
        } else if since(DAY) >= 10 {
            Some(PhoneLimit::Day)
        } else {
            None
        }
    }

    pub fn may_try(&self, now: i64) -> bool {
        self.wrong.iter().filter(|wrong| **wrong > now - DAY).count() < TRIES_PER_DAY
    }

    /// The record after a send at `now`. `code` replaces the one before it; none leaves no code pending.
    pub fn with_sent(&self, purpose: Purpose, code: Option<PendingCode>, now: i64) -> Self {
        let mut next = self.next(now);
        next.sent.push(now);
        next.set_pending(purpose, code);
        next
    }

    /// The record after the send at `at` turned out not to have happened: not charged, and no code pending.
    pub fn without_sent(&self, purpose: Purpose, hash: &str, at: i64, now: i64) -> Self {
        let mut next = self.next(now);
        if let Some(place) = next.sent.iter().rposition(|sent| *sent == at) {
            next.sent.remove(place);
        }
        if next.pending(purpose).is_some_and(|pending| pending.hash == hash) {
            next.set_pending(purpose, None);
        }
        next
    }

    /// The record after a wrong try at `now`.
    pub fn with_wrong_try(&self, purpose: Purpose, now: i64) -> Self {
        let mut next = self.next(now);
        next.wrong.push(now);
        let code = next.pending(purpose).cloned();
        next.set_pending(purpose, code.map(|code| PendingCode { wrong: code.wrong.saturating_add(1), ..code }));
        next
    }

    /// The record after the code was used.
    pub fn without_code(&self, purpose: Purpose, now: i64) -> Self {
        let mut next = self.next(now);
        next.set_pending(purpose, None);
        next
    }

    fn next(&self, now: i64) -> Self {
        let mut next = self.clone();
        next.writes += 1;
        next.expires = now + DAY;
        next.sent.retain(|sent| *sent > now - DAY);
        next.wrong.retain(|wrong| *wrong > now - DAY);
        next
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(sent: &[i64]) -> PhoneRecord {
        PhoneRecord { sent: sent.to_vec(), ..PhoneRecord::default() }
    }

    #[test]
    fn one_send_in_thirty_seconds() {
        assert_eq!(record(&[1000]).limit(1029), Some(PhoneLimit::HalfMinute));
        assert_eq!(record(&[1000]).limit(1030), None);
    }

    #[test]
    fn five_sends_in_an_hour() {
        let five = record(&[0, 100, 200, 300, 400]);
        assert_eq!(five.limit(3599), Some(PhoneLimit::Hour));
        assert_eq!(five.limit(3600), None);
    }

    #[test]
    fn ten_sends_in_a_day() {
        let ten = record(&[0, 1, 2, 3, 4, 10_000, 10_001, 10_002, 10_003, 10_004]);
        assert_eq!(ten.limit(DAY - 1), Some(PhoneLimit::Day));
        assert_eq!(ten.limit(DAY), None);
    }

    #[test]
    fn five_wrong_tries_void_a_code_and_a_new_code_does_not_refill_the_day() {
        let mut record = PhoneRecord::default();
        for code in 0..4 {
            record = record.with_sent(
                Purpose::Register,
                Some(PendingCode::new(format!("{code}"), String::new(), 9999)),
                code,
            );
            for _ in 0..5 {
                assert!(record.may_try(code) && record.pending(Purpose::Register).unwrap().is_alive(code));
                record = record.with_wrong_try(Purpose::Register, code);
            }
            assert!(!record.pending(Purpose::Register).unwrap().is_alive(code));
        }
        record = record.with_sent(Purpose::Register, Some(PendingCode::new("new".to_owned(), String::new(), 9999)), 5);
        assert!(!record.may_try(5));
        assert!(record.may_try(3 + DAY), "a day later the tries are back");
    }

    #[test]
    fn a_send_that_did_not_happen_is_not_charged() {
        let sent = PhoneRecord::default().with_sent(
            Purpose::Register,
            Some(PendingCode::new("h".to_owned(), String::new(), 99)),
            7,
        );
        let undone = sent.without_sent(Purpose::Register, "h", 7, 8);
        assert_eq!(undone.limit(8), None);
        assert!(undone.pending(Purpose::Register).is_none());
    }
}
