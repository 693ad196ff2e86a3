use std::sync::LazyLock;

use regex::Regex;

/// What the log itself counts and numbers, and digests: a code may be equal to a part of any of these by chance.
static CHANCE: LazyLock<Regex> = LazyLock::new(|| {
    let names = "timestamp|request_id|api_request_id|duration_ms|skew_ms|AlertDelay|status|http_status|content-length|\
                 x-amz-date";
    let number = "\"?-?[0-9a-fTZ:.+-]+";
    let count = r#"tv_n?sec: \d+|\d+ bytes\b|content-length\\?", \\?"\d+"#;
    let digest = r"\b[0-9a-f]{32,}\b";
    let connection = r#""connection_id":"[^"]*""#;
    Regex::new(&format!(r#"(?i)\b({names})"?: ?{number}|{count}|{digest}|{connection}"#)).expect("a regular expression")
});

/// What no log may hold.
pub struct Secrets {
    texts: Vec<String>,
    codes: Vec<String>,
}

impl Secrets {
    pub fn new<'a>(texts: impl IntoIterator<Item = &'a str>) -> Self {
        let mut secrets = Self { texts: Vec::new(), codes: Vec::new() };
        for text in texts {
            secrets.hold(text);
        }
        secrets
    }

    /// A text that is too long to be in a log by chance.
    pub fn hold(&mut self, text: impl Into<String>) -> String {
        let text = text.into();
        self.texts.push(text.chars().take(40).collect());
        text
    }

    /// A few digits or letters. Fewer than six are a part of something else too easily: those are looked for as words.
    pub fn hold_code(&mut self, code: impl Into<String>) -> String {
        let code = code.into();
        self.codes.push(code.clone());
        code
    }

    /// Holds for a log in which at least one request is told of.
    pub fn assert_not_in(&self, log: &str) {
        assert!(log.contains("\"message\":\"request\""), "there is a log:\n{log}");
        for line in log.lines() {
            assert_eq!(self.found_in(line), None, "this secret is in the log: {line}");
        }
    }

    fn found_in(&self, line: &str) -> Option<&str> {
        let text = self.texts.iter().find(|text| line.contains(text.as_str()));
        let found = text.or_else(|| {
            let line = line.replace("\\n", " ");
            let rest = CHANCE.replace_all(&line, "");
            let words: Vec<_> = rest.split(|c: char| !c.is_ascii_alphanumeric()).collect();
            let is_in = |word: &str, code: &str| if code.len() < 6 { word == code } else { word.contains(code) };
            self.codes.iter().find(|code| words.iter().any(|word| is_in(word, code)))
        });
        found.map(String::as_str)
    }
}

#[test]
fn a_code_in_a_log_is_found_wherever_it_stands() {
    let mut secrets = Secrets::new(["hunter-22-hunter"]);
    secrets.hold_code("4821");
    for line in [
        r#"{"level":"INFO","code":"4821"}"#,
        r#"{"level":"INFO","code":4821,"status":0}"#,
        r#"{"message":"您的验证码是4821，10分钟内有效"}"#,
        r#"{"body":"a\n4821\nb"}"#,
        r#"{"body":"{\"code\":\"4821\"}"}"#,
        r#"{"status":"0","query":"phone=&code=4821&x=1"}"#,
        r#"{"timestamp":"2026-11-21T09:11:52.177964Z","code":"4821"}"#,
        "code 4821",
    ] {
        assert_eq!(secrets.found_in(line), Some("4821"), "{line}");
    }
    secrets.hold_code("482100");
    assert_eq!(secrets.found_in("code482100x"), Some("482100"));
    assert_eq!(secrets.found_in("{\"x\":\"my hunter-22-hunter\"}"), Some("hunter-22-hunter"));
}

#[test]
fn a_number_of_the_log_s_own_is_no_code() {
    let mut secrets = Secrets::new([]);
    secrets.hold_code("4821");
    for line in [
        r#"{"timestamp":"4821-11-21T09:11:52.4821Z","level":"INFO"}"#,
        r#"{"request_id":"4821dbca-4821-4821-4821-e78bb2b92ee6"}"#,
        r#"{"duration_ms":0.4821}"#,
        r#"{"_aws":{"Timestamp":1795254821111}}"#,
        r#"{"status":4821,"http_status":200,"Status":"4821"}"#,
        r#"{"canonical_request":"POST\n/\n\ncontent-length:4821\nhost:127.0.0.1:34821"}"#,
        r#"{"connection_id":"ab+4821/cde="}"#,
        r#"{"headers":"[(\"content-length\", \"4821\")]"}"#,
        r#"{"params":"SystemTime { tv_sec: 1795252311, tv_nsec: 4821 }"}"#,
        r#"{"body":"To print 4821 bytes of raw data"}"#,
        r#"{"canonical_request":"cc02732d99b427f877f5ee924821ddc7"}"#,
    ] {
        assert_eq!(secrets.found_in(line), None, "{line}");
    }
}
