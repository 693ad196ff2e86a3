use aws_sdk_dynamodb::types::{Delete, Put, ReturnValue};
use domain::{Phone, Token};
use dynamo::{Client, Key, StoreError, Transaction, number};
use environment::{Clock, Environment, StartError};
use serde::{Deserialize, Serialize};

use crate::{Account, Accounts, account::SessionEntry};

/// Ten minutes after its last use a normal token is dead.
pub(crate) const IDLE_SECONDS: i64 = 10 * 60;

/// An enduring token's idle limit: a hundred years, so that one expression serves both kinds.
const ENDURING_SECONDS: i64 = 100 * 365 * 24 * 3600;

/// How many tokens an account holds.
const MAX_SESSIONS: usize = 10;

/// The sessions table: who a token belongs to.
pub struct Sessions {
    client: Client,
    table: String,
    clock: Clock,
}

#[derive(Serialize, Deserialize)]
struct Session {
    token_hash: String,
    phone: Phone,
    /// How long the token lives without being used, in seconds.
    idle: i64,
    /// When it is dead, unless it is used before.
    expires: i64,
}

impl Sessions {
    /// Reads `SESSIONS_TABLE`.
    pub fn new(environment: &Environment) -> Result<Self, StartError> {
        Ok(Self {
            client: dynamo::client(&environment.aws),
            table: environment.variables.text("SESSIONS_TABLE")?.to_owned(),
            clock: environment.clock.clone(),
        })
    }

    /// Whose token this is, if it is alive. Extends its life, in the same round trip. A text that cannot be a token
    /// costs none.
    pub async fn touch(&self, token: &str) -> Result<Option<Phone>, StoreError> {
        let Ok(token) = token.parse::<Token>() else { return Ok(None) };
        let update = self.client.update_item().table_name(&self.table).set_key(Some(key(token.hash().into())));
        let answer = update
            .update_expression("SET expires = :now + idle")
            .condition_expression("attribute_exists(token_hash) AND expires > :now")
            .expression_attribute_values(":now", number(self.clock.now_seconds()))
            .return_values(ReturnValue::AllNew)
            .send()
            .await;
        let session = dynamo::unless_refused(answer)?.and_then(|answer| answer.attributes);
        Ok(session.map(dynamo::from_item::<Session>).transpose()?.map(|session| session.phone))
    }
}

/// Which sessions a new one displaces, and what the account lists then.
pub(crate) struct Displacement {
    /// Must be found dead: the write is refused where one of them turns out to be alive.
    pub dead: Vec<SessionEntry>,
    /// Goes, dead or alive.
    pub oldest: Option<SessionEntry>,
    /// The account's list with the new one.
    pub sessions: Vec<SessionEntry>,
}

/// Makes room for `new`. Dead tokens do not count against the ten, but their death stands in the sessions table only:
/// those that may be dead by their age are taken for dead, unless they are among `alive`.
pub(crate) fn make_room(account: &Account, new: SessionEntry, alive: &[SessionEntry], now: i64) -> Displacement {
    let mut sessions = account.sessions.clone();
    let (mut dead, mut oldest) = (Vec::new(), None);
    if sessions.len() >= MAX_SESSIONS {
        let may_be_dead = |session: &SessionEntry| {
            !session.enduring && session.created + IDLE_SECONDS <= now && !alive.contains(session)
        };
        dead = sessions.extract_if(.., |session| may_be_dead(session)).collect();
    }
    if sessions.len() >= MAX_SESSIONS {
        oldest = Some(sessions.remove(0));
    }
    sessions.push(new);
    Displacement { dead, oldest, sessions }
}

impl Accounts {
    /// Writes a session for `token`.
    pub(crate) fn put_session(
        &self,
        token: &Token,
        phone: &Phone,
        enduring: bool,
        now: i64,
    ) -> Result<Put, StoreError> {
        let idle = if enduring { ENDURING_SECONDS } else { IDLE_SECONDS };
        let session = Session { token_hash: token.hash().into(), phone: phone.clone(), idle, expires: now + idle };
        dynamo::put(&self.sessions, dynamo::to_item(session)?)
    }

    /// Deletes `session`, whatever its state.
    pub(crate) fn delete_session(&self, session: &SessionEntry) -> Result<Delete, StoreError> {
        dynamo::delete(&self.sessions, key(session.token_hash.clone()))
    }

    /// Deletes `session`; refused when it is alive.
    pub(crate) fn delete_dead_session(&self, session: &SessionEntry, now: i64) -> Result<Delete, StoreError> {
        self.session_delete(session)
            .condition_expression("attribute_not_exists(token_hash) OR expires <= :now")
            .expression_attribute_values(":now", number(now))
            .build()
            .map_err(|error| StoreError::new("deleting a dead session", error))
    }

    /// Deletes all sessions of `account`.
    pub(crate) fn delete_sessions(&self, account: &Account) -> Result<Transaction, StoreError> {
        account
            .sessions
            .iter()
            .try_fold(Transaction::new(), |deletes, session| Ok(deletes.delete(self.delete_session(session)?)))
    }

    fn session_delete(&self, session: &SessionEntry) -> aws_sdk_dynamodb::types::builders::DeleteBuilder {
        Delete::builder().table_name(&self.sessions).set_key(Some(key(session.token_hash.clone())))
    }
}

fn key(token_hash: String) -> Key {
    Key::from([("token_hash".to_owned(), dynamo::text(token_hash))])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(created: i64, enduring: bool) -> SessionEntry {
        SessionEntry { token_hash: format!("{created}"), created, enduring }
    }

    fn account(sessions: Vec<SessionEntry>) -> Account {
        let phone = "13000000000".parse().unwrap();
        let (password, level, created, wrong_passwords) = (String::new(), 1, 0, Vec::new());
        let (name, nickname, email, gender, portrait) = (None, None, None, None, None);
        Account { phone, password, name, nickname, email, gender, level, created, portrait, sessions, wrong_passwords }
    }

    #[test]
    fn the_oldest_of_ten_living_sessions_makes_room() {
        let ten = account((0..10).map(|created| entry(created, false)).collect());
        let room = make_room(&ten, entry(10, false), &[], 10);
        assert_eq!(room.oldest, Some(entry(0, false)));
        assert!(room.dead.is_empty());
        assert_eq!(room.sessions.len(), 10);
    }

    #[test]
    fn an_enduring_session_stays_while_dead_ones_can_go() {
        let mut sessions = vec![entry(0, true)];
        sessions.extend((1..10).map(|created| entry(created, false)));
        let room = make_room(&account(sessions), entry(700, false), &[], 700);
        assert_eq!(room.oldest, None);
        assert_eq!(room.dead.len(), 9);
        assert_eq!(room.sessions, [entry(0, true), entry(700, false)]);
    }

    #[test]
    fn sessions_known_to_be_alive_are_not_taken_for_dead() {
        let sessions: Vec<_> = (0..10).map(|created| entry(created, false)).collect();
        let room = make_room(&account(sessions.clone()), entry(700, false), &sessions, 700);
        assert_eq!(room.oldest, Some(entry(0, false)));
        assert!(room.dead.is_empty());
    }

    #[test]
    fn fewer_than_ten_sessions_displace_none() {
        let nine = account((0..9).map(|created| entry(created, false)).collect());
        let room = make_room(&nine, entry(9, false), &[], 9999);
        assert!(room.oldest.is_none() && room.dead.is_empty());
    }
}
