/// Whether `text` matches a policy's pattern, in which `*` stands for any text and `?` for any one character.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut p, mut t) = (0, 0);
    // Where the last `*` was, and how much of the text it stands for so far.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(wanted) if *wanted == b'?' || *wanted == text[t] => {
                p += 1;
                t += 1;
            }
            _ => {
                let Some((at, taken)) = star else { return false };
                star = Some((at, taken + 1));
                (p, t) = (at + 1, taken + 1);
            }
        }
    }
    pattern[p..].iter().all(|rest| *rest == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_wildcards_matches_itself_alone() {
        assert!(matches("s3:GetObject", "s3:GetObject"));
        assert!(!matches("s3:GetObject", "s3:GetObjectAcl"));
        assert!(!matches("s3:GetObject", "s3:Get"));
        assert!(!matches("", "x"));
    }

    #[test]
    fn a_star_is_any_text_and_a_question_mark_one_character() {
        assert!(matches("arn:aws:s3:::b/falls/*", "arn:aws:s3:::b/falls/1/2"));
        assert!(matches("arn:aws:s3:::b/falls/*", "arn:aws:s3:::b/falls/"));
        assert!(!matches("arn:aws:s3:::b/falls/*", "arn:aws:s3:::b/portraits/1"));
        assert!(matches("arn:aws:sns:*:*:*", "arn:aws:sns:x:1:topic:id"));
        assert!(!matches("arn:aws:sns:*:*:*", "+8613900000000"));
        assert!(matches("*a?c*", "xxabcabd"));
        assert!(!matches("*a?c", "xxabcabd"));
        assert!(matches("*", ""));
    }
}
