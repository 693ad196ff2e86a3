use std::{
    borrow::Cow,
    collections::HashMap,
    fmt,
    num::{IntErrorKind, ParseIntError},
    str::FromStr,
};

use serde::{Deserialize, Deserializer, de::Visitor};
use serde_json::value::RawValue;

use crate::Status;

/// The most that a page holds.
const MAX_PAGE: usize = 1000;

/// The `data` object of a request.
///
/// Required keys are judged in the contract's order over all of them at once: missing (-3), wrong type (-203),
/// empty (-201). Keys that nobody asks for are ignored.
pub struct Data<'a> {
    values: HashMap<String, &'a RawValue>,
    #[cfg(feature = "asked")]
    operation: std::sync::OnceLock<String>,
}

/// An optional value that may also be cleared.
#[derive(Debug, PartialEq, Eq)]
pub enum Optional<T> {
    /// The key is not there.
    Missing,
    /// The key is there with `null` or `""`.
    Cleared,
    /// The key is there with a value.
    Value(T),
}

/// Borrows from the body where the string has no escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// A string whose escapes may stand for half a character. JSON allows those, and Python and JavaScript write them where
/// a text was cut; `U+FFFD` takes their place.
struct Mended(String);

impl<'de> Deserialize<'de> for Mended {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;

        impl Visitor<'_> for Bytes {
            type Value = Mended;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a string")
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Mended, E> {
                // Half a character is three bytes here, none of which is UTF-8.
                Ok(Mended(String::from_utf8_lossy(bytes).replace("\u{fffd}\u{fffd}\u{fffd}", "\u{fffd}")))
            }
        }

        deserializer.deserialize_bytes(Bytes)
    }
}

impl<'a> Data<'a> {
    pub(crate) fn parse(data: &'a RawValue) -> Result<Self, Status> {
        let values = serde_json::from_str(data.get()).map_err(|_| Status::ERROR_JSON_VALUE)?;
        Ok(Self {
            values,
            #[cfg(feature = "asked")]
            operation: std::sync::OnceLock::new(),
        })
    }

    #[cfg(feature = "asked")]
    pub(crate) fn belongs_to(&self, operation: String) {
        self.operation.get_or_init(|| operation);
    }

    fn value(&self, key: &str) -> Option<&'a RawValue> {
        #[cfg(feature = "asked")]
        if let Some(operation) = self.operation.get() {
            crate::asked::note(operation, key);
        }
        self.values.get(key).copied()
    }

    /// Whether `key` is there, with whatever value.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// The strings of keys that must be there and not be empty.
    pub fn texts<const N: usize>(&self, keys: [&str; N]) -> Result<[Cow<'a, str>; N], Status> {
        if keys.iter().any(|key| !self.has(key)) {
            return Err(Status::ERROR_DATA_KEY);
        }
        let mut texts = [const { Cow::Borrowed("") }; N];
        for (text, key) in texts.iter_mut().zip(keys) {
            *text = self.optional_text(key)?.value().unwrap_or_default();
        }
        if texts.iter().any(|text| text.is_empty()) { Err(Status::EMPTY_VALUE) } else { Ok(texts) }
    }

    /// The string of one key that must be there and not be empty.
    pub fn text(&self, key: &str) -> Result<Cow<'a, str>, Status> {
        self.texts([key]).map(|[text]| text)
    }

    /// The string of a key that may be missing, `null` or empty. One that holds half a character is malformed, -204.
    pub fn optional_text(&self, key: &str) -> Result<Optional<Cow<'a, str>>, Status> {
        let Some(value) = self.value(key) else { return Ok(Optional::Missing) };
        match serde_json::from_str::<Option<Text<'a>>>(value.get()) {
            Ok(Some(Text(text))) if !text.is_empty() => Ok(Optional::Value(text)),
            Ok(_) => Ok(Optional::Cleared),
            Err(_) if value.get().starts_with('"') => Err(Status::VALUE_ERROR),
            Err(_) => Err(Status::VALUE_TYPE_ERROR),
        }
    }

    /// As [`optional_text`](Self::optional_text), but what is no character in it becomes `U+FFFD`: for a text that is
    /// worth less than what comes with it.
    pub fn mended_text(&self, key: &str) -> Result<Optional<Cow<'a, str>>, Status> {
        self.optional_text(key).or_else(|status| {
            let mended = self.value(key).filter(|_| status == Status::VALUE_ERROR);
            let mended = mended.and_then(|value| serde_json::from_str::<Mended>(value.get()).ok());
            mended.map(|Mended(text)| Optional::Value(text.into())).ok_or(status)
        })
    }

    /// The integer of a key that may be missing; `null` is -201, anything else that is no integer -203, and one beyond
    /// 64 bits -204.
    pub fn optional_integer(&self, key: &str) -> Result<Option<i64>, Status> {
        let Some(value) = self.value(key) else { return Ok(None) };
        if value.get() == "null" {
            return Err(Status::EMPTY_VALUE);
        }
        integer(value).map(Some).map_err(|error| match error.kind() {
            IntErrorKind::PosOverflow | IntErrorKind::NegOverflow => Status::VALUE_ERROR,
            _ => Status::VALUE_TYPE_ERROR,
        })
    }

    /// `limit`, how many things a page may hold: 1 to 1000, and 1000 when it is missing.
    pub fn limit(&self) -> Result<usize, Status> {
        match self.optional_integer("limit")?.map(usize::try_from) {
            None => Ok(MAX_PAGE),
            Some(Ok(limit)) if (1..=MAX_PAGE).contains(&limit) => Ok(limit),
            Some(_) => Err(Status::VALUE_ERROR),
        }
    }

    /// `before`, the `next` of the page before; `None` for the first page.
    pub fn before<T: FromStr>(&self) -> Result<Option<T>, Status> {
        let before = self.optional_text("before")?.value();
        before.map(|before| before.parse().map_err(|_| Status::VALUE_ERROR)).transpose()
    }

    /// The value of `key` as a `T`, when it is there and is one: for keys whose other values mean a default.
    #[must_use]
    pub fn lenient<T: Deserialize<'a>>(&self, key: &str) -> Option<T> {
        serde_json::from_str(self.value(key)?.get()).ok()
    }
}

/// A JSON value that is an integer. Of JSON, Rust takes exactly the integers for one.
pub(crate) fn integer(value: &RawValue) -> Result<i64, ParseIntError> {
    value.get().parse()
}

impl<T> Optional<T> {
    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Missing | Self::Cleared => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_data<T>(data: &str, test: impl FnOnce(&Data<'_>) -> T) -> T {
        let raw: &RawValue = serde_json::from_str(data).unwrap();
        test(&Data::parse(raw).unwrap())
    }

    #[test]
    fn a_missing_key_weighs_more_than_a_wrong_type_and_that_more_than_an_empty_value() {
        let judge = |data| with_data(data, |data| data.texts(["a", "b"]).unwrap_err());
        assert_eq!(judge(r#"{"a":1}"#), Status::ERROR_DATA_KEY);
        assert_eq!(judge(r#"{"a":"","b":1}"#), Status::VALUE_TYPE_ERROR);
        assert_eq!(judge(r#"{"a":"","b":"x"}"#), Status::EMPTY_VALUE);
        assert_eq!(judge(r#"{"a":null,"b":"x"}"#), Status::EMPTY_VALUE);
    }

    #[test]
    fn strings_without_escapes_are_borrowed_from_the_body() {
        with_data(r#"{"a":"plain","b":"with\/escape"}"#, |data| {
            let [plain, escaped] = data.texts(["a", "b"]).unwrap();
            assert!(matches!(plain, Cow::Borrowed("plain")));
            assert_eq!(escaped, "with/escape");
        });
    }

    #[test]
    fn an_optional_text_tells_missing_from_cleared() {
        with_data(r#"{"a":null,"b":"","c":"x","d":[]}"#, |data| {
            assert_eq!(data.optional_text("z"), Ok(Optional::Missing));
            assert_eq!(data.optional_text("a"), Ok(Optional::Cleared));
            assert_eq!(data.optional_text("b"), Ok(Optional::Cleared));
            assert_eq!(data.optional_text("c"), Ok(Optional::Value("x".into())));
            assert_eq!(data.optional_text("d"), Err(Status::VALUE_TYPE_ERROR));
        });
    }

    #[test]
    fn a_text_with_half_a_character_is_malformed_or_mended() {
        with_data(r#"{"low":"a\udc80b","high":"a\ud83d","both":"\ud83d\ude00","number":1,"null":null}"#, |data| {
            assert_eq!(data.optional_text("low"), Err(Status::VALUE_ERROR));
            assert_eq!(data.optional_text("high"), Err(Status::VALUE_ERROR));
            assert_eq!(data.mended_text("low"), Ok(Optional::Value("a\u{fffd}b".into())));
            assert_eq!(data.mended_text("high"), Ok(Optional::Value("a\u{fffd}".into())));
            assert_eq!(data.mended_text("both"), Ok(Optional::Value("\u{1f600}".into())));
            assert_eq!(data.mended_text("number"), Err(Status::VALUE_TYPE_ERROR));
            assert_eq!(data.mended_text("null"), Ok(Optional::Cleared));
            assert_eq!(data.mended_text("z"), Ok(Optional::Missing));
        });
    }

    #[test]
    fn an_optional_integer_may_be_missing_but_not_null() {
        let numbers = r#"{"null":null,"one":1,"float":1.5,"text":"1","zero":-0,"power":1e3,
            "huge":9223372036854775808,"negative":-99999999999999999999}"#;
        with_data(numbers, |data| {
            assert_eq!(data.optional_integer("z"), Ok(None));
            assert_eq!(data.optional_integer("one"), Ok(Some(1)));
            assert_eq!(data.optional_integer("null"), Err(Status::EMPTY_VALUE));
            assert_eq!(data.optional_integer("float"), Err(Status::VALUE_TYPE_ERROR));
            assert_eq!(data.optional_integer("text"), Err(Status::VALUE_TYPE_ERROR));
            assert_eq!(data.optional_integer("power"), Err(Status::VALUE_TYPE_ERROR));
            assert_eq!(data.optional_integer("zero"), Ok(Some(0)));
            assert_eq!(data.optional_integer("huge"), Err(Status::VALUE_ERROR));
            assert_eq!(data.optional_integer("negative"), Err(Status::VALUE_ERROR));
        });
    }
}
